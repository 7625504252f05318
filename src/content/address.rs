//! The address of a resource on its capsule: the path part of its URL, decoded.
//!
//! Made by `read` from source paths and front matter, looked up by `site`, percent-encoded by `render`.
//! RFC 3986 sections 3.3 (path) and 5.2.4 (dot segments).

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// An absolute path such as `/posts/été/`: percent-decoded, in Unicode NFC, without dot segments,
/// empty segments or control characters. A final `/` is kept: `/posts/` and `/posts` are two addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Box<str>);

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// A `..` climbs above the root.
    AboveRoot,
    /// It holds a control character.
    Control,
}

impl Address {
    /// `/`, the home page.
    pub fn root() -> Address {
        Address("/".into())
    }

    /// From decoded text, relative to the root whether or not it begins with `/`.
    /// Dot segments are resolved and empty segments dropped.
    pub fn parse(text: &str) -> Result<Address, NoAddress> {
        Address::relative("/", text)
    }

    /// This address, seen as the base of a relative reference: `/a/b` and `/a/` join `../c` to `/c`.
    /// A reference that begins with `/` starts at the root.
    pub fn join(&self, reference: &str) -> Result<Address, NoAddress> {
        Address::relative(&self.0, reference)
    }

    /// The address of `name` in this folder; a `/` at the end of `name` is kept.
    pub fn child(&self, name: &str) -> Result<Address, NoAddress> {
        Address::relative(&format!("{}/", self.0.trim_end_matches('/')), name)
    }

    /// A reference relative to a base, such as a place in the layout (`posts/x.md`).
    pub fn relative(base: &str, reference: &str) -> Result<Address, NoAddress> {
        if reference.chars().any(char::is_control) {
            return Err(NoAddress::Control);
        }
        let mut segments: Vec<&str> = Vec::new();
        let folder = &base[..base.rfind('/').map_or(0, |at| at + 1)];
        let start = if reference.starts_with('/') { "" } else { folder };
        for segment in start.split('/').chain(reference.split('/')) {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop().ok_or(NoAddress::AboveRoot)?;
                }
                name => segments.push(name),
            }
        }
        let last = reference.rsplit('/').next().unwrap_or("");
        let folder = matches!(last, "" | "." | "..");
        let mut path = String::with_capacity(base.len() + reference.len() + 1);
        for segment in &segments {
            path.push('/');
            path.push_str(segment);
        }
        if folder || segments.is_empty() {
            path.push('/');
        }
        Ok(Address(nfc(path).into()))
    }

    /// The path of an address, without its end, with another: `/x` and `.txt`. Nothing in it has to be resolved again.
    pub(super) fn beside(stem: &str, ending: &str) -> Address {
        let stem = if ending == "/" { stem.trim_end_matches('/') } else { stem };
        Address(format!("{stem}{ending}").into())
    }

    /// The decoded path, beginning with `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it ends in `/`.
    pub fn is_folder(&self) -> bool {
        self.0.ends_with('/')
    }

    /// The folder around it: `/a/b` and `/a/b/` are in `/a/`; the root is in itself.
    pub fn parent(&self) -> Address {
        let path = self.0.trim_end_matches('/');
        Address(path[..path.rfind('/').map_or(0, |at| at + 1)].into()).or_root()
    }

    fn or_root(self) -> Address {
        if self.0.is_empty() { Address::root() } else { self }
    }

    /// The last segment, without its `/`; empty for the root.
    pub fn name(&self) -> &str {
        self.0.trim_end_matches('/').rsplit('/').next().unwrap_or("")
    }

    /// With a `/` at its end.
    pub fn as_folder(&self) -> Address {
        if self.is_folder() { self.clone() } else { Address(format!("{}/", self.0).into()) }
    }

    /// Percent-encoded, as it stands in a URL: everything but the unreserved characters, `/` and the
    /// sub-delimiters that no client mistakes is encoded (RFC 3986, 3.3 `pchar`).
    pub fn encoded(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
                b'-' | b'.' | b'_' | b'~' | b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
                | b';' | b'=' | b':' | b'@' => out.push(byte as char),
                _ => {
                    out.push('%');
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
                }
            }
        }
        out
    }
}

/// Endings that a page's address does not have, and what stands in their place.
const ENDINGS: [(&str, &str); 9] = [
    ("/index.gmi", "/"),
    ("/index.gemini", "/"),
    ("/index.html", "/"),
    ("/index.htm", "/"),
    ("/index.md", "/"),
    (".html", "/"),
    (".htm", "/"),
    (".md", "/"),
    (".gmi", "/"),
];

/// The paths that may be meant by a path at which nothing is: with a slash at its end, without a web ending.
pub fn other_forms(path: &str) -> impl Iterator<Item = String> {
    let folder = (!path.ends_with('/')).then(|| format!("{path}/"));
    let ended = ENDINGS
        .iter()
        .filter_map(move |(ending, instead)| path.strip_suffix(ending).map(|rest| format!("{rest}{instead}")));
    folder.into_iter().chain(ended)
}

fn nfc(text: String) -> String {
    if is_nfc(&text) { text } else { text.nfc().collect() }
}

impl std::borrow::Borrow<str> for Address {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Percent-decodes once. `None` for a broken escape or where the result is not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// The address a link of gemtext that maquis wrote leads to, if it stays on the capsule.
pub fn own(url: &str) -> Option<Address> {
    let path = url.strip_prefix('/').filter(|rest| !rest.starts_with('/')).map(|_| url)?;
    Address::parse(&percent_decode(path)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_and_empty_segments_are_resolved() {
        assert_eq!(Address::parse("a/./b//../c").unwrap().as_str(), "/a/c");
        assert_eq!(Address::parse("/a/..").unwrap().as_str(), "/");
        assert_eq!(Address::parse("/..").unwrap_err(), NoAddress::AboveRoot);
        assert_eq!(Address::parse("/posts/x/").unwrap().join("../y/").unwrap().as_str(), "/posts/y/");
        assert_eq!(Address::parse("/posts/x").unwrap().join("y").unwrap().as_str(), "/posts/y");
        assert_eq!(Address::parse("/posts").unwrap().child("y").unwrap().as_str(), "/posts/y");
    }

    #[test]
    fn both_unicode_forms_are_one_address() {
        assert_eq!(Address::parse("/e\u{301}te\u{301}/").unwrap(), Address::parse("/été/").unwrap());
        assert_eq!(Address::parse("/été/").unwrap().encoded(), "/%C3%A9t%C3%A9/");
    }

    #[test]
    fn parents_and_names() {
        let post = Address::parse("/posts/x/").unwrap();
        assert_eq!((post.parent().as_str(), post.name()), ("/posts/", "x"));
        assert_eq!(Address::root().parent().as_str(), "/");
    }
}
