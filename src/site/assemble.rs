//! Assembling: from the plan and the places of the renderings to what is at every address.
//!
//! Adds what maquis makes: home, section listings, archive, tag pages, the Atom feed, the ways on at the foot
//! of posts, and the redirects of older addresses. Pure: stored text that a feed repeats comes through `read`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::gopherhole::Digging;
use super::listings::{self, Listings};
use super::{Body, Capsule, FilePlace, Part, Permanence, Renderings, Resource, Stored};
use crate::content::plan::Format;
use crate::content::{Address, Language, Page, PageKind, Plan, Problem};
use crate::render::atom::{self, Feed, FeedEntry};
use crate::render::gemtext;
use crate::render::words::{Word, word};

/// How many posts a feed has.
const FEED: usize = 30;

/// What a capsule is assembled from.
pub struct Ingredients<'a> {
    pub plan: &'a Plan,
    /// The capsule's index in its site.
    pub capsule: usize,
    /// Where each page's renderings are.
    pub bodies: &'a [Renderings<Stored>],
    /// Addresses of pages that were published earlier in this run: what is no more is gone.
    pub known: &'a HashSet<Address>,
}

/// The capsule, and what is wrong with its whole.
pub fn assemble(ingredients: &Ingredients<'_>, read: &dyn Fn(Stored) -> Option<Vec<u8>>) -> (Capsule, Vec<Problem>) {
    let plan = ingredients.plan;
    let mut assembly = Assembly {
        ingredients,
        listings: Listings::new(plan),
        digging: Digging::begin(plan),
        resources: HashMap::new(),
        media_types: HashMap::new(),
        problems: Vec::new(),
    };
    assembly.pages();
    assembly.listings();
    assembly.feed(read);
    assembly.files();
    assembly.moves();
    assembly.gone();
    assembly.look_at_home(read);
    let language = plan.masthead.language.clone();
    let gopherhole = assembly.digging.map(|digging| digging.finish(&assembly.resources));
    let capsule = Capsule {
        hosts: plan.masthead.hosts.clone(),
        not_found: word(&language, Word::NotFound).to_owned(),
        gone: word(&language, Word::Gone).to_owned(),
        language,
        resources: assembly.resources,
        gopherhole,
    };
    (capsule, assembly.problems)
}

struct Assembly<'a> {
    ingredients: &'a Ingredients<'a>,
    listings: Listings<'a>,
    /// The same for Gopher.
    digging: Option<Digging<'a>>,
    resources: HashMap<Address, Resource>,
    media_types: HashMap<String, Arc<str>>,
    problems: Vec<Problem>,
}

impl<'a> Assembly<'a> {
    fn plan(&self) -> &'a Plan {
        self.ingredients.plan
    }

    /// Posts with their ways on, and hand-written gemtext as it is.
    fn pages(&mut self) {
        for (index, page) in self.plan().pages.iter().enumerate() {
            let bodies = &self.ingredients.bodies[index];
            let stored = Part::Stored(bodies.gemtext);
            let ways = if page.kind == PageKind::Post { self.listings.ways_on(index) } else { Vec::new() };
            if let Some(digging) = &mut self.digging
                && (page.format == Format::Gemtext || page.kind == PageKind::Post)
            {
                digging.page(page, bodies, &ways);
            }
            if page.format == Format::Gemtext {
                let body: Body = Arc::new([stored]);
                self.add_gemtext(page.address.clone(), &page.head.language, Arc::clone(&body));
                if page.address.is_folder() {
                    let named = page.address.child("index.gmi");
                    named.into_iter().for_each(|named| self.add_gemtext(named, &page.head.language, Arc::clone(&body)));
                }
            } else if page.kind == PageKind::Post {
                let footer = gemtext::footer(&ways);
                self.add_gemtext(page.address.clone(), &page.head.language, Arc::new([stored, bytes(footer)]));
            }
        }
    }

    /// Home, sections, archive and tags, each under the author's introduction where there is one.
    fn listings(&mut self) {
        let plan = self.plan();
        let home =
            plan.by_address.get(&Address::root()).copied().filter(|&index| plan.pages[index].kind == PageKind::Home);
        self.listing(Address::root(), home, self.listings.home(home.is_some()));
        for section in &plan.sections {
            let listing = self.listings.section(section);
            self.listing(section.address.clone(), section.introduction, listing);
        }
        for (address, listing) in self.listings.archive_and_tags() {
            self.listing(address, None, listing);
        }
    }

    fn listing(&mut self, address: Address, introduction: Option<usize>, listing: crate::content::Listing) {
        // A page of the author's at the address wins.
        if self.resources.contains_key(&address) {
            return;
        }
        if let Some(digging) = &mut self.digging {
            let introduction = introduction.map(|index| self.ingredients.bodies[index]);
            digging.listing(address.clone(), introduction, &listing);
        }
        let made = bytes(gemtext::listing(&listing));
        let language = introduction.map_or(&listing.language, |index| &self.plan().pages[index].head.language);
        let body: Body = match introduction {
            Some(index) => Arc::new([Part::Stored(self.ingredients.bodies[index].gemtext), made]),
            None => Arc::new([made]),
        };
        self.add_gemtext(address, &language.clone(), body);
    }

    /// The newest posts with their whole text.
    fn feed(&mut self, read: &dyn Fn(Stored) -> Option<Vec<u8>>) {
        let (plan, masthead) = (self.plan(), &self.plan().masthead);
        let Ok(address) = Address::parse("/atom.xml") else { return };
        if plan.by_address.contains_key(&address) || plan.file_by_address.contains_key(&address) {
            return;
        }
        let root = masthead.url(&Address::root());
        let content = |index: usize| {
            let text = read(self.ingredients.bodies[index].gemtext).and_then(|bytes| String::from_utf8(bytes).ok());
            let url = masthead.url(&plan.pages[index].address);
            listings::with_full_links(&text.unwrap_or_default(), &url, &root)
        };
        let body = feed_of(plan, &self.listings, &address, &|address| masthead.url(address), &content);
        if let (Some(digging), Some(gopher)) = (&mut self.digging, &masthead.gopher) {
            let content = |index: usize| {
                let text = read(self.ingredients.bodies[index].text).unwrap_or_default();
                gopher.charset.decode(&text).replace("\r\n", "\n")
            };
            let listings = &self.listings;
            let url = |address: &Address| gopher.url(&plan.item(address));
            digging.add(address.clone(), feed_of(plan, listings, &address, &url, &content));
        }
        let media_type = self.media_type(atom::MEDIA_TYPE);
        self.resources.insert(address, Resource::Content { media_type, body });
    }

    fn files(&mut self) {
        for file in &self.plan().files {
            if self.resources.contains_key(&file.address) {
                continue;
            }
            let media_type = self.media_type(&static_type(&file.source, &self.plan().masthead.language));
            let place = FilePlace { capsule: self.ingredients.capsule, path: file.source.as_str().into() };
            let body: Body = Arc::new([Part::File(place)]);
            if let Some(digging) = &mut self.digging {
                digging.add(file.address.clone(), Arc::clone(&body));
            }
            self.resources.insert(file.address.clone(), Resource::Content { media_type, body });
        }
    }

    /// Older addresses, and the blog's home on the web.
    fn moves(&mut self) {
        let plan = self.plan();
        for page in &plan.pages {
            for alias in &page.aliases {
                self.add_move(alias.clone(), page.address.clone());
            }
        }
        if let Some(web) = &plan.masthead.web {
            self.add_move(web.path.clone(), Address::root());
        }
    }

    fn add_move(&mut self, from: Address, to: Address) {
        let moved = Resource::Moved { to, permanence: Permanence::Permanent };
        self.resources.entry(from).or_insert(moved);
    }

    fn gone(&mut self) {
        for address in self.ingredients.known {
            if !self.resources.contains_key(address) {
                self.resources.insert(address.clone(), Resource::Gone);
            }
        }
    }

    /// A hand-written home that leads nowhere hides the blog.
    fn look_at_home(&mut self, read: &dyn Fn(Stored) -> Option<Vec<u8>>) {
        let plan = self.plan();
        let Some(&index) = plan.by_address.get(&Address::root()) else { return };
        let page = &plan.pages[index];
        if page.format != Format::Gemtext {
            return;
        }
        let text = read(self.ingredients.bodies[index].gemtext).and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.unwrap_or_default();
        let leads = |page: &Page| text.contains(page.address.encoded().as_str());
        let posts = || plan.pages.iter().filter(|page| page.kind == PageKind::Post && page.address.as_str() != "/");
        let section = plan.sections.iter().any(|section| text.contains(&section.address.encoded()));
        if !text.contains("/archive/") && !section && !posts().all(leads) {
            let text = "this home page leads neither to /archive/ nor to the posts; add `=> /archive/`";
            self.problems.push(Problem::whole(&page.source, text));
        }
    }

    fn add_gemtext(&mut self, address: Address, language: &Language, body: Body) {
        let media_type = self.media_type(&format!("text/gemini; lang={language}"));
        self.resources.insert(address, Resource::Content { media_type, body });
    }

    /// One copy of each media type.
    fn media_type(&mut self, name: &str) -> Arc<str> {
        match self.media_types.get(name) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = name.into();
                self.media_types.insert(name.to_owned(), Arc::clone(&new));
                new
            }
        }
    }
}

fn bytes(text: String) -> Part {
    Part::Bytes(text.into_bytes().into())
}

/// A feed with its addresses and texts as one protocol has them.
fn feed_of(
    plan: &Plan,
    listings: &Listings<'_>,
    address: &Address,
    url: &dyn Fn(&Address) -> String,
    content: &dyn Fn(usize) -> String,
) -> Body {
    let masthead = &plan.masthead;
    let entries = listings.newest(FEED).iter().filter_map(|&index| {
        let page = &plan.pages[index];
        let published = page.head.date?;
        Some(FeedEntry {
            id: tag_uri(masthead.host(), &published.day.to_string(), &page.address),
            title: page.head.title.clone(),
            url: url(&page.address),
            published: Some(published.instant),
            updated: page.head.updated.map_or(published.instant, |updated| updated.instant),
            authors: page.head.authors.clone(),
            summary: page.summary.clone(),
            content: content(index),
            language: page.head.language.clone(),
            tags: page.head.tags.clone(),
        })
    });
    let entries: Vec<FeedEntry> = entries.collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let feed = Feed {
        // The date a tag URI needs is that of the name, not of the feed: one that never changes.
        id: tag_uri(masthead.host(), "2026-01-01", address),
        title: masthead.title.clone(),
        subtitle: None,
        updated,
        self_url: url(address),
        alternate_url: url(&Address::root()),
        author: masthead.author.clone().unwrap_or_else(|| masthead.title.clone()),
        language: masthead.language.clone(),
        entries,
    };
    Arc::new([bytes(atom::feed(&feed))])
}

/// A name for good (RFC 4151): of host, date and path, never of scheme or port.
fn tag_uri(host: &str, date: &str, address: &Address) -> String {
    format!("tag:{host},{date}:{}", address.encoded())
}

/// The media type of a file by its ending; text says its charset.
fn static_type(path: &str, language: &Language) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "gmi" | "gemini" => format!("text/gemini; lang={language}"),
        "atom" => "application/atom+xml".into(),
        "xml" if matches!(name, "atom.xml" | "feed.xml") => "application/atom+xml".into(),
        "asc" | "txt" => "text/plain; charset=utf-8".into(),
        _ => {
            let guess = mime_guess::from_ext(&ending).first_or_octet_stream();
            match guess.type_() {
                mime_guess::mime::TEXT => format!("{}; charset=utf-8", guess.essence_str()),
                _ => guess.essence_str().to_owned(),
            }
        }
    }
}

/// Pages by tag: a tag's slug, the name it was first written with, and its pages.
pub(super) fn by_tag(plan: &Plan) -> BTreeMap<Address, (&str, Vec<usize>)> {
    let mut tags: BTreeMap<Address, (&str, Vec<usize>)> = BTreeMap::new();
    for (index, page) in plan.pages.iter().enumerate().filter(|(_, page)| page.listed) {
        for tag in &page.head.tags {
            let Some(address) = crate::read::plan::tag_address(tag) else { continue };
            let (_, pages) = tags.entry(address).or_insert((tag, Vec::new()));
            if pages.last() != Some(&index) {
                pages.push(index);
            }
        }
    }
    tags
}
