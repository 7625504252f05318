//! Real blogs, where they are at hand (`../shared/corpora`, or `$MAQUIS_CORPORA`): each post with the dialect of its
//! generator. Tests that want them say so aloud when they are missing.
//!
//! In a debug build only every tenth post is taken, unless `MAQUIS_ALL` is set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::front_matter::{self, Flavour};
use maquis::read::markdown::{self, Dialect, Reference, Source};
use maquis::read::{title, value};
use maquis::render::gemtext::{self, LineType, Options};
use maquis::text::url;

pub(crate) const NAMES: [&str; 5] = ["crouzet", "hugodocs", "mtlynch", "rustblog", "jekyll"];

/// One post of a corpus.
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) body_start: usize,
    pub(crate) head: Head,
    pub(crate) dialect: Dialect,
}

/// What became of a post, and every address that was asked for.
pub(crate) struct Converted {
    pub(crate) gemtext: String,
    /// What each of its lines is meant to be.
    pub(crate) meant: Vec<LineType>,
    pub(crate) asked: Vec<String>,
}

pub(crate) fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    std::env::var_os("MAQUIS_CORPORA").map_or_else(beside, PathBuf::from)
}

/// The posts of a corpus; none where it is missing.
pub(crate) fn posts(corpus: &str) -> Vec<Post> {
    let root = folder().join(corpus);
    if !root.is_dir() {
        skip!("the corpus {} is not here; set MAQUIS_CORPORA", root.display());
        return Vec::new();
    }
    let dialect = dialect(corpus, &root);
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    let step = if cfg!(debug_assertions) && std::env::var_os("MAQUIS_ALL").is_none() { 10 } else { 1 };
    let posts = paths.iter().step_by(step).filter_map(|path| post(&root, path, &dialect));
    posts.collect()
}

fn dialect(corpus: &str, root: &Path) -> Dialect {
    let english = Language::english();
    let toml = |name: &str| Arc::new(value::parse_toml(&std::fs::read_to_string(root.join(name)).unwrap()).unwrap());
    match corpus {
        "crouzet" => Dialect::plain(Language::parse("fr").unwrap()),
        "hugodocs" => Dialect::hugo(english).configured(&toml("hugo.toml")),
        "mtlynch" => Dialect::hugo(english).configured(&toml("config.toml")),
        "rustblog" => Dialect::zola(english).configured(&toml("config.toml")),
        "jekyll" => Dialect::jekyll(english),
        other => panic!("no such corpus: {other}"),
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "md" || ending == "markdown") {
            paths.push(path);
        }
    }
}

fn post(root: &Path, path: &Path, dialect: &Dialect) -> Option<Post> {
    let text = std::fs::read_to_string(path).ok()?;
    let path = path.strip_prefix(root).unwrap().display().to_string();
    let (front, body_start, _) = front_matter::read(&path, &text, &TimeZone::UTC, Flavour::Usual).ok()?;
    let dialect = dialect.clone();
    let heading = markdown::first_heading(&text[body_start..], &dialect);
    let head = Head {
        title: front
            .title
            .map(|title| title::plain(&title).into_owned())
            .or(heading)
            .unwrap_or_else(|| "Untitled".to_owned()),
        subtitle: front.subtitle,
        date: front.date,
        updated: front.updated,
        authors: front.authors,
        tags: front.tags,
        language: dialect.language.clone(),
    };
    Some(Post { path, text, body_start, head, dialect })
}

impl Post {
    pub(crate) fn body(&self) -> &str {
        &self.text[self.body_start..]
    }

    /// The gemtext, its links as they are written; `None` where a budget refuses the post.
    pub(crate) fn converted(&self) -> Option<Converted> {
        let mut asked = Vec::new();
        let source = Source { path: &self.path, text: &self.text, body_start: self.body_start };
        let mut links = |reference: &Reference<'_>| {
            let target = as_written(reference.destination);
            if let Target::Elsewhere(url) = &target {
                asked.push(url.to_string());
            }
            target
        };
        let reading = markdown::read(&source, &self.dialect, &mut links).ok()?;
        let options = Options::inside(self.text.len());
        let (gemtext, meant) = gemtext::recorded(&self.head, &reading.document, &options).ok()?;
        Some(Converted { gemtext, meant, asked })
    }
}

fn as_written(destination: &str) -> Target {
    let refused = ["javascript:", "data:", "#"].iter().any(|start| destination.starts_with(start));
    match url::escape(destination).filter(|url| !refused && !url.is_empty()) {
        Some(url) => Target::Elsewhere(url.into()),
        None => Target::Nowhere,
    }
}

/// The lines of gemtext that are not preformatted, each with its number.
pub(crate) fn prose(gemtext: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    gemtext.lines().zip(1..).filter_map(move |(line, number)| {
        let fence = line.starts_with("```");
        inside ^= fence;
        (!inside && !fence).then_some((number, line))
    })
}

/// A line without its code spans.
pub(crate) fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let marks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let fence = &rest[at..at + marks];
        let inner = &rest[at + marks..];
        let close = inner
            .match_indices(fence)
            .find(|(at, _)| !inner[at + marks..].starts_with('`') && !inner[..*at].ends_with('`'));
        match close {
            Some((length, _)) => {
                out.push('x');
                rest = &inner[length + marks..];
            }
            None => {
                out.push_str(fence);
                rest = inner;
            }
        }
    }
    out + rest
}
