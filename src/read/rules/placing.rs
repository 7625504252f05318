//! What the plan asks a layout about, and what it answers: a page to be placed, its address, whether it is made.

use jiff::tz::TimeZone;

use crate::content::{Address, Moment, PageKind};
use crate::read::hugo::Handed;
use crate::read::place::Place;
use crate::read::plan::{Headed, page_path};

/// A page, and where the plan is about to put it.
pub(in crate::read) struct Placing<'a> {
    pub(in crate::read) headed: &'a Headed,
    pub(in crate::read) place: &'a Place,
    pub(in crate::read) kind: PageKind,
    /// The path part of the blog's web address.
    pub(in crate::read) prefix: &'a Address,
    /// The home of its edition, and where the edition's pages start.
    pub(in crate::read) home: &'a Address,
    pub(in crate::read) root: &'a Address,
    /// Its date, its own or its name's.
    pub(in crate::read) date: Option<Moment>,
    pub(in crate::read) timezone: &'a TimeZone,
}

/// The address of a page, and its path on the web where that is another.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::read) struct Placed {
    pub(in crate::read) address: Address,
    pub(in crate::read) web_path: Option<String>,
}

impl Placed {
    /// An address that is the web's too.
    pub(in crate::read) fn at(address: Address) -> Placed {
        Placed { address, web_path: None }
    }

    /// From a path on the web beneath `prefix`, decoded: `2020/01/02/x.html` is at `/2020/01/02/x/`.
    pub(in crate::read) fn on_the_web(prefix: &Address, path: &str) -> Option<Placed> {
        let address = prefix.child(&page_path(path)).ok()?;
        let web = prefix.child(path.trim_start_matches('/')).ok()?;
        let web_path = (web != address).then(|| web.encoded());
        Some(Placed { address, web_path })
    }
}

/// Whether a page is made and listed.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::read) struct Build {
    pub(in crate::read) draft: bool,
    pub(in crate::read) render: bool,
    pub(in crate::read) list: bool,
}

impl Build {
    /// As front matter says.
    pub(super) fn own(headed: &Headed) -> Build {
        Build {
            draft: headed.front.draft,
            render: headed.front.render.unwrap_or(true),
            list: headed.front.list.unwrap_or(true),
        }
    }
}

/// What folders hand down to the pages in them.
pub(in crate::read) enum Inherited {
    Nothing,
    Hugo(Vec<Handed>),
    /// Zola's folders whose section is a draft.
    Closed(Vec<String>),
}
