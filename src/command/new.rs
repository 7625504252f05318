//! `maquis new`: a capsule to begin with, and posts to go on with.
//!
//! Paths and *now* are arguments. Nothing that exists is ever overwritten. The starter's texts are files under
//! `starter/`, one folder for each language.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::New;
use crate::config::{CapsuleSettings, FILE, Overrides, Settings, Surroundings};
use crate::content::Language;
use crate::text::slug;

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    #[error("{} is not empty; name a folder that does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    #[error("{} exists already; give the post another title", .0.display())]
    Exists(PathBuf),
    #[error("there is no folder {}; make it, or name another with --in", .0.display())]
    NoFolder(PathBuf),
    #[error("the title {0:?} gives no file name; put a letter or a digit in it")]
    NoName(String),
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

/// Does what was asked in the folder `here`; the lines to print.
pub fn run(new: &New, here: &Path, around: &Surroundings, now: Timestamp) -> Result<Vec<String>, NewError> {
    match new {
        New::Capsule { dir, lang } => {
            let language = language_of(lang.clone());
            let made = capsule(&here.join(dir), &language, now)?;
            let mut lines: Vec<String> =
                made.into_iter().map(|path| as_seen_from(here, path).display().to_string()).collect();
            let starter = Starter::of(&language);
            lines.push(starter.next.replace("{dir}", &dir.display().to_string()));
            Ok(lines)
        }
        New::Post { title, folder } => {
            Ok(vec![post(title, folder.as_deref(), here, around, now)?.display().to_string()])
        }
    }
}

/// The files of a new capsule in one language.
struct Starter {
    config: &'static str,
    home: &'static str,
    post: (&'static str, &'static str),
    certificates: &'static str,
    /// What stands behind the mark of a draft.
    draft: &'static str,
    /// What to do next.
    next: &'static str,
}

impl Starter {
    fn of(language: &Language) -> Starter {
        if language.primary() == "fr" { FRENCH } else { ENGLISH }
    }
}

const ENGLISH: Starter = Starter {
    config: include_str!("starter/en/config.toml"),
    home: include_str!("starter/en/index.md"),
    post: ("hello.md", include_str!("starter/en/hello.md")),
    certificates: include_str!("../../certs/README.md"),
    draft: "remove this line to publish",
    next: "\nserve it: cd {dir} && maquis serve",
};

const FRENCH: Starter = Starter {
    config: include_str!("starter/fr/config.toml"),
    home: include_str!("starter/fr/index.md"),
    post: ("bonjour.md", include_str!("starter/fr/bonjour.md")),
    certificates: include_str!("starter/fr/certs.md"),
    draft: "ôtez cette ligne pour publier",
    next: "\npour la servir : cd {dir} && maquis serve",
};

/// So that keys are not committed by accident.
const IGNORE: &str = include_str!("../../certs/.gitignore");

/// Makes a capsule in a folder that does not exist or is empty; the paths of its files, in order.
pub fn capsule(folder: &Path, language: &Language, now: Timestamp) -> Result<Vec<PathBuf>, NewError> {
    let starter = Starter::of(language);
    if !is_free(folder)? {
        return Err(NewError::NotEmpty(folder.to_owned()));
    }
    let today = TimeZone::system().to_datetime(now).date();
    let files = [
        (PathBuf::from(FILE), starter.config.to_owned()),
        ("capsule/index.md".into(), starter.home.to_owned()),
        (Path::new("capsule/posts").join(starter.post.0), starter.post.1.replace("{date}", &today.to_string())),
        ("certs/.gitignore".into(), IGNORE.to_owned()),
        ("certs/README.md".into(), starter.certificates.to_owned()),
    ];
    let mut made = Vec::new();
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| NewError::Write(parent.to_owned(), error))?;
        }
        write(&path, &text)?;
        made.push(path);
    }
    Ok(made)
}

fn is_free(folder: &Path) -> Result<bool, NewError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(NewError::Write(folder.to_owned(), error)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => NewError::Exists(path.to_owned()),
        _ => NewError::Write(path.to_owned(), error),
    };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// The same for this process.
fn language_of(asked: Option<Language>) -> Language {
    language(asked, |name| std::env::var(name).ok())
}

/// The language of a starter: what was asked for, else the locale's (POSIX: the first of `LC_ALL`,
/// `LC_MESSAGES` and `LANG` that is set), else English.
pub fn language(asked: Option<Language>, variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    asked.or_else(|| locale().and_then(|locale| Language::parse(&locale))).unwrap_or_else(Language::english)
}

/// Makes a draft dated today and gives its path: in `folder`, else where the capsule of `here` has its posts.
pub fn post(
    title: &str,
    folder: Option<&Path>,
    here: &Path,
    around: &Surroundings,
    now: Timestamp,
) -> Result<PathBuf, NewError> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let slug = file_name(&title);
    if slug.is_empty() {
        return Err(NewError::NoName(title));
    }
    let capsule = first_capsule(here, around);
    let folder = match folder {
        Some(folder) => here.join(folder),
        None => posts_folder(here, capsule.as_ref().map(|capsule| capsule.source.as_path())),
    };
    if !folder.is_dir() {
        return Err(NewError::NoFolder(folder));
    }
    let (language, timezone) = capsule.map_or((None, None), |capsule| (capsule.language, capsule.timezone));
    let timezone = timezone.unwrap_or_else(TimeZone::system);
    let starter = Starter::of(&language_of(language));
    let today = timezone.to_datetime(now).date();
    let path = folder.join(format!("{slug}.md"));
    write(&path, &front_matter(&title, &slug, today, &starter))?;
    Ok(as_seen_from(here, path))
}

/// The path as someone in a relative `here` would type it.
fn as_seen_from(here: &Path, path: PathBuf) -> PathBuf {
    let (Ok(base), Ok(full)) = (std::path::absolute(here), std::path::absolute(&path)) else { return path };
    match full.strip_prefix(base) {
        Ok(short) if here.is_relative() => short.to_owned(),
        Ok(_) | Err(_) => path,
    }
}

/// The first capsule of the configuration in `here`, where there is one that is ours. Its mistakes are for `check` to
/// name: a post can be begun all the same.
fn first_capsule(here: &Path, around: &Surroundings) -> Option<CapsuleSettings> {
    let settings = Settings::load(&here.join(FILE), &Overrides::default(), around).ok()?;
    settings.capsules.into_iter().next()
}

/// Where posts are: in the capsule's source, in Hugo's `content`, or in this very folder.
fn posts_folder(here: &Path, source: Option<&Path>) -> PathBuf {
    let source = source.unwrap_or(here);
    let candidates = ["content/posts", "content/post", "content/blog", "content", "posts", "post"];
    let found = candidates.iter().map(|name| source.join(name)).find(|folder| folder.is_dir());
    found.unwrap_or_else(|| source.to_owned())
}

fn front_matter(title: &str, slug: &str, today: jiff::civil::Date, starter: &Starter) -> String {
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    let title = title.replace(|c: char| c.is_control(), "");
    let draft = starter.draft;
    format!("---\ntitle: \"{title}\"\ndate: {today}\nslug: {slug}\ntags: []\ndraft: true # {draft}\n---\n\n")
}

/// The name of a post's file: whole words of its title, as many as a name can well hold.
fn file_name(title: &str) -> String {
    const MAX_NAME: usize = 100;
    let name = slug::ascii(title);
    match name.get(..MAX_NAME) {
        None => name,
        Some(cut) => cut.rsplit_once('-').map_or(cut, |(whole, _)| whole).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(file_name("C’est l'œuvre: №1"), "c-est-l-oeuvre-no1");
        assert_eq!(file_name("!!!"), "");
        let long = file_name(&"word ".repeat(100));
        assert!(long.len() < 100 && long.ends_with("-word"), "{long}");
        assert_eq!(file_name(&"x".repeat(200)).len(), 100);
    }

    #[test]
    fn the_language_is_asked_for_or_the_locales() {
        let of = |pairs: &[(&str, &str)]| {
            let variable =
                |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            language(None, variable).to_string()
        };
        assert_eq!(of(&[("LANG", "fr_FR.UTF-8")]), "fr-FR");
        assert_eq!(of(&[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "en_GB")]), "en-GB");
        assert_eq!(of(&[("LANG", "fr_FR"), ("LC_ALL", ""), ("LC_MESSAGES", "C")]), "en");
        assert_eq!(of(&[]), "en");
        assert_eq!(language(Language::parse("fr"), |_| Some("de".into())).as_str(), "fr");
    }
}
