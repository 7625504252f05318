//! What a capsule says of itself: the part of the configuration that pages need.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::address::percent_decode;
use super::files::FileRules;
use super::language::Words;
use super::{Address, Gopher, Language};

/// The standing facts of one capsule.
#[derive(Clone, Debug)]
pub struct Masthead {
    /// Names it answers to, lower case, A-labels; the first is canonical. Never empty.
    pub hosts: Vec<String>,
    /// The port readers use.
    pub port: u16,
    /// The blog's title; the canonical host where nobody gave one.
    pub title: String,
    /// The author shown where a post names none.
    pub author: Option<String>,
    /// The language of pages that say nothing else.
    pub language: Language,
    /// Where the same blog stands on the web.
    pub web: Option<Web>,
    /// The zone in which a date without a zone is meant.
    pub timezone: TimeZone,
    /// A link for readers who want to write, shown at the foot of posts.
    pub contact: Option<String>,
    /// On which terms texts may be passed on, shown at the foot of posts and in feeds.
    pub licence: Option<Licence>,
    /// The author's own words where maquis adds some.
    pub words: Vec<OwnWords>,
    /// Gemtext of the author's above and below every page that maquis writes.
    pub header: Option<String>,
    pub footer: Option<String>,
    /// How files are sent, where their names do not say it.
    pub files: Arc<FileRules>,
    /// How it is served over Gopher, where it is.
    pub gopher: Option<Gopher>,
}

/// The terms of a text: `CC BY-SA 4.0`, and where they can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    pub name: String,
    pub url: Option<String>,
}

/// Words for the pages in a language; without one, for those in the capsule's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnWords {
    pub language: Option<Language>,
    pub words: Arc<Words>,
}

/// The blog on the web: `https://x.org/blog/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// The host, lower case, with its port where the address has one.
    pub authority: String,
    /// The path part, a folder: `/blog/`; it is kept in the capsule's addresses.
    pub path: Address,
    /// Scheme and authority, without a slash at the end: `https://x.org`.
    pub origin: String,
}

impl Web {
    /// From an `http` or `https` URL; its path is read as a folder.
    pub fn parse(url: &str) -> Option<Web> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let authority = authority.to_ascii_lowercase();
        let path = percent_decode(path.split(['?', '#']).next().unwrap_or(""))?;
        let path = Address::parse(&path).ok()?.as_folder();
        (!authority.is_empty()).then(|| Web { origin: format!("{scheme}://{authority}"), authority, path })
    }
}

impl Masthead {
    /// A language with the author's own words for it.
    pub fn spoken(&self, language: Language) -> Language {
        let of = |own: &&OwnWords| own.language.as_ref().unwrap_or(&self.language).primary() == language.primary();
        // Words for `pt-BR` come before those for `pt`.
        let exact = self.words.iter().find(|own| own.language.as_ref() == Some(&language));
        let own = exact.or_else(|| self.words.iter().find(of)).map(|own| Arc::clone(&own.words));
        language.with_words(own)
    }

    /// The canonical name.
    pub fn host(&self) -> &str {
        self.hosts.first().map_or("localhost", String::as_str)
    }

    /// The full address of a page: scheme, canonical host, port unless it is the default.
    pub fn url(&self, address: &Address) -> String {
        // IPv6 stands in brackets (RFC 3986, 3.2.2).
        let host = if self.host().contains(':') { format!("[{}]", self.host()) } else { self.host().to_owned() };
        match self.port {
            1965 => format!("gemini://{host}{}", address.encoded()),
            port => format!("gemini://{host}:{port}{}", address.encoded()),
        }
    }
}
