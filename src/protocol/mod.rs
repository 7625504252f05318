//! The contract every protocol keeps: [`Protocol::step`], from the bytes so far to what to do next.
//!
//! A step is *total* (any bytes give a step, none panics), *bounded* (at [`Protocol::limit`] bytes the answer
//! is never [`Step::NeedMore`]), *stable* (how the bytes were cut up changes nothing) and *silent* (it does no
//! IO). One connection is one request and one reply on every protocol: there is no session, and so nothing to
//! remember a reader by. Types here hold what a reader sent: they have no `Debug` and no `Display`.

pub mod gemini;
pub mod gopher;

use crate::content::gopher::PORT;
use crate::site::{Body, Capsule, Site};

/// The protocols maquis speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Gemini,
    Gopher,
}

/// What to do with the bytes so far.
pub enum Step {
    /// Read on.
    NeedMore,
    /// Send this and close.
    Reply(Reply),
}

/// A head, sent as it is, and the body after it.
pub struct Reply {
    pub head: String,
    pub body: Option<Body>,
}

/// What a request is seen against.
pub struct Exchange<'a> {
    pub site: &'a Site,
    /// The name asked for in the TLS handshake, lower case, an A-label, without a final dot.
    pub server_name: Option<&'a str>,
    /// The ports that are ours: the bound one and the advertised one.
    pub ports: [u16; 2],
    /// The capsule that answers where the request names no host, as in Gopher.
    pub capsule: usize,
    pub verdict: Verdict,
}

/// What the limiter says of the reader's prefix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Welcome,
    /// Too many requests; come back after so many seconds.
    SlowDown {
        seconds: u32,
    },
}

impl Protocol {
    pub const ALL: [Protocol; 2] = [Protocol::Gemini, Protocol::Gopher];

    /// The port that readers use where nothing else is said.
    pub fn port(self) -> u16 {
        match self {
            Protocol::Gemini => gemini::PORT,
            Protocol::Gopher => PORT,
        }
    }

    /// The bytes after which a request is complete or refused.
    pub fn limit(self) -> usize {
        match self {
            Protocol::Gemini => gemini::LIMIT,
            Protocol::Gopher => gopher::LIMIT,
        }
    }

    /// One step: see the module's contract.
    pub fn step(self, input: &[u8], exchange: &Exchange<'_>) -> Step {
        match self {
            Protocol::Gemini => gemini::step(input, exchange),
            Protocol::Gopher => gopher::step(input, exchange),
        }
    }

    /// The reply where the site names a file that is there no more.
    pub fn not_found(self, capsule: &Capsule) -> Reply {
        match self {
            Protocol::Gemini => gemini::not_found(capsule),
            Protocol::Gopher => gopher::not_found(capsule),
        }
    }

    /// The reply where a body cannot be read just now.
    pub fn temporary_failure(self) -> Reply {
        match self {
            Protocol::Gemini => gemini::temporary_failure(),
            Protocol::Gopher => gopher::temporary_failure(),
        }
    }
}
