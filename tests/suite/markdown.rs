//! Any Markdown whatever becomes gemtext that a reader's client understands, or is refused: never a panic, a stray
//! fence, a second title, a control character or a broken link line.

use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::markdown::{self, Dialect, Source};
use maquis::render::gemtext::{self, Base, Options, TABLE};
use maquis::render::style::Style;
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "word ",
    "été ",
    "\n",
    "\n\n",
    "# ",
    "## ",
    "- ",
    "  ",
    "    ",
    "1. ",
    "> ",
    "* ",
    "```\n",
    "~~~\n",
    "`",
    "**",
    "_",
    "~~",
    "[a](",
    "/x/",
    "https://example.org/a b",
    ")",
    "![",
    "](",
    "|",
    "|-|\n",
    "[^1]",
    "[^1]: ",
    "---\n",
    "  \n",
    "\\\n",
    "=> ",
    "$$",
    "$",
    "<div>",
    "</div>",
    "<a href=\"/y\">",
    "</a>",
    "<br>",
    "<td>",
    "<li>",
    "&#0;",
    "&#x2028;",
    "&amp;",
    "\u{2028}",
    "\u{0}",
    "\u{338}",
    "\t",
    "{{< x >}}",
    ": ",
    "- [ ] ",
    "> [!NOTE]\n",
    "<!-- ",
    "-->",
    "<pre>",
    "^",
    "https://example.net",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_makes_well_formed_gemtext(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        let french = Language::parse("fr").unwrap();
        let head = Head {
            title: "Title".into(),
            subtitle: None,
            date: None,
            updated: None,
            authors: Vec::new(),
            tags: Vec::new(),
            language: french.clone(),
        };
        let source = Source { path: "post.md", text: &text, body_start: 0 };
        let target = |reference: &markdown::Reference<'_>| Target::Elsewhere(reference.destination.into());
        if let Ok(reading) = markdown::read(&source, &Dialect::hugo(french), &mut { target }) {
            let options = Options { input_len: text.len(), base: Base::Path, table: TABLE, style: Style::default() };
            assert_well_formed(&gemtext::document(&head, &reading.document, &options).unwrap());
        }
    }
}

fn assert_well_formed(gemtext: &str) {
    assert!(gemtext.ends_with('\n') && !gemtext.ends_with("\n\n"), "{gemtext:?}");
    let (mut inside, mut titles) = (false, 0);
    for line in gemtext.lines() {
        assert!(!line.contains(|c: char| c.is_control() && !(inside && c == '\t')), "control character in {line:?}");
        if line.starts_with("```") {
            assert!(!inside || line == "```", "text after a closing fence: {line:?}");
            inside = !inside;
        } else if !inside {
            titles += usize::from(line.starts_with("# "));
            if let Some(link) = line.strip_prefix("=>") {
                let (url, label) = link.strip_prefix(' ').unwrap().split_once(' ').expect("a label");
                assert!(!url.is_empty() && !label.is_empty() && !url.contains(char::is_whitespace), "{line:?}");
            }
        }
    }
    assert!(!inside && titles == 1, "an open fence or {titles} titles: {gemtext:?}");
}
