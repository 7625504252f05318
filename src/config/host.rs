//! Names a capsule answers to: from what the author writes to the form in which readers' requests are compared.
//!
//! RFC 3986 3.2.2 (host), UTS 46 (internationalised names become A-labels).

use std::net::{IpAddr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// A host in lower case: A-labels without a final dot, or an address (IPv6 without brackets).
pub(super) fn parse(text: &str) -> Result<String, String> {
    let name = text.trim();
    if let Some(address) = address(name) {
        return Ok(address.to_string());
    }
    if name.contains("://") || name.contains('/') {
        return Err(format!("`{text}` is an address; write the name only, such as `example.org`"));
    }
    if name.contains('*') {
        return Err(format!("`{text}` stands for many names; write each of them"));
    }
    if name.contains(':') {
        return Err(format!("`{text}` holds a port; write the name only, and the port in `listen`"));
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    Uts46::new()
        .to_ascii(name.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map(|name| name.into_owned())
        .map_err(|_| format!("`{text}` is not a host name, such as `example.org`"))
}

/// The IP address this is, with or without the brackets of IPv6.
pub(super) fn address(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// Whether only this machine reaches it.
pub(super) fn is_local(host: &str) -> bool {
    match address(host) {
        Some(address) => address.is_loopback(),
        None => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_a_labels() {
        for (text, host) in [
            ("Example.ORG.", "example.org"),
            ("été.example", "xn--t-9fab.example"),
            ("xn--t-9fab.example", "xn--t-9fab.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "::1"),
            ("[2001:DB8::1]", "2001:db8::1"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(host), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(64);
        for text in
            ["", ".", "a b", "a_b", "-a", "a..b", "gemini://a/", "a:1965", "*.a", "xn--a", "[::1", long.as_str()]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
