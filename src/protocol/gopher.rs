//! Gopher, as RFC 1436 has it and today's clients speak it: a selector in, a menu, a text or a file out.
//!
//! ```text
//! request  = selector [ TAB query ] [ TAB gopher+ ] [ CR ] LF   ; the selector at most 1024 bytes
//! menu     = *( type display TAB selector TAB host TAB port CRLF ) "." CRLF
//! text     = *( line CRLF )                                     ; no final dot, no stuffing
//! ```
//!
//! Selectors come with or without a leading slash, percent-encoded or not, in either Unicode form. Queries and
//! gopher+ suffixes are ignored. `URL:` selectors get a page that leads on, for clients that know no other way; a web
//! browser on the port hears where it is. A selector is looked up in the site and goes nowhere else.

mod html;

use std::sync::Arc;

use super::{Exchange, Reply, Step, Verdict};
use crate::content::Address;
use crate::content::address::percent_decode;
use crate::render::{menu, words};
use crate::site::gopherhole::Gopherhole;
use crate::site::{Body, Capsule, Part};

/// The longest request: 1,024 bytes of selector, and CRLF.
pub const LIMIT: usize = SELECTOR_BYTES + 2;

const SELECTOR_BYTES: usize = 1024;

/// Said where no gopherhole is there to say it better.
const NOTHING: &str = "3Nothing is here.\t\terror.host\t1\r\n.\r\n";
const UNREADABLE: &str = "3This cannot be read just now; please come back.\t\terror.host\t1\r\n.\r\n";
const TOO_LONG: &str = "3A selector is at most 1024 bytes.\t\terror.host\t1\r\n.\r\n";

/// One step. A request ends with its first line; nothing is answered before.
pub fn step(input: &[u8], exchange: &Exchange<'_>) -> Step {
    let window = &input[..input.len().min(LIMIT)];
    let line = match window.iter().position(|&byte| byte == b'\n') {
        Some(end) => window[..end].strip_suffix(b"\r").unwrap_or(&window[..end]),
        None if window.len() < LIMIT => return Step::NeedMore,
        None => return Step::Reply(text(TOO_LONG)),
    };
    if line.len() > SELECTOR_BYTES {
        return Step::Reply(text(TOO_LONG));
    }
    let capsule = exchange.site.capsules.get(exchange.capsule);
    Step::Reply(match capsule.and_then(|capsule| capsule.gopherhole.as_ref()) {
        Some(hole) => answer(line, hole, exchange.verdict),
        None => text(NOTHING),
    })
}

/// What a capsule says where nothing is.
pub fn not_found(capsule: &Capsule) -> Reply {
    capsule.gopherhole.as_ref().map_or_else(|| text(NOTHING), |hole| content(&hole.not_found))
}

/// The reply where a page could not be read, for a reason that may pass.
pub fn temporary_failure() -> Reply {
    text(UNREADABLE)
}

fn answer(line: &[u8], hole: &Gopherhole, verdict: Verdict) -> Reply {
    if let Verdict::SlowDown { seconds } = verdict {
        let message = words::slow_down(&hole.language, seconds);
        return bytes(menu::message(&hole.gopher, &hole.language, &message));
    }
    if html::is_request(line) {
        return bytes(html::not_the_web(hole));
    }
    let selector = decoded(line.split(|&byte| byte == b'\t').next().unwrap_or(line));
    if let Some(url) = selector.strip_prefix('/').unwrap_or(&selector).strip_prefix("URL:") {
        return html::leads_on(url).map_or_else(|| content(&hole.not_found), bytes);
    }
    find(hole, &selector).map_or_else(|| content(&hole.not_found), content)
}

/// A selector as it came, else percent-decoded.
fn find<'a>(hole: &'a Gopherhole, selector: &str) -> Option<&'a Body> {
    let at = |selector: &str| Address::parse(selector).ok().and_then(|address| hole.find(&address));
    at(selector).or_else(|| at(&percent_decode(selector).filter(|decoded| decoded != selector)?))
}

/// UTF-8, or else what an old terminal types.
fn decoded(selector: &[u8]) -> String {
    match str::from_utf8(selector) {
        Ok(selector) => selector.to_owned(),
        Err(_) => selector.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn content(body: &Body) -> Reply {
    Reply { head: String::new(), body: Some(Arc::clone(body)) }
}

fn bytes(bytes: Vec<u8>) -> Reply {
    content(&(Arc::new([Part::Bytes(bytes.into())]) as Body))
}

fn text(text: &str) -> Reply {
    bytes(text.as_bytes().to_vec())
}
