//! A language tag (BCP 47), as `lang` in a media type or in front matter.

use serde::{Deserialize, Serialize};

/// A well-formed language tag in lower case but for the region: `fr`, `en`, `pt-BR`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(Box<str>);

impl Language {
    /// English, where nothing else is said.
    pub fn english() -> Language {
        Language("en".into())
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
        Some(Language(parts.join("-").into()))
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first part: `fr` of `fr-CA`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
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
