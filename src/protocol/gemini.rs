//! Gemini: from the bytes of a request to the reply.
//!
//! On the way of the data this is the step between [`Site`] and the reply that `server` sends. Network
//! protocol specification 0.24.1, "Requests" and "Responses"; RFC 3986 for the address, sections 3 (syntax),
//! 5.2.4 (dot segments) and 6.2.2 (what is equivalent).
//!
//! ```text
//! request      = absolute-URI CRLF              ; the URI at most 1024 bytes
//! absolute-URI = scheme ":" hier-part [ "?" query ]
//! hier-part    = "//" host [ ":" port ] path-abempty
//! reply        = status [ SP meta ] CRLF [ body ]
//! ```
//!
//! A reader's path is looked up in the site and goes nowhere else.

mod host;
mod path;

use fluent_uri::Uri;
use fluent_uri::component::Authority;

use super::{Exchange, Reply, Step, Verdict};
use crate::site::{Body, Capsule, Found, Permanence, Site};
use path::NoPath;

/// The port of a URI that names none.
pub const PORT: u16 = 1965;

/// The longest request: 1,024 bytes of URI, and CRLF.
pub const LIMIT: usize = URI_BYTES + CRLF.len();

const URI_BYTES: usize = 1024;
const META_BYTES: usize = 1024;
const CRLF: &[u8] = b"\r\n";

/// The statuses of replies that maquis gives, as the specification names them.
#[derive(Clone, Copy)]
enum Status {
    Success = 20,
    RedirectTemporary = 30,
    RedirectPermanent = 31,
    TemporaryFailure = 40,
    SlowDown = 44,
    NotFound = 51,
    Gone = 52,
    ProxyRequestRefused = 53,
    BadRequest = 59,
}

/// Why a request is refused before the site is asked.
enum Refusal {
    Bad(&'static str),
    Foreign(&'static str),
    SlowDown { seconds: u32 },
}

const NO_CRLF: Refusal = Refusal::Bad("a request is a URI of at most 1024 bytes, then CR LF");
const NOT_ABSOLUTE: Refusal = Refusal::Bad("a request is an absolute URI, percent-encoded as in RFC 3986");
const NO_HOST: Refusal = Refusal::Bad("the URI names no host");
const USERINFO: Refusal = Refusal::Bad("the URI of a request has no user information");
const FRAGMENT: Refusal = Refusal::Bad("the URI of a request has no fragment");
const NO_PORT: Refusal = Refusal::Bad("the port is no number between 1 and 65535");
const ABOVE_ROOT: Refusal = Refusal::Bad("the path climbs above the root");
const NUL: Refusal = Refusal::Bad("the path holds a NUL");
const OTHER_SCHEME: Refusal = Refusal::Foreign("only gemini: is answered here");
const OTHER_NAME: Refusal = Refusal::Foreign("the URI names another host than the TLS handshake");
const OTHER_HOST: Refusal = Refusal::Foreign("no capsule of that name is here");
const OTHER_PORT: Refusal = Refusal::Foreign("no capsule on that port is here");

/// One step. Nothing is refused before CRLF or [`LIMIT`] bytes have come, and what stands after CRLF is ignored.
pub fn step(input: &[u8], exchange: &Exchange<'_>) -> Step {
    let window = &input[..input.len().min(LIMIT)];
    let reply = match window.windows(CRLF.len()).position(|pair| pair == CRLF) {
        Some(end) => answer(&window[..end], exchange),
        None if window.len() < LIMIT => return Step::NeedMore,
        None => Err(NO_CRLF),
    };
    Step::Reply(reply.unwrap_or_else(refuse))
}

/// The decoded path that a request's line asks for, if one can be looked up.
pub fn path(line: &[u8]) -> Option<String> {
    let (uri, _) = parse(line).ok()?;
    path::decode(uri.path().as_str()).ok()
}

/// What a capsule says where nothing is.
pub fn not_found(capsule: &Capsule) -> Reply {
    head_only(Status::NotFound, &capsule.not_found)
}

/// The reply where a page could not be read, for a reason that may pass.
pub fn temporary_failure() -> Reply {
    head_only(Status::TemporaryFailure, "")
}

fn answer(line: &[u8], exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let (uri, port) = parse(line)?;
    if let Verdict::SlowDown { seconds } = exchange.verdict {
        return Err(Refusal::SlowDown { seconds });
    }
    if !uri.scheme().as_str().eq_ignore_ascii_case("gemini") {
        return Err(OTHER_SCHEME);
    }
    let authority = uri.authority().ok_or(NO_HOST)?;
    let capsule = addressed(&authority, exchange)?;
    if port.is_some_and(|port| !exchange.ports.contains(&port)) {
        return Err(OTHER_PORT);
    }
    match path::decode(uri.path().as_str()) {
        Ok(path) => Ok(look_up(capsule, &path)),
        Err(NoPath::AboveRoot) => Err(ABOVE_ROOT),
        Err(NoPath::Nul) => Err(NUL),
        Err(NoPath::NoName) => Ok(not_found(capsule)),
    }
}

/// The URI of a well-formed request, and its port where it names one.
fn parse(line: &[u8]) -> Result<(Uri<&str>, Option<u16>), Refusal> {
    // Every character outside RFC 3986 is refused by the parser: controls, spaces, a lone CR, raw UTF-8.
    let text = str::from_utf8(line).map_err(|_| NOT_ABSOLUTE)?;
    let uri = Uri::parse(text).map_err(|_| NOT_ABSOLUTE)?;
    if uri.has_fragment() {
        return Err(FRAGMENT);
    }
    let authority = uri.authority();
    if authority.is_some_and(|authority| authority.has_userinfo()) {
        return Err(USERINFO);
    }
    let gemini = uri.scheme().as_str().eq_ignore_ascii_case("gemini");
    if gemini && authority.is_none_or(|authority| authority.host().is_empty()) {
        return Err(NO_HOST);
    }
    let port = match authority.map(|authority| authority.port_to_u16()) {
        Some(Ok(Some(0)) | Err(_)) => return Err(NO_PORT),
        Some(Ok(port)) => port,
        None => None,
    };
    Ok((uri, port))
}

/// The capsule that is meant, if it is here and if the handshake named it too.
fn addressed<'a>(authority: &Authority<'_>, exchange: &Exchange<'a>) -> Result<&'a Capsule, Refusal> {
    let host = host::canonical(authority);
    let capsule = host.as_deref().and_then(|host| exchange.site.capsule(host));
    match exchange.server_name {
        Some(name) if host.as_deref() != Some(name) && !same_capsule(exchange.site, name, capsule) => Err(OTHER_NAME),
        Some(_) | None => capsule.ok_or(OTHER_HOST),
    }
}

fn same_capsule(site: &Site, name: &str, capsule: Option<&Capsule>) -> bool {
    match (site.capsule(name), capsule) {
        (Some(named), Some(capsule)) => std::ptr::eq(named, capsule),
        (Some(_) | None, _) => false,
    }
}

fn look_up(capsule: &Capsule, path: &str) -> Reply {
    match capsule.find(path) {
        Found::Content { media_type, body } => content(media_type, body),
        Found::Moved { to, permanence } => {
            // An absolute path: nothing that the reader sent stands in it, its query included.
            let target = to.encoded();
            match permanence {
                _ if target.len() > META_BYTES => not_found(capsule),
                Permanence::Temporary => head_only(Status::RedirectTemporary, &target),
                Permanence::Permanent => head_only(Status::RedirectPermanent, &target),
            }
        }
        Found::Head(own) => Reply { head: line(own.status, &own.meta), body: None },
        Found::Gone => head_only(Status::Gone, &capsule.gone),
        Found::Missing => not_found(capsule),
    }
}

fn content(media_type: &str, body: &Body) -> Reply {
    Reply { head: head(Status::Success, media_type), body: Some(body.clone()) }
}

fn refuse(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::Bad(why) => head_only(Status::BadRequest, why),
        Refusal::Foreign(why) => head_only(Status::ProxyRequestRefused, why),
        Refusal::SlowDown { seconds } => head_only(Status::SlowDown, &seconds.to_string()),
    }
}

fn head_only(status: Status, meta: &str) -> Reply {
    Reply { head: head(status, meta), body: None }
}

fn head(status: Status, meta: &str) -> String {
    line(status as u8, meta)
}

/// `status [SP meta] CRLF`. The meta texts come from the author's files: whatever they hold, the head is one line.
fn line(status: u8, meta: &str) -> String {
    let meta = &meta[..meta.floor_char_boundary(META_BYTES)];
    if meta.is_empty() {
        return format!("{status}\r\n");
    }
    if meta.contains(char::is_control) {
        return format!("{status} {}\r\n", meta.replace(char::is_control, " "));
    }
    format!("{status} {meta}\r\n")
}
