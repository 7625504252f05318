//! Where links lead, as written in a line and as shown to people (conversion.md, "URLs" and "inline link").
//!
//! Shared by the formats: an address that never breaks its line, and the short form of it that names a link
//! without a name.

use std::borrow::Cow;

use crate::content::document::Target;

/// How links to the capsule's own pages are written.
#[derive(Clone, Copy, Debug)]
pub enum Base<'a> {
    /// As absolute paths: `/posts/x/`.
    Path,
    /// As full addresses, in feeds: this (`gemini://example.org`, no slash at the end) and the path.
    Url(&'a str),
}

/// What tells addresses apart, whatever their kind.
pub(super) type Key<'a> = (bool, &'a str);

/// The address as a link line holds it: no white space, no control character, never empty.
pub(super) fn url<'a>(target: &'a Target, base: Base<'_>) -> Cow<'a, str> {
    match (target, base) {
        (Target::Page(address) | Target::File(address, _), Base::Path) => Cow::Owned(address.encoded()),
        (Target::Page(address) | Target::File(address, _), Base::Url(prefix)) => {
            Cow::Owned(format!("{prefix}{}", address.encoded()))
        }
        (Target::Elsewhere(url), _) if url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.is_empty() => {
            Cow::Borrowed(url)
        }
        (Target::Elsewhere(url), _) => Cow::Owned(encoded(url)),
        (Target::Nowhere, _) => Cow::Borrowed("/"),
    }
}

fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for character in url.chars() {
        if character.is_whitespace() || character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(character);
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

pub(super) fn key(target: &Target) -> Key<'_> {
    match target {
        Target::Page(address) | Target::File(address, _) => (false, address.as_str()),
        // An empty path and `/` are one.
        Target::Elsewhere(url) => match url.strip_suffix('/') {
            Some(bare) if !without_scheme(bare).contains('/') && bare.contains("://") => (true, bare),
            Some(_) | None => (true, url),
        },
        Target::Nowhere => (true, ""),
    }
}

/// Whether a link's text is an address itself: a bare URL. An e-mail address reads well as it is.
pub(super) fn is_url(name: &str, target: &Target) -> bool {
    let scheme = name.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
    let itself = matches!(target, Target::Elsewhere(url) if name == url.as_ref());
    let one_word = !name.contains(char::is_whitespace);
    itself || one_word && (scheme || name.starts_with("www."))
}

/// The host of a full URL, with its port; empty for an address of the capsule.
pub(super) fn host(target: &Target) -> &str {
    match target {
        Target::Page(_) | Target::File(..) | Target::Nowhere => "",
        Target::Elsewhere(url) => {
            let host = without_scheme(url).split(['/', '?', '#']).next().unwrap_or(url);
            host.rsplit('@').next().unwrap_or(host)
        }
    }
}

/// An address's query, the pieces of its path from the last on, and its fragment, decoded: what tells it from others of its
/// host.
pub(super) fn pieces(target: &Target) -> Vec<Cow<'_, str>> {
    let decoded = |piece| match crate::content::address::percent_decode(piece) {
        Some(decoded) if piece.contains('%') && !decoded.contains(char::is_control) => Cow::Owned(decoded),
        Some(_) | None => Cow::Borrowed(piece),
    };
    let (rest, fragment) = match target {
        Target::File(address, _) => (address.as_str(), ""),
        Target::Elsewhere(url) => {
            let rest = without_scheme(url);
            let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
            (rest.find(['/', '?']).map_or("", |at| &rest[at..]), fragment)
        }
        // The whole path of a page of the capsule is short enough.
        Target::Page(_) | Target::Nowhere => ("", ""),
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    // An encyclopedia's titles.
    let is_title = path.starts_with("/wiki/");
    let piece = |piece| if is_title { Cow::Owned(decoded(piece).replace('_', " ")) } else { decoded(piece) };
    // Where there is one parameter, its value says all.
    let value = query.split_once('=').filter(|(_, value)| !value.contains('&')).map_or(query, |(_, value)| value);
    let fragment = match fragment.strip_prefix("narrow/").and_then(|narrow| narrow.split_once("/topic/")) {
        // A conversation's topic (Zulip).
        Some((_, topic)) => {
            let topic = topic.split('/').next().unwrap_or(topic).replace('.', "%");
            crate::content::address::percent_decode(&topic).unwrap_or(topic)
        }
        None if fragment.is_empty() => String::new(),
        None => format!("#{}", decoded(fragment)),
    };
    let path = path.rsplit('/').take(MAX_PIECES).map(piece);
    std::iter::once(decoded(value))
        .chain(path)
        .chain([Cow::Owned(fragment)])
        .filter(|piece| piece.contains(char::is_alphanumeric) && !piece.contains(char::is_control))
        .collect()
}

/// No more pieces of a path are looked at for one that differs.
const MAX_PIECES: usize = 8;

/// Pictures of words: build badges, shields.
pub(super) fn is_shield(target: &Target) -> bool {
    matches!(target, Target::Elsewhere(url) if ["shields.io", "/badge", "badge.svg"].iter().any(|sign| url.contains(sign)))
}

/// Pictures that say nothing: build badges, counters, emoji. Only asked where no alternative text speaks for them.
pub(super) fn is_badge(target: &Target) -> bool {
    match target {
        Target::Page(_) | Target::File(..) | Target::Nowhere => false,
        Target::Elsewhere(url) => ["shields.io", "badge", "emoji", "pixel"].iter().any(|sign| url.contains(sign)),
    }
}

/// The name of a file that a reader would call by it: a picture, a document.
pub(super) fn file_name(target: &Target) -> Option<&str> {
    const ENDINGS: [&str; 22] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "pdf", "csv", "zip", "gz", "mp3", "mp4", "ogg", "webm",
        "json", "xml", "txt", "epub", "odt", "rs", "py",
    ];
    let path = match target {
        Target::File(address, _) => address.as_str(),
        Target::Elsewhere(url) => {
            let path = without_scheme(url).split(['?', '#']).next().unwrap_or("");
            if url.contains("://") { path.split_once('/')?.1 } else { path }
        }
        Target::Page(_) | Target::Nowhere => return None,
    };
    let name = path.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains('%'))?;
    let known =
        name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    (known || matches!(target, Target::File(..))).then_some(name)
}

/// All of an address but its scheme, for those that differ in nothing else.
pub(super) fn whole(target: &Target) -> &str {
    match target {
        Target::Elsewhere(url) => without_scheme(url),
        Target::Page(_) | Target::File(..) | Target::Nowhere => target.name(),
    }
}

/// A label with a query is no longer than this, in characters.
const MAX_QUERY: usize = 80;

/// Host and path, for a label: no scheme, no slash at the end, a query only where it is short. A capsule's own page:
/// its path, decoded.
pub(super) fn place(target: &Target) -> Cow<'_, str> {
    match target {
        Target::Page(address) | Target::File(address, _) => Cow::Borrowed(address.as_str()),
        Target::Nowhere => Cow::Borrowed(""),
        Target::Elsewhere(url) => {
            let rest = without_scheme(url).trim_start_matches("www.");
            let rest = rest.split('#').next().unwrap_or(rest);
            if let Some((path, query)) = rest.split_once('?')
                && rest.len() <= MAX_QUERY
                && !query.is_empty()
                && !rest.contains('%')
                && !path.is_empty()
            {
                return Cow::Borrowed(rest);
            }
            let path = rest.split('?').next().unwrap_or(url).trim_end_matches('/');
            match crate::content::address::percent_decode(path) {
                Some(decoded) if path.contains('%') && is_plain(&decoded) => Cow::Owned(decoded),
                Some(_) | None if path.is_empty() => Cow::Borrowed(url),
                Some(_) | None => Cow::Borrowed(path),
            }
        }
    }
}

/// Whether a decoded path can stand in a line as it is; a terminal would obey what it controls it with.
fn is_plain(decoded: &str) -> bool {
    !decoded.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

fn without_scheme(url: &str) -> &str {
    match url.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => rest.trim_start_matches('/'),
        Some(_) | None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Address;

    fn elsewhere(url: &str) -> Target {
        Target::Elsewhere(url.into())
    }

    #[test]
    fn places_and_hosts() {
        assert_eq!(place(&elsewhere("https://www.example.org/a/?b=c#d")), "example.org/a/?b=c");
        assert_eq!(place(&elsewhere(&format!("https://example.org/a/?b={}", "c".repeat(80)))), "example.org/a");
        assert_eq!(place(&elsewhere("https://fr.wikipedia.org/wiki/%C3%89t%C3%A9")), "fr.wikipedia.org/wiki/Été");
        assert_eq!(place(&elsewhere("mailto:a@example.org")), "a@example.org");
        assert_eq!(place(&elsewhere("https://example.org/a%1B[31m.png")), "example.org/a%1B[31m.png");
        assert_eq!(place(&Target::Page(Address::parse("/été/").unwrap())), "/été/");
        assert_eq!(host(&elsewhere("https://me@example.org:8080/x")), "example.org:8080");
    }

    #[test]
    fn an_address_never_breaks_its_line() {
        assert_eq!(url(&elsewhere("gemini://h/ a\nb\u{2028}"), Base::Path), "gemini://h/%20a%0Ab%E2%80%A8");
        let page = Target::Page(Address::parse("/é/").unwrap());
        assert_eq!(url(&page, Base::Path), "/%C3%A9/");
        assert_eq!(url(&page, Base::Url("gemini://h")), "gemini://h/%C3%A9/");
    }
}
