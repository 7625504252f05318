//! Any text as the path of a request and as an address: it leads to a page or to none, and its forms agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::content::Address;
use maquis::content::address::percent_decode;
use maquis::protocol::Protocol;
use maquis_fuzz::{site, step};

fuzz_target!(|path: &str| {
    let site = site();
    for request in [format!("gemini://localhost/{path}\r\n"), format!("gemini://{path}\r\n"), format!("{path}\r\n")] {
        for protocol in Protocol::ALL {
            step(protocol, &site, None, request.as_bytes());
        }
    }
    if let Ok(address) = Address::parse(path) {
        assert!(address.as_str().starts_with('/') && !address.as_str().contains("/../"), "{address:?}");
        let encoded = address.encoded();
        assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{encoded:?}");
        let decoded = percent_decode(&encoded).expect("what was encoded can be decoded");
        assert_eq!(Address::parse(&decoded).ok().as_ref(), Some(&address), "{encoded:?}");
    }
});
