//! The gopherhole of a capsule: what is at every selector, made beside what is at every address.
//!
//! RFC 1436: a selector leads to a text, a menu or a file; there are no redirects, so an older address answers with
//! the same document, and one that moved away with a menu of one item. `caps.txt` is as Gopher clients ask for it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Body, Part, Permanence, Renderings, Resource, Stored};
use crate::content::address::other_forms;
use crate::content::document::Target;
use crate::content::gopher::{Posts, links_address};
use crate::content::plan::Format;
use crate::content::{Address, Entry, Gopher, Item, ItemType, Language, Listing, Page, PageKind, Plan};
use crate::render::menu;
use crate::render::words::{Word, word};

/// Gemini's status for what is no more.
const GONE: u8 = 52;

/// What is at the selectors of one capsule.
pub struct Gopherhole {
    pub gopher: Gopher,
    pub language: Language,
    /// The whole menu of an error.
    pub not_found: Body,
    pub resources: HashMap<Address, Body>,
    /// Where the same blog is over Gemini.
    pub capsule_url: String,
}

impl Gopherhole {
    /// What is at a selector, decoded; an address in another form is answered in place.
    pub fn find(&self, address: &Address) -> Option<&Body> {
        let here = self.resources.get(address);
        here.or_else(|| other_forms(address.as_str()).find_map(|form| self.resources.get(form.as_str())))
    }
}

/// A gopherhole in the making.
pub(super) struct Digging<'a> {
    plan: &'a Plan,
    gopher: &'a Gopher,
    resources: HashMap<Address, Body>,
    /// Selectors that give way to any other use of theirs.
    beside: Vec<(Address, Body)>,
    end: Part,
}

impl<'a> Digging<'a> {
    /// Begun, where the capsule is served over Gopher.
    pub(super) fn begin(plan: &'a Plan) -> Option<Digging<'a>> {
        let gopher = plan.masthead.gopher.as_ref()?;
        let end = made(menu::Menu::new(gopher).end());
        Some(Digging { plan, gopher, resources: HashMap::new(), beside: Vec::new(), end })
    }

    /// A post, or a hand-written page: its text, its menu, its gemtext. `ways` are its ways on.
    pub(super) fn page(&mut self, page: &Page, bodies: &Renderings<Stored>, ways: &[Entry]) {
        let linked: Body = Arc::new([Part::Stored(bodies.linked)]);
        let gemtext = self.plan.gemtext_address(&page.address);
        if page.kind != PageKind::Post {
            // A hand-written home or section is its menu.
            let whole: Body = Arc::new([Part::Stored(bodies.menu), self.end.clone()]);
            self.resources.insert(page.address.clone(), whole);
            self.beside.extend(page.address.child("index.gmi").map(|address| (address, linked)));
            return;
        }
        let footer = made(menu::footer(self.gopher, ways, &|address| self.plan.item(address)));
        let links: Body = Arc::new([Part::Stored(bodies.menu), footer]);
        let text: Body = Arc::new([Part::Stored(bodies.text)]);
        match page.format {
            Format::Markdown => {
                self.resources.insert(page.address.clone(), links);
                self.beside.push((gemtext, linked));
            }
            Format::Gemtext => {
                self.beside.push((links_address(&page.address), links));
                self.resources.insert(page.address.clone(), linked);
            }
        }
        self.beside.push((self.plan.text_address(&page.address), text));
    }

    /// A listing, under the author's introduction where there is one.
    pub(super) fn listing(&mut self, address: Address, introduction: Option<Renderings<Stored>>, listing: &Listing) {
        let mut listing = listing.clone();
        self.add_ways(&address, &mut listing);
        let made = made(menu::listing(self.gopher, &listing, &|address| self.plan.item(address)));
        let body: Body = match introduction {
            Some(bodies) => Arc::new([Part::Stored(bodies.menu), made]),
            None => Arc::new([made]),
        };
        self.resources.insert(address, body);
    }

    /// Home and the archive lead to the menus of the posts' links, where listings lead to texts; home leads to the
    /// same blog elsewhere.
    fn add_ways(&self, address: &Address, listing: &mut Listing) {
        let home = address.as_str() == "/";
        if let Some(links) = links_of_posts()
            && (home || address.as_str() == "/archive/")
            && self.gopher.posts == Posts::Text
        {
            let label = word(&listing.language, Word::LinksOfPosts);
            listing.ways.insert(listing.ways.len().min(1), Entry::page(&links, label));
        }
        if home {
            listing.ways.extend(self.elsewhere());
        }
    }

    /// The menus of all posts, for those who read texts and want to follow their links.
    pub(super) fn links_of_posts(&mut self, archive: &Listing) {
        if self.gopher.posts == Posts::Menu {
            return;
        }
        let title = word(&archive.language, Word::LinksOfPosts).to_owned();
        let listing = Listing { title: Some(title), ..archive.clone() };
        let entries = archive.groups.iter().flat_map(|group| &group.entries).filter_map(|entry| entry.target.page());
        let listed: HashSet<&Address> = entries.collect();
        let item = |address: &Address| match listed.contains(address) {
            true => Item { kind: ItemType::Menu, selector: links_address(address).encoded() },
            false => self.plan.item(address),
        };
        let body: Body = Arc::new([made(menu::listing(self.gopher, &listing, &item))]);
        self.beside.extend(links_of_posts().map(|address| (address, body)));
    }

    /// The ways to the same blog over Gemini and on the web.
    fn elsewhere(&self) -> impl Iterator<Item = Entry> {
        let masthead = &self.plan.masthead;
        let way = |url: String, which| {
            let label = word(&masthead.language, which).to_owned();
            Entry { target: Target::Elsewhere(url.into()), date: None, label }
        };
        let web = masthead.web.as_ref().map(|web| format!("{}{}", web.origin, web.path.encoded()));
        let capsule = way(masthead.url(&Address::root()), Word::Capsule);
        std::iter::once(capsule).chain(web.map(|url| way(url, Word::WebVersion)))
    }

    /// What is the same over both protocols: a file; and what is made for Gopher, as the feed.
    pub(super) fn add(&mut self, address: Address, body: Body) {
        self.resources.entry(address).or_insert(body);
    }

    /// The whole, once it is known what moved and what is gone.
    pub(super) fn finish(mut self, resources: &HashMap<Address, Resource>) -> Gopherhole {
        let language = self.plan.masthead.language.clone();
        for (address, body) in std::mem::take(&mut self.beside) {
            self.add(address, body);
        }
        if let Ok(caps) = Address::parse("/caps.txt") {
            self.add(caps, Arc::new([made(self.gopher.charset.encode(&self.caps()))]));
        }
        let message = |text| -> Body { Arc::new([made(menu::message(self.gopher, &language, word(&language, text)))]) };
        let (not_found, gone) = (message(Word::NotFound), message(Word::Gone));
        for (address, resource) in resources {
            match resource {
                Resource::Content { .. } => {}
                Resource::Moved { to, permanence: Permanence::Permanent } => self.alias(address, to),
                Resource::Moved { to, permanence: Permanence::Temporary } => {
                    let moved = menu::moved(self.gopher, &language, &self.plan.item(to));
                    self.add(address.clone(), Arc::new([made(moved)]));
                }
                // What a status says there are no words for here, but for one.
                Resource::Head(head) if head.status == GONE => self.add(address.clone(), Arc::clone(&gone)),
                Resource::Head(head) => head.target().into_iter().for_each(|to| self.alias(address, &to)),
                Resource::Gone => self.add(address.clone(), Arc::clone(&gone)),
            }
        }
        Gopherhole {
            gopher: self.gopher.clone(),
            language,
            not_found,
            resources: self.resources,
            capsule_url: self.plan.masthead.url(&Address::root()),
        }
    }

    /// An older address answers with the same document, in each of its forms.
    fn alias(&mut self, from: &Address, to: &Address) {
        let forms = [
            (from.clone(), to.clone()),
            (self.plan.text_address(from), self.plan.text_address(to)),
            (self.plan.gemtext_address(from), self.plan.gemtext_address(to)),
        ];
        for (from, to) in forms {
            if let Some(body) = self.resources.get(&to).cloned() {
                self.add(from, body);
            }
        }
    }

    /// How selectors are built, for clients that go up by themselves (the caps draft of gopher clients).
    fn caps(&self) -> String {
        let title = crate::text::clean::one_line(&self.plan.masthead.title);
        let charset = self.gopher.charset;
        let lines = [
            "CAPS".to_owned(),
            String::new(),
            "CapsVersion=1".to_owned(),
            "ExpireCapsAfter=3600".to_owned(),
            // Spelt so by those who read it.
            "PathDelimeter=/".to_owned(),
            "PathIdentity=.".to_owned(),
            "PathParent=..".to_owned(),
            "PathParentDouble=FALSE".to_owned(),
            "PathKeepPreDelimeter=FALSE".to_owned(),
            format!("DefaultEncoding={}", charset.name()),
            "ServerSoftware=maquis".to_owned(),
            format!("ServerSoftwareVersion={}", env!("CARGO_PKG_VERSION")),
            format!("ServerDescription={}", charset.fold(&title)),
        ];
        lines.iter().map(|line| format!("{line}\r\n")).collect()
    }
}

fn links_of_posts() -> Option<Address> {
    Address::parse("/archive/links/").ok()
}

fn made(bytes: Vec<u8>) -> Part {
    Part::Bytes(bytes.into())
}
