//! The site: what is at every address, in one immutable snapshot.
//!
//! Made by [`assemble`] from the plan and the stored renderings, asked by `protocol`. It knows nothing of
//! sockets or files: a [`Body`] names places that `server` alone reads.

pub mod assemble;
mod feeds;
pub mod gopherhole;
mod listings;
pub mod redirects;
pub mod tree;

use std::collections::HashMap;
use std::sync::Arc;

use crate::content::files::Head;
use crate::content::picture::Picture;
use crate::content::redirect::Redirects;
use crate::content::{Address, Language};
use gopherhole::Gopherhole;

/// All capsules of one process.
pub struct Site {
    pub capsules: Vec<Capsule>,
}

/// One capsule: its names and its resources.
pub struct Capsule {
    /// Lower case, A-labels; the first is canonical.
    pub hosts: Vec<String>,
    pub language: Language,
    /// The meta text of a 51, in the capsule's language: one line, at most 1,024 bytes.
    pub not_found: String,
    /// The meta text of a 52.
    pub gone: String,
    pub resources: HashMap<Address, Resource>,
    /// The author's rules for what is at no address.
    pub redirects: Redirects,
    /// The same over Gopher, where it is served.
    pub gopherhole: Option<Gopherhole>,
}

/// What is at an address.
pub enum Resource {
    Content {
        media_type: Arc<str>,
        body: Body,
    },
    Moved {
        to: Address,
        permanence: Permanence,
    },
    /// A whole reply of the author's own.
    Head(Head),
    /// It was here and is no more.
    Gone,
}

/// Whether a move is for good; a client may rewrite a bookmark for one that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permanence {
    Temporary,
    Permanent,
}

/// The parts of a body, sent one after the other.
pub type Body = Arc<[Part]>;

/// Where bytes of a body are.
#[derive(Clone)]
pub enum Part {
    Bytes(Arc<[u8]>),
    Stored(Stored),
    File(FilePlace),
}

/// A place in the page store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stored {
    pub offset: u64,
    /// Bytes.
    pub len: u32,
}

/// What is made of one source: a rendering for each way it is served. What is not served is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Renderings<T> {
    /// For Gemini.
    pub gemtext: T,
    /// For Gopher: the text of a post, …
    pub text: T,
    /// … the menu of its links, of it, or of an introduction, …
    pub menu: T,
    /// … and its gemtext with links that lead to the gopherhole.
    pub linked: T,
}

impl<T> Renderings<T> {
    pub const COUNT: usize = 4;

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.gemtext, &self.text, &self.menu, &self.linked].into_iter()
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Renderings<U> {
        Renderings::from(self.into_array().map(change))
    }

    /// In the order of the fields.
    pub fn into_array(self) -> [T; 4] {
        [self.gemtext, self.text, self.menu, self.linked]
    }
}

impl<T> From<[T; 4]> for Renderings<T> {
    fn from([gemtext, text, menu, linked]: [T; 4]) -> Renderings<T> {
        Renderings { gemtext, text, menu, linked }
    }
}

/// A file of a capsule's source folder, opened beneath that folder when it is sent.
#[derive(Clone)]
pub struct FilePlace {
    /// The index of the capsule.
    pub capsule: usize,
    /// Relative to its source folder.
    pub path: Box<str>,
    /// What of it is sent, where that is not the whole.
    pub picture: Option<Arc<Picture>>,
}

/// The answer to a look-up.
pub enum Found<'a> {
    Content { media_type: &'a str, body: &'a Body },
    Moved { to: Address, permanence: Permanence },
    Head(&'a Head),
    Gone,
    Missing,
}

impl Site {
    /// The capsule that answers to a name (lower case, A-label, no final dot).
    pub fn capsule(&self, host: &str) -> Option<&Capsule> {
        self.capsules.iter().find(|capsule| capsule.hosts.iter().any(|name| name == host))
    }
}

impl Capsule {
    /// What is at a decoded path beginning with `/`; other forms of an address are moves to its canonical one.
    pub fn find(&self, path: &str) -> Found<'_> {
        match self.resources.get(path) {
            Some(Resource::Content { media_type, body }) => Found::Content { media_type, body },
            Some(Resource::Moved { to, permanence }) => Found::Moved { to: to.clone(), permanence: *permanence },
            Some(Resource::Head(head)) => Found::Head(head),
            Some(Resource::Gone) => Found::Gone,
            None => match redirects::canonical(self, path).or_else(|| self.redirects.moved(path)) {
                Some(to) => Found::Moved { to, permanence: Permanence::Permanent },
                None if self.redirects.gone.matches(path) => Found::Gone,
                None => Found::Missing,
            },
        }
    }
}
