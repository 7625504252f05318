//! What a hostile or broken source can do to the reader: nothing. Cases 90 to 99 of the catalogue of faults, and
//! the properties that hold for any text.

pub(super) mod pieces;

use proptest::prelude::*;

use crate::content::Language;
use crate::content::document::{Document, Exceeded, Kind, MAX_NODES, MAX_NOTES, MAX_SOURCE, NodeId, Target};

use super::markdown::{Dialect, Reading, Reference, Source, first_heading, read};

fn plain(text: &str) -> Result<Reading, Exceeded> {
    parse(text, &Dialect::plain(Language::english()))
}

fn parse(text: &str, dialect: &Dialect) -> Result<Reading, Exceeded> {
    let source = Source { path: "x.md", text, body_start: 0 };
    read(&source, dialect, &mut |reference| Target::Elsewhere(reference.destination.into()))
}

fn nodes(text: &str) -> usize {
    plain(text).unwrap().document.len()
}

fn refused(text: &str) -> Exceeded {
    plain(text).expect_err("a budget is exceeded")
}

/// 90 and 91.
#[test]
fn case_090_and_091_deep_nesting_is_refused() {
    assert_eq!(refused(&(">".repeat(32_000) + "a")), Exceeded::Depth);
    assert_eq!(refused(&("* ".repeat(32_000) + "a")), Exceeded::Depth);
    assert_eq!(refused(&"<ul><li>".repeat(10_000)), Exceeded::Depth);
    assert_eq!(refused(&("{{< note >}}\n".repeat(100) + "x\n" + &"{{< /note >}}\n".repeat(100))), Exceeded::Depth);
}

#[test]
fn the_deepest_allowed_is_read() {
    // The document, the quotes and the paragraph.
    assert!(plain(&(">".repeat(62) + "a")).is_ok());
    assert_eq!(refused(&(">".repeat(63) + "a")), Exceeded::Depth);
}

/// 92.
#[test]
fn case_092_wide_tables_stay_within_their_budget() {
    let rows = |count: usize| format!("{}\n{}\n{}", ["a"; 500].join("|"), ["-"; 500].join("|"), "a\n".repeat(count));
    assert!(nodes(&rows(125)) < 70_000);
    assert!(plain(&rows(5_000)).map_or(true, |reading| reading.document.len() <= MAX_NODES));
}

/// 93.
#[test]
fn case_093_references_do_not_multiply() {
    let source = format!("[x]: /{}\n\n{}", "u".repeat(2_000), "[x]".repeat(500));
    assert!(nodes(&source) < 1_100);
}

/// 94, each far larger than a time limit would allow if anything were looked at again and again.
#[test]
fn case_094_repeated_beginnings_are_read_in_one_pass() {
    let units = [
        "[",
        "[a][]",
        "|a\n|-|-|\n\n",
        "|",
        "[ (](",
        "![[]()",
        "*a _b",
        "[^\n",
        "<a \n[^",
        "<a b=\"",
        "<a href=x>",
        "<b>x\n\n",
        "<svg>",
        "<pre>x\n\n",
        "<td>",
        "<!--",
        "{{< a >}}",
        "{{< a >}}\n",
        "{{< a >}} `b` <i> ~~~",
        "{{< a >}}\n\n- ~~~~ <i>",
        "{{< \"",
        "{{< a \"",
        "{{< a=`",
        "{{</*",
        "{{< highlight >}}",
        "\"'",
        "`a",
        "$a",
        "~a",
        "a@",
        "www.",
        "&",
        "&quot;",
        "[^1]:\n",
        "  [^x]: - ",
        "|",
        "a\\\n",
        "a\n: b\n",
        "<!-- {{< x >}} -->\n",
        "^[",
        "^[a]",
        "::: a\n",
        ":::\n",
        "{: ",
        "{:a}",
        "*[a]: b\n",
        "{% raw %}",
        "{% a %}",
        "{% \"",
        "{{ site.a }}",
        "https://x.org/*a*",
        "www.a.b/_",
        "a[^1](",
        "[^1][",
        "==a ",
        "<<a ",
        "<div markdown=\"1\">\n",
        "!!! note\n    a\n",
        "\n:a",
        "<td rowspan=9>",
        "<tr><td colspan=9 rowspan=999>",
        "<div>\n\n    <b>\n\n",
        "<li value=1>",
        "{{ site.a",
        "[!a]",
        "> [!a]\n",
        "\u{10feff}",
    ];
    for unit in units {
        let source = unit.repeat(100_000 / unit.len());
        match plain(&source) {
            Ok(reading) => assert!(reading.document.len() <= source.len() + 2, "{unit}"),
            Err(exceeded) => assert!(matches!(exceeded, Exceeded::Depth | Exceeded::Notes), "{unit}: {exceeded}"),
        }
    }
}

/// 95.
#[test]
fn case_095_a_large_source_is_refused_before_it_is_read() {
    assert_eq!(refused(&"a".repeat(10 << 20)), Exceeded::Source);
    assert_eq!(nodes(&"a".repeat(MAX_SOURCE)), 3);
}

/// 96.
#[test]
fn case_096_nothing_is_an_empty_document() {
    for source in ["", "\n", "\u{feff}", " \t\r\n"] {
        assert!(nodes(source) <= 3, "{source:?}");
    }
    let beyond = Source { path: "x.md", text: "é", body_start: 1 };
    let reading = read(&beyond, &Dialect::plain(Language::english()), &mut |_| Target::Nowhere).unwrap();
    assert!(reading.document.is_empty());
}

#[test]
fn ten_thousand_notes_and_no_more() {
    let notes = |count: usize| (0..count).map(|n| format!("x[^{n}]\n\n[^{n}]: note\n\n")).collect::<String>();
    assert_eq!(plain(&notes(MAX_NOTES)).unwrap().document.notes().len(), MAX_NOTES);
    assert_eq!(refused(&notes(MAX_NOTES + 1)), Exceeded::Notes);
}

#[test]
fn problems_are_not_named_without_end() {
    let unused = (0..5_000).map(|n| format!("[^{n}]: note\n\n")).collect::<String>();
    assert_eq!(plain(&unused).unwrap().problems.len(), 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_mixture_makes_a_well_formed_tree(text in pieces::pieces()) {
        let english = Language::english;
        for (path, dialect) in [
            ("x.md", Dialect::plain(english())),
            ("x.md", Dialect::hugo(Language::parse("fr").unwrap())),
            ("x.md", Dialect::jekyll(english())),
            ("x.md", Dialect::zola(english())),
            ("x.mdx", Dialect { wiki_links: true, emoji: true, ..Dialect::eleventy(english()) }),
        ] {
            let source = Source { path, text: &text, body_start: 0 };
            let mut links = |reference: &Reference<'_>| Target::Elsewhere(reference.destination.into());
            let Ok(reading) = read(&source, &dialect, &mut links) else { continue };
            let document = reading.document;
            check(&document, document.root(), &text);
            for note in document.notes() {
                check(&document, note.node, &text);
            }
        }
        let _ = first_heading(&text, &Dialect::plain(Language::english()));
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        let _ = plain(&text);
    }
}

/// Blocks hold blocks, inlines hold inlines, and everything has its place in the source.
fn check(document: &Document, node: NodeId, source: &str) {
    let parent = document.kind(node);
    for child in document.children(node) {
        let kind = document.kind(child);
        assert!(may_hold(parent, kind), "{parent:?} holds {kind:?} in {source:?}");
        let span = document.span(child);
        assert!(span.start <= span.end && span.end as usize <= source.len(), "{span:?} of {kind:?} in {source:?}");
        if let Kind::NoteReference(index) = kind {
            assert!((*index as usize) < document.notes().len(), "a reference without a note in {source:?}");
        }
        if let Kind::Text(slice) | Kind::CodeSpan(slice) = kind {
            assert!(!document.text(*slice).contains('\u{10feff}'), "a placeholder is shown in {source:?}");
        }
        check(document, child, source);
    }
}

fn may_hold(parent: &Kind, child: &Kind) -> bool {
    let block = matches!(
        child,
        Kind::Quote { .. }
            | Kind::List { .. }
            | Kind::Definitions
            | Kind::Figure
            | Kind::Heading { .. }
            | Kind::Paragraph
            | Kind::Plain
            | Kind::Table
            | Kind::Code { .. }
            | Kind::MathBlock { .. }
            | Kind::Rule
    );
    match parent {
        Kind::Document | Kind::Quote { .. } | Kind::Item { .. } | Kind::Definition | Kind::Note => block,
        Kind::Figure => block || matches!(child, Kind::Caption),
        Kind::List { .. } => matches!(child, Kind::Item { .. }),
        Kind::Definitions => matches!(child, Kind::Term | Kind::Definition),
        Kind::Table => matches!(child, Kind::TableHead | Kind::TableRow),
        Kind::TableHead | Kind::TableRow => matches!(child, Kind::Cell { .. }),
        _ => matches!(
            child,
            Kind::Emphasis
                | Kind::Strong
                | Kind::Strikethrough
                | Kind::Superscript
                | Kind::Subscript
                | Kind::Quotation
                | Kind::Link { .. }
                | Kind::Image { .. }
                | Kind::Text(_)
                | Kind::Embed { .. }
                | Kind::CodeSpan(_)
                | Kind::Math(_)
                | Kind::SoftBreak
                | Kind::HardBreak
                | Kind::NoteReference(_)
        ),
    }
}
