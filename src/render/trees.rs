//! Documents that no parser need have made, for property tests of every format.
//!
//! A tree is drawn as nested lists of parts and built with the builder.

use proptest::prelude::*;

use crate::content::document::{Alert, Alignment, Builder, Exceeded, Kind, Note, Span, Target};
use crate::content::{Address, Document, Head, Language};

/// A node to be built.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Leaf(Leaf),
    Branch(u8, Vec<Part>),
}

#[derive(Clone, Debug)]
pub(super) enum Leaf {
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

pub(super) fn target(choice: u8) -> Target {
    match choice % 5 {
        0 => Target::Nowhere,
        1 => Target::Page(Address::parse("/posts/é t/").unwrap()),
        2 => Target::Elsewhere("https://example.org/a\nb\u{2028}".into()),
        3 => Target::Elsewhere(format!("https://example.org/{}", "x".repeat(1100)).into()),
        _ => Target::File(Address::parse("/a.png").unwrap(), 84_000),
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
        17 => Kind::Cell { alignment: Alignment::Right, covered: false },
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

pub(super) fn build(builder: &mut Builder, part: &Part) -> Result<(), Exceeded> {
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

pub(super) fn tree(parts: &[Part], note: &[Part]) -> Document {
    let mut builder = Builder::new();
    parts.iter().for_each(|part| build(&mut builder, part).unwrap());
    let node = builder.open_apart(Kind::Note, Span::default()).unwrap();
    note.iter().for_each(|part| build(&mut builder, part).unwrap());
    builder.close();
    builder.finish(vec![Note { node }]).unwrap()
}

/// Text that tries to be something else.
pub(super) fn hostile() -> impl Strategy<Value = String> {
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

pub(super) fn parts() -> impl Strategy<Value = Vec<Part>> {
    let part = leaf().prop_map(Part::Leaf).prop_recursive(6, 64, 6, |inner| {
        (0..BRANCHES, prop::collection::vec(inner, 0..6)).prop_map(|(kind, parts)| Part::Branch(kind, parts))
    });
    prop::collection::vec(part, 0..8)
}

pub(super) fn head(title: &str) -> Head {
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
