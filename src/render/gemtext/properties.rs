//! What holds for the gemtext of any document whatever: property tests over trees that no parser need have made.
//!
//! Its lines are judged by a reader of gemtext written from the specification alone.

use proptest::prelude::*;

use super::{Base, LineType, Options, Titles, document, line_types, recorded};
use crate::content::Document;
use crate::content::document::{Alignment, Builder, Exceeded, Kind, MAX_DEPTH, Span, Target};
use crate::render::style::Style;
use crate::render::trees::*;

fn rendered(tree: &Document) -> String {
    document(
        &head("Title"),
        tree,
        &Options {
            input_len: 100_000,
            base: Base::Path,
            table: super::TABLE,
            style: Style::default(),
            titles: Titles::default(),
        },
    )
    .unwrap()
}

fn assert_well_formed(text: &str) {
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "one newline at the end: {text:?}");
    assert!(unicode_normalization::is_nfc(text), "NFC: {text:?}");
    let types = line_types(text);
    let lines: Vec<(LineType, &str)> = types.into_iter().zip(text.lines()).collect();
    let mut blank = true;
    let (mut fences, mut titles) = (0, 0);
    for (index, (kind, line)) in lines.iter().enumerate() {
        let preformatted = *kind == LineType::Preformatted;
        let control =
            |c: char| (c.is_control() && !(preformatted && c == '\t')) || matches!(c, '\u{2028}' | '\u{2029}');
        assert!(!line.contains(control), "control character: {line:?}");
        assert!(preformatted || !line.ends_with(' '), "space at the end: {line:?}");
        let is_blank = line.is_empty() && !preformatted;
        assert!(!(is_blank && blank), "two blank lines, or one at the start: {text:?}");
        blank = is_blank;
        match kind {
            LineType::Link => assert_link(line),
            LineType::Heading(level) => {
                titles += usize::from(*level == 1);
                assert!((1..=3).contains(level) || line.starts_with("### "), "heading: {line:?}");
                assert!(line.trim_start_matches('#').starts_with(' '), "heading: {line:?}");
            }
            LineType::Toggle => {
                fences += 1;
                assert!(fences % 2 == 1 || *line == "```", "text after a closing fence: {line:?}");
            }
            LineType::Item => assert!(line.len() > 2, "an empty item: {text:?}"),
            LineType::Quote => assert!(line.starts_with("> ") || *line == ">", "quote: {line:?}"),
            LineType::Text => assert!(*line != "---" || index + 1 < lines.len(), "a rule at the end"),
            LineType::Preformatted => {}
        }
    }
    assert_eq!((fences % 2, titles), (0, 1), "fences and titles: {text:?}");
}

fn assert_link(line: &str) {
    let mut words = line.strip_prefix("=> ").expect("a space after the arrow").splitn(2, ' ');
    let url = words.next().unwrap();
    assert!(!url.is_empty() && url.len() <= 1024 && !url.contains(char::is_whitespace), "{line:?}");
    assert!(words.next().is_some_and(|label| !label.trim().is_empty()), "no label: {line:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_makes_well_formed_gemtext(body in parts(), note in parts()) {
        assert_well_formed(&rendered(&tree(&body, &note)));
    }

    #[test]
    fn paragraphs_of_text_are_lines_of_text(texts in prop::collection::vec((hostile(), any::<bool>()), 1..6)) {
        let mut builder = Builder::new();
        builder.open(Kind::Paragraph, Span::default()).unwrap();
        for (text, breaks) in texts {
            let text = Kind::Text(builder.store(&text));
            builder.leaf(text, Span::default()).unwrap();
            if breaks {
                builder.leaf(Kind::HardBreak, Span::default()).unwrap();
            }
        }
        builder.close();
        let text = rendered(&builder.finish(Vec::new()).unwrap());
        let marked = line_types(&text).into_iter().skip(1).find(|kind| *kind != LineType::Text);
        prop_assert!(marked.is_none(), "{marked:?} in {text:?}");
    }

    #[test]
    fn every_line_is_read_as_it_is_meant(body in parts(), note in parts()) {
        let tree = tree(&body, &note);
        let (text, meant) = recorded(&head("Title"), &tree, &Options::inside(100_000)).unwrap();
        prop_assert_eq!(line_types(&text), meant, "{}", text);
        prop_assert_eq!(rendered(&tree), text);
    }

    #[test]
    fn the_same_tree_makes_the_same_text(body in parts()) {
        let tree = tree(&body, &[]);
        prop_assert_eq!(rendered(&tree), rendered(&tree));
    }
}

#[test]
fn the_deepest_tree_is_rendered() {
    for kind in [0, 2, 3, 4, 18] {
        let mut part = Part::Leaf(Leaf::Text("deep".into()));
        for _ in 1..MAX_DEPTH {
            part = Part::Branch(kind, vec![part]);
        }
        let text = rendered(&tree(&[part], &[]));
        assert!(text.contains("deep"), "{text}");
        assert_well_formed(&text);
    }
}

#[test]
fn ten_thousand_links_keep_their_order() {
    let mut builder = Builder::new();
    builder.open(Kind::Paragraph, Span::default()).unwrap();
    for index in 0..10_000 {
        let target = Target::Elsewhere(format!("https://example.org/{index}").into());
        let title = builder.store("");
        builder.open(Kind::Link { target, title }, Span::default()).unwrap();
        let word = Kind::Text(builder.store("same text "));
        builder.leaf(word, Span::default()).unwrap();
        builder.close();
        let word = Kind::Text(builder.store("word "));
        builder.leaf(word, Span::default()).unwrap();
    }
    builder.close();
    let text = rendered(&builder.finish(Vec::new()).unwrap());
    let urls: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("=> ")).collect();
    assert_eq!(urls.len(), 10_000);
    assert_eq!(urls[9_999], "https://example.org/9999 same text (example.org/9999)");
}

#[test]
fn a_rendering_far_larger_than_its_source_is_refused() {
    let mut builder = Builder::new();
    let long = builder.store(&"x".repeat(1000));
    for _ in 0..1000 {
        builder.open(Kind::Paragraph, Span::default()).unwrap();
        builder.leaf(Kind::Text(long), Span::default()).unwrap();
        builder.close();
    }
    let tree = builder.finish(Vec::new()).unwrap();
    let options = Options {
        input_len: 1000,
        base: Base::Path,
        table: super::TABLE,
        style: Style::default(),
        titles: Titles::default(),
    };
    assert_eq!(document(&head("Title"), &tree, &options), Err(Exceeded::Output));
}

#[test]
fn a_long_head_over_many_rows_is_refused() {
    for (columns, head_len) in [(2, 100_000), (2, 60)] {
        let mut builder = Builder::new();
        let (long, short) = (builder.store(&"h ".repeat(head_len / 2)), builder.store("x"));
        builder.open(Kind::Table, Span::default()).unwrap();
        for row in 0..100_000 {
            let (kind, text) = if row == 0 { (Kind::TableHead, long) } else { (Kind::TableRow, short) };
            builder.open(kind, Span::default()).unwrap();
            for _ in 0..columns {
                builder.open(Kind::Cell { alignment: Alignment::Right, covered: false }, Span::default()).unwrap();
                builder.leaf(Kind::Text(text), Span::default()).unwrap();
                builder.close();
            }
            builder.close();
        }
        let tree = builder.finish(Vec::new()).unwrap();
        let options = Options {
            input_len: 10_000,
            base: Base::Path,
            table: super::TABLE,
            style: Style::default(),
            titles: Titles::default(),
        };
        assert_eq!(document(&head("Title"), &tree, &options), Err(Exceeded::Output));
    }
}
