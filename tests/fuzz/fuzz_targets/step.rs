//! Any bytes as a request: total, bounded, stable however they are cut, and one line in answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::protocol::Protocol;
use maquis_fuzz::{site, step};

fuzz_target!(|input: &[u8]| {
    let site = site();
    for protocol in Protocol::ALL {
        for name in [None, Some("localhost"), Some("other.example")] {
            let Some(whole) = step(protocol, &site, name, input) else { continue };
            let first = (0..=input.len()).find_map(|cut| step(protocol, &site, name, &input[..cut]));
            assert!(first.is_some_and(|first| first.head == whole.head), "the cuts change the answer");
        }
    }
});
