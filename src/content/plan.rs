//! The plan: every page of a capsule with its address, title and date, before anything is converted.
//!
//! Made by pass one from the heads of all sources (`read::plan`); links between pages are resolved against
//! it in pass two, and `site::assemble` makes the listings from it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Address, Head, Masthead};

/// What place a page has in the capsule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Introduces the home page.
    Home,
    /// Introduces a section's listing.
    Section,
    /// Any other page, dated or not.
    Post,
}

/// What a source is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Markdown,
    /// Served byte for byte.
    Gemtext,
}

/// A page to publish.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its file, relative to the source folder, with `/` between names.
    pub source: String,
    pub kind: PageKind,
    pub format: Format,
    pub address: Address,
    /// The folder of the listing it stands in; `/` for top-level pages.
    pub section: Address,
    pub head: Head,
    /// What a link or listing calls it, where that is not its title.
    pub link_title: Option<String>,
    pub summary: Option<String>,
    pub weight: Option<i64>,
    /// Older addresses, which lead here.
    pub aliases: Vec<Address>,
    /// Whether listings name it.
    pub listed: bool,
    /// Pages with the same key are translations of each other.
    pub translation_key: Option<String>,
    /// Where the body begins in its file, in bytes.
    pub body_start: usize,
}

impl Page {
    /// What a link to it says.
    pub fn label(&self) -> &str {
        self.link_title.as_deref().unwrap_or(&self.head.title)
    }
}

/// A file to serve as it is.
#[derive(Clone, Debug)]
pub struct StaticFile {
    /// Relative to the source folder.
    pub source: String,
    pub address: Address,
    /// Bytes, as found by the walk.
    pub length: u64,
}

/// A capsule before conversion.
#[derive(Clone, Debug)]
pub struct Plan {
    pub masthead: Masthead,
    pub pages: Vec<Page>,
    pub files: Vec<StaticFile>,
    /// Sections that have pages or an introduction, with the name their folder gives them.
    pub sections: Vec<Address>,
    /// From a source path to its page.
    pub by_source: HashMap<String, usize>,
    /// From an address, aliases included, to its page.
    pub by_address: HashMap<Address, usize>,
    /// From an address to its file.
    pub file_by_address: HashMap<Address, usize>,
    /// Sources that are not shown now: drafts, scheduled and expired posts. A link to one is no problem
    /// of a missing page, but one of a hidden page.
    pub hidden: HashMap<String, &'static str>,
    /// The next instant at which the plan would differ.
    pub next_change: Option<Timestamp>,
}
