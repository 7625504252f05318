//! The selector of an address: percent-encoded, so that it is ASCII whatever the charset, and never too long.
//!
//! RFC 1436, appendix: a selector has at most 255 characters. An address that needs more has a short form as well,
//! which stays the same as long as the address does; both are answered.

use std::hash::Hasher;

use fnv::FnvHasher;

use crate::content::Address;

/// The longest selector that is emitted.
pub const SELECTOR_BYTES: usize = 255;
/// The longest ending that a short form keeps: clients tell by it what a text is.
const ENDING_BYTES: usize = 9;

/// The selector that leads to an address.
pub fn selector(address: &Address) -> String {
    short_form(address).map_or_else(|| address.encoded(), |short| short.encoded())
}

/// The short form of an address whose selector would be too long: `/~8c3cb1bd5b8a4f5e.txt`.
pub fn short_form(address: &Address) -> Option<Address> {
    let path = address.as_str();
    // Encoded, a byte becomes three at most.
    if path.len() * 3 <= SELECTOR_BYTES || address.encoded().len() <= SELECTOR_BYTES {
        return None;
    }
    // This hash is defined by its name: it is the same tomorrow, on any machine.
    let mut hash = FnvHasher::default();
    hash.write(path.as_bytes());
    Address::parse(&format!("/~{:016x}{}", hash.finish(), ending(address))).ok()
}

/// `/` of a folder, `.txt` of a text.
fn ending(address: &Address) -> &str {
    if address.is_folder() {
        return "/";
    }
    let name = address.name();
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let is_plain = ending.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric());
    if is_plain && ending.len() <= ENDING_BYTES { ending } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> String {
        selector(&Address::parse(path).unwrap())
    }

    #[test]
    fn up_to_255_bytes_a_selector_is_its_address() {
        let path = format!("/{}", "a".repeat(SELECTOR_BYTES - 1));
        assert_eq!(of(&path), path);
        assert_eq!(of("/été.txt"), "/%C3%A9t%C3%A9.txt");
    }

    #[test]
    fn what_is_longer_has_a_short_form_that_stays() {
        assert_eq!(of(&format!("/{}.txt", "a".repeat(252))), "/~332cb2e7356c6c24.txt");
        assert_eq!(of(&format!("/{}/", "é".repeat(50))), "/~e7ae21a4a4b26b6b/");
        assert_ne!(of(&format!("/a{}", "é".repeat(50))), of(&format!("/b{}", "é".repeat(50))));
    }
}
