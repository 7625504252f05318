//! How files are sent, where their author says more than their names do: a media type, a language, or a head of its own.
//!
//! Rules of the configuration come first, then those that a capsule brings along from another server, kept by folder,
//! so that a large capsule asks few of them. The first that answers a question counts.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};

use super::address::percent_decode;
use super::{Address, Language};

/// Which files a rule is for, by their paths from the source folder on.
#[derive(Clone, Debug)]
pub struct FilePattern {
    text: String,
    matcher: GlobMatcher,
}

impl PartialEq for FilePattern {
    fn eq(&self, other: &FilePattern) -> bool {
        self.text == other.text
    }
}

impl FilePattern {
    /// `*.foo` in whatever folder, `docs/*.txt` in one, `docs/**` in all beneath it.
    pub fn parse(text: &str) -> Result<FilePattern, String> {
        let path = text.trim().trim_start_matches('/');
        let pattern = if path.contains('/') { path.to_owned() } else { format!("**/{path}") };
        let matcher = GlobBuilder::new(&pattern).literal_separator(true).build().map(|glob| glob.compile_matcher());
        match matcher {
            Ok(matcher) if !path.is_empty() => Ok(FilePattern { text: pattern, matcher }),
            Ok(_) | Err(_) => Err(format!("`{text}` is no pattern of files; write `*.txt`, `docs/*` or `docs/**`")),
        }
    }

    fn fits(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }
}

/// What is said of the files of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRule {
    pub pattern: FilePattern,
    pub manner: Manner,
}

/// How a file is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    pub media_type: Option<MediaType>,
    pub language: Option<Language>,
    pub head: Option<Head>,
}

/// A media type, or a piece of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain; charset=utf-8`
    Whole(String),
    /// `;lang=en`, to go with the type that a file has by its name, and nothing else of ours.
    With(String),
}

impl MediaType {
    /// The whole, of a file that has this type by its name.
    pub fn of(&self, named: &str) -> String {
        match self {
            MediaType::Whole(whole) => whole.clone(),
            MediaType::With(parameters) => {
                format!("{}{parameters}", named.split(';').next().unwrap_or(named).trim_end())
            }
        }
    }
}

/// A whole reply without a body, as an author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Two digits, of which the first is 1 to 6.
    pub status: u8,
    /// One line.
    pub meta: String,
}

impl Head {
    /// The address of the capsule that it leads to.
    pub fn target(&self) -> Option<Address> {
        let path = Some(self.meta.as_str()).filter(|meta| meta.starts_with('/') && !meta.starts_with("//"));
        let path = percent_decode(path.filter(|_| matches!(self.status, 30 | 31))?)?;
        Address::parse(&path).ok()
    }
}

/// All rules of a capsule.
#[derive(Clone, Debug, Default)]
pub struct FileRules {
    anywhere: Vec<FileRule>,
    /// By folder: names, and patterns of them.
    folders: HashMap<String, Folder>,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    names: HashMap<String, Manner>,
    patterns: Vec<FileRule>,
}

impl FileRules {
    /// The configuration's.
    pub fn new(configured: Vec<FileRule>) -> FileRules {
        FileRules { anywhere: configured, folders: HashMap::new() }
    }

    /// What is said of a name in a folder, and of nothing else; a later word about it counts.
    pub fn name(&mut self, folder: &str, name: &str, manner: Manner) {
        self.folders.entry(folder.to_owned()).or_default().names.insert(name.to_owned(), manner);
    }

    /// What is said of the names that fit a pattern, in one folder.
    pub fn names(&mut self, folder: &str, rule: FileRule) {
        self.folders.entry(folder.to_owned()).or_default().patterns.push(rule);
    }

    /// What is said of a path.
    fn said<'a, 'p>(&'a self, path: &'p str) -> impl Iterator<Item = &'a Manner> + use<'a, 'p> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.folders.get(folder);
        let named = folder.and_then(|folder| folder.names.get(name));
        let patterns = folder.into_iter().flat_map(|folder| &folder.patterns);
        let fitting = |rules: &'a FileRule, path: &str| rules.pattern.fits(path).then_some(&rules.manner);
        let anywhere = self.anywhere.iter().filter_map(move |rule| fitting(rule, path));
        anywhere.chain(named).chain(patterns.filter_map(move |rule| fitting(rule, name)))
    }

    pub fn media_type(&self, path: &str) -> Option<&MediaType> {
        self.said(path).find_map(|manner| manner.media_type.as_ref())
    }

    pub fn language(&self, path: &str) -> Option<&Language> {
        self.said(path).find_map(|manner| manner.language.as_ref())
    }

    /// What is answered in the place of a file.
    pub fn head(&self, path: &str) -> Option<&Head> {
        self.said(path).find_map(|manner| manner.head.as_ref())
    }

    /// The paths of names that have a head, whether or not there is such a file.
    pub fn heads(&self) -> impl Iterator<Item = (String, &Head)> {
        self.folders.iter().flat_map(|(folder, rules)| {
            let path = move |name: &String| if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            rules.names.iter().filter_map(move |(name, manner)| Some((path(name), manner.head.as_ref()?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(pattern: &str, media_type: &str) -> FileRule {
        let media_type = Some(MediaType::Whole(media_type.into()));
        FileRule { pattern: FilePattern::parse(pattern).unwrap(), manner: Manner { media_type, ..Manner::default() } }
    }

    #[test]
    fn the_first_that_fits_counts() {
        let mut rules = FileRules::new(vec![rule("docs/*.x", "a/docs"), rule("*.x", "a/any"), rule("old/**", "a/old")]);
        rules.names("notes", rule("*.z", "a/pattern"));
        rules.name("notes", "1.z", rule("*", "a/name").manner);
        let of = |path: &str| rules.media_type(path).map(|known| known.of("b/c"));
        for (path, known) in [
            ("docs/1.x", Some("a/docs")),
            ("docs/deep/1.x", Some("a/any")),
            ("1.x", Some("a/any")),
            ("old/deep/1", Some("a/old")),
            ("notes/1.z", Some("a/name")),
            ("notes/2.z", Some("a/pattern")),
            ("notes/deep/2.z", None),
            ("1.z", None),
        ] {
            assert_eq!(of(path).as_deref(), known, "{path}");
        }
        assert_eq!(MediaType::With(";lang=en".into()).of("text/gemini; lang=fr"), "text/gemini;lang=en");
        assert!(FilePattern::parse("[").is_err() && FilePattern::parse(" / ").is_err());
    }
}
