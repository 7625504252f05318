//! Zola's rules: the part of `config.toml` that decides addresses and visibility, and what it decides.
//!
//! <https://www.getzola.org/documentation/getting-started/configuration/>,
//! <https://www.getzola.org/documentation/content/page/>. Pure: the text of the configuration comes from
//! `source::zola`.

use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use super::place::{Place, dated};
use super::plan::Headed;
use super::rules::Placing;
use super::value::{Value, ValueError, parse_toml};
use crate::content::{Address, Language, PageKind};
use crate::text::slug::Slugs;

/// What Zola's configuration says of addresses and visibility.
#[derive(Clone, Debug)]
pub struct Zola {
    pub base_url: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    /// `default_language`.
    pub language: Language,
    /// The tables of `languages`.
    pub languages: Vec<Language>,
    /// What the blog is called in other languages.
    pub(super) titles: Vec<(Language, String)>,
    /// `ignored_content` and `ignored_static`.
    pub ignored_content: GlobSet,
    pub ignored_static: GlobSet,
    /// How taxonomies are named in addresses, and how paths are.
    pub(super) term_slugs: Slugs,
    paths: Slugs,
    keep_dates: bool,
    /// The whole configuration, for what it says of Markdown.
    pub(super) values: Arc<Value>,
}

impl Zola {
    /// Reads a configuration.
    pub fn read(text: &str) -> Result<Zola, ValueError> {
        Ok(Zola::of(Arc::new(parse_toml(text)?)))
    }

    fn of(value: Arc<Value>) -> Zola {
        let text = |key: &str| value.get(key).and_then(Value::text).filter(|text| !text.is_empty());
        let yes = |key: &str| value.get(key).and_then(Value::bool).unwrap_or(false);
        let languages = value.get("languages").and_then(Value::map).into_iter().flat_map(|map| map.iter());
        Zola {
            base_url: text("base_url"),
            title: text("title"),
            author: text("author").or_else(|| text("extra.author")),
            language: text("default_language").as_deref().and_then(Language::parse).unwrap_or_else(Language::english),
            languages: languages.filter_map(|(tag, _)| Language::parse(tag)).collect(),
            titles: super::hugo::titles(&value),
            ignored_content: globs(value.get("ignored_content")),
            ignored_static: globs(value.get("ignored_static")),
            term_slugs: slugs(text("slugify.taxonomies")),
            paths: slugs(text("slugify.paths")),
            keep_dates: yes("slugify.paths_keep_dates"),
            values: Arc::clone(&value),
        }
    }

    /// Folders whose section is a draft: nothing in them is published, in any language.
    pub(super) fn closed(pages: &[(Headed, Place)]) -> Vec<String> {
        let draft =
            |(headed, place): &&(Headed, Place)| place.stem == "_index" && (headed.front.draft || headed.front.hidden);
        pages.iter().filter(draft).map(|(_, place)| place.folder.clone()).collect()
    }

    /// The day in a page's name; else the one its `path` begins with (`2014/12/12/x`), as blogs have it that came
    /// from Jekyll.
    pub(super) fn day(headed: &Headed, place: &Place) -> Option<Date> {
        let of_path = || day_of_path(headed.front.url.as_deref()?);
        dated(place.name()).map(|(day, _)| day).or_else(of_path)
    }

    pub(super) fn address(&self, placing: &Placing<'_>) -> Option<Address> {
        let Placing { headed, place, kind, prefix, home, root, .. } = placing;
        match kind {
            PageKind::Home => return Some((*home).clone()),
            PageKind::Section => return root.child(&format!("{}/", place.folder)).ok(),
            PageKind::Post => {}
        }
        if let Some(path) = &headed.front.url {
            return prefix.child(&format!("{}/", path.trim().trim_matches('/'))).ok();
        }
        let name = place.name();
        let name = match dated(name) {
            Some((_, rest)) if !rest.is_empty() && !self.keep_dates => rest,
            _ => name,
        };
        let slug = self.paths.of(headed.front.slug.as_deref().unwrap_or(name));
        let path = format!("{}/{slug}/", place.holder());
        root.child(path.trim_start_matches('/')).ok()
    }
}

fn slugs(strategy: Option<String>) -> Slugs {
    match strategy.as_deref() {
        Some("safe" | "off") => Slugs::Kept,
        Some(_) | None => Slugs::Ascii,
    }
}

fn globs(value: Option<&Value>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in value.into_iter().flat_map(Value::items).filter_map(Value::text) {
        if let Ok(glob) = GlobBuilder::new(&pattern).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// `2014/12/12/x`, also behind a folder: `inside-rust/2020/01/23/x`.
fn day_of_path(path: &str) -> Option<Date> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.windows(4).find_map(|part| match part {
        [year, month, day, _] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            format!("{year}-{month}-{day}").parse().ok()
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::source::Stamp;
    use crate::content::{FrontMatter, Role, Source};

    fn address(config: &str, path: &str, front: FrontMatter) -> String {
        let zola = Zola::read(config).unwrap();
        let stamp = Stamp { size: 0, modified: 0, inode: 0 };
        let source = Source { path: path.into(), logical: path.into(), role: Role::Markdown, stamp };
        let headed = Headed {
            source,
            front: front.into(),
            body_start: 8,
            heading: None,
            dated: None,
            health: crate::read::plan::Health::Whole,
        };
        let place = Place::listed(path, &zola.languages);
        let prefix = Address::parse("/").unwrap();
        let root = match &place.language {
            Some(language) if *language != zola.language => prefix.child(&format!("{language}/")).unwrap(),
            _ => prefix.clone(),
        };
        let kind = if place.stem == "_index" { PageKind::Section } else { PageKind::Post };
        let placing = Placing {
            headed: &headed,
            place: &place,
            kind,
            prefix: &prefix,
            home: &root,
            root: &root,
            date: None,
            timezone: &jiff::tz::TimeZone::UTC,
        };
        zola.address(&placing).unwrap().to_string()
    }

    #[test]
    fn addresses_are_zolas() {
        let front = |path: &str, slug: &str| FrontMatter {
            url: Some(path.to_owned()).filter(|path| !path.is_empty()),
            slug: Some(slug.to_owned()).filter(|slug| !slug.is_empty()),
            ..FrontMatter::default()
        };
        for (path, front, expected) in [
            ("posts/L’été.md", front("", ""), "/posts/l-ete/"),
            ("Posts/2020-01-02-a_b.md", front("", ""), "/Posts/a-b/"),
            ("posts/2020-01-02.md", front("", ""), "/posts/2020-01-02/"),
            ("posts/2020-01-02_x/index.md", front("", ""), "/posts/x/"),
            ("posts/x.md", front("", "Other name"), "/posts/other-name/"),
            ("posts/x.md", front("/2020/X", ""), "/2020/X/"),
            ("posts/x.fr.md", front("", ""), "/fr/posts/x/"),
            ("posts/x.de.md", front("", ""), "/posts/x-de/"),
            ("Old Posts/_index.md", front("", ""), "/Old Posts/"),
        ] {
            assert_eq!(address("[languages.fr]\n", path, front), expected, "{path}");
        }
        let keep = "[slugify]\npaths = \"safe\"\npaths_keep_dates = true\n";
        assert_eq!(address(keep, "posts/2020-01-02-Été.md", front("", "")), "/posts/2020-01-02-Été/");
    }

    #[test]
    fn a_path_may_tell_the_day() {
        let day = |path| day_of_path(path).map(|day| day.to_string());
        assert_eq!(day("/2014/12/12/x").as_deref(), Some("2014-12-12"));
        assert_eq!(day("inside/2014/12/12/x/").as_deref(), Some("2014-12-12"));
        assert_eq!(day("2014/13/12/x"), None);
        assert_eq!(day("2014/12/12"), None);
    }
}
