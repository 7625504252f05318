//! A source's head: what its front matter says, and what the page is called in the end.

use serde::{Deserialize, Serialize};

use super::{Language, Moment};

/// Front matter in one form, whatever generator and syntax it was written for.
/// Everything is optional but what has a neutral value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrontMatter {
    pub title: Option<String>,
    /// A shorter title for links and listings (Hugo `linkTitle`).
    pub link_title: Option<String>,
    pub subtitle: Option<String>,
    pub date: Option<Moment>,
    pub updated: Option<Moment>,
    /// Not shown before (Hugo `publishDate`).
    pub publish_at: Option<Moment>,
    /// Not shown from then on (Hugo `expiryDate`).
    pub expires: Option<Moment>,
    pub draft: bool,
    /// Whether a page of its own is made, and whether listings name it (Hugo `build`); `None` inherits.
    pub render: Option<bool>,
    pub list: Option<bool>,
    pub slug: Option<String>,
    /// The whole address (Hugo `url`, Zola `path`).
    pub url: Option<String>,
    pub aliases: Vec<String>,
    pub language: Option<Language>,
    pub translation_key: Option<String>,
    pub authors: Vec<String>,
    pub summary: Option<String>,
    pub tags: Vec<String>,
    pub weight: Option<i64>,
    /// What a section hands down to the pages beneath it (Hugo `cascade`), the first match wins.
    pub cascade: Vec<Cascade>,
    /// A field that decides visibility could not be read: the page stays hidden.
    pub hidden: bool,
}

/// Values handed down to pages (Hugo `cascade`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cascade {
    /// The glob a page's logical path must match (`{/news/**}`); `None` takes all.
    pub path: Option<String>,
    /// The kinds it is for (`page`, `section`, `{home,section}`); `None` takes all.
    pub kind: Option<String>,
    pub draft: Option<bool>,
    pub render: Option<bool>,
    pub list: Option<bool>,
}

/// What a rendered page begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub title: String,
    pub subtitle: Option<String>,
    pub date: Option<Moment>,
    pub updated: Option<Moment>,
    pub authors: Vec<String>,
    pub tags: Vec<String>,
    pub language: Language,
}
