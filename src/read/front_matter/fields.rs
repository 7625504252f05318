//! The fields of front matter, one after the other: which keys give each, and what a bad value costs.
//!
//! See the table "Front matter by generator" and the paragraph "Robustness" of the design.

use jiff::tz::TimeZone;

use super::{Flavour, cascade};
use crate::content::post::Cascade;
use crate::content::problem::{self, Position};
use crate::content::{FrontMatter, Language, Moment, Problem};
use crate::read::date;
use crate::read::value::{Map, Value, position_of};

/// Keys whose values decide whether a page is seen. A bad value, or two of them, hides it.
const VISIBILITY: [&str; 13] = [
    "draft",
    "published",
    "published_at",
    "status",
    "date",
    "publishdate",
    "pubdate",
    "expirydate",
    "unpublishdate",
    "build",
    "_build",
    "headless",
    "cascade",
];

// In each list, the first key that is there counts.
const DATE: [&str; 7] = ["date", "publishdate", "pubdate", "published", "published_at", "lastmod", "modified"];
const UPDATED: [&str; 6] = ["lastmod", "updated", "updateddate", "modified", "last_modified_at", "last_modified"];
const PUBLISH: [&str; 4] = ["publishdate", "pubdate", "published", "published_at"];
const EXPIRES: [&str; 2] = ["expirydate", "unpublishdate"];

/// Where a map of fields was read from.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    /// The text of the front matter, and its first line in the file.
    pub(super) text: &'a str,
    pub(super) first_line: u32,
    pub(super) timezone: &'a TimeZone,
    pub(super) flavour: Flavour,
}

/// All fields, and the problems of those whose values are bad.
pub(super) fn read(map: &Map, source: Source<'_>) -> (FrontMatter, Vec<Problem>) {
    let mut fields = Fields { map, source, problems: Vec::new(), hidden: false };
    fields.repeated();
    let build = fields.build();
    let dates = match fields.source.flavour {
        Flavour::Usual | Flavour::Jekyll => &DATE[..],
        // Pelican publishes no article that has none of this name.
        Flavour::Pelican => &DATE[..1],
    };
    let front_matter = FrontMatter {
        title: fields.text(&["title"]),
        link_title: fields.text(&["linktitle"]),
        subtitle: fields.text(&["subtitle", "params.subtitle", "extra.subtitle"]),
        date: fields.moment(dates),
        updated: fields.moment(&UPDATED),
        undated: fields.undated(),
        publish_at: fields.moment(&PUBLISH),
        expires: fields.moment(&EXPIRES),
        draft: fields.draft(),
        public: fields.public(),
        render: build.0,
        list: build.1,
        slug: fields.text(&["slug"]),
        url: fields.text(&["url", "path", "save_as"]),
        permalink: fields.permalink(),
        redirect_to: fields.redirect_to(),
        aliases: fields.aliases(),
        language: fields.language(),
        translation_key: fields.text(&["translationkey", "translation_key", "ref"]),
        authors: fields.authors(),
        summary: fields.text(&["summary", "description", "excerpt", "desc", "params.summary", "extra.summary"]),
        tags: fields.words(&["tags", "tag", "taxonomies.tags"]),
        categories: fields.words(&["categories", "category", "taxonomies.categories"]),
        series: fields.words(&["series", "taxonomies.series", "extra.series"]),
        weight: fields.weight(),
        transparent: fields.yes("transparent"),
        translation: fields.yes("translation"),
        cascade: fields.cascade(),
        linked_files: Vec::new(),
        attached_files: Vec::new(),
        hidden: false,
    };
    let mut problems = fields.problems;
    problems.sort();
    problems.dedup();
    (FrontMatter { hidden: fields.hidden, ..front_matter }, problems)
}

struct Fields<'a> {
    map: &'a Map,
    source: Source<'a>,
    problems: Vec<Problem>,
    hidden: bool,
}

impl<'a> Fields<'a> {
    /// The first of these keys that has a value; `a.b` looks into a map.
    fn find<'k>(&self, keys: &[&'k str]) -> Option<(&'k str, &'a Value)> {
        keys.iter().find_map(|key| {
            let (first, rest) = key.split_once('.').map_or((*key, None), |(first, rest)| (first, Some(rest)));
            let value = self.map.get(first)?;
            let value = rest.map_or(Some(value), |rest| value.get(rest))?;
            (!value.is_blank()).then_some((*key, value))
        })
    }

    /// Names a bad value; where its key decides visibility, the page is hidden.
    fn bad(&mut self, key: &str, text: &str) {
        let top = key.split('.').next().unwrap_or(key);
        let hides = VISIBILITY.iter().any(|name| name.eq_ignore_ascii_case(top));
        self.hidden |= hides;
        let hidden = if hides { "; the page stays hidden until it is mended" } else { "" };
        // The text is asked for the last part: `extra.lang` stands in its own line under `[extra]`.
        let inner = position_of(self.source.text, key.rsplit('.').next().unwrap_or(key));
        let at = Position { line: self.source.first_line.saturating_add(inner.line - 1), ..inner };
        let kind = if hides { problem::Kind::Visibility } else { problem::Kind::Field };
        self.problems.push(Problem::at(kind, self.source.path, at, format!("{text}{hidden}")));
    }

    fn repeated(&mut self) {
        for key in self.map.repeated() {
            self.bad(key, &format!("`{key}` is given twice; the last one counts, so remove the other"));
        }
    }

    fn text(&mut self, keys: &[&str]) -> Option<String> {
        let (key, value) = self.find(keys)?;
        let text = value.text().map(|text| one_line(&text));
        if text.is_none() {
            self.bad(key, &format!("`{key}` is not a text; write it in one value"));
        }
        text
    }

    fn moment(&mut self, keys: &[&str]) -> Option<Moment> {
        // Jekyll's `published: false` is no date; `draft` reads it.
        let dates: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| self.find(&[key]).is_some_and(|(_, value)| value.bool().is_none()))
            .collect();
        let (key, value) = self.find(&dates)?;
        let text = value.text();
        let moment = text.as_deref().and_then(|text| date::parse(text, self.source.timezone));
        if moment.is_none() {
            let shown = text.map_or(String::new(), |text| format!(" `{}`", short(&text)));
            self.bad(key, &format!("the {key}{shown} is not a date of the form {}", date::FORM));
        }
        moment
    }

    /// `date: false`
    fn undated(&self) -> bool {
        self.find(&["date"]).and_then(|(_, value)| value.bool()) == Some(false)
    }

    /// `draft: true`, Jekyll's `published: false`, Pelican's `status: draft`.
    fn draft(&mut self) -> bool {
        let draft = self.flag("draft").unwrap_or(false);
        let published = match self.find(&["published"]) {
            Some((_, value)) if value.bool().is_some() => value.bool(),
            Some(_) | None => None,
        };
        draft || published == Some(false) || self.status() == Status::Draft
    }

    /// `draft: false`, `published: true`, `status: published`.
    fn public(&mut self) -> bool {
        let says = |fields: &Self, key: &str| fields.find(&[key]).and_then(|(_, value)| value.bool());
        says(self, "draft") == Some(false)
            || says(self, "published") == Some(true)
            || (self.find(&["status"]).is_some() && self.status() == Status::Published)
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        let (key, value) = self.find(&[key])?;
        if value.bool().is_none() {
            self.bad(key, &format!("`{key}` is neither true nor false"));
        }
        value.bool()
    }

    fn status(&mut self) -> Status {
        let Some((key, value)) = self.find(&["status"]) else { return Status::Published };
        match value.text().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "published" | "publish" | "public" => Status::Published,
            "draft" | "skip" | "private" => Status::Draft,
            "hidden" => Status::Unlisted,
            _ => {
                self.bad(key, "`status` is none of published, draft, hidden and skip");
                Status::Published
            }
        }
    }

    /// A flag that hides nothing: what is no flag is none.
    fn yes(&self, key: &str) -> bool {
        self.find(&[key]).and_then(|(_, value)| value.bool()) == Some(true)
    }

    /// Eleventy's `permalink: false` is no address; `build` reads it.
    fn permalink(&mut self) -> Option<String> {
        let (_, value) = self.find(&["permalink"])?;
        if value.bool().is_some() { None } else { self.text(&["permalink"]) }
    }

    /// The first of a list: there is one place to go to.
    fn redirect_to(&mut self) -> Option<String> {
        let (key, _) = self.find(&["redirect_to", "extra.redirect_to"])?;
        self.list(key).into_iter().next()
    }

    /// Whether a page is rendered and listed: Hugo's `build` and `headless`, Zola's `render`, Pelican's
    /// `status: hidden`, Eleventy's `permalink: false` and `eleventyExcludeFromCollections`.
    fn build(&mut self) -> (Option<bool>, Option<bool>) {
        let (mut render, mut list) = (None, None);
        for key in ["_build", "build"] {
            let Some((_, value)) = self.find(&[key]) else { continue };
            match cascade::build(value) {
                Some(build) => (render, list) = build,
                None => self.bad(key, cascade::BUILD),
            }
        }
        for key in ["render", "permalink"] {
            if self.find(&[key]).and_then(|(_, value)| value.bool()) == Some(false) {
                render = Some(false);
            }
        }
        if self.yes("eleventyExcludeFromCollections") {
            list = Some(false);
        }
        if self.flag("headless") == Some(true) {
            (render, list) = (Some(false), Some(false));
        }
        if self.status() == Status::Unlisted {
            list = Some(false);
        }
        (render, list)
    }

    fn aliases(&mut self) -> Vec<String> {
        let mut aliases = Vec::new();
        for key in ["aliases", "alias", "redirect_from"] {
            for text in self.list(key) {
                aliases.extend(text.split_whitespace().map(|alias| alias.trim_matches(',').to_owned()));
            }
        }
        aliases.retain(|alias| !alias.is_empty());
        aliases
    }

    /// The texts of a list; an item that is none is a problem.
    fn list(&mut self, key: &str) -> Vec<String> {
        let Some((key, value)) = self.find(&[key]) else { return Vec::new() };
        let mut texts = Vec::new();
        for item in value.items().iter().filter(|item| !item.is_blank()) {
            match item.text() {
                Some(text) => texts.push(one_line(&text)),
                None => self.bad(key, &format!("`{key}` holds more than texts; write `{key}: [one, two]`")),
            }
        }
        texts
    }

    fn language(&mut self) -> Option<Language> {
        let (key, value) = self.find(&["lang", "language", "locale", "params.lang", "extra.lang"])?;
        let language = value.text().as_deref().and_then(Language::parse);
        if language.is_none() {
            self.bad(key, &format!("`{key}` is not a language such as `en` or `pt-BR`"));
        }
        language
    }

    /// Names, or maps with a name.
    fn authors(&mut self) -> Vec<String> {
        let keys = [
            "authors",
            "author",
            "taxonomies.authors",
            "params.authors",
            "params.author",
            "extra.authors",
            "extra.author",
        ];
        let Some((key, value)) = self.find(&keys) else { return Vec::new() };
        let mut authors = Vec::new();
        for item in value.items().iter().filter(|item| !item.is_blank()) {
            let name = item.text().or_else(|| item.get("name").and_then(Value::text));
            match name {
                Some(name) => {
                    let comma = self.source.flavour == Flavour::Pelican && !name.contains(';');
                    let parts = name.split(if comma { ',' } else { ';' });
                    authors.extend(parts.map(one_line).filter(|name| !name.is_empty()));
                }
                None => self.bad(key, &format!("`{key}` holds no name; write `{key}: [Ada, Grace]`")),
            }
        }
        authors
    }

    /// Tags, categories or series, each once whatever its case.
    fn words(&mut self, keys: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in keys.iter().flat_map(|key| self.list_of_words(key)).collect::<Vec<_>>() {
            if !words.iter().any(|known| known.to_lowercase() == word.to_lowercase()) {
                words.push(word);
            }
        }
        words
    }

    /// A list, or a text that commas divide; in Jekyll spaces do, but for a `category`, which is one.
    fn list_of_words(&mut self, key: &str) -> Vec<String> {
        let divided = matches!(self.find(&[key]), Some((_, Value::String(_))));
        let texts = self.list(key);
        if !divided {
            return texts;
        }
        let divides = match self.source.flavour {
            Flavour::Usual | Flavour::Pelican => |letter: char| letter == ',',
            Flavour::Jekyll if matches!(key, "category" | "tag") => |_: char| false,
            Flavour::Jekyll => char::is_whitespace,
        };
        let words = texts.iter().flat_map(|text| text.split(divides)).map(one_line);
        words.filter(|word| !word.is_empty()).collect()
    }

    fn weight(&mut self) -> Option<i64> {
        let (key, value) = self.find(&["weight"])?;
        if value.integer().is_none() {
            self.bad(key, "`weight` is not a whole number");
        }
        value.integer()
    }

    fn cascade(&mut self) -> Vec<Cascade> {
        let Some((key, value)) = self.find(&["cascade"]) else { return Vec::new() };
        let (handed_down, wrong) = cascade(value);
        for text in wrong {
            self.bad(key, &text);
        }
        handed_down
    }
}

#[derive(PartialEq)]
enum Status {
    Published,
    Draft,
    Unlisted,
}

/// White space of any kind, line ends included, becomes one space: a title is one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As much of a bad value as a message needs.
fn short(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
