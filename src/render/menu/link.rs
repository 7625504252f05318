//! Where a link of a menu leads: another gopherhole's item, or an address in a `URL:` selector.
//!
//! RFC 4266, 2: `gopher://host:port/<type><selector>`, percent-encoded; without a path it is the root menu.

use crate::content::address::percent_decode;

/// An item of another gopherhole.
pub(super) struct Place {
    pub(super) kind: u8,
    pub(super) selector: String,
    pub(super) host: String,
    pub(super) port: u16,
}

/// The item a `gopher:` URL names, if it names one that a menu line can hold.
pub(super) fn gopher(url: &str) -> Option<Place> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("gopher") {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, if port.is_empty() { 70 } else { port.parse().ok()? })
        }
        Some(_) | None => (authority, 70),
    };
    let host = host.trim_matches(['[', ']']);
    let decoded = percent_decode(path.split('#').next()?.trim_start_matches('/'))?;
    let (kind, selector) = match decoded.as_bytes() {
        [] => (b'1', ""),
        [kind, ..] if kind.is_ascii_alphanumeric() || matches!(kind, b'+' | b';') => (*kind, &decoded[1..]),
        _ => return None,
    };
    let plain = |text: &str| !text.chars().any(|c| c.is_control() || super::is_invisible(c));
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    (named && plain(selector)).then(|| Place { kind, selector: selector.to_owned(), host: host.to_owned(), port })
}

/// An address in which no character ends a field, in ASCII.
pub(super) fn one_word(url: &str) -> String {
    let escape = |c: char| match !c.is_ascii_graphic() {
        true => {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect()
        }
        false => c.to_string(),
    };
    url.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_others() {
        let line = |url: &str| {
            gopher(url)
                .map(|place| format!("{}{} {}:{}", char::from(place.kind), place.selector, place.host, place.port))
        };
        assert_eq!(line("gopher://a.org").as_deref(), Some("1 a.org:70"));
        assert_eq!(line("gopher://a.org:7070/0/x%20y.txt").as_deref(), Some("0/x y.txt a.org:7070"));
        assert_eq!(line("GOPHER://[::1]:70/1").as_deref(), Some("1 ::1:70"));
        assert_eq!(line("gopher://a.org/7/find%09word"), None);
        assert_eq!(line("https://a.org/"), None);
        assert_eq!(one_word("https://a.org/\t\r\nx"), "https://a.org/%09%0D%0Ax");
    }
}
