//! Jekyll's rules: the part of `_config.yml` that decides addresses and visibility, and what it decides.
//!
//! <https://jekyllrb.com/docs/configuration/>, <https://jekyllrb.com/docs/posts/>,
//! <https://jekyllrb.com/docs/collections/>. Pure: the text of the configuration comes from `source::jekyll`.
//! `permalink` makes the addresses.

mod permalink;

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::front_matter::{self, Flavour};
use super::place::Place;
use super::plan::Headed;
use super::rules::{Placed, Placing, needs_front_matter};
use super::value::{Map, Value, ValueError, parse_yaml};
use crate::content::{Hidden, Language};

/// What is left out wherever it stands, whatever the configuration says.
const EXCLUDED: [&str; 8] = [
    "Gemfile",
    "Gemfile.lock",
    "gemfiles",
    "node_modules",
    "vendor/bundle",
    "vendor/cache",
    "vendor/gems",
    "vendor/ruby",
];

/// What Jekyll's configuration says of addresses and visibility.
#[derive(Clone, Debug)]
pub struct Jekyll {
    /// `url` and `baseurl`.
    pub base_url: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    /// `lang` or `locale`.
    pub language: Option<Language>,
    pub timezone: Option<String>,
    /// Whether posts show before their date.
    pub future: bool,
    pub collections: Vec<Collection>,
    pub collections_dir: String,
    /// The folder that Jekyll writes to.
    pub destination: String,
    exclude: Vec<Pattern>,
    include: Vec<Pattern>,
    permalink: String,
    defaults: Vec<Defaults>,
    optional_front_matter: bool,
    /// The whole configuration, for what it says of Markdown.
    pub(super) values: Arc<Value>,
}

/// A folder `_label` whose documents are published.
#[derive(Clone, Debug)]
pub struct Collection {
    pub label: String,
    permalink: Option<String>,
}

/// Values for the front matter of some files.
#[derive(Clone, Debug)]
struct Defaults {
    path: Option<Pattern>,
    kind: Option<String>,
    values: Map,
}

/// A path, or a glob.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    glob: Option<GlobMatcher>,
}

impl Pattern {
    fn new(text: &str) -> Pattern {
        let text = text.trim().trim_start_matches('/').trim_end_matches('/').to_owned();
        let glob =
            GlobBuilder::new(&text).literal_separator(true).build().ok().filter(|_| text.contains(['*', '?', '[']));
        Pattern { glob: glob.map(|glob| glob.compile_matcher()), text }
    }

    /// Whether it names the path or a folder around it.
    fn covers(&self, path: &str) -> bool {
        let mut around = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent));
        around.any(|path| path == self.text || self.glob.as_ref().is_some_and(|glob| glob.is_match(path)))
    }
}

/// What a source is to Jekyll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// In `_posts`, with the folders around that.
    Post(&'a str),
    Draft,
    /// In a collection, with the folder in it.
    Document(&'a str),
    Page,
}

impl Kind<'_> {
    /// By its folder.
    pub(super) fn of(folder: &str) -> Kind<'_> {
        let mut start = 0;
        for name in folder.split('/') {
            match name {
                "_posts" => return Kind::Post(folder[..start].trim_end_matches('/')),
                "_drafts" => return Kind::Draft,
                _ => start += name.len() + 1,
            }
        }
        match folder.strip_prefix('_') {
            Some(folder) => Kind::Document(folder),
            None => Kind::Page,
        }
    }
}

impl Jekyll {
    /// Reads a configuration; a blog may have none.
    pub fn read(text: &str) -> Result<Jekyll, ValueError> {
        Ok(Jekyll::of(Arc::new(parse_yaml(text)?)))
    }

    fn of(value: Arc<Value>) -> Jekyll {
        let text = |key: &str| value.get(key).and_then(Value::text).filter(|text| !text.is_empty());
        let yes = |key: &str| value.get(key).and_then(Value::bool).unwrap_or(false);
        let folder = |key: &str| text(key).unwrap_or_default().trim_matches(['.', '/']).to_owned();
        let patterns = |key: &str| {
            let texts = value.get(key).into_iter().flat_map(Value::items).filter_map(Value::text);
            texts.map(|text| Pattern::new(&text)).collect::<Vec<_>>()
        };
        let author = match value.get("author") {
            Some(Value::Map(map)) => map.get("name").and_then(Value::text),
            Some(other) => other.text(),
            None => None,
        };
        let base_url = text("url").map(|url| {
            format!("{}/{}", url.trim_end_matches('/'), text("baseurl").unwrap_or_default().trim_start_matches('/'))
        });
        let plugins = || value.get("plugins").or_else(|| value.get("gems")).into_iter().flat_map(Value::items);
        let optional = plugins().filter_map(Value::text).any(|name| name == "jekyll-optional-front-matter");
        Jekyll {
            base_url,
            title: text("title").or_else(|| text("name")),
            author,
            language: text("lang").or_else(|| text("locale")).as_deref().and_then(Language::parse),
            timezone: text("timezone"),
            future: yes("future"),
            collections: collections(value.get("collections")),
            collections_dir: folder("collections_dir"),
            destination: Some(folder("destination")).filter(|name| !name.is_empty()).unwrap_or_else(|| "_site".into()),
            exclude: patterns("exclude").into_iter().chain(EXCLUDED.map(Pattern::new)).collect(),
            include: patterns("include"),
            permalink: text("permalink").unwrap_or_else(|| "date".into()),
            defaults: value.get("defaults").into_iter().flat_map(Value::items).filter_map(defaults).collect(),
            values: Arc::clone(&value),
            optional_front_matter: optional || yes("optional_front_matter.enabled"),
        }
    }

    /// Whether Jekyll looks at a path at all: names that begin with `_` are its own, but for posts and published
    /// collections.
    pub fn looks_at(&self, path: &str) -> bool {
        if self.include.iter().any(|pattern| pattern.covers(path)) {
            return true;
        }
        let beneath = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if beneath(&self.destination) || self.exclude.iter().any(|pattern| pattern.covers(path)) {
            return false;
        }
        let inner = self.logical(path);
        let elsewhere = !self.collections_dir.is_empty() && inner == path;
        let own = |name: &str| name.starts_with(['_', '#', '~']);
        inner.split('/').enumerate().filter(|(_, name)| own(name)).all(|(index, name)| match name {
            "_posts" | "_drafts" => !elsewhere,
            name => index == 0 && !elsewhere && self.collection(name.trim_start_matches('_')).is_some(),
        })
    }

    /// A path without the folder that collections are in.
    pub fn logical<'p>(&self, path: &'p str) -> &'p str {
        let inner = path.strip_prefix(self.collections_dir.as_str()).and_then(|rest| rest.strip_prefix('/'));
        inner.filter(|_| !self.collections_dir.is_empty()).filter(|inner| inner.starts_with('_')).unwrap_or(path)
    }

    fn collection(&self, label: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.label == label)
    }

    /// Adds the configuration's defaults, and the categories that the folders around `_posts` are.
    pub(super) fn prepare(&self, mut pages: Vec<(Headed, Place)>, timezone: &TimeZone) -> Vec<(Headed, Place)> {
        for (headed, place) in &mut pages {
            let kind = Kind::of(&place.folder);
            let front = Arc::unwrap_or_clone(std::mem::take(&mut headed.front));
            let mut front = front.or(self.defaults_of(&headed.source.logical, kind, timezone));
            match kind {
                Kind::Post(around) => {
                    let mut categories: Vec<String> =
                        around.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                    categories
                        .extend(front.categories.into_iter().filter(|name| !around.split('/').any(|a| a == name)));
                    front.categories = categories;
                }
                Kind::Draft | Kind::Document(_) => {}
                // Jekyll's pages have no date that anything is told by.
                Kind::Page => (front.date, front.publish_at) = (None, None),
            }
            headed.front = front.into();
        }
        pages
    }

    fn defaults_of(&self, path: &str, kind: Kind<'_>, timezone: &TimeZone) -> crate::content::FrontMatter {
        let name = match kind {
            Kind::Post(_) => "posts",
            Kind::Draft => "drafts",
            Kind::Document(folder) => folder.split('/').next().unwrap_or(""),
            Kind::Page => "pages",
        };
        let mut fitting: Vec<&Defaults> = self.defaults.iter().filter(|defaults| defaults.fits(path, name)).collect();
        // The longer path wins, then the one with a type, then the later.
        fitting.sort_by_key(|defaults| (defaults.length(), defaults.kind.is_some()));
        let values = fitting.iter().flat_map(|defaults| defaults.values.iter());
        let values: Map = values.map(|(key, value)| (key.to_owned(), value.clone())).collect();
        front_matter::of_map(&values, timezone, Flavour::Jekyll)
    }

    /// Drafts; pages without front matter; posts whose name has no date.
    pub(super) fn refuses(&self, headed: &Headed, place: &Place) -> Option<Hidden> {
        match Kind::of(&place.folder) {
            Kind::Draft => Some(Hidden::Draft),
            Kind::Post(_) => permalink::dated(&place.stem).is_none().then_some(Hidden::Incomplete),
            Kind::Document(_) => needs_front_matter(headed),
            Kind::Page if self.optional_front_matter => None,
            Kind::Page => needs_front_matter(headed),
        }
    }

    /// The day in the name of a post or a document.
    pub(super) fn day(&self, place: &Place) -> Option<Date> {
        match Kind::of(&place.folder) {
            Kind::Post(_) | Kind::Document(_) => permalink::dated(&place.stem).map(|(day, _)| day),
            Kind::Draft | Kind::Page => None,
        }
    }

    /// The folder whose listing names a page.
    pub(super) fn section_folders<'p>(&self, place: &'p Place) -> Option<&'p str> {
        let folder = match Kind::of(&place.folder) {
            Kind::Post(around) => around,
            Kind::Draft => "",
            Kind::Document(_) => &place.folder,
            Kind::Page => place.holder(),
        };
        (!folder.is_empty()).then_some(folder)
    }

    /// `_docs/guides` is listed at `docs/guides`.
    pub(super) fn section_path(&self, folder: &str) -> String {
        folder.trim_start_matches('_').to_owned()
    }

    /// A collection's files stand beneath its label.
    pub(super) fn file_path(&self, logical: &str) -> String {
        logical.strip_prefix('_').unwrap_or(logical).to_owned()
    }

    pub(super) fn address(&self, placing: &Placing<'_>) -> Option<Placed> {
        permalink::address(self, placing)
    }
}

impl Defaults {
    fn fits(&self, path: &str, kind: &str) -> bool {
        let plural = |name: &str| matches!(name, "page" | "post" | "draft").then(|| format!("{name}s"));
        let of_kind = self.kind.as_ref().is_none_or(|own| own == kind || plural(own).as_deref() == Some(kind));
        // Without a glob, any beginning of the path will do.
        let starts = |pattern: &Pattern| match pattern.glob {
            Some(_) => pattern.covers(path),
            None => path.starts_with(&pattern.text),
        };
        of_kind && self.path.as_ref().is_none_or(starts)
    }

    fn length(&self) -> usize {
        self.path.as_ref().map_or(0, |pattern| pattern.text.len())
    }
}

fn collections(value: Option<&Value>) -> Vec<Collection> {
    let Some(map) = value.and_then(Value::map) else { return Vec::new() };
    let published = |(label, settings): (&str, &Value)| {
        let output = settings.get("output").and_then(Value::bool).unwrap_or(false);
        let permalink = settings.get("permalink").and_then(Value::text);
        // `posts` is always one, and its folders are known by their name.
        (output || label == "posts").then(|| Collection { label: label.to_owned(), permalink })
    };
    map.iter().filter_map(published).collect()
}

fn defaults(value: &Value) -> Option<Defaults> {
    let scope = |key: &str| value.get("scope")?.get(key)?.text().filter(|text| !text.is_empty());
    let values = value.get("values")?.map()?.clone();
    Some(Defaults { path: scope("path").map(|path| Pattern::new(&path)), kind: scope("type"), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jekyll_looks_at() {
        let jekyll = Jekyll::read("exclude: [secret, '*.log']\ninclude: [_pages]\ndestination: ./public\ncollections:\n  docs: {output: true}\n  notes:\n").unwrap();
        for path in ["index.md", "_posts/a.md", "cat/_posts/a.md", "_docs/a.md", "_pages/a.md", "a/b.png"] {
            assert!(jekyll.looks_at(path), "{path}");
        }
        for path in [
            "_notes/a.md",
            "_layouts/a.html",
            "secret/a.md",
            "a.log",
            "public/a.md",
            "a/_b.md",
            "Gemfile",
            "a/_docs/b.md",
        ] {
            assert!(!jekyll.looks_at(path), "{path}");
        }
        let inside = Jekyll::read("collections_dir: my\ncollections: {docs: {output: true}}\n").unwrap();
        assert!(inside.looks_at("my/_docs/a.md") && inside.looks_at("my/_posts/a.md") && inside.looks_at("a.md"));
        assert!(!inside.looks_at("_posts/a.md") && !inside.looks_at("_docs/a.md"));
    }

    #[test]
    fn the_longer_scope_wins() {
        let config = "defaults:\n- scope: {path: _posts/a, type: posts}\n  values: {permalink: /a/}\n- scope: {path: ''}\n  values: {permalink: /all/, tags: [x]}\n- scope: {path: '', type: posts}\n  values: {permalink: /posts/}\n";
        let jekyll = Jekyll::read(config).unwrap();
        let permalink = |path: &str, kind| jekyll.defaults_of(path, kind, &TimeZone::UTC).permalink.unwrap();
        assert_eq!(permalink("_posts/a/x.md", Kind::Post("")), "/a/");
        assert_eq!(permalink("_posts/x.md", Kind::Post("")), "/posts/");
        assert_eq!(permalink("x.md", Kind::Page), "/all/");
    }

    #[test]
    fn kinds_by_folder() {
        assert_eq!(Kind::of("_posts"), Kind::Post(""));
        assert_eq!(Kind::of("a/b/_posts/c"), Kind::Post("a/b"));
        assert_eq!(Kind::of("a/_drafts"), Kind::Draft);
        assert_eq!(Kind::of("_docs/a"), Kind::Document("docs/a"));
        assert_eq!(Kind::of("docs"), Kind::Page);
    }
}
