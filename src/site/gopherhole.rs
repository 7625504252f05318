//! The gopherhole of a capsule: what is at every selector, made beside what is at every address.
//!
//! RFC 1436: a selector leads to a text, a menu or a file; there are no redirects, so an older address answers with
//! the same document, and one that moved away with a menu of one item. `caps.txt` is as Gopher clients ask for it.

mod frame;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::frame::Frame;
use super::listings::paging;
use super::{Body, Part, Permanence, Renderings, Resource, Stored};
use crate::content::address::other_forms;
use crate::content::document::Target;
use crate::content::files::Head;
use crate::content::gopher::{Posts, links_address, short_form, sibling, without_ending};
use crate::content::plan::{Format, Moved};
use crate::content::redirect::Redirects;
use crate::content::{Address, Entry, Gopher, Item, ItemType, Language, Listing, Page, Plan};
use crate::render::words::{Word, word};
use crate::render::{menu, plaintext};

/// Replies of Gemini that Gopher has words for.
mod status {
    pub(super) const MOVED_FOR_NOW: u8 = 30;
    pub(super) const MOVED: u8 = 31;
    pub(super) const GONE: u8 = 52;
}

/// What is at the selectors of one capsule.
pub struct Gopherhole {
    pub gopher: Gopher,
    pub language: Language,
    /// The whole menus of errors.
    pub not_found: Body,
    pub gone: Body,
    pub resources: HashMap<Address, Body>,
    /// The author's rules for what is at no address.
    pub redirects: Redirects,
    /// Where the same blog is over Gemini.
    pub capsule_url: String,
}

impl Gopherhole {
    /// What is at a selector, decoded; an address in another form, or an older one, is answered in place.
    pub fn find(&self, address: &Address) -> Option<&Body> {
        let path = address.as_str();
        self.at(path).or_else(|| self.at_older(path)).or_else(|| self.is_gone(path).then_some(&self.gone))
    }

    fn at(&self, path: &str) -> Option<&Body> {
        let here = self.resources.get(path);
        here.or_else(|| other_forms(path).find_map(|form| self.resources.get(form.as_str())))
    }

    /// What is where a rule of the author's leads; of `/old/x.txt` the text, if `/old/x/` leads to a post.
    fn at_older(&self, path: &str) -> Option<&Body> {
        let whole = || self.at(self.redirects.moved(path)?.as_str());
        let beside = || {
            let (folder, ending) = without_ending(path)?;
            self.at(sibling(&self.redirects.moved(&folder)?, ending).as_str())
        };
        whole().or_else(beside)
    }

    fn is_gone(&self, path: &str) -> bool {
        let gone = &self.redirects.gone;
        gone.matches(path) || without_ending(path).is_some_and(|(folder, _)| gone.matches(&folder))
    }
}

/// A gopherhole in the making.
pub(super) struct Digging<'a> {
    plan: &'a Plan,
    gopher: &'a Gopher,
    resources: HashMap<Address, Body>,
    /// Selectors that give way to any other use of theirs.
    beside: Vec<(Address, Body)>,
    frame: Frame,
    /// Of a menu that the author wrote.
    end: Part,
}

impl<'a> Digging<'a> {
    /// Begun, where the capsule is served over Gopher.
    pub(super) fn begin(plan: &'a Plan) -> Option<Digging<'a>> {
        let gopher = plan.masthead.gopher.as_ref()?;
        let end = made(menu::Menu::new(gopher).end());
        let frame = Frame::new(plan, gopher);
        Some(Digging { plan, gopher, resources: HashMap::new(), beside: Vec::new(), frame, end })
    }

    /// A post, or a hand-written page: its text, its menu, its gemtext. `ways` are its ways on.
    pub(super) fn page(&mut self, page: &Page, bodies: &Renderings<Stored>, ways: &[Entry]) {
        let linked: Body = Arc::new([Part::Stored(bodies.linked)]);
        let gemtext = self.plan.gemtext_address(&page.address);
        if page.is_menu() {
            // A hand-written index is its menu.
            let whole: Body = Arc::new([Part::Stored(bodies.menu), self.end.clone()]);
            self.resources.insert(page.address.clone(), whole);
            self.beside.extend(page.address.child("index.gmi").map(|address| (address, linked)));
            return;
        }
        let footer = made(menu::footer(self.gopher, ways, &|address| self.plan.item(address)));
        let links = [Part::Stored(bodies.menu), footer];
        let text = Part::Stored(bodies.text);
        let text = match page.format {
            Format::Markdown => {
                self.resources.insert(page.address.clone(), self.frame.menu.body(links));
                self.beside.push((gemtext, self.frame.gemtext.body(linked.iter().cloned())));
                self.frame.text.body([text])
            }
            Format::Gemtext => {
                let links: Body = links.into_iter().chain([self.end.clone()]).collect();
                self.beside.push((links_address(&page.address), links));
                self.resources.insert(page.address.clone(), linked);
                Arc::new([text])
            }
        };
        self.beside.push((self.plan.text_address(&page.address), text));
    }

    /// A page that moved away: a menu of one item, and a text for those who come for one.
    pub(super) fn moved(&mut self, page: &Page, to: &Moved) {
        let (menu, text) = self.way_to(&page.head.language, to);
        self.resources.insert(links_address(&page.address), menu);
        self.beside.push((self.plan.text_address(&page.address), text));
    }

    /// The way to where something has moved, as a menu and as a text.
    fn way_to(&self, language: &Language, to: &Moved) -> (Body, Body) {
        let (entry, url) = match to {
            Moved::Here(to) => {
                let there = self.plan.by_address.get(to).map(|&index| self.plan.pages[index].label());
                (Entry::page(to, there.unwrap_or(to.as_str())), self.gopher.url(&self.plan.item(to)))
            }
            Moved::Elsewhere(url) => {
                let target = Target::Elsewhere(url.as_str().into());
                (Entry { target, date: None, label: url.clone() }, url.clone())
            }
        };
        let menu = made(menu::moved(self.gopher, language, &entry, &|address| self.plan.item(address)));
        let charset = self.gopher.charset;
        let text = charset.fold(&format!("{}\n{url}\n", word(language, Word::Moved))).into_owned();
        let text = self.frame.text.body([made(plaintext::wire(&text, charset))]);
        (self.frame.menu.body([menu]), text)
    }

    /// A listing, under the author's introduction where there is one.
    pub(super) fn listing(&mut self, address: Address, introduction: Option<Renderings<Stored>>, listing: &Listing) {
        let mut listing = listing.clone();
        self.add_ways(&address, &mut listing);
        let made = made(menu::listing(self.gopher, &listing, &|address| self.plan.item(address)));
        let introduction = introduction.map(|bodies| Part::Stored(bodies.menu));
        self.resources.insert(address, self.frame.menu.body(introduction.into_iter().chain([made])));
    }

    /// The homes and the archives lead to the menus of the posts' links, where listings lead to texts; home leads to
    /// the same blog elsewhere.
    fn add_ways(&self, address: &Address, listing: &mut Listing) {
        let archives = self.plan.editions.iter().filter_map(|edition| Some((&edition.root, edition.archive()?)));
        let archive = { archives }.find(|(root, archive)| *root == address || archive == address);
        if let Some(links) = archive.and_then(|(_, archive)| links_of_posts(&archive))
            && self.gopher.posts == Posts::Text
        {
            let label = word(&listing.language, Word::LinksOfPosts);
            listing.ways.insert(listing.ways.len().min(1), Entry::page(&links, label));
        }
        if address.as_str() == "/" {
            listing.ways.extend(self.elsewhere());
        }
    }

    /// The menus of all posts of an archive, for those who read texts and want to follow their links.
    pub(super) fn links_of_posts(&mut self, archive: &Address, listing: &Listing) {
        let Some(address) = links_of_posts(archive).filter(|_| self.gopher.posts == Posts::Text) else { return };
        let title = word(&listing.language, Word::LinksOfPosts);
        let entries = listing.groups.iter().flat_map(|group| &group.entries).filter_map(|entry| entry.target.page());
        let listed: HashSet<&Address> = entries.collect();
        let item = |address: &Address| match listed.contains(address) {
            true => Item::new(ItemType::Menu, &links_address(address)),
            false => self.plan.item(address),
        };
        let whole = Listing { title: Some(title.to_owned()), ..listing.clone() };
        for (address, part) in paging::parted(&address, title, whole) {
            let body = self.frame.menu.body([made(menu::listing(self.gopher, &part, &item))]);
            self.beside.push((address, body));
        }
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
    pub(super) fn finish(mut self, resources: &HashMap<Address, Resource>, redirects: &Redirects) -> Gopherhole {
        let language = self.plan.masthead.language.clone();
        for (address, body) in std::mem::take(&mut self.beside) {
            self.add(address, body);
        }
        if let Ok(caps) = Address::parse("/caps.txt") {
            self.add(caps, Arc::new([made(self.gopher.charset.encode(&self.caps()))]));
        }
        let message = |text| -> Body { Arc::new([made(menu::message(self.gopher, &language, word(&language, text)))]) };
        let (not_found, gone) = (message(Word::NotFound), message(Word::Gone));
        // In an order that is the same each time, and what is gone after what leads on.
        let mut others: Vec<(&Address, &Resource)> = resources.iter().collect();
        others.sort_by_key(|(address, resource)| (matches!(resource, Resource::Gone), *address));
        for (address, resource) in others {
            match resource {
                Resource::Moved { to, permanence: Permanence::Permanent } => {
                    self.alias(address, &end_of(to, resources))
                }
                Resource::Head(head) => self.head(address, head, resources, &gone),
                Resource::Gone => self.gone(address, &gone),
                // A page that moved away has said so itself.
                Resource::Content { .. } | Resource::Moved { to: _, permanence: Permanence::Temporary } => {}
            }
        }
        self.shorten();
        Gopherhole {
            gopher: self.gopher.clone(),
            language,
            not_found,
            gone,
            resources: self.resources,
            redirects: redirects.clone(),
            capsule_url: self.plan.masthead.url(&Address::root()),
        }
    }

    /// A page that was there, in each of its forms.
    fn gone(&mut self, address: &Address, message: &Body) {
        for form in [address.clone(), self.plan.text_address(address), self.plan.gemtext_address(address)] {
            self.add(form, Arc::clone(message));
        }
    }

    /// A reply of the author's own: what moved and what is gone; for any other status there are no words here.
    fn head(&mut self, address: &Address, head: &Head, resources: &HashMap<Address, Resource>, gone: &Body) {
        match head.status {
            status::GONE => self.gone(address, gone),
            status::MOVED_FOR_NOW | status::MOVED => match head.target() {
                Some(to) => self.alias(address, &end_of(&to, resources)),
                None => {
                    let (menu, text) = self.way_to(&self.plan.masthead.language, &Moved::Elsewhere(head.meta.clone()));
                    self.add(address.clone(), if address.is_folder() { menu } else { text });
                }
            },
            _ => {}
        }
    }

    /// What has too long an address is at its short form too, which leads to it.
    fn shorten(&mut self) {
        let long = |(address, body): (&Address, &Body)| short_form(address).map(|short| (short, Arc::clone(body)));
        let short: Vec<(Address, Body)> = self.resources.iter().filter_map(long).collect();
        short.into_iter().for_each(|(address, body)| self.add(address, body));
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

fn links_of_posts(archive: &Address) -> Option<Address> {
    archive.child("links/").ok()
}

fn made(bytes: Vec<u8>) -> Part {
    Part::Bytes(bytes.into())
}

/// How many older addresses may lead on to each other.
const CHAIN: usize = 10;

/// Where an older address leads in the end.
fn end_of(to: &Address, resources: &HashMap<Address, Resource>) -> Address {
    let mut at = to.clone();
    for _ in 0..CHAIN {
        let next = match resources.get(&at) {
            Some(Resource::Moved { to, permanence: Permanence::Permanent }) => Some(to.clone()),
            Some(Resource::Head(head)) => head.target(),
            Some(Resource::Content { .. } | Resource::Moved { .. } | Resource::Gone) | None => None,
        };
        let Some(next) = next else { break };
        at = next;
    }
    at
}
