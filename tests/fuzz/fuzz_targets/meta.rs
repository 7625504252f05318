//! Any text as agate's `.meta`: understood, or refused with a line that is there; what it says can be sent as a head.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::content::files::{FileRules, MediaType};
use maquis::read::agate;

fuzz_target!(|text: &str| {
    for path in [".meta", "folder/.meta"] {
        let mut rules = FileRules::default();
        for problem in agate::read(path, text, &mut rules) {
            let line = problem.to_string();
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
        for name in ["a.gmi", "folder/a.gmi", "folder/été.txt", "folder/inner/b"] {
            let named = rules.media_type(name).map_or_else(String::new, |media_type: &MediaType| media_type.of("text/plain"));
            assert!(named.len() <= 1024 + "text/plain".len() && !named.contains(char::is_control), "{named:?}");
            let _language = rules.language(name);
        }
        for (_, head) in rules.heads() {
            let _target = head.target();
        }
    }
});
