//! The author's lines above and below whatever maquis writes, in each form that Gopher has.
//!
//! Over Gemini the same gemtext stands there as it is (`assemble`); here its links lead to the gopherhole, in a menu
//! as items, in a text with their addresses.

use super::{Body, Part, made};
use crate::content::address::own;
use crate::content::{Gopher, Plan};
use crate::render::menu::{self, Lead};
use crate::render::{gemtext, plaintext};

/// What stands around each form of a page.
pub(super) struct Frame {
    /// Below a menu there is its end, too.
    pub(super) menu: Around,
    pub(super) text: Around,
    pub(super) gemtext: Around,
}

/// What stands above and below.
#[derive(Default)]
pub(super) struct Around {
    above: Option<Part>,
    below: Option<Part>,
}

impl Around {
    pub(super) fn body(&self, parts: impl IntoIterator<Item = Part>) -> Body {
        self.above.iter().cloned().chain(parts).chain(self.below.iter().cloned()).collect()
    }
}

impl Frame {
    pub(super) fn new(plan: &Plan, gopher: &Gopher) -> Frame {
        let masthead = &plan.masthead;
        let (above, below) = (masthead.header.as_deref(), masthead.footer.as_deref());
        Frame {
            menu: menus(plan, gopher, above, below),
            text: Around {
                above: above.map(|text| made(plaintext::wire(&(filled(plan, gopher, text) + "\n"), gopher.charset))),
                below: below
                    .map(|text| made(plaintext::wire(&format!("\n{}", filled(plan, gopher, text)), gopher.charset))),
            },
            gemtext: Around {
                above: above.map(|text| made((relinked(plan, gopher, text) + "\n").into_bytes())),
                below: below.map(|text| made(format!("\n{}", relinked(plan, gopher, text)).into_bytes())),
            },
        }
    }
}

fn menus(plan: &Plan, gopher: &Gopher, above: Option<&str>, below: Option<&str>) -> Around {
    let resolve = |url: &str| match own(url) {
        Some(address) => Lead::Item(plan.item(&address)),
        None => Lead::Elsewhere(url.to_owned()),
    };
    let blank = || {
        let mut menu = menu::Menu::new(gopher);
        menu.blank();
        menu.into_bytes()
    };
    let page = |text| menu::page(gopher, text, &resolve);
    let end = menu::Menu::new(gopher).end();
    Around {
        above: above.map(|text| made([page(text), blank()].concat())),
        below: Some(made(below.map_or_else(|| end.clone(), |text| [blank(), page(text), end.clone()].concat()))),
    }
}

fn filled(plan: &Plan, gopher: &Gopher, text: &str) -> String {
    let address = |url: &str| own(url).map_or_else(|| url.to_owned(), |address| gopher.url(&plan.item(&address)));
    plaintext::of_gemtext(text, gopher.width, gopher.charset, &address)
}

fn relinked(plan: &Plan, gopher: &Gopher, text: &str) -> String {
    gemtext::relinked(text, &|url| Some(gopher.url(&plan.gemtext_item(&own(url)?))))
}
