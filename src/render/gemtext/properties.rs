//! What holds for the gemtext of any document whatever: property tests over trees that no parser need have made.
//!
//! A tree is drawn as nested lists of parts, built with the builder, rendered, and its lines are judged by a reader
//! of gemtext written here from the specification alone.

use proptest::prelude::*;

use super::{Base, Options, document};
use crate::content::document::{Alert, Alignment, Builder, Exceeded, Kind, MAX_DEPTH, Note, Span, Target};
use crate::content::{Address, Document, Head, Language};

/// A node to be built.
#[derive(Clone, Debug)]
enum Part {
    Leaf(Leaf),
    Branch(u8, Vec<Part>),
}

#[derive(Clone, Debug)]
enum Leaf {
    Text(String),
    Code(String),
    Span(String),
    Math(String),
    Display(String),
    Soft,
    Hard,
    Rule,
    Note,
}

const BRANCHES: u8 = 32;

fn target(choice: u8) -> Target {
    match choice % 5 {
        0 => Target::Nowhere,
        1 => Target::Page(Address::parse("/posts/é t/").unwrap()),
        2 => Target::Elsewhere("https://example.org/a\nb\u{2028}".into()),
        3 => Target::Elsewhere(format!("https://example.org/{}", "x".repeat(1100)).into()),
        _ => Target::File(Address::parse("/a.png").unwrap()),
    }
}

fn branch(builder: &mut Builder, kind: u8) -> Kind {
    let title = builder.store(if kind.is_multiple_of(2) { "" } else { "a\ntitle" });
    match kind {
        0 => Kind::Quote { alert: None },
        1 => Kind::Quote { alert: Some(Alert::Tip) },
        2 => Kind::List { start: None },
        3 => Kind::List { start: Some(9) },
        4 => Kind::Item { task: None },
        5 => Kind::Item { task: Some(true) },
        6 => Kind::Definitions,
        7 => Kind::Definition,
        8 => Kind::Term,
        9 => Kind::Figure,
        10 => Kind::Caption,
        11 => Kind::Heading { level: 1 },
        12 => Kind::Heading { level: 6 },
        13 => Kind::Plain,
        14 => Kind::Table,
        15 => Kind::TableHead,
        16 => Kind::TableRow,
        17 => Kind::Cell { alignment: Alignment::Right },
        18 => Kind::Emphasis,
        19 => Kind::Strikethrough,
        20 => Kind::Superscript,
        21 => Kind::Subscript,
        22 => Kind::Quotation,
        23..=26 => Kind::Link { target: target(kind), title },
        27..=29 => Kind::Image { target: target(kind), title },
        _ => Kind::Paragraph,
    }
}

fn build(builder: &mut Builder, part: &Part) -> Result<(), Exceeded> {
    let span = Span::default();
    match part {
        Part::Leaf(leaf) => {
            let kind = match leaf {
                Leaf::Text(text) => Kind::Text(builder.store(text)),
                Leaf::Code(text) => Kind::Code { language: builder.store(text), text: builder.store(text) },
                Leaf::Span(text) => Kind::CodeSpan(builder.store(text)),
                Leaf::Math(text) => Kind::Math(builder.store(text)),
                Leaf::Display(text) => Kind::MathBlock { text: builder.store(text) },
                Leaf::Soft => Kind::SoftBreak,
                Leaf::Hard => Kind::HardBreak,
                Leaf::Rule => Kind::Rule,
                Leaf::Note => Kind::NoteReference(0),
            };
            builder.leaf(kind, span).map(|_| ())
        }
        Part::Branch(kind, parts) => {
            let kind = branch(builder, *kind);
            builder.open(kind, span)?;
            let built = parts.iter().try_for_each(|part| build(builder, part));
            builder.close();
            built
        }
    }
}

fn tree(parts: &[Part], note: &[Part]) -> Document {
    let mut builder = Builder::new();
    parts.iter().for_each(|part| build(&mut builder, part).unwrap());
    let node = builder.open_apart(Kind::Note, Span::default()).unwrap();
    note.iter().for_each(|part| build(&mut builder, part).unwrap());
    builder.close();
    builder.finish(vec![Note { node }]).unwrap()
}

/// Text that tries to be something else.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("=> /evil evil".to_owned()),
        Just("# h".to_owned()),
        Just("* i".to_owned()),
        Just("> q".to_owned()),
        Just("```\n".to_owned()),
        Just("\u{1fef}\u{1fef}\u{1fef}".to_owned()),
        Just("\u{338}\u{301}".to_owned()),
        Just("\r\n\u{0}\u{2028}# x\u{2029}```".to_owned()),
        Just(" ".to_owned()),
        Just("| `` 3".to_owned()),
        "\\PC{0,8}",
    ]
}

fn leaf() -> impl Strategy<Value = Leaf> {
    prop_oneof![
        8 => hostile().prop_map(Leaf::Text),
        1 => hostile().prop_map(Leaf::Code),
        1 => hostile().prop_map(Leaf::Span),
        1 => hostile().prop_map(Leaf::Math),
        1 => hostile().prop_map(Leaf::Display),
        1 => Just(Leaf::Soft),
        2 => Just(Leaf::Hard),
        1 => Just(Leaf::Rule),
        1 => Just(Leaf::Note),
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let part = leaf().prop_map(Part::Leaf).prop_recursive(6, 64, 6, |inner| {
        (0..BRANCHES, prop::collection::vec(inner, 0..6)).prop_map(|(kind, parts)| Part::Branch(kind, parts))
    });
    prop::collection::vec(part, 0..8)
}

fn head(title: &str) -> Head {
    Head {
        title: title.to_owned(),
        subtitle: None,
        date: None,
        updated: None,
        authors: vec!["# author".into()],
        tags: Vec::new(),
        language: Language::parse("fr").unwrap(),
    }
}

fn rendered(tree: &Document) -> String {
    document(&head("Title"), tree, &Options { input_len: 100_000, base: Base::Path, style: Default::default() })
        .unwrap()
}

#[derive(Debug, PartialEq)]
enum LineType {
    Text,
    Link,
    Heading(usize),
    Item,
    Quote,
    Fence,
    Preformatted,
}

/// A reader of gemtext, from the specification.
fn line_types(text: &str) -> Vec<(LineType, &str)> {
    let mut inside = false;
    text.split_terminator('\n')
        .map(|line| {
            let kind = match line {
                _ if line.starts_with("```") => {
                    inside = !inside;
                    LineType::Fence
                }
                _ if inside => LineType::Preformatted,
                _ if line.starts_with("=>") => LineType::Link,
                _ if line.starts_with('#') => LineType::Heading(line.chars().take_while(|&c| c == '#').count()),
                _ if line.starts_with("* ") => LineType::Item,
                _ if line.starts_with('>') => LineType::Quote,
                _ => LineType::Text,
            };
            (kind, line)
        })
        .collect()
}

fn assert_well_formed(text: &str) {
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "one newline at the end: {text:?}");
    assert!(unicode_normalization::is_nfc(text), "NFC: {text:?}");
    let lines = line_types(text);
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
            LineType::Fence => {
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
        let marked = line_types(&text).into_iter().skip(1).find(|(kind, _)| *kind != LineType::Text);
        prop_assert!(marked.is_none(), "{marked:?} in {text:?}");
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
    let options = Options { input_len: 1000, base: Base::Path, style: Default::default() };
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
                builder.open(Kind::Cell { alignment: Alignment::Right }, Span::default()).unwrap();
                builder.leaf(Kind::Text(text), Span::default()).unwrap();
                builder.close();
            }
            builder.close();
        }
        let tree = builder.finish(Vec::new()).unwrap();
        let options = Options { input_len: 10_000, base: Base::Path, style: Default::default() };
        assert_eq!(document(&head("Title"), &tree, &options), Err(Exceeded::Output));
    }
}
