//! The host of a request in the one form the site knows: lower case, A-labels, no final dot, IPv6 without brackets.
//!
//! RFC 3986, 3.2.2 (a reg-name may be percent-encoded UTF-8) and RFC 5891 (its A-label). Clients send either.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use fluent_uri::component::{Authority, Host};
use fluent_uri::pct_enc::EStr;
use fluent_uri::pct_enc::encoder::RegName;
use idna::AsciiDenyList;

/// The canonical form, or nothing where no capsule can have such a name.
pub(super) fn canonical(authority: &Authority<'_>) -> Option<String> {
    match authority.host_parsed() {
        Host::Ipv4 { .. } => Some(authority.host().to_owned()),
        Host::Ipv6 { .. } => {
            let address = authority.host().trim_matches(['[', ']']).parse::<Ipv6Addr>().ok()?;
            Some(address.to_string())
        }
        Host::RegName(name) => registered(name),
        // IPvFuture: no such address exists.
        _ => None,
    }
}

fn registered(name: &EStr<RegName>) -> Option<String> {
    let name = name.decode().to_string().ok()?;
    let ascii = if name.is_ascii() {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::URL).ok()?
    };
    let host = ascii.strip_suffix('.').unwrap_or(&ascii);
    Some(host.to_owned())
}
