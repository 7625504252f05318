//! Any text as Markdown: refused by a budget, or gemtext and plain text that a reader's client understands.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::markdown::{self, Dialect, Reference, Source};
use maquis::render::style::Style;
use maquis::render::gemtext::{self, Options};
use maquis::render::plaintext;
use maquis::text::charset::Charset;
use maquis::text::url;
use maquis_fuzz::assert_gemtext;

fuzz_target!(|text: &str| {
    for (dialect, language) in [("plain", "en"), ("hugo", "fr")] {
        let language = Language::parse(language).expect("a language");
        let head = Head::titled("Title", language.clone());
        let dialect = if dialect == "hugo" { Dialect::hugo(language) } else { Dialect::plain(language) };
        let source = Source { path: "post.md", text, body_start: 0 };
        // What a link's destination is made into before anything is rendered.
        let mut elsewhere = |reference: &Reference<'_>| match url::escape(reference.destination) {
            Some(url) => Target::Elsewhere(url.into()),
            None => Target::Nowhere,
        };
        let Ok(reading) = markdown::read(&source, &dialect, &mut elsewhere) else { continue };
        let target = |target: &Target| format!("{target:?}");
        let options = plaintext::Options {
            input_len: text.len(),
            width: 70,
            charset: Charset::Utf8,
            style: Style::default(),
            address: &target,
            menu: None,
        };
        if let Ok(plain) = plaintext::document(&head, &reading.document, &options) {
            assert!(!plain.text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{:?}", plain.text);
        }
        if let Ok(gemtext) = gemtext::document(&head, &reading.document, &Options::inside(text.len())) {
            assert!(gemtext.len() <= 8 * text.len() + 64 * 1024 + 1024, "more than the budget");
            assert_gemtext(&gemtext);
        }
    }
});
