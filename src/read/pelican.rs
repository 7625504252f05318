//! Pelican's rules: the part of `pelicanconf.py` that decides addresses and visibility, and what it decides.
//!
//! <https://docs.getpelican.com/en/stable/settings.html>, <https://docs.getpelican.com/en/stable/content.html>.
//! Pure: the texts of the settings come from `source::pelican`.

mod settings;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::front_matter::{self, Flavour};
use super::place::{Place, dated};
use super::plan::Headed;
use super::rules::{Placed, Placing};
use super::value::{Map, Value};
use crate::content::address::percent_decode;
use crate::content::{Address, FrontMatter, Hidden, Language, Page};
use crate::text::slug;

/// What Pelican's settings say of addresses and visibility.
#[derive(Clone, Debug)]
pub struct Pelican {
    /// `SITEURL`
    pub base_url: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub language: Language,
    pub timezone: Option<String>,
    /// `PATH`, the folder of the content; empty for the whole.
    pub content: String,
    /// Whether posts show before their date.
    pub future: bool,
    articles: Vec<String>,
    pages: Vec<String>,
    statics: Vec<String>,
    excluded: Vec<String>,
    /// `EXTRA_PATH_METADATA`: files that stand elsewhere.
    renamed: Vec<(String, String)>,
    article_url: String,
    article_language_url: String,
    page_url: String,
    page_language_url: String,
    category: String,
    folder_is_category: bool,
    slug_from_title: bool,
    slug_in_name: bool,
    pub(super) dated_by_file: bool,
    defaults: Map,
}

impl Pelican {
    /// Reads settings; of several files, the later ones win (`publishconf.py` after `pelicanconf.py`).
    pub fn read(texts: &[&str]) -> Pelican {
        let maps: Vec<Map> = texts.iter().map(|text| settings::read(text)).collect();
        let all = maps.iter().flat_map(Map::iter).map(|(key, value)| (key.to_owned(), value.clone()));
        Pelican::of(&all.collect())
    }

    fn of(map: &Map) -> Pelican {
        let text = |key: &str| map.get(key).and_then(Value::text).filter(|text| !text.is_empty());
        let yes = |key: &str, otherwise: bool| map.get(key).and_then(Value::bool).unwrap_or(otherwise);
        let url = |name: &str, otherwise: &str| {
            text(&format!("{name}_URL"))
                .or_else(|| text(&format!("{name}_SAVE_AS")))
                .unwrap_or_else(|| otherwise.into())
        };
        let paths = |key: &str, otherwise: &str| match map.get(key) {
            Some(list) => list.items().iter().filter_map(Value::text).map(|path| trim(&path)).collect(),
            None => vec![otherwise.to_owned()],
        };
        let renamed = map.get("EXTRA_PATH_METADATA").and_then(Value::map).into_iter().flat_map(Map::iter);
        let name_pattern = text("FILENAME_METADATA").unwrap_or_default();
        Pelican {
            base_url: text("SITEURL"),
            title: text("SITENAME"),
            author: text("AUTHOR"),
            language: text("DEFAULT_LANG").as_deref().and_then(Language::parse).unwrap_or_else(Language::english),
            timezone: text("TIMEZONE"),
            content: trim(&text("PATH").unwrap_or_else(|| "content".into())),
            future: yes("WITH_FUTURE_DATES", true),
            articles: paths("ARTICLE_PATHS", ""),
            pages: paths("PAGE_PATHS", "pages"),
            statics: paths("STATIC_PATHS", "images"),
            excluded: map.get("ARTICLE_EXCLUDES").into_iter().flat_map(Value::items).filter_map(Value::text).collect(),
            renamed: renamed
                .filter_map(|(path, values)| Some((trim(path), trim(&values.get("path")?.text()?))))
                .collect(),
            article_url: url("ARTICLE", "{slug}.html"),
            article_language_url: url("ARTICLE_LANG", "{slug}-{lang}.html"),
            page_url: url("PAGE", "pages/{slug}.html"),
            page_language_url: url("PAGE_LANG", "pages/{slug}-{lang}.html"),
            category: text("DEFAULT_CATEGORY").unwrap_or_else(|| "misc".into()),
            folder_is_category: yes("USE_FOLDER_AS_CATEGORY", true),
            slug_from_title: text("SLUGIFY_SOURCE").is_none_or(|source| source == "title"),
            slug_in_name: name_pattern.contains("(?P<slug>"),
            dated_by_file: text("DEFAULT_DATE").is_some_and(|date| date == "fs"),
            defaults: map.get("DEFAULT_METADATA").and_then(Value::map).cloned().unwrap_or_default(),
        }
    }

    /// Whether a Markdown file in the content is an article or a page.
    pub fn is_content(&self, logical: &str) -> bool {
        let folder = logical.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.is_page(folder) || (within(folder, &self.articles) && !within(folder, &self.excluded))
    }

    /// Whether a file is published whoever links to it.
    pub fn is_static(&self, logical: &str) -> bool {
        let around = std::iter::successors(Some(logical), |path| path.rsplit_once('/').map(|(parent, _)| parent));
        around.chain([""]).any(|path| self.statics.iter().any(|own| own == path))
    }

    /// Where a file stands in the end.
    pub fn renamed<'p>(&'p self, logical: &'p str) -> &'p str {
        self.renamed.iter().find(|(path, _)| path == logical).map_or(logical, |(_, to)| to)
    }

    fn is_page(&self, folder: &str) -> bool {
        within(folder, &self.pages)
    }

    /// Adds the settings' defaults, and the category that the folder is.
    pub(super) fn prepare(&self, mut pages: Vec<(Headed, Place)>, timezone: &TimeZone) -> Vec<(Headed, Place)> {
        let defaults = front_matter::of_map(&self.defaults, timezone, Flavour::Pelican);
        for (headed, place) in &mut pages {
            let own = Arc::unwrap_or_clone(std::mem::take(&mut headed.front));
            let mut front = own.or(defaults.clone());
            if self.is_page(&place.folder) {
                // Pages stand in no list that a date would order.
                (front.date, front.publish_at) = (None, None);
            } else if front.categories.is_empty() {
                let folder = place.folder.rsplit('/').next().filter(|name| !name.is_empty());
                let folder = folder.filter(|_| self.folder_is_category);
                front.categories.push(folder.unwrap_or(&self.category).to_owned());
            }
            headed.front = front.into();
        }
        pages
    }

    /// Pelican leaves out an article without a title or a date, and a page without a title.
    pub(super) fn refuses(&self, headed: &Headed, place: &Place) -> Option<Hidden> {
        let front: &FrontMatter = &headed.front;
        let dated = || front.date.is_some() || self.day(place).is_some() || self.dated_by_file;
        let whole = front.title.is_some() && (self.is_page(&place.folder) || dated());
        (!whole).then_some(Hidden::Incomplete)
    }

    /// The day in the name of an article.
    pub(super) fn day(&self, place: &Place) -> Option<Date> {
        dated(&place.stem).map(|(day, _)| day).filter(|_| !self.is_page(&place.folder))
    }

    /// The slug: front matter's, the name's, or that of the title.
    pub(super) fn slug(&self, headed: &Headed, place: &Place) -> Option<String> {
        let front = &headed.front;
        let named = || match dated(&place.stem) {
            Some((_, rest)) if !rest.is_empty() => rest,
            _ => place.stem.as_str(),
        };
        if let Some(slug) = &front.slug {
            return Some(slug.clone());
        }
        if self.slug_in_name {
            return Some(named().to_owned());
        }
        if !self.slug_from_title {
            return Some(slug::pelican(&place.stem));
        }
        front.title.as_deref().map(slug::pelican)
    }

    pub(super) fn address(&self, placing: &Placing<'_>) -> Option<Placed> {
        let Placing { headed, place, prefix, .. } = placing;
        let front = &headed.front;
        if let Some(url) = &front.url {
            return Placed::on_the_web(prefix, url);
        }
        let pattern = match (self.is_page(&place.folder), front.translation) {
            (true, false) => &self.page_url,
            (true, true) => &self.page_language_url,
            (false, false) => &self.article_url,
            (false, true) => &self.article_language_url,
        };
        Placed::on_the_web(prefix, &self.expand(pattern, placing)?)
    }

    /// `{slug}`, `{date:%Y}` and their like; a name that is none makes nothing.
    fn expand(&self, pattern: &str, placing: &Placing<'_>) -> Option<String> {
        let front = &placing.headed.front;
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            out.push_str(before);
            match name.split_once(':').unwrap_or((name, "")) {
                ("slug", _) => out.push_str(&self.slug(placing.headed, placing.place)?),
                ("lang", _) => out.push_str(front.language.as_ref().unwrap_or(&self.language).as_str()),
                ("category", _) => out.push_str(&slug::pelican(front.categories.first().map_or("", String::as_str))),
                ("author", _) => out.push_str(&slug::pelican(front.authors.first().map_or("", String::as_str))),
                ("path_no_ext", _) => out.push_str(&format!("{}/{}", placing.place.folder, placing.place.stem)),
                ("date", form) => {
                    let moment = placing.timezone.to_datetime(placing.date?.instant);
                    jiff::fmt::strtime::format(form, moment).ok().into_iter().for_each(|text| out.push_str(&text));
                }
                _ => {}
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Files that a text links to: `{static}x.png`, `{attach}../y.pdf`, `|static|z`, `{filename}/a/b.txt`.
pub(super) fn linked_files(logical: &str, text: &str) -> Vec<String> {
    marked(logical, text, &MARKS)
}

/// Those that the text takes with it: `{attach}x.png`.
pub(super) fn attached_files(logical: &str, text: &str) -> Vec<String> {
    marked(logical, text, &["{attach}", "|attach|"])
}

/// Where a file is that a page takes with it: beneath the page as it was in the sources, else right beside it.
pub(super) fn attached_to(page: &Page, file: &str) -> Option<Address> {
    let web = page.web_path.as_deref().and_then(percent_decode);
    let place = web.and_then(|path| Address::parse(&path).ok()).unwrap_or_else(|| page.address.clone());
    let folder = if place.is_folder() { place } else { place.parent() };
    let (source, _) = page.logical.rsplit_once('/').unwrap_or(("", ""));
    let beneath = match source {
        "" => Some(file),
        source => file.strip_prefix(source).and_then(|rest| rest.strip_prefix('/')),
    };
    folder.child(beneath.or_else(|| file.rsplit('/').next())?).ok()
}

fn marked(logical: &str, text: &str, marks: &[&str]) -> Vec<String> {
    let base = Address::parse(logical).unwrap_or_else(|_| Address::root());
    let mut files = Vec::new();
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let path = &text[at + mark.len()..];
            let end = path.find([')', '"', '\'', ' ', '\n', '#', '?', '>', ']']).unwrap_or(path.len());
            let path = percent_decode(&path[..end]);
            let file = path.and_then(|path| base.join(&path).ok());
            files.extend(file.map(|file| file.as_str().trim_start_matches('/').to_owned()));
        }
    }
    files.sort();
    files.dedup();
    files
}

/// How a link says that it leads to a source; `|filename|` is the older form.
pub(crate) const MARKS: [&str; 6] = ["{static}", "{attach}", "{filename}", "|static|", "|attach|", "|filename|"];

fn within(folder: &str, folders: &[String]) -> bool {
    let around = std::iter::successors(Some(folder), |path| path.rsplit_once('/').map(|(parent, _)| parent));
    around.chain([""]).any(|path| folders.iter().any(|own| own == path))
}

fn trim(path: &str) -> String {
    path.trim().trim_start_matches("./").trim_matches('/').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_articles_pages_or_files() {
        let pelican = Pelican::read(&[
            "PATH = 'content'\nSTATIC_PATHS = ['images', 'extra/robots.txt']\nEXTRA_PATH_METADATA = {'extra/robots.txt': {'path': 'robots.txt'}}\nARTICLE_EXCLUDES = ['drafts']\n",
        ]);
        assert!(pelican.is_content("a.md") && pelican.is_content("x/a.md") && pelican.is_content("pages/a.md"));
        assert!(!pelican.is_content("drafts/a.md"));
        assert!(pelican.is_static("images/a/b.png") && pelican.is_static("extra/robots.txt"));
        assert!(!pelican.is_static("extra/secret.txt") && !pelican.is_static("a.png"));
        assert_eq!(pelican.renamed("extra/robots.txt"), "robots.txt");
    }

    #[test]
    fn later_settings_win() {
        let pelican = Pelican::read(&["SITEURL = ''\nSITENAME = 'x'\n", "SITEURL = 'https://x.org'\n"]);
        assert_eq!(pelican.base_url.as_deref(), Some("https://x.org"));
        assert_eq!(pelican.title.as_deref(), Some("x"));
    }

    #[test]
    fn linked_files_are_found_where_they_are_meant() {
        let text =
            "![a]({static}/images/a%20b.png) [c](|filename|../c.txt) <img src=\"{attach}d.png\"> {static}../../../x";
        assert_eq!(linked_files("posts/x.md", text), ["c.txt", "images/a b.png", "posts/d.png"]);
    }
}
