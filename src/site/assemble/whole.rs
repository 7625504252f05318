//! What is made of all pages together: the feeds, the sitemap, and a look at the home page. They come last.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Assembly, bytes};
use crate::content::address::percent_decode;
use crate::content::plan::{Format, Taxonomy};
use crate::content::problem::Kind;
use crate::content::{Address, PageKind, Problem};
use crate::read::gemtext as read_gemtext;
use crate::render::atom;
use crate::site::{Body, Resource, Stored, feeds, listings};

impl Assembly<'_> {
    /// The newest posts of every edition and of every tag.
    pub(super) fn feeds(&mut self, read: &dyn Fn(Stored) -> Option<Vec<u8>>) {
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
    pub(super) fn sitemap(&mut self) {
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

    /// A hand-written home that leads nowhere hides the blog.
    pub(super) fn look_at_home(&mut self, read: &dyn Fn(Stored) -> Option<Vec<u8>>) {
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
}
