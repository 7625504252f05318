//! Assembling: from the plan and the places of the renderings to what is at every address.
//!
//! Adds what maquis makes, for each edition: home, section listings, archive, the pages of tags, categories and
//! series, the ways on at the foot of posts; in `whole` the Atom feeds and the sitemap, in `beside` files and older
//! addresses. Pure: stored text that a feed repeats comes through `read`.

mod beside;
mod whole;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::gopherhole::Digging;
use super::listings::{Listings, paging};
use super::{Body, Capsule, Part, Permanence, Renderings, Resource, Stored};
use crate::content::document::Target;
use crate::content::picture::Picture;
use crate::content::plan::{Format, Moved};
use crate::content::redirect::Redirects;
use crate::content::{Address, Entry, Language, Listing, Page, PageKind, Plan, Problem};
use crate::render::gemtext;
use crate::render::words::{Word, word};
use crate::text::clean;

/// Where readers find which key follows which (well-known locations: RFC 8615).
pub const CONTINUITY: &str = "/.well-known/continuity.txt";

/// What a capsule is assembled from.
pub struct Ingredients<'a> {
    pub plan: &'a Plan,
    /// The capsule's index in its site.
    pub capsule: usize,
    /// Where each page's renderings are.
    pub bodies: &'a [Renderings<Stored>],
    /// Addresses of pages that were published earlier in this run: what is no more is gone.
    pub known: &'a HashSet<Address>,
    pub redirects: &'a Redirects,
    /// What is sent of pictures, by their source.
    pub pictures: &'a HashMap<String, Arc<Picture>>,
    /// What vouches for the keys of its hosts, for [`CONTINUITY`].
    pub continuity: Option<&'a Arc<[u8]>>,
}

/// The capsule, and what is wrong with its whole.
pub fn assemble(ingredients: &Ingredients<'_>, read: &dyn Fn(Stored) -> Option<Vec<u8>>) -> (Capsule, Vec<Problem>) {
    let plan = ingredients.plan;
    let mut assembly = Assembly {
        ingredients,
        listings: plan.editions.iter().map(|edition| Listings::new(plan, edition)).collect(),
        digging: Digging::begin(plan),
        header: plan.masthead.header.as_ref().map(|text| format!("{text}\n").into_bytes().into()),
        footer: plan.masthead.footer.as_ref().map(|text| format!("\n{text}").into_bytes().into()),
        resources: HashMap::new(),
        media_types: HashMap::new(),
        problems: Vec::new(),
    };
    assembly.heads();
    assembly.pages();
    assembly.listings();
    assembly.feeds(read);
    assembly.files();
    assembly.continuity();
    assembly.moves();
    assembly.sitemap();
    assembly.gone();
    assembly.look_at_home(read);
    let language = plan.masthead.language.clone();
    let gopherhole = assembly.digging.map(|digging| digging.finish(&assembly.resources, ingredients.redirects));
    let capsule = Capsule {
        hosts: plan.masthead.hosts.clone(),
        not_found: word(&language, Word::NotFound).to_owned(),
        gone: word(&language, Word::Gone).to_owned(),
        language,
        resources: assembly.resources,
        redirects: ingredients.redirects.clone(),
        gopherhole,
    };
    (capsule, assembly.problems)
}

struct Assembly<'a> {
    ingredients: &'a Ingredients<'a>,
    /// By edition.
    listings: Vec<Listings<'a>>,
    /// The same for Gopher.
    digging: Option<Digging<'a>>,
    /// The author's lines above and below every page maquis writes.
    header: Option<Arc<[u8]>>,
    footer: Option<Arc<[u8]>>,
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
            let language = &page.head.language;
            let ways = self.ways_on(index, page);
            let is_whole = page.format == Format::Gemtext || page.kind == PageKind::Post;
            match (&mut self.digging, &page.moved_to) {
                (Some(digging), Some(to)) => digging.moved(page, to),
                (Some(digging), None) if is_whole => digging.page(page, bodies, &ways),
                (Some(_) | None, _) => {}
            }
            match (&page.moved_to, page.format, page.kind) {
                (Some(Moved::Here(to)), _, _) => {
                    // It may move on: a page that came back is at its address again.
                    let moved = Resource::Moved { to: to.clone(), permanence: Permanence::Temporary };
                    self.resources.insert(page.address.clone(), moved);
                }
                // No client should be led from Gemini to the web without being asked.
                (Some(Moved::Elsewhere(_)), _, _) => {
                    let title = format!("# {}\n", clean::one_line(&page.head.title));
                    let body = self.framed(vec![bytes(title), bytes(gemtext::footer(&ways))]);
                    self.add_gemtext(page.address.clone(), language, body);
                }
                (None, Format::Gemtext, _) => {
                    let body: Body = Arc::new([stored]);
                    let named = page.address.child("index.gmi").ok().filter(|_| page.address.is_folder());
                    let gemtext = gemtext_in(language);
                    let media_type = page.media_type.as_ref().map_or_else(|| gemtext.clone(), |own| own.of(&gemtext));
                    let media_type = self.media_type(&media_type);
                    for address in [page.address.clone()].into_iter().chain(named) {
                        let (media_type, body) = (Arc::clone(&media_type), Arc::clone(&body));
                        self.resources.insert(address, Resource::Content { media_type, body });
                    }
                }
                (None, Format::Markdown, PageKind::Post) => {
                    let body = self.framed(vec![stored, bytes(gemtext::footer(&ways))]);
                    self.add_gemtext(page.address.clone(), language, body);
                }
                (None, Format::Markdown, PageKind::Home | PageKind::Section) => {}
            }
        }
    }

    /// The ways on from a post, or to where it has moved.
    fn ways_on(&self, index: usize, page: &Page) -> Vec<Entry> {
        match (&page.moved_to, page.kind) {
            (Some(Moved::Elsewhere(url)), _) => {
                vec![Entry { target: Target::Elsewhere(url.as_str().into()), date: None, label: url.clone() }]
            }
            (None, PageKind::Post) => {
                self.listings_of(page.edition.as_ref()).map_or_else(Vec::new, |listings| listings.ways_on(index))
            }
            (Some(Moved::Here(_)), _) | (None, PageKind::Home | PageKind::Section) => Vec::new(),
        }
    }

    fn listings_of(&self, edition: Option<&Language>) -> Option<&Listings<'a>> {
        let index = self.plan().editions.iter().position(|known| known.language.as_ref() == edition)?;
        self.listings.get(index)
    }

    /// A body between the author's header and footer.
    fn framed(&self, parts: Vec<Part>) -> Body {
        let line = |line: &Option<Arc<[u8]>>| line.as_ref().map(|bytes| Part::Bytes(Arc::clone(bytes)));
        line(&self.header).into_iter().chain(parts).chain(line(&self.footer)).collect::<Vec<_>>().into()
    }

    /// Home, sections, archive, tags and series of every edition, each under the author's introduction where there is
    /// one.
    fn listings(&mut self) {
        let plan = self.plan();
        let mut made = Vec::new();
        for (edition, listings) in plan.editions.iter().zip(&self.listings) {
            made.push((edition.root.clone(), listings.home()));
            for section in listings.sections() {
                made.push((section.address.clone(), listings.section(section)));
            }
            for (address, listing) in listings.archive().into_iter().chain(listings.taxonomies()) {
                if let Some(digging) = self.digging.as_mut().filter(|_| edition.archive().as_ref() == Some(&address)) {
                    digging.links_of_posts(&address, &listing);
                }
                made.push((address, listing));
            }
        }
        for (address, listing) in made {
            self.listing(address, listing);
        }
    }

    fn listing(&mut self, address: Address, listing: Listing) {
        // A page of the author's at the address wins.
        if self.resources.contains_key(&address) {
            return;
        }
        let introduction = self.plan().by_address.get(&address).copied().filter(|&index| {
            let page = &self.plan().pages[index];
            page.address == address && page.kind != PageKind::Post
        });
        let title = &listing.title.clone().unwrap_or_default();
        let own = introduction.map_or(&listing.language, |index| &self.plan().pages[index].head.language).clone();
        for (index, (address, mut part)) in paging::parted(&address, title, listing).into_iter().enumerate() {
            if self.resources.contains_key(&address) {
                continue;
            }
            let introduced = introduction.filter(|_| index == 0);
            if introduced.is_some() {
                set_apart(&mut part);
            }
            let made = bytes(gemtext::listing(&part));
            if let Some(digging) = &mut self.digging {
                digging.listing(address.clone(), introduced.map(|index| self.ingredients.bodies[index]), &part);
            }
            let parts = match introduced {
                Some(index) => vec![Part::Stored(self.ingredients.bodies[index].gemtext), made],
                None => vec![made],
            };
            let body = self.framed(parts);
            self.add_gemtext(address, &own, body);
        }
    }

    fn add_gemtext(&mut self, address: Address, language: &Language, body: Body) {
        let media_type = self.media_type(&gemtext_in(language));
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

/// A listing under an introduction, which brings its own title: a heading parts the two.
fn set_apart(listing: &mut Listing) {
    let title = listing.title.take();
    if let Some(first) = listing.groups.first_mut().filter(|first| first.heading.is_none()) {
        let dated = first.entries.iter().any(|entry| entry.date.is_some());
        first.heading = if dated { Some(word(&listing.language, Word::Posts).to_owned()) } else { title };
    }
}

fn bytes(text: String) -> Part {
    Part::Bytes(text.into_bytes().into())
}

fn gemtext_in(language: &Language) -> String {
    format!("text/gemini; lang={language}")
}
