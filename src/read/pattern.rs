//! Eleventy and Astro: their configuration is a program, which is not run; the author's says the folder of the posts
//! and the pattern of their addresses.
//!
//! <https://www.11ty.dev/docs/permalinks/>, <https://docs.astro.build/en/guides/content-collections/>

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::front_matter::{self, Flavour};
use super::markdown::Dialect;
use super::place::{Place, dated};
use super::plan::{Headed, ancestors};
use super::rules::{Placed, Placing};
use super::value::{Map, Value, ValueError};
use crate::content::{Address, Language, PageKind};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    Eleventy,
    Astro,
}

/// Where posts are, and how their addresses are made.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub generator: Generator,
    /// The folder of the posts; empty for the whole.
    pub content: String,
    /// `/blog/{id}/`; `{id}` is the path in the folder, `{slug}` its last part.
    addresses: String,
    /// Values for the front matter of folders and files (Eleventy's `posts/posts.json`), the deepest last.
    data: Vec<(String, Map)>,
}

impl Pattern {
    pub fn new(generator: Generator, content: &str, addresses: Option<&str>, mut data: Vec<(String, Map)>) -> Pattern {
        let default = match generator {
            Generator::Eleventy => "/{id}/",
            Generator::Astro => "/blog/{id}/",
        };
        data.sort_by_key(|(path, _)| path.len());
        Pattern {
            generator,
            content: content.trim_start_matches("./").trim_matches('/').trim_end_matches('.').to_owned(),
            addresses: addresses.unwrap_or(default).to_owned(),
            data,
        }
    }

    /// The part of the addresses that is the same for all: posts are listed there.
    pub fn folder(&self) -> &str {
        let fixed = self.addresses.split('{').next().unwrap_or("");
        fixed.rsplit_once('/').map_or("", |(folder, _)| folder).trim_matches('/')
    }

    /// Adds what folders say of their files, and takes out the tags by which Eleventy makes its lists.
    pub(super) fn prepare(&self, mut pages: Vec<(Headed, Place)>, timezone: &TimeZone) -> Vec<(Headed, Place)> {
        for (headed, _) in &mut pages {
            let path = headed.source.path.rsplit_once('.').map_or("", |(path, _)| path);
            let around: Vec<&str> = ancestors(path).chain([""]).collect();
            let fitting = self.data.iter().filter(|(folder, _)| around.contains(&folder.as_str()));
            let values: Map =
                fitting.flat_map(|(_, map)| map.iter()).map(|(key, value)| (key.to_owned(), value.clone())).collect();
            let mut front = Arc::unwrap_or_clone(std::mem::take(&mut headed.front));
            if values.iter().next().is_some() {
                front = front.or(front_matter::of_map(&values, timezone, Flavour::Usual));
            }
            if self.generator == Generator::Eleventy {
                front.tags.retain(|tag| !matches!(tag.as_str(), "post" | "posts" | "all" | "nav"));
            }
            headed.front = front.into();
        }
        pages
    }

    /// How Markdown is written.
    pub(super) fn dialect(&self, language: Language) -> Dialect {
        match self.generator {
            Generator::Eleventy => Dialect::eleventy(language),
            Generator::Astro => Dialect::astro(language),
        }
    }

    /// A folder's path in the addresses of its listing.
    pub(super) fn section_path(&self, folder: &str) -> String {
        let made = folder.split('/').map(|part| match self.generator {
            Generator::Eleventy => part.to_owned(),
            Generator::Astro => github_slug(part),
        });
        made.collect::<Vec<_>>().join("/")
    }

    pub(super) fn address(&self, placing: &Placing<'_>) -> Option<Placed> {
        let Placing { headed, place, kind, prefix, home, .. } = placing;
        if *kind == PageKind::Home {
            return Some(Placed::at((*home).clone()));
        }
        let front = &headed.front;
        // A template would have to be run; without one the pattern serves.
        if let Some(permalink) = front.permalink.as_deref().filter(|text| !text.contains("{{") && !text.contains("{%"))
        {
            return Placed::on_the_web(prefix, permalink);
        }
        let id = front.slug.clone().filter(|_| self.generator == Generator::Astro).unwrap_or_else(|| self.id(place));
        let path = self.expand(placing, id.trim_matches('/'))?;
        Placed::on_the_web(prefix, &path)
    }

    /// The path in the folder of the posts, as the generator makes it part of an address.
    fn id(&self, place: &Place) -> String {
        let folder = place.holder().strip_prefix(self.folder()).unwrap_or(place.holder()).trim_matches('/');
        let name = match (self.generator, dated(place.name())) {
            (Generator::Eleventy, Some((_, rest))) if !rest.is_empty() => rest,
            _ => place.name(),
        };
        let parts = folder.split('/').chain([name]).filter(|part| !part.is_empty());
        let made = parts.map(|part| match self.generator {
            Generator::Eleventy => part.to_owned(),
            Generator::Astro => github_slug(part),
        });
        made.collect::<Vec<_>>().join("/")
    }

    fn expand(&self, placing: &Placing<'_>, id: &str) -> Option<String> {
        let day = placing.date.map(|date| date.day);
        let mut out = String::new();
        let mut rest = self.addresses.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            out.push_str(before);
            let date = |form: &str| day.map(|day| day.strftime(form).to_string()).unwrap_or_default();
            match name {
                "id" => out.push_str(id),
                "slug" => out.push_str(id.rsplit('/').next().unwrap_or(id)),
                "folder" => out.push_str(id.rsplit_once('/').map_or("", |(folder, _)| folder)),
                "year" => out.push_str(&date("%Y")),
                "month" => out.push_str(&date("%m")),
                "day" => out.push_str(&date("%d")),
                _ => {}
            }
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// What a pattern may name.
pub const TOKENS: [&str; 6] = ["id", "slug", "folder", "year", "month", "day"];

/// The `github-slugger` that Astro uses: lower case, punctuation dropped, every space a hyphen.
fn github_slug(text: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ' ');
    text.to_lowercase().chars().filter(kept).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// Eleventy's data file for a folder (`posts/posts.json`) or a file (`x.json`, `x.11tydata.json`): which, and what
/// it says.
pub fn data(path: &str, text: &str) -> Result<Option<(String, Map)>, ValueError> {
    let Some(stem) = data_stem(path) else { return Ok(None) };
    let of_folder = folder_of_data(stem);
    match super::value::parse_json(text)? {
        Value::Map(map) => Ok(Some((of_folder.unwrap_or(stem).to_owned(), map))),
        _ => Ok(None),
    }
}

/// What a data file is called after.
pub fn data_stem(path: &str) -> Option<&str> {
    path.strip_suffix(".11tydata.json").or_else(|| path.strip_suffix(".json"))
}

/// The folder that it is about, if it is about one.
pub fn folder_of_data(stem: &str) -> Option<&str> {
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    (folder.rsplit('/').next() == Some(name)).then_some(folder)
}

/// Files beside the posts that a text links to.
pub(super) fn linked_files(logical: &str, text: &str) -> Vec<String> {
    let base = Address::parse(logical).unwrap_or_else(|_| Address::root());
    let mut files = Vec::new();
    for mark in ["](", "src=\"", "href=\"", "]: "] {
        for (at, _) in text.match_indices(mark) {
            let path = &text[at + mark.len()..];
            let end = path.find([')', '"', ' ', '\n', '#', '?', '>']).unwrap_or(path.len());
            if path[..end].contains(':') || end == 0 {
                continue;
            }
            let path = crate::content::address::percent_decode(&path[..end]);
            let file = path.and_then(|path| base.join(&path).ok());
            files.extend(file.map(|file| file.as_str().trim_start_matches('/').to_owned()));
        }
    }
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn astro_makes_slugs() {
        assert_eq!(github_slug("L'Été 2.0_x y"), "lété-20_x-y");
    }

    #[test]
    fn the_folder_of_a_pattern() {
        let folder = |pattern| Pattern::new(Generator::Astro, ".", Some(pattern), Vec::new()).folder().to_owned();
        assert_eq!(folder("/blog/{id}/"), "blog");
        assert_eq!(folder("/a/b-{id}"), "a");
        assert_eq!(folder("/{year}/{slug}/"), "");
        assert_eq!(Pattern::new(Generator::Astro, "./src/", None, Vec::new()).content, "src");
    }

    #[test]
    fn data_files_are_for_a_folder_or_a_file() {
        let whom = |path| data(path, "{\"draft\": true}").unwrap().map(|(whom, _)| whom);
        assert_eq!(whom("src/posts/posts.json").as_deref(), Some("src/posts"));
        assert_eq!(whom("src/posts/posts.11tydata.json").as_deref(), Some("src/posts"));
        assert_eq!(whom("src/posts/x.json").as_deref(), Some("src/posts/x"));
        assert_eq!(data("a.json", "[1]").unwrap(), None);
        assert!(data("a.json", "{").is_err());
    }
}
