//! A language tag (BCP 47), as `lang` in a media type or in front matter.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A well-formed language tag in lower case but for the region: `fr`, `en`, `pt-BR`. With it go the author's own words
/// for what maquis adds to pages in it; they make no other language of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language {
    tag: Box<str>,
    #[serde(skip)]
    own: Option<Arc<Words>>,
}

/// Words of an author's, by their names in the configuration.
pub type Words = BTreeMap<String, String>;

impl PartialEq for Language {
    fn eq(&self, other: &Language) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Language {}

impl PartialOrd for Language {
    fn partial_cmp(&self, other: &Language) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Language {
    fn cmp(&self, other: &Language) -> Ordering {
        self.tag.cmp(&other.tag)
    }
}

impl Hash for Language {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
    }
}

impl Language {
    /// English, where nothing else is said.
    pub fn english() -> Language {
        Language { tag: "en".into(), own: None }
    }

    /// Letters, digits and hyphens in parts of 1 to 8, the first of letters (RFC 5646, 2.1); `_` as in
    /// POSIX locales is read as `-`, and what follows `.` or `@` is cut (`fr_FR.UTF-8`).
    pub fn parse(text: &str) -> Option<Language> {
        let tag = text.split(['.', '@']).next()?.trim().replace('_', "-");
        let mut parts = Vec::new();
        for (index, part) in tag.split('-').enumerate() {
            let fits = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
            let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
            if !fits || (index == 0 && !((2..=8).contains(&part.len()) && letters)) {
                return None;
            }
            let region = index > 0 && part.len() == 2 && letters;
            parts.push(if region { part.to_ascii_uppercase() } else { part.to_ascii_lowercase() });
        }
        Some(Language { tag: parts.join("-").into(), own: None })
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.tag
    }

    /// The first part: `fr` of `fr-CA`.
    pub fn primary(&self) -> &str {
        self.tag.split('-').next().unwrap_or(&self.tag)
    }

    /// The same language with words of the author's own.
    pub fn with_words(self, own: Option<Arc<Words>>) -> Language {
        Language { own, ..self }
    }

    /// What the author says where maquis has the word of this name.
    pub fn own_word(&self, name: &str) -> Option<&str> {
        self.own.as_ref()?.get(name).map(String::as_str)
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_and_tags() {
        let tag = |text| Language::parse(text).map(|language| language.to_string());
        assert_eq!(tag("fr_FR.UTF-8").as_deref(), Some("fr-FR"));
        assert_eq!(tag("PT-br").as_deref(), Some("pt-BR"));
        assert_eq!(tag("C"), None);
        assert_eq!(tag("fr\r\n"), Some("fr".into()));
        assert_eq!(tag("f r"), None);
    }
}
