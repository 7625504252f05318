//! The plan: every page of a capsule with its address, title and date, before anything is converted.
//!
//! Made by pass one from the heads of all sources (`read::plan`); links between pages are resolved against
//! it in pass two, and `site::assemble` makes the listings from it.

use std::collections::{HashMap, HashSet};

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
    /// Its place in the layout (`posts/x.md`).
    pub logical: String,
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

/// A folder whose pages are listed.
#[derive(Clone, Debug)]
pub struct Section {
    pub address: Address,
    /// Of its introduction, else of its folder.
    pub title: String,
    /// The page that introduces it.
    pub introduction: Option<usize>,
    /// The section it stands in; `/` for one at the top.
    pub parent: Address,
}

/// Why a page is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    Draft,
    Scheduled,
    Expired,
    /// `build.render` says so.
    NotRendered,
    /// A field that decides visibility cannot be read.
    Doubtful,
}

impl Hidden {
    /// In a sentence: "it is ...".
    pub fn reason(self) -> &'static str {
        match self {
            Hidden::Draft => "a draft",
            Hidden::Scheduled => "scheduled for later",
            Hidden::Expired => "expired",
            Hidden::NotRendered => "not made into a page",
            Hidden::Doubtful => "hidden until its front matter is mended",
        }
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
    /// In the order of their addresses.
    pub sections: Vec<Section>,
    /// From a source's place in the layout (`posts/x.md`, lower case) to its page.
    pub by_logical: HashMap<String, usize>,
    /// From an address, aliases included, to its page.
    pub by_address: HashMap<Address, usize>,
    /// From an address to its file.
    pub file_by_address: HashMap<Address, usize>,
    /// Places of sources that are not shown now, and why: drafts, scheduled and expired posts.
    pub hidden: HashMap<String, Hidden>,
    /// Addresses of pages that maquis makes.
    pub made: HashSet<Address>,
    /// The next instant at which the plan would differ.
    pub next_change: Option<Timestamp>,
}
