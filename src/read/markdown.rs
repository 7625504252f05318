//! Markdown to the document tree: pass two, one source at a time.
//!
//! CommonMark 0.31 with GFM tables, strikethrough, task lists, alerts, footnotes and bare addresses, and the
//! extensions a [`Dialect`] adds. Shortcodes are replaced first, by `shortcode`; `events` turns what the parser says
//! into calls of `compose`. These two files alone name `pulldown_cmark`.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::content::Problem;
use crate::content::document::{Document, Exceeded, MAX_SOURCE, Target};
use crate::content::problem::Position;
use crate::text::search;

use super::find::Wanted;
use super::html;
use super::include;
use super::lines;
use super::reader::Reader;
use super::shortcode::{self, Prepared};
use super::smart;
use super::variables::Variables;

pub use super::dialect::{Dialect, Generator};

/// The parser may say this much about one source.
pub(super) const MAX_EVENTS: usize = 1_000_000;
/// The first heading is looked for in this much of the body, in bytes.
const MAX_HEADING: usize = 4096;

/// A file to read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// For problems.
    pub path: &'a str,
    /// The whole file.
    pub text: &'a str,
    /// Where its front matter has ended, in bytes.
    pub body_start: usize,
}

/// A link, as the author wrote it, to be resolved by the caller.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    pub destination: &'a str,
    pub kind: ReferenceKind,
    pub at: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    Link,
    Image,
    /// The page itself on the web, where something is left out that is shown there.
    Itself,
    /// Hugo's `ref` and `relref`: the name of a page.
    Ref,
}

/// What a source says, and what is wrong with it.
#[derive(Debug)]
pub struct Reading {
    pub document: Document,
    pub problems: Vec<Problem>,
}

/// Reads the body of a source. `links` decides where each link leads, in the order of the source.
pub fn read(
    source: &Source<'_>,
    dialect: &Dialect,
    links: &mut dyn FnMut(&Reference<'_>) -> Target,
) -> Result<Reading, Exceeded> {
    read_with(source, None, dialect, links)
}

/// As [`read`], with the texts that the body includes in their places.
pub fn read_with(
    source: &Source<'_>,
    including: Option<&include::Body>,
    dialect: &Dialect,
    links: &mut dyn FnMut(&Reference<'_>) -> Target,
) -> Result<Reading, Exceeded> {
    if source.text.len() > MAX_SOURCE {
        return Err(Exceeded::Source);
    }
    let body = source.text.get(source.body_start..).unwrap_or("");
    let body = including.map_or(body, |including| &including.text);
    let mut variables = Variables::new(source.text.get(..source.body_start).unwrap_or(""), dialect.site.as_deref());
    let may_hold_formulas = ["$", "\\(", "\\["].iter().any(|sign| search::holds(body, sign));
    let dialect = &*dialect.with_formulas(may_hold_formulas && variables.wants_formulas());
    let options = dialect.options(body);
    if source.path.ends_with(".mdx") {
        variables.imports = lines::imports(body);
    }
    let prepared = prepared(source, body, dialect, &variables, options)?;
    let mut reader = Reader::new(source, including, dialect, &prepared, links);
    reader.events(&prepared.text, options)?;
    reader.finish()
}

/// The body as the parser can read it.
fn prepared<'a>(
    source: &Source<'_>,
    body: &'a str,
    dialect: &Dialect,
    variables: &Variables<'a>,
    options: Options,
) -> Result<Prepared, Exceeded> {
    let mdx = source.path.ends_with(".mdx");
    let wanted = Wanted { dialect, mdx, variables, depth: 0 };
    if !wanted.may_be_in(body) {
        return Ok(shortcode::untouched(body));
    }
    let mut found = shortcode::find(body, &[], wanted);
    if found.is_empty() {
        return Ok(shortcode::untouched(body));
    }
    if may_show(body) && !found.stand_outside_code(body, wanted) {
        found = shortcode::find(body, &code(body, options)?, wanted);
    }
    Ok(shortcode::prepare(body, found, wanted))
}

/// Whether a body may hold code, formulas or comments; to find them it is parsed.
fn may_show(body: &str) -> bool {
    ["`", "\t", "$", "~", "    ", "<!--"].iter().any(|sign| search::holds(body, sign))
}

/// The title of a source whose front matter has none: its first heading, if that is of level one and nothing but
/// pictures stands before it, as plain text. It looks at the beginning of the body only, so it is cheap enough for
/// pass one.
pub fn first_heading(body: &str, dialect: &Dialect) -> Option<String> {
    let body = skip_comments(body.strip_prefix('\u{feff}').unwrap_or(body));
    let mut end = body.len().min(MAX_HEADING);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    if !body[..end].lines().any(may_be_heading) {
        return None;
    }
    let variables = Variables::none();
    let wanted = Wanted { dialect, mdx: false, variables: &variables, depth: 0 };
    let prepared = shortcode::prepare(&body[..end], shortcode::find(&body[..end], &[], wanted), wanted);
    let mut events = Parser::new_ext(&prepared.text, dialect.options(""));
    let (mut pictures, mut block) = (0_usize, String::new());
    loop {
        match events.next()? {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => break,
            Event::Start(Tag::Image { .. }) => pictures += 1,
            Event::End(TagEnd::Image) => pictures -= 1,
            Event::Html(html) => block.push_str(&html),
            Event::End(TagEnd::HtmlBlock) => match html::heading(&block) {
                Some(title) => return Some(title),
                None if html::is_wordless(&block) => block.clear(),
                None => return None,
            },
            Event::Start(Tag::Paragraph | Tag::Link { .. } | Tag::HtmlBlock)
            | Event::End(TagEnd::Paragraph | TagEnd::Link)
            | Event::SoftBreak
            | Event::HardBreak => {}
            Event::Text(text) if pictures > 0 || prepared.plain(&text).trim().is_empty() => {}
            Event::InlineHtml(html) if html::is_wordless(&html) => {}
            _ => return None,
        }
    }
    heading_text(events, &prepared, dialect)
}

/// Whether a line may be a heading of level one, stand under one, or hold one of HTML.
fn may_be_heading(line: &str) -> bool {
    let line = line.trim_start();
    (line.starts_with('#') && !line.starts_with("##"))
        || line.starts_with('=')
        || line.contains("<h1")
        || line.contains("<H1")
}

/// What a heading that has begun says, as plain text.
fn heading_text<'a>(events: impl Iterator<Item = Event<'a>>, prepared: &Prepared, dialect: &Dialect) -> Option<String> {
    let mut title = String::new();
    let mut state = smart::State::default();
    for event in events {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            // Set as in the body, so that the two are seen to be the same.
            Event::Text(text) => {
                let text = prepared.plain(&text);
                title.push_str(&smart::set(&text, dialect.typography(), &mut state, |_| false));
            }
            Event::Code(text) | Event::InlineMath(text) => {
                state.saw('x');
                title.push_str(&prepared.plain(&text));
            }
            Event::SoftBreak | Event::HardBreak => title.push(' '),
            _ => {}
        }
    }
    // A no-break space is no white space here: it is the author's.
    let title = title.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

fn skip_comments(body: &str) -> &str {
    let mut rest = body;
    while let Some(comment) = rest.trim_start().strip_prefix("<!--") {
        let Some(end) = comment.find("-->") else { break };
        rest = &comment[end + 3..];
    }
    let indent = rest.len() - rest.trim_start().len();
    let line = rest[..indent].rfind('\n').map_or(0, |at| at + 1);
    &rest[line..]
}

/// The ranges of the body that show what they contain, or nothing: code, formulas and comments.
pub(super) fn code(body: &str, options: Options) -> Result<Vec<Range<usize>>, Exceeded> {
    let mut ranges = Vec::new();
    for (count, (event, range)) in Parser::new_ext(body, options).into_offset_iter().enumerate() {
        if count > MAX_EVENTS {
            return Err(Exceeded::Nodes);
        }
        match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(_)) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                ranges.push(range);
            }
            Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock)
                if body[range.clone()].trim_start().starts_with("<!--") =>
            {
                ranges.push(range);
            }
            _ => {}
        }
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::hostile::pieces::pieces;
    use super::*;
    use crate::content::Language;

    fn heading(body: &str) -> Option<String> {
        first_heading(body, &Dialect::plain(Language::english()))
    }

    #[test]
    fn the_title_is_the_first_block() {
        assert_eq!(heading("\n# A *title* with `code` {#id}\n\n## b").as_deref(), Some("A title with code"));
        assert_eq!(heading("<!-- a\n\n-->\n\n# After").as_deref(), Some("After"));
        assert_eq!(heading("Under\nlined\n===\n").as_deref(), Some("Under lined"));
        assert_eq!(heading("# With {{< icon \"x\" >}} *it*").as_deref(), Some("With it"));
        assert_eq!(
            heading("![cover](a.png)\n\n<p align=\"center\"><img src=b></p>\n\n# After").as_deref(),
            Some("After")
        );
        assert_eq!(heading("text\n\n# later"), None);
        let readme = "<p><img src=a></p>\n<h1 align=center>\n  <img src=b><br>A\n  <i>project</i></h1>\n";
        assert_eq!(heading(readme).as_deref(), Some("A project"));
        assert_eq!(heading("<p>text</p>\n\n# later"), None);
        assert_eq!(heading("![a](b)\n\n## two\n\n# later"), None);
        assert_eq!(heading("## two"), None);
        assert_eq!(heading("    # code"), None);
        assert_eq!(heading("#"), None);
        let french = Dialect::hugo(Language::parse("fr").unwrap());
        assert_eq!(first_heading("# L'été \"chaud\"", &french).as_deref(), Some("L’été «\u{a0}chaud\u{a0}»"));
    }

    #[test]
    fn links_are_asked_for_with_their_lines() {
        let text = "---\ntitle: x\n---\n[a](b.md)\n\n{{< note >}}\n![c](d.png)\n{{< /note >}}\n[e]({{< ref \"f\" >}})\nhttps://g.org\n";
        let mut asked = Vec::new();
        let source = Source { path: "x.md", text, body_start: 17 };
        let mut links = |reference: &Reference<'_>| {
            asked.push(((reference.at.line, reference.at.column), reference.kind, reference.destination.to_owned()));
            Target::Nowhere
        };
        read(&source, &Dialect::hugo(Language::english()), &mut links).unwrap();
        let expected = [
            ((4, 1), ReferenceKind::Link, "b.md"),
            ((7, 1), ReferenceKind::Image, "d.png"),
            ((9, 1), ReferenceKind::Ref, "f"),
            ((10, 1), ReferenceKind::Link, "https://g.org"),
        ];
        assert_eq!(asked, expected.map(|(line, kind, to)| (line, kind, to.to_owned())));
    }

    proptest! {
        #[test]
        fn what_stands_outside_code_is_found_without_the_parser(text in pieces()) {
            let english = Language::english;
            for dialect in [Dialect::plain(english()), Dialect::hugo(english()), Dialect::jekyll(english())] {
                let variables = Variables::none();
                let wanted = Wanted { dialect: &dialect, mdx: false, variables: &variables, depth: 0 };
                let found = shortcode::find(&text, &[], wanted);
                if found.stand_outside_code(&text, wanted) {
                    let code = code(&text, dialect.options(&text)).unwrap();
                    let known = shortcode::prepare(&text, shortcode::find(&text, &code, wanted), wanted);
                    assert_eq!(shortcode::prepare(&text, found, wanted), known);
                }
            }
        }
    }

    #[test]
    fn carriage_returns_change_nothing() {
        let text = "a\n{{< img src=\"b\" >}}\nc\n\n```\nd\n\ne\n```\n\n<pre>f\ng</pre>\n\n> {{< note >}}\n> h\n> {{< /note >}}\n";
        let outline = |text: &str| super::super::outline::read("hugo en", text);
        assert_eq!(outline(&text.replace('\n', "\r\n")), outline(text));
    }
}
