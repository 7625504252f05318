//! The plan: every page of a capsule with its address, title and date, before anything is converted.
//!
//! Made by pass one from the heads of all sources (`read::plan`); links between pages are resolved against
//! it in pass two, and `site::assemble` makes the listings from it.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::files::{self, MediaType};
use super::{Address, Head, Language, Masthead};
use crate::text::slug::Slugs;

/// What place a page has in the capsule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// Introduces the home page.
    Home,
    /// Introduces a section's listing.
    Section,
    /// Any other page, dated or not.
    Post,
}

/// What a source is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub categories: Vec<String>,
    pub series: Vec<String>,
    pub weight: Option<i64>,
    /// The language whose home, archive and feed it belongs to; `None` for the capsule's own.
    pub edition: Option<Language>,
    /// Its path on the web, encoded, where that is not its address.
    pub web_path: Option<String>,
    /// Where it has moved (`redirect_to`).
    pub moved_to: Option<Moved>,
    /// Older addresses, which lead here.
    pub aliases: Vec<Address>,
    /// Whether listings name it.
    pub listed: bool,
    /// Pages with the same key are translations of each other.
    pub translation_key: Option<String>,
    /// Where the body begins in its file, in bytes.
    pub body_start: usize,
    /// Of hand-written gemtext, where its author says another.
    pub media_type: Option<MediaType>,
}

impl Page {
    /// What a link to it says.
    pub fn label(&self) -> &str {
        self.link_title.as_deref().unwrap_or(&self.head.title)
    }

    /// Whether it is a menu over Gopher, whatever posts are: home, a section, an index written by hand.
    pub fn is_menu(&self) -> bool {
        self.kind != PageKind::Post || (self.format == Format::Gemtext && self.address.is_folder())
    }
}

/// Where a page has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    Here(Address),
    /// To this URL.
    Elsewhere(String),
}

/// A folder whose pages are listed.
#[derive(Clone, Debug)]
pub struct Section {
    pub address: Address,
    /// Of its introduction, else of its folder.
    pub title: String,
    /// The page that introduces it.
    pub introduction: Option<usize>,
    /// The section it stands in; its edition's root for one at the top.
    pub parent: Address,
    pub edition: Option<Language>,
    /// Its pages stand in the listing around it too.
    pub transparent: bool,
}

/// The pages of one language, with their own home, archive, tags and feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// `None` for the capsule's own language.
    pub language: Option<Language>,
    /// Its home: `/`, `/fr/`.
    pub root: Address,
    /// What the blog is called in that language, where the generator's configuration says so.
    pub title: Option<String>,
}

impl Edition {
    /// Where its archive is.
    pub fn archive(&self) -> Option<Address> {
        self.root.child("archive/").ok()
    }
}

/// Why a page is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    Draft,
    Scheduled,
    Expired,
    /// `build.render` says so.
    NotRendered,
    /// Its generator does not publish a file without front matter, or a post without a date.
    Incomplete,
    /// The configuration lists its address under `gone`.
    Gone,
    /// A field that decides visibility cannot be read.
    Doubtful,
    /// It cannot be read, and no earlier version of it is known.
    Broken,
    /// Around it stands a section or a bundle that is broken or hidden, and may hide it.
    Around,
    /// It is in a language that the generator's configuration disables.
    Disabled,
    /// In a format that maquis cannot read.
    Foreign,
    /// Its author has another reply in its place.
    Answered,
}

impl Hidden {
    /// Whether nobody knows that its author wants it hidden: it is missed until it is mended.
    pub fn is_lost(self) -> bool {
        match self {
            Hidden::Doubtful | Hidden::Broken => true,
            Hidden::Draft
            | Hidden::Scheduled
            | Hidden::Expired
            | Hidden::NotRendered
            | Hidden::Incomplete
            | Hidden::Gone
            | Hidden::Around
            | Hidden::Disabled
            | Hidden::Foreign
            | Hidden::Answered => false,
        }
    }

    /// In a sentence: "it is ...".
    pub fn reason(self) -> &'static str {
        match self {
            Hidden::Draft => "a draft",
            Hidden::Scheduled => "scheduled for later",
            Hidden::Expired => "expired",
            Hidden::NotRendered => "not made into a page",
            Hidden::Incomplete => "not published by its generator either",
            Hidden::Gone => "listed under `gone`",
            Hidden::Doubtful => "hidden until its front matter is mended",
            Hidden::Broken => "broken, and hidden until it is mended",
            Hidden::Around => "hidden with the page of its folder",
            Hidden::Disabled => "in a language that the configuration disables",
            Hidden::Foreign => "in a format that cannot be read yet",
            Hidden::Answered => "answered by a line of `.meta`",
        }
    }
}

/// A file to serve as it is.
#[derive(Clone, Debug)]
pub struct StaticFile {
    /// Relative to the source folder.
    pub source: String,
    /// Its place in the layout, lower case.
    pub logical: String,
    pub address: Address,
    /// Bytes, as found by the walk.
    pub length: u64,
    /// Where its author says another than its name.
    pub media_type: Option<MediaType>,
}

/// The ways in which pages are grouped beside sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taxonomy {
    Tags,
    Categories,
    Series,
    /// Only where there is more than one.
    Authors,
}

impl Taxonomy {
    pub const ALL: [Taxonomy; 4] = [Taxonomy::Tags, Taxonomy::Categories, Taxonomy::Series, Taxonomy::Authors];

    /// The name of its folder.
    pub fn folder(self) -> &'static str {
        match self {
            Taxonomy::Tags => "tags",
            Taxonomy::Categories => "categories",
            Taxonomy::Series => "series",
            Taxonomy::Authors => "authors",
        }
    }
}

impl Page {
    /// What the page is filed under.
    pub fn terms(&self, taxonomy: Taxonomy) -> &[String] {
        match taxonomy {
            Taxonomy::Tags => &self.head.tags,
            Taxonomy::Categories => &self.categories,
            Taxonomy::Series => &self.series,
            Taxonomy::Authors => &self.head.authors,
        }
    }
}

impl Plan {
    /// What the page at an address is called.
    pub fn title(&self, address: &Address) -> Option<&str> {
        let title = self.pages[*self.by_address.get(address)?].head.title.as_str();
        Some(title).filter(|title| !title.is_empty())
    }

    /// The address of the list of all terms of a taxonomy in an edition.
    pub fn taxonomy_address(&self, edition: Option<&Language>, taxonomy: Taxonomy) -> Option<Address> {
        self.root_of(edition).child(&format!("{}/", taxonomy.folder())).ok()
    }

    /// The address of a term's page; `None` for a term without a letter or digit.
    pub fn term_address(&self, edition: Option<&Language>, taxonomy: Taxonomy, term: &str) -> Option<Address> {
        let slug = self.term_slugs.of(term);
        let slug = slug.trim_matches('/');
        if slug.split('/').any(|part| part.trim_matches('.').is_empty()) {
            return None;
        }
        self.taxonomy_address(edition, taxonomy)?.child(&format!("{slug}/")).ok()
    }

    /// The sources whose places end in the last part of a path, lower case.
    pub fn named(&self, path: &str) -> impl Iterator<Item = (&str, usize)> {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.by_name.get(name).into_iter().flatten().map(|(logical, index)| (logical.as_str(), *index))
    }

    /// The home of a page's edition.
    pub fn root_of(&self, edition: Option<&Language>) -> Address {
        let found = self.editions.iter().find(|known| known.language.as_ref() == edition);
        found.map_or_else(Address::root, |edition| edition.root.clone())
    }
}

/// How pages without a date and a weight follow each other in a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undated {
    #[default]
    ByTitle,
    /// By the names of their files: `01-one.md`, `02-two.md`.
    ByName,
}

/// A capsule before conversion.
#[derive(Clone, Debug)]
pub struct Plan {
    pub masthead: Masthead,
    pub pages: Vec<Page>,
    pub files: Vec<StaticFile>,
    /// In the order of their addresses.
    pub sections: Vec<Section>,
    /// The capsule's own first.
    pub editions: Vec<Edition>,
    /// From a source's place in the layout (`posts/x.md`, as it is and in lower case) to its page.
    pub by_logical: HashMap<String, usize>,
    /// From the last part of a source's place, lower case, with its ending and without, to all that have it.
    pub by_name: HashMap<String, Vec<(String, usize)>>,
    /// From an address, aliases included, to its page.
    pub by_address: HashMap<Address, usize>,
    /// From an address to its file.
    pub file_by_address: HashMap<Address, usize>,
    /// From a file's place in the layout to it.
    pub file_by_logical: HashMap<String, usize>,
    /// Addresses of the generator's own that lead to what maquis makes in their place: `/tag/x/` to `/tags/x/`.
    pub moves: Vec<(Address, Address)>,
    /// Whole replies of the author's own.
    pub heads: Vec<(Address, files::Head)>,
    /// Places of sources that are not shown now, and why: drafts, scheduled and expired posts.
    pub hidden: HashMap<String, Hidden>,
    /// How the pages of tags are named.
    pub term_slugs: Slugs,
    /// How pages without a date follow each other.
    pub undated: Undated,
    /// Addresses of pages that maquis makes.
    pub made: HashSet<Address>,
    /// The next instant at which the plan would differ.
    pub next_change: Option<Timestamp>,
}
