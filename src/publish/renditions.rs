//! What one page becomes in each format, from one document: gemtext for Gemini, and what Gopher needs beside it.

use crate::content::address::own;
use crate::content::document::{Exceeded, Target};
use crate::content::gopher::{Posts, links_address};
use crate::content::plan::Format;
use crate::content::{Address, Document, Gopher, Item, ItemType, Page, Plan};
use crate::render::gemtext::{self, Base};
use crate::render::menu::{self, Lead, Menu};
use crate::render::plaintext;
use crate::render::style::Style;
use crate::render::words::{Word, word};
use crate::site::Renderings;

/// A page that was read.
pub(super) struct Read<'a> {
    pub(super) plan: &'a Plan,
    pub(super) page: &'a Page,
    pub(super) document: &'a Document,
    /// The length of its source in bytes.
    pub(super) input_len: usize,
    pub(super) style: Style,
}

impl Read<'_> {
    /// A page from Markdown.
    pub(super) fn of_markdown(&self) -> Result<Renderings<Vec<u8>>, Exceeded> {
        let titles = gemtext::Titles::of(self.plan);
        let options = gemtext::Options { style: self.style, titles, ..gemtext::Options::inside(self.input_len) };
        let text = gemtext::document(&self.page.head, self.document, &options)?;
        let Some(gopher) = &self.plan.masthead.gopher else {
            return Ok(Renderings { gemtext: text.into_bytes(), ..Renderings::default() });
        };
        let resolve = |url: &str| match own(url) {
            Some(address) => Lead::Item(self.plan.item(&address)),
            None => Lead::Elsewhere(url.to_owned()),
        };
        let narrow = || {
            let options = gemtext::Options { table: menu::COLUMNS.min(gopher.width), ..options };
            gemtext::document(&self.page.head, self.document, &options)
        };
        let menu = match (self.page.is_menu(), gopher.posts) {
            (true, _) => menu::page(gopher, &narrow()?, &resolve),
            (false, Posts::Menu) => self.post_as_menu(gopher, &narrow()?, &resolve),
            (false, Posts::Text) => Vec::new(),
        };
        self.with_text(gopher, text, menu, &resolve, &own)
    }

    /// A page of hand-written gemtext; `led` says where its links lead.
    pub(super) fn of_gemtext(
        &self,
        text: String,
        led: &dyn Fn(&str) -> Target,
    ) -> Result<Renderings<Vec<u8>>, Exceeded> {
        let Some(gopher) = &self.plan.masthead.gopher else {
            return Ok(Renderings { gemtext: text.into_bytes(), ..Renderings::default() });
        };
        let resolve = |url: &str| match led(url) {
            Target::Page(address) | Target::File(address, _) => Lead::Item(self.plan.item(&address)),
            Target::Elsewhere(url) => Lead::Elsewhere(url.into()),
            Target::Nowhere => Lead::Nowhere,
        };
        let menu = match (self.page.is_menu(), gopher.posts) {
            (true, _) => menu::page(gopher, &text, &resolve),
            (false, Posts::Menu) => self.post_as_menu(gopher, &text, &resolve),
            (false, Posts::Text) => Vec::new(),
        };
        let address = |url: &str| match led(url) {
            Target::Page(address) | Target::File(address, _) => Some(address),
            Target::Elsewhere(_) | Target::Nowhere => None,
        };
        self.with_text(gopher, text, menu, &resolve, &address)
    }

    /// A post has its text, and the menu of its links where it is no menu itself.
    fn with_text(
        &self,
        gopher: &Gopher,
        text: String,
        menu: Vec<u8>,
        resolve: menu::Resolve<'_>,
        address: &dyn Fn(&str) -> Option<Address>,
    ) -> Result<Renderings<Vec<u8>>, Exceeded> {
        let linked = gemtext::relinked(&text, &|url| Some(gopher.url(&self.plan.gemtext_item(&address(url)?))));
        let linked = linked.into_bytes();
        if self.page.is_menu() {
            return Ok(Renderings { gemtext: text.into_bytes(), text: Vec::new(), menu, linked });
        }
        let links = Item::new(ItemType::Menu, &links_address(&self.page.address));
        let options = plaintext::Options {
            input_len: self.input_len,
            width: gopher.width,
            charset: gopher.charset,
            style: self.style,
            address: &|target| self.full(gopher, target),
            menu: Some(&gopher.url(&links)),
        };
        let filled = plaintext::document(&self.page.head, self.document, &options)?;
        let menu = match gopher.posts {
            Posts::Menu => menu,
            Posts::Text => self.links(gopher, &text, &filled.links, resolve)?,
        };
        let wire = plaintext::wire(&filled.text, gopher.charset);
        Ok(Renderings { gemtext: text.into_bytes(), text: wire, menu, linked })
    }

    /// The links as the gemtext of the document names them; hand-written gemtext may name them in another way.
    fn links(
        &self,
        gopher: &Gopher,
        text: &str,
        links: &[Target],
        resolve: menu::Resolve<'_>,
    ) -> Result<Vec<u8>, Exceeded> {
        let letters: Vec<String> = links.iter().map(plaintext::address).collect();
        let normal = |url: &str| match own(url) {
            Some(address) => Lead::Item(self.plan.item(&address)),
            None => Lead::Elsewhere(url.to_owned()),
        };
        let made;
        let (gemtext, resolve): (&str, menu::Resolve<'_>) = match self.page.format {
            Format::Markdown => (text, resolve),
            Format::Gemtext => {
                let options = gemtext::Options { base: Base::Path, ..gemtext::Options::inside(self.input_len) };
                made = gemtext::document(&self.page.head, self.document, &options)?;
                (&made, &normal)
            }
        };
        let post = menu::Post {
            head: &self.page.head,
            gemtext,
            letters: &letters,
            text: self.text_item(),
            source: self.plan.gemtext_item(&self.page.address),
        };
        Ok(menu::links(gopher, &post, resolve))
    }

    fn post_as_menu(&self, gopher: &Gopher, text: &str, resolve: menu::Resolve<'_>) -> Vec<u8> {
        let mut menu = menu::page(gopher, text, resolve);
        let language = &self.page.head.language;
        let mut other = Menu::new(gopher);
        other.blank();
        other.item(&self.text_item(), word(language, Word::Text));
        other.item(&self.plan.gemtext_item(&self.page.address), word(language, Word::Gemtext));
        menu.extend(other.into_bytes());
        menu
    }

    fn text_item(&self) -> Item {
        Item::new(ItemType::Text, &self.plan.text_address(&self.page.address))
    }

    /// An address that can be copied out of a text.
    fn full(&self, gopher: &Gopher, target: &Target) -> String {
        match target {
            Target::Page(address) | Target::File(address, _) => gopher.url(&self.plan.item(address)),
            Target::Elsewhere(_) | Target::Nowhere => plaintext::address(target),
        }
    }
}
