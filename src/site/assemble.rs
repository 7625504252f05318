//! Assembling: from the plan and the places of the renderings to what is at every address.
//!
//! Adds what maquis makes, for each edition: home, section listings, archive, the pages of tags, categories and
//! series, the Atom feeds, the ways on at the foot of posts; and the redirects of older addresses, the sitemap. Pure: stored text that a feed repeats comes through `read`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::feeds;
use super::gopherhole::Digging;
use super::listings::{self, Listings, paging};
use super::{Body, Capsule, FilePlace, Part, Permanence, Renderings, Resource, Stored};
use crate::content::address::percent_decode;
use crate::content::document::Target;
use crate::content::picture::Picture;
use crate::content::plan::{Format, Moved, Taxonomy};
use crate::content::problem::Kind;
use crate::content::redirect::Redirects;
use crate::content::{Address, Entry, Language, Listing, Page, PageKind, Plan, Problem};
use crate::read::gemtext as read_gemtext;
use crate::render::words::{Word, word};
use crate::render::{atom, gemtext};
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

    /// What the author answers in the place of files.
    fn heads(&mut self) {
        for (address, head) in &self.plan().heads {
            self.resources.insert(address.clone(), Resource::Head(head.clone()));
        }
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

    /// The newest posts of every edition and of every tag.
    fn feeds(&mut self, read: &dyn Fn(Stored) -> Option<Vec<u8>>) {
        let (plan, bodies) = (self.plan(), self.ingredients.bodies);
        let masthead = &plan.masthead;
        let url = |address: &Address| masthead.url(address);
        let whole = |index: usize| {
            let text = read(bodies[index].gemtext).and_then(|bytes| String::from_utf8(bytes).ok());
            listings::with_full_links(&text.unwrap_or_default(), &plan.pages[index].address, &url)
        };
        let made = self.feeds_as(&feeds::As { media_type: "text/gemini", url: &url, content: &whole });
        if let Some(gopher) = &masthead.gopher {
            let filled = |index: usize| {
                gopher.charset.decode(&read(bodies[index].text).unwrap_or_default()).replace("\r\n", "\n")
            };
            let url = |address: &Address| gopher.url(&plan.item(address));
            let dug = self.feeds_as(&feeds::As { media_type: "text/plain", url: &url, content: &filled });
            for (address, text) in dug {
                self.digging
                    .iter_mut()
                    .for_each(|digging| digging.add(address.clone(), Arc::new([bytes(text.clone())])));
            }
        }
        for (address, text) in made {
            let media_type = self.media_type(atom::MEDIA_TYPE);
            let body: Body = Arc::new([bytes(text)]);
            self.resources.insert(address, Resource::Content { media_type, body });
        }
    }

    /// All feeds as one protocol has them, but for those at whose address the author has something.
    fn feeds_as(&self, shown: &feeds::As<'_>) -> Vec<(Address, String)> {
        let plan = self.plan();
        let none = |_: usize| String::new();
        let without_text = feeds::As { content: &none, ..*shown };
        let of_tags = if self.text_of_tags() <= feeds::ROOM { shown } else { &without_text };
        let taken = |address: &Address| {
            let replied = matches!(self.resources.get(address), Some(Resource::Head(_)));
            replied || plan.by_address.contains_key(address) || plan.file_by_address.contains_key(address)
        };
        let mut made = Vec::new();
        let mut make = |of: &feeds::Of<'_>, shown| {
            let address = feeds::address(of).filter(|address| !taken(address));
            made.extend(address.map(|address| (address.clone(), feeds::feed(plan, of, &address, shown))));
        };
        for (edition, listings) in plan.editions.iter().zip(&self.listings) {
            let (language, title, newest) = (listings.language(), listings.title(), listings.newest(feeds::LENGTH));
            make(&feeds::Of { home: &edition.root, title, language, newest }, shown);
            for (home, name, pages) in listings.terms(Taxonomy::Tags) {
                let (title, newest) = (format!("{title} – {name}"), listings.newest_of(pages, feeds::LENGTH));
                make(&feeds::Of { home, title: &title, language, newest: &newest }, of_tags);
            }
        }
        made
    }

    /// How many bytes of text the feeds of all tags would repeat.
    fn text_of_tags(&self) -> u64 {
        let terms = self.listings.iter().flat_map(|listings| listings.terms(Taxonomy::Tags));
        let posts = terms.flat_map(|(_, _, pages)| pages.iter().take(feeds::LENGTH));
        posts.map(|&index| u64::from(self.ingredients.bodies[index].gemtext.len)).sum()
    }

    /// Every page of the capsule, one full address a line.
    fn sitemap(&mut self) {
        let plan = self.plan();
        let Ok(address) = Address::parse("/sitemap.txt") else { return };
        let taken = self.resources.contains_key(&address);
        let is_page = |resource: &Resource| match resource {
            Resource::Content { media_type, .. } => media_type.starts_with("text/gemini"),
            Resource::Moved { .. } | Resource::Head(_) | Resource::Gone => false,
        };
        let unlisted: HashSet<&Address> =
            plan.pages.iter().filter(|page| !page.listed).map(|page| &page.address).collect();
        let mut pages: Vec<&Address> = (self.resources.iter())
            .filter(|(address, resource)| is_page(resource) && !unlisted.contains(address))
            .map(|(address, _)| address)
            // A hand-written index is at its folder.
            .filter(|address| address.name() != "index.gmi")
            .collect();
        pages.sort();
        let text: String = pages.iter().map(|address| format!("{}\n", plan.masthead.url(address))).collect();
        if let (Some(digging), Some(gopher)) = (&mut self.digging, &plan.masthead.gopher) {
            let line = |address: &&Address| format!("{}\r\n", gopher.url(&plan.item(address)));
            let text: String = pages.iter().map(line).collect();
            digging.add(address.clone(), Arc::new([bytes(text)]));
        }
        if !taken {
            let media_type = self.media_type("text/plain; charset=utf-8");
            let body: Body = Arc::new([bytes(text)]);
            self.resources.insert(address, Resource::Content { media_type, body });
        }
    }

    fn files(&mut self) {
        for file in &self.plan().files {
            if self.resources.contains_key(&file.address) {
                continue;
            }
            let masthead = &self.plan().masthead;
            let language = masthead.files.language(&file.source).unwrap_or(&masthead.language);
            let named = static_type(&file.source, language);
            let media_type = file.media_type.as_ref().map_or_else(|| named.clone(), |own| own.of(&named));
            let media_type = self.media_type(&media_type);
            let place = FilePlace {
                capsule: self.ingredients.capsule,
                path: file.source.as_str().into(),
                picture: self.ingredients.pictures.get(&file.source).cloned(),
            };
            let body: Body = Arc::new([Part::File(place)]);
            if let Some(digging) = &mut self.digging {
                digging.add(file.address.clone(), Arc::clone(&body));
            }
            self.resources.insert(file.address.clone(), Resource::Content { media_type, body });
        }
    }

    /// Unless the author has a file there.
    fn continuity(&mut self) {
        let Some(text) = self.ingredients.continuity else { return };
        let Ok(address) = Address::parse(CONTINUITY) else { return };
        let media_type = self.media_type("text/plain; charset=utf-8");
        let body: Body = Arc::new([Part::Bytes(Arc::clone(text))]);
        self.resources.entry(address).or_insert(Resource::Content { media_type, body });
    }

    /// Older addresses, and the blog's home on the web.
    fn moves(&mut self) {
        let plan = self.plan();
        for page in &plan.pages {
            for alias in &page.aliases {
                self.add_move(alias.clone(), page.address.clone());
            }
        }
        for (from, to) in &plan.moves {
            self.add_move(from.clone(), to.clone());
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
        let place = |link: &str| Address::root().join(&percent_decode(link.split(['?', '#']).next()?)?).ok();
        let links: HashSet<Address> = read_gemtext::links(&text).filter_map(|(_, link)| place(link)).collect();
        let archive = links.iter().any(|link| link.as_str().ends_with("/archive/"));
        let section = plan.sections.iter().any(|section| links.contains(&section.address));
        let mut posts = plan.pages.iter().filter(|page| page.kind == PageKind::Post && page.address != Address::root());
        if !archive && !section && !posts.all(|page| links.contains(&page.address)) {
            let text = "this home page leads neither to /archive/ nor to the posts; add `=> /archive/`";
            self.problems.push(Problem::whole(Kind::Home, &page.source, text));
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

/// The media type of a file by its ending; text says its charset.
fn static_type(path: &str, language: &Language) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "gmi" | "gemini" => gemtext_in(language),
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
