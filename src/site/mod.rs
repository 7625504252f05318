//! The site: what is at every address, in one immutable snapshot.
//!
//! Made by [`assemble`] from the plan and the stored renderings, asked by `protocol`. It knows nothing of
//! sockets or files: a [`Body`] names places that `server` alone reads.

pub mod assemble;
mod feeds;
mod listings;
pub mod redirects;

use std::collections::HashMap;
use std::sync::Arc;

use crate::content::redirect::Redirects;
use crate::content::{Address, Language};

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
pub enum Part {
    Bytes(Arc<[u8]>),
    Stored(Stored),
    File(FilePlace),
}

/// A place in the page store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    pub offset: u64,
    /// Bytes.
    pub len: u32,
}

/// A file of a capsule's source folder, opened beneath that folder when it is sent.
pub struct FilePlace {
    /// The index of the capsule.
    pub capsule: usize,
    /// Relative to its source folder.
    pub path: Box<str>,
}

/// The answer to a look-up.
pub enum Found<'a> {
    Content { media_type: &'a str, body: &'a Body },
    Moved { to: Address, permanence: Permanence },
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
            Some(Resource::Gone) => Found::Gone,
            None => match redirects::canonical(self, path).or_else(|| self.redirects.moved(path)) {
                Some(to) => Found::Moved { to, permanence: Permanence::Permanent },
                None if self.redirects.gone.matches(path) => Found::Gone,
                None => Found::Missing,
            },
        }
    }
}
