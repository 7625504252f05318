//! What holds for the plain text of any document whatever.

use proptest::prelude::*;

use super::{Options, address, document};
use crate::content::Document;
use crate::content::document::{Builder, Kind, Span};
use crate::render::style::Style;
use crate::render::trees::{head, parts, tree};
use crate::text::charset::Charset;
use crate::text::width;

/// What is wider than this in one piece may stand out.
const LONG_WORD: usize = 16;

fn rendered(tree: &Document, width: usize, charset: Charset) -> String {
    let options =
        Options { input_len: 100_000, width, charset, address: &address, style: Style::default(), menu: None };
    document(&head("Title"), tree, &options).unwrap().text
}

fn charsets() -> impl Strategy<Value = Charset> {
    prop_oneof![Just(Charset::Utf8), Just(Charset::Latin1), Just(Charset::Ascii)]
}

fn assert_well_formed(text: &str, width: usize, charset: Charset) {
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "one newline at the end: {text:?}");
    assert!(!text.contains("\n\n\n\n") && !text.starts_with('\n'), "too many blank lines: {text:?}");
    assert!(charset != Charset::Utf8 || unicode_normalization::is_nfc(text), "NFC: {text:?}");
    let body = text.rsplit_once("\n\n\nLiens\n").map_or(text, |(body, _)| body);
    for line in text.lines() {
        assert!(!line.contains(char::is_control), "control character: {line:?}");
        assert!(!line.ends_with(' ') && line != ".", "{line:?}");
    }
    for line in body.lines() {
        let longest = line.split(' ').map(width::columns).max().unwrap_or(0);
        assert!(width::columns(line) <= width || longest > LONG_WORD, "wider than {width}: {line:?}");
    }
}

fn paragraph(text: &str) -> Document {
    let mut builder = Builder::new();
    builder.open(Kind::Paragraph, Span::default()).unwrap();
    let text = builder.store(text);
    builder.leaf(Kind::Text(text), Span::default()).unwrap();
    builder.close();
    builder.finish(Vec::new()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_makes_well_formed_text(body in parts(), note in parts(), width in 40_usize..100, charset in charsets()) {
        let tree = tree(&body, &note);
        let text = rendered(&tree, width, charset);
        assert_well_formed(&text, width, charset);
        prop_assert_eq!(text, rendered(&tree, width, charset));
    }

    /// No word is lost, and no line could have taken the first word of the next.
    #[test]
    fn paragraphs_are_filled(words in prop::collection::vec("[a-zé«\u{a0}]{1,12}", 1..120), width in 40_usize..100) {
        let words: Vec<String> = words.iter().map(|word| word.replace('\u{a0}', "x\u{a0}x")).collect();
        let text = rendered(&paragraph(&words.join(" ")), width, Charset::Utf8);
        let lines: Vec<&str> = text.lines().skip_while(|line| *line != "# author").skip(2).collect();
        prop_assert_eq!(lines.join(" "), words.join(" "));
        for pair in lines.windows(2) {
            let next = pair[1].split(' ').next().unwrap();
            prop_assert!(width::columns(pair[0]) + 1 + width::columns(next) > width, "{:?}", pair);
        }
    }
}
