//! Where a source stands: its folder, its name without ending and language, and what that says of its kind.
//!
//! Shared by the layouts; pass one of the data's way.

use crate::content::Language;

/// Languages that a name may carry (`x.fr.md`, a folder `fr/`) without being configured.
const KNOWN: [&str; 16] =
    ["ca", "de", "en", "eo", "es", "eu", "fr", "it", "ja", "nl", "oc", "pl", "pt", "ru", "sv", "zh"];

/// A source's place, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folders around it, without a slash at either end; empty at the top.
    pub folder: String,
    /// Its name without ending and language suffix.
    pub stem: String,
    /// Said by its suffix.
    pub language: Option<Language>,
}

impl Place {
    /// Takes apart `posts/x.fr.md`; the suffix may be one of these languages or a common one.
    pub fn of(logical: &str, languages: &[Language]) -> Place {
        Place::with_suffix(logical, |suffix| suffix_language(suffix, languages))
    }

    /// The suffix may be one of these languages alone.
    pub fn listed(logical: &str, languages: &[Language]) -> Place {
        let known = |suffix: &str| languages.iter().find(|known| known.as_str().eq_ignore_ascii_case(suffix)).cloned();
        Place::with_suffix(logical, known)
    }

    /// Whatever the name holds is a part of the name.
    pub fn whole(logical: &str) -> Place {
        Place::with_suffix(logical, |_| None)
    }

    fn with_suffix(logical: &str, language: impl Fn(&str) -> Option<Language>) -> Place {
        let (folder, name) = logical.rsplit_once('/').unwrap_or(("", logical));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let suffix = stem.rsplit_once('.').and_then(|(rest, suffix)| Some((rest, language(suffix)?)));
        match suffix {
            Some((rest, language)) if !rest.is_empty() => {
                Place { folder: folder.into(), stem: rest.into(), language: Some(language) }
            }
            _ => Place { folder: folder.into(), stem: stem.into(), language: None },
        }
    }

    /// What the page is called by its file: the name of its folder for an `index`.
    pub fn name(&self) -> &str {
        if self.stem == "index" { self.folder.rsplit('/').next().unwrap_or("") } else { &self.stem }
    }

    /// The folder around the page: an `index` is not in its own.
    pub fn holder(&self) -> &str {
        if self.stem == "index" { self.folder.rsplit_once('/').map_or("", |(parent, _)| parent) } else { &self.folder }
    }

    /// Whether it introduces its folder or is the page of it.
    pub fn is_index(&self) -> bool {
        matches!(self.stem.as_str(), "index" | "_index")
    }

    /// The language that one of its folders is named after.
    pub fn folder_language(&self, languages: &[Language]) -> Option<Language> {
        self.folder.split('/').find_map(|name| suffix_language(name, languages))
    }

    /// A day at the beginning of the name (`2021-03-01-x`), and the name after it.
    pub fn dated(&self) -> Option<(jiff::civil::Date, &str)> {
        dated(&self.stem)
    }

    /// A title for a page that has none: the name in words.
    pub fn title(&self) -> String {
        let name = match dated(self.name()) {
            Some((_, rest)) if !rest.is_empty() => rest,
            _ if self.is_index() => self.folder.rsplit('/').next().unwrap_or(""),
            _ => &self.stem,
        };
        in_words(name)
    }
}

/// A day at the beginning of a name, and the name after it.
pub fn dated(name: &str) -> Option<(jiff::civil::Date, &str)> {
    let (day, rest) = name.split_at_checked(10)?;
    let shape = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if !day.bytes().enumerate().all(shape) {
        return None;
    }
    let rest = rest.trim_start_matches(['-', '_', ' ']);
    Some((day.parse().ok()?, rest))
}

/// `my-first_post` as `My first post`.
pub fn in_words(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn suffix_language(suffix: &str, languages: &[Language]) -> Option<Language> {
    let language = Language::parse(suffix)?;
    let known = KNOWN.contains(&suffix) || languages.iter().any(|known| known.as_str().eq_ignore_ascii_case(suffix));
    known.then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_a_language_only_when_it_is_one() {
        let place = Place::of("posts/été.fr.md", &[]);
        assert_eq!((place.folder.as_str(), place.stem.as_str()), ("posts", "été"));
        assert_eq!(place.language, Language::parse("fr"));
        assert_eq!(Place::of("node.js.md", &[]).stem, "node.js");
        assert_eq!(Place::of("v0.146.0.md", &[]).stem, "v0.146.0");
    }

    #[test]
    fn a_name_gives_date_and_title() {
        let place = Place::of("2021-03-01-le-petit-web.md", &[]);
        assert_eq!(place.dated().unwrap().0.to_string(), "2021-03-01");
        assert_eq!(place.title(), "Le petit web");
        assert_eq!(Place::of("2021-13-01-x.md", &[]).dated(), None);
        assert_eq!(Place::of("posts/_index.md", &[]).title(), "Posts");
    }
}
