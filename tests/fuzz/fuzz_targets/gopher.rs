//! Any bytes as a selector: total, bounded, and every line of a menu in answer is one that a client can read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::protocol::Protocol;
use maquis::site::Part;
use maquis_fuzz::{site, step};

fuzz_target!(|input: &[u8]| {
    let site = site();
    let line: Vec<u8> = input.iter().copied().filter(|byte| !b"\r\n".contains(byte)).chain(*b"\r\n").collect();
    for request in [input, &line] {
        let Some(reply) = step(Protocol::Gopher, &site, None, request) else { continue };
        for part in reply.body.iter().flat_map(|body| body.iter()) {
            let Part::Bytes(bytes) = part else { continue };
            let text = std::str::from_utf8(bytes).expect("what is made is text");
            let is_menu = text.ends_with("\r\n.\r\n");
            for line in text.split_terminator("\r\n").filter(|line| is_menu && *line != ".") {
                assert!(!line.contains(char::is_control) || line.matches('\t').count() == 3, "{line:?}");
                assert!(line.rsplit('\t').next().is_some_and(|port| port.parse::<u16>().is_ok()), "{line:?}");
            }
        }
    }
});
