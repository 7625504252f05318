//! Hugo's rules: the part of its configuration that decides addresses and visibility, and what it decides.
//!
//! <https://gohugo.io/configuration/>, <https://gohugo.io/content-management/urls/>. Pure: the text of the
//! configuration comes from `source::hugo`.

mod cascade;
mod mounts;

use std::collections::HashSet;

use std::sync::Arc;

use jiff::civil::Date;

use super::place::Place;
use super::plan::{Headed, ancestors, page_path};
use super::rules::Build;
use super::value::{Value, ValueError, parse_json, parse_toml, parse_yaml};
use crate::content::post::Cascade;
use crate::content::{Address, Language, PageKind};
use crate::text::slug;

pub(super) use cascade::{Handed, cascades};
pub use mounts::Mount;
use mounts::{Sieve, disabled, folders_of_languages, mounts, sieve, trim};

/// What Hugo's configuration says of addresses and visibility.
#[derive(Clone, Debug)]
pub struct Hugo {
    /// `baseURL`.
    pub base_url: Option<String>,
    pub title: Option<String>,
    /// `params.author`, where it is a name.
    pub author: Option<String>,
    /// `defaultContentLanguage`; what a blog in one language says its pages are in (`languageCode`) where that is unset.
    pub language: Language,
    /// Every configured language.
    pub languages: Vec<Language>,
    /// What the blog is called in other languages.
    pub(super) titles: Vec<(Language, String)>,
    /// Languages that a file's name may end in, `disabled` ones included.
    pub(super) suffixes: Vec<Language>,
    /// `disableLanguages`, and `disabled` in `languages`.
    disabled: Vec<Language>,
    sieve: Sieve,
    pub default_in_subfolder: bool,
    /// `timeZone`.
    pub timezone: Option<String>,
    /// Folders that stand in the content.
    pub mounts: Vec<Mount>,
    pub static_folders: Vec<String>,
    pub shows: Shows,
    /// The whole configuration, for what it says of Markdown.
    pub values: Arc<Value>,
    keep_case: bool,
    ascii: bool,
    permalinks: Permalinks,
    cascade: Vec<Handed>,
}

/// What is shown that is hidden by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shows {
    pub drafts: bool,
    pub future: bool,
    pub expired: bool,
}

#[derive(Clone, Debug, Default)]
struct Permalinks {
    page: Vec<(String, String)>,
    section: Vec<(String, String)>,
}

/// Markdown inside a leaf bundle is a resource of its page, and no page.
pub(super) fn without_resources(mut pages: Vec<(Headed, Place)>) -> Vec<(Headed, Place)> {
    let leafs: HashSet<String> =
        pages.iter().filter(|(_, place)| place.stem == "index").map(|(_, place)| place.folder.clone()).collect();
    pages.retain(|(_, place)| {
        let inside = ancestors(&place.folder).any(|folder| leafs.contains(folder));
        !inside || (place.is_index() && leafs.contains(&place.folder))
    });
    pages
}

impl Hugo {
    /// Reads a configuration; its name tells the syntax.
    pub fn read(name: &str, text: &str) -> Result<Hugo, ValueError> {
        let value = match name.rsplit('.').next() {
            Some("toml") => parse_toml(text)?,
            Some("json") => parse_json(text)?,
            _ => parse_yaml(text)?,
        };
        let sieved = value.clone();
        let mut hugo = Hugo::of(value);
        hugo.sieve = sieve(&sieved, &hugo.disabled)?;
        Ok(hugo)
    }

    fn of(values: Value) -> Hugo {
        let value = &values;
        let text = |key: &str| value.get(key).and_then(Value::text).filter(|text| !text.is_empty());
        let yes = |key: &str| value.get(key).and_then(Value::bool).unwrap_or(false);
        let language = |tag: &str| Language::parse(tag);
        let author = match value.get("params.author") {
            Some(Value::Map(map)) => map.get("name").and_then(Value::text),
            Some(other) => other.text(),
            None => text("author.name"),
        };
        let (cascade, _) = value.get("cascade").map(super::front_matter::cascade).unwrap_or_default();
        let default = text("defaultContentLanguage").as_deref().and_then(language).unwrap_or_else(Language::english);
        let cascades = cascade.iter().map(|values| Handed::new("", values)).collect();
        let languages: Vec<Language> = value
            .get("languages")
            .and_then(Value::map)
            .map(|map| map.iter().filter_map(|(tag, _)| language(tag)).collect())
            .unwrap_or_default();
        let told = text("languageCode").as_deref().and_then(language);
        let told = told.filter(|_| languages.is_empty() && text("defaultContentLanguage").is_none());
        let disabled = disabled(value);
        let mut suffixes = languages.clone();
        suffixes.push(default.clone());
        suffixes.extend(disabled.iter().cloned());
        suffixes.extend(mounts(value, "content").into_iter().flatten().filter_map(|mount| mount.language));
        let hugo = Hugo {
            base_url: text("baseURL"),
            title: text("title"),
            author,
            language: told.unwrap_or_else(|| default.clone()),
            languages,
            suffixes,
            disabled,
            sieve: Sieve::default(),
            titles: titles(value),
            default_in_subfolder: yes("defaultContentLanguageInSubdir"),
            timezone: text("timeZone"),
            mounts: mounts(value, "content")
                .or_else(|| folders_of_languages(value))
                .unwrap_or_else(|| vec![Mount::whole(text("contentDir").as_deref().unwrap_or("content"))])
                .into_iter()
                .map(|mount| Mount { language: mount.language.filter(|language| *language != default), ..mount })
                .collect(),
            static_folders: match mounts(value, "static") {
                Some(mounts) => mounts.into_iter().map(|mount| mount.folder).collect(),
                None => match value.get("staticDir") {
                    Some(folders) => folders.items().iter().filter_map(Value::text).map(|path| trim(&path)).collect(),
                    None => vec!["static".into()],
                },
            },
            shows: Shows { drafts: yes("buildDrafts"), future: yes("buildFuture"), expired: yes("buildExpired") },
            keep_case: yes("disablePathToLower"),
            ascii: yes("removePathAccents"),
            permalinks: permalinks(value.get("permalinks")),
            cascade: cascades,
            values: Arc::default(),
        };
        Hugo { values: Arc::new(values), ..hugo }
    }

    /// Whether a file of the source folder is none of those that the configuration leaves out.
    pub fn reads(&self, path: &str) -> bool {
        let rooted = format!("/{path}");
        let ignored = self.sieve.ignored.iter().any(|pattern| pattern.is_match(path) || pattern.is_match(&rooted));
        let excluded = self.sieve.mounts.iter().any(|(folder, filter)| {
            let inner = path.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/'));
            inner.is_some_and(|inner| filter.drops(inner))
        });
        !ignored && !excluded
    }

    /// Whether a page is in a language that is not made.
    pub(super) fn is_disabled(&self, place: &Place) -> bool {
        place.language.as_ref().is_some_and(|language| self.disabled.contains(language))
    }

    /// A folder's or a file's path as it stands in an address.
    pub(super) fn path(&self, path: &str) -> String {
        let path = if self.ascii { unaccented(path) } else { path.to_owned() };
        path.split('/')
            .map(|name| if self.keep_case { slug::hugo_keeping_case(name) } else { slug::hugo(name) })
            .collect::<Vec<_>>()
            .join("/")
    }

    /// A title or a slug of front matter as it stands in an address.
    fn title_path(&self, text: &str) -> String {
        let text = if self.ascii { unaccented(text) } else { text.to_owned() };
        let segment = |name| if self.keep_case { slug::hugo_title_keeping_case(name) } else { slug::hugo_title(name) };
        text.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    /// Whether a page is made and listed: by its own front matter, else by what is handed down to it.
    pub(super) fn build(&self, headed: &Headed, place: &Place, cascades: &[Handed]) -> Build {
        let kind = match (place.stem.as_str(), place.folder.as_str()) {
            ("_index", "") => "home",
            ("_index", _) => "section",
            _ => "page",
        };
        let path = match place.is_index() {
            true => format!("/{}", place.folder.to_lowercase()),
            false => format!("/{}/{}", place.folder, place.stem).replace("//", "/").to_lowercase(),
        };
        let fitting =
            || cascades.iter().chain(&self.cascade).filter(|handed| handed.is_for(&place.folder, &path, kind));
        let first = |of: fn(&Cascade) -> Option<bool>| fitting().find_map(|handed| of(&handed.values));
        let front = &headed.front;
        Build {
            draft: front.draft || first(|values| values.draft).unwrap_or(false),
            render: front.render.or_else(|| first(|values| values.render)).unwrap_or(true),
            list: front.list.or_else(|| first(|values| values.list)).unwrap_or(true),
        }
    }

    /// The address of a page beneath `prefix`, the path part of `baseURL`.
    pub(super) fn address(&self, headed: &Headed, place: &Place, kind: PageKind, prefix: &Address) -> Option<Address> {
        if kind == PageKind::Home && place.language.as_ref().is_none_or(|language| *language == self.language) {
            return Some(Address::root());
        }
        let front = &headed.front;
        if let Some(url) = front.url.as_deref().filter(|url| !url.is_empty()) {
            let url = if url.contains(':') { self.expand(url, headed, place) } else { url.to_owned() };
            return self.language_root(place, prefix)?.child(&page_path(&url)).ok();
        }
        let first = place.folder.split('/').next().unwrap_or("");
        let patterns = match kind {
            PageKind::Post => &self.permalinks.page,
            PageKind::Home | PageKind::Section => &self.permalinks.section,
        };
        let section = if place.stem == "index" && !place.folder.contains('/') { "" } else { first };
        let path = match patterns.iter().find(|(name, _)| name.eq_ignore_ascii_case(section)) {
            Some((_, pattern)) => page_path(&self.expand(pattern, headed, place)),
            None => self.default_path(front.slug.as_deref(), place, kind),
        };
        self.language_root(place, prefix)?.child(&path).ok()
    }

    fn default_path(&self, own_slug: Option<&str>, place: &Place, kind: PageKind) -> String {
        let own_slug = own_slug.filter(|_| kind == PageKind::Post).map(|slug| self.title_path(slug.trim_matches('/')));
        let (folder, name) = split_bundle(place);
        let folder = self.path(folder);
        let name = own_slug.unwrap_or_else(|| self.path(name));
        format!("{folder}/{name}/").trim_start_matches('/').to_owned()
    }

    fn language_root(&self, place: &Place, prefix: &Address) -> Option<Address> {
        match &place.language {
            Some(language) if *language != self.language => prefix.child(&format!("{language}/")).ok(),
            _ if self.default_in_subfolder => prefix.child(&format!("{}/", self.language)).ok(),
            _ => Some(prefix.clone()),
        }
    }

    /// Replaces the tokens of a permalink pattern; one that cannot be is left out.
    fn expand(&self, pattern: &str, headed: &Headed, place: &Place) -> String {
        let segments = pattern.split('/').map(|segment| self.expand_segment(segment, headed, place));
        let path = segments.collect::<Vec<_>>().join("/");
        path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
    }

    fn expand_segment(&self, segment: &str, headed: &Headed, place: &Place) -> String {
        let mut out = String::new();
        let mut rest = segment;
        while let Some(at) = rest.find(':') {
            out.push_str(&rest[..at]);
            let token = rest[at + 1..].split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or("");
            let after = &rest[at + 1 + token.len()..];
            let range = after.strip_prefix('[').and_then(|after| after.split_once(']'));
            let (range, after) = range.map_or((None, after), |(range, after)| (Some(range), after));
            out.push_str(&self.token(token, range, headed, place));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn token(&self, token: &str, range: Option<&str>, headed: &Headed, place: &Place) -> String {
        let front = &headed.front;
        let day = front.date.map(|date| date.day);
        let date = |part: fn(Date) -> String| day.map(part).unwrap_or_default();
        let (folder, name) = split_bundle(place);
        let own_slug = || front.slug.as_deref().filter(|slug| !slug.is_empty()).map(|slug| self.title_path(slug));
        let title = || front.title.as_deref().map(|title| self.title_path(&title.replace('/', "-")));
        match token {
            "year" => date(|day| format!("{:04}", day.year())),
            "month" => date(|day| format!("{:02}", day.month())),
            "monthname" => date(|day| day.strftime("%B").to_string().to_lowercase()),
            "day" => date(|day| format!("{:02}", day.day())),
            "weekday" => date(|day| day.weekday().to_sunday_zero_offset().to_string()),
            "weekdayname" => date(|day| day.strftime("%A").to_string().to_lowercase()),
            "yearday" => date(|day| day.day_of_year().to_string()),
            "section" => self.path(folder.split('/').next().unwrap_or("")),
            "sections" => sections(&self.path(folder), range),
            "title" => title().unwrap_or_default(),
            "slug" => own_slug().or_else(title).unwrap_or_else(|| self.path(name)),
            "slugorfilename" | "slugorcontentbasename" => own_slug().unwrap_or_else(|| self.path(name)),
            "filename" if place.stem == "index" => "index".into(),
            "filename" | "contentbasename" => self.path(name),
            _ => String::new(),
        }
    }
}

/// Whether Hugo makes a page of a file that is not Markdown.
pub(super) fn is_foreign(logical: &str) -> bool {
    const FOREIGN: [&str; 9] = ["html", "htm", "org", "rst", "adoc", "asciidoc", "ad", "pdc", "pandoc"];
    let ending = logical.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    FOREIGN.contains(&ending.as_str())
}

/// The folder around a page and its name: a bundle is named by its folder.
fn split_bundle(place: &Place) -> (&str, &str) {
    match place.is_index() {
        true => place.folder.rsplit_once('/').unwrap_or(("", &place.folder)),
        false => (&place.folder, &place.stem),
    }
}

/// `:sections[1:]`, `:sections[:last]`, `:sections[0]` of `a/b/c`.
fn sections(folder: &str, range: Option<&str>) -> String {
    let names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    let Some(range) = range else { return names.join("/") };
    let index = |text: &str, otherwise: usize| match text {
        "" => otherwise,
        "last" => names.len().saturating_sub(1),
        number => number.parse().unwrap_or(otherwise),
    };
    let (from, to) = match range.split_once(':') {
        Some((from, to)) => (index(from, 0), index(to, names.len())),
        None => (index(range, 0), index(range, 0) + 1),
    };
    names.get(from..to.min(names.len())).unwrap_or(&[]).join("/")
}

/// The titles in `languages`.
pub(super) fn titles(value: &Value) -> Vec<(Language, String)> {
    let languages = value.get("languages").and_then(Value::map).into_iter().flat_map(|map| map.iter());
    languages.filter_map(|(tag, settings)| Some((Language::parse(tag)?, settings.get("title")?.text()?))).collect()
}

fn permalinks(value: Option<&Value>) -> Permalinks {
    let mut permalinks = Permalinks::default();
    for (name, value) in value.and_then(Value::map).into_iter().flat_map(|map| map.iter()) {
        match (value, name) {
            (Value::Map(map), "page") => permalinks.page.extend(patterns(map)),
            (Value::Map(map), "section") => permalinks.section.extend(patterns(map)),
            (pattern, section) => permalinks.page.extend(pattern.text().map(|pattern| (section.to_owned(), pattern))),
        }
    }
    permalinks
}

fn patterns(map: &super::value::Map) -> impl Iterator<Item = (String, String)> {
    map.iter().filter_map(|(section, pattern)| Some((section.to_owned(), pattern.text()?)))
}

fn unaccented(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    path.nfd().filter(|letter| !is_combining_mark(*letter)).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blog_in_one_language_is_in_the_one_its_pages_are_said_to_be_in() {
        let language = |text: &str| Hugo::read("hugo.toml", text).unwrap().language.as_str().to_owned();
        assert_eq!(language("languageCode = 'fr-FR'\n"), "fr-FR");
        assert_eq!(language("languageCode = 'fr-FR'\ndefaultContentLanguage = 'de'\n"), "de");
        assert_eq!(language("languageCode = 'fr-FR'\n[languages.en]\n[languages.fr]\n"), "en");
        assert_eq!(language("title = 'x'\n"), "en");
    }
}
