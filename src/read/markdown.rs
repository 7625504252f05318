//! Markdown to the document tree: pass two, one source at a time.
//!
//! CommonMark 0.31 with GFM tables, strikethrough, task lists, alerts, footnotes and bare addresses, and the
//! extensions a [`Dialect`] adds. The only file that names `pulldown_cmark`: it turns the parser's events into
//! calls of `compose`, text goes to `prose`, raw HTML to `html`; shortcodes were replaced before, by `shortcode`.

use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::ops::Range;

use pulldown_cmark as cmark;
use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::content::document::{Alert, Alignment, Document, Exceeded, Kind, MAX_SOURCE, Span, Target};
use crate::content::{Language, Problem};

use super::compose::{Break, Composer, Origin};
use super::html;
use super::notes::Unshown;
use super::prose::Pending;
use super::shortcode::{self, Prepared};
use super::smart::Typography;

/// The parser may say this much about one source.
const MAX_EVENTS: usize = 1_000_000;
/// More problems than this are not named, one by one.
const MAX_PROBLEMS: usize = 1000;
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

/// Which extensions a site generator understands, and whose typography is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub language: Language,
    /// `Term`, newline, `: definition`.
    pub definitions: bool,
    /// `## Heading {#id .class}`.
    pub heading_attributes: bool,
    /// `$…$` and `$$…$$`.
    pub math: bool,
    /// `x^2^` and `H~2~O`; not left to the parser, which finds them between words only, and in `[^x] … ^`.
    pub scripts: bool,
    /// Hugo's `{{< x >}}`.
    pub shortcodes: bool,
    /// Quotation marks, dashes and ellipses are set for the language.
    pub smart: bool,
}

impl Dialect {
    /// Files that no generator is known for: everything but what changes characters.
    pub fn plain(language: Language) -> Dialect {
        Dialect {
            language,
            definitions: true,
            heading_attributes: true,
            math: true,
            scripts: true,
            shortcodes: true,
            smart: false,
        }
    }

    /// Hugo as it comes: goldmark with definition lists and its typographer.
    pub fn hugo(language: Language) -> Dialect {
        Dialect {
            language,
            definitions: true,
            heading_attributes: true,
            math: false,
            scripts: false,
            shortcodes: true,
            smart: true,
        }
    }

    pub(super) fn is_french(&self) -> bool {
        self.language.primary() == "fr"
    }

    pub(super) fn typography(&self) -> Typography {
        match (self.smart, self.is_french()) {
            (false, _) => Typography::Plain,
            (true, true) => Typography::French,
            (true, false) => Typography::English,
        }
    }

    /// Listed one by one: `Options::all()` without old footnotes has none at all.
    fn options(&self, body: &str) -> Options {
        let mut options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
        options.set(Options::ENABLE_FOOTNOTES, body.contains("[^") && body.contains("]:"));
        options.set(Options::ENABLE_DEFINITION_LIST, self.definitions);
        options.set(Options::ENABLE_HEADING_ATTRIBUTES, self.heading_attributes);
        options.set(Options::ENABLE_MATH, self.math);
        options
    }
}

/// A link, as the author wrote it, to be resolved by the caller.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    pub destination: &'a str,
    pub kind: ReferenceKind,
    /// Counted from 1.
    pub line: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    Link,
    Image,
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
    if source.text.len() > MAX_SOURCE {
        return Err(Exceeded::Source);
    }
    let body = source.text.get(source.body_start..).unwrap_or("");
    let options = dialect.options(body);
    let code = if dialect.shortcodes && body.contains("{{") { code(body, options)? } else { Vec::new() };
    let prepared = match dialect.shortcodes {
        true => shortcode::prepare(body, &code),
        false => shortcode::untouched(body),
    };
    let mut reader = Reader::new(source, dialect, &prepared, links);
    reader.events(&prepared.text, options)?;
    reader.finish()
}

/// The title of a source whose front matter has none: its first block, if that is a level-one heading, as
/// plain text. It looks at the beginning of the body only, so it is cheap enough for pass one.
pub fn first_heading(body: &str, dialect: &Dialect) -> Option<String> {
    let body = skip_comments(body.strip_prefix('\u{feff}').unwrap_or(body));
    let mut end = body.len().min(MAX_HEADING);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let mut title = String::new();
    let mut events = Parser::new_ext(&body[..end], dialect.options(""));
    if !matches!(events.next(), Some(Event::Start(Tag::Heading { level: cmark::HeadingLevel::H1, .. }))) {
        return None;
    }
    for event in events {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => title.push_str(&text),
            Event::SoftBreak | Event::HardBreak => title.push(' '),
            _ => {}
        }
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
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

/// The ranges of the body that show what they contain, or nothing: code and comments.
fn code(body: &str, options: Options) -> Result<Vec<Range<usize>>, Exceeded> {
    let mut ranges = Vec::new();
    for (count, (event, range)) in Parser::new_ext(body, options).into_offset_iter().enumerate() {
        if count > MAX_EVENTS {
            return Err(Exceeded::Nodes);
        }
        match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(_)) => ranges.push(range),
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

/// One source being read.
pub(super) struct Reader<'a> {
    path: &'a str,
    body_start: usize,
    lines: Lines,
    pub(super) dialect: &'a Dialect,
    pub(super) prepared: &'a Prepared,
    links: &'a mut dyn FnMut(&Reference<'_>) -> Target,
    pub(super) composer: Composer,
    pub(super) pending: Pending,
    pub(super) problems: Vec<Problem>,
    pub(super) reported: HashSet<String>,
    /// The place of everything in a caption that is read by itself.
    fixed: Option<Span>,
    /// The last place where each element is closed.
    closings: HashMap<&'static str, Option<usize>>,
    text: &'a str,
    /// A block of code or HTML being collected.
    code: Option<(String, String)>,
    html: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(
        source: &'a Source<'a>,
        dialect: &'a Dialect,
        prepared: &'a Prepared,
        links: &'a mut dyn FnMut(&Reference<'_>) -> Target,
    ) -> Reader<'a> {
        Reader {
            path: source.path,
            body_start: source.body_start.min(source.text.len()),
            lines: Lines::new(source.text),
            dialect,
            prepared,
            links,
            composer: Composer::default(),
            pending: Pending::default(),
            problems: Vec::new(),
            reported: HashSet::new(),
            fixed: None,
            closings: HashMap::new(),
            text: source.text,
            code: None,
            html: None,
        }
    }

    fn finish(mut self) -> Result<Reading, Exceeded> {
        self.flush()?;
        self.composer.close_all()?;
        self.players()?;
        self.composer.close_all()?;
        let mut composer = take(&mut self.composer);
        let (notes, unshown) = composer.notes.number(&mut composer.builder);
        for one in unshown {
            let (span, text) = match one {
                Unshown::Unused(label, span) => {
                    (span, format!("nothing refers to the footnote [^{label}]; it is left out"))
                }
                Unshown::Duplicate(label, span) => {
                    (span, format!("the footnote [^{label}] is defined twice; the first definition counts"))
                }
            };
            self.problem(span, text);
        }
        self.problems.sort_by_key(|problem| problem.line);
        Ok(Reading { document: composer.builder.finish(notes)?, problems: self.problems })
    }

    /// Reads a piece of Markdown that stands in a shortcode's argument, into what is open.
    pub(super) fn fragment(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        let before = self.fixed.replace(span);
        self.events(text, self.dialect.options(""))?;
        self.flush()?;
        self.fixed = before;
        Ok(())
    }

    fn events(&mut self, text: &str, options: Options) -> Result<(), Exceeded> {
        for (count, (event, range)) in Parser::new_ext(text, options).into_offset_iter().enumerate() {
            if count > MAX_EVENTS {
                return Err(Exceeded::Nodes);
            }
            self.event(event, text, range)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, all: &str, range: Range<usize>) -> Result<(), Exceeded> {
        let span = self.span(&range);
        match event {
            Event::Text(text) => return self.read_text(&text, all, range.start, span),
            Event::Html(text) => {
                match &mut self.html {
                    Some(html) => html.push_str(&text),
                    None => html::block(self, &text, span)?,
                }
                return Ok(());
            }
            _ => self.flush()?,
        }
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(end) => self.end(end, span),
            Event::Code(text) => {
                let text = self.prepared.restore(&text);
                let slice = self.composer.builder.store(&text);
                self.composer.inline(Kind::CodeSpan(slice), span)
            }
            Event::InlineMath(text) => {
                let slice = self.composer.builder.store(&self.prepared.restore(&text));
                self.composer.inline(Kind::Math(slice), span)
            }
            Event::DisplayMath(text) => self.composer.math(self.prepared.restore(&text).trim(), span),
            Event::InlineHtml(text) => html::inline(self, &text, span),
            Event::FootnoteReference(label) => self.composer.note_reference(&label, span),
            Event::SoftBreak => {
                self.composer.line_break(Break::Soft, span);
                Ok(())
            }
            Event::HardBreak => {
                self.composer.line_break(Break::Hard, span);
                Ok(())
            }
            Event::Rule => self.composer.rule(span),
            Event::TaskListMarker(done) => {
                self.composer.set_task(done);
                Ok(())
            }
            Event::Text(_) | Event::Html(_) => Ok(()),
        }
    }

    /// Text belongs to the code or HTML being collected, else it waits for its neighbours.
    fn read_text(&mut self, text: &str, all: &str, start: usize, span: Span) -> Result<(), Exceeded> {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
        } else if let Some(html) = &mut self.html {
            html.push_str(text);
        } else {
            let escaped = start > 0 && all.as_bytes()[start - 1] == b'\\';
            let entity = all.as_bytes().get(start) == Some(&b'&') && text != "&";
            self.pending.push(text, span, escaped || entity);
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) -> Result<(), Exceeded> {
        let markdown = Origin::Markdown;
        let composer = &mut self.composer;
        match tag {
            Tag::Paragraph => composer.open_paragraph(markdown, span),
            Tag::Heading { level, .. } => composer.open_sealed(Kind::Heading { level: level as u8 }, markdown, span),
            Tag::BlockQuote(kind) => composer.open_block(Kind::Quote { alert: kind.map(alert) }, markdown, span),
            Tag::CodeBlock(kind) => {
                self.code = Some((language(&kind), String::new()));
                Ok(())
            }
            Tag::HtmlBlock => {
                composer.paragraph_break();
                self.html = Some(String::new());
                Ok(())
            }
            Tag::List(start) => composer.open_block(Kind::List { start }, markdown, span),
            Tag::Item => composer.open_block(Kind::Item { task: None }, markdown, span),
            Tag::FootnoteDefinition(label) => composer.open_note(&label, span),
            Tag::DefinitionList => composer.open_block(Kind::Definitions, markdown, span),
            Tag::DefinitionListTitle => composer.open_sealed(Kind::Term, markdown, span),
            Tag::DefinitionListDefinition => composer.open_block(Kind::Definition, markdown, span),
            Tag::Table(alignments) => {
                composer.open_block(Kind::Table, markdown, span)?;
                if let Some(table) = composer.find(|kind| matches!(kind, Kind::Table)) {
                    table.alignments = alignments.into_iter().map(alignment).collect();
                }
                Ok(())
            }
            Tag::TableHead => composer.open_block(Kind::TableHead, markdown, span),
            Tag::TableRow => composer.open_block(Kind::TableRow, markdown, span),
            Tag::TableCell => {
                let alignment = composer.next_alignment();
                composer.open_sealed(Kind::Cell { alignment }, markdown, span)
            }
            Tag::Emphasis => composer.open_inline(Kind::Emphasis, markdown, span),
            Tag::Strong => composer.open_inline(Kind::Strong, markdown, span),
            Tag::Strikethrough => composer.open_inline(Kind::Strikethrough, markdown, span),
            Tag::Superscript => composer.open_inline(Kind::Superscript, markdown, span),
            Tag::Subscript => composer.open_inline(Kind::Subscript, markdown, span),
            Tag::Link { link_type: cmark::LinkType::Email, dest_url, title, .. } => {
                self.open_link(&format!("mailto:{dest_url}"), &title, span)
            }
            Tag::Link { dest_url, title, .. } => self.open_link(&dest_url, &title, span),
            Tag::Image { dest_url, title, .. } => {
                let target = self.target(ReferenceKind::Image, &dest_url, span);
                let title = self.composer.builder.store(&self.prepared.plain(&title));
                self.composer.open_inline(Kind::Image { target, title }, markdown, span)
            }
            // Front matter was read before; the parser is not told to look for any.
            Tag::MetadataBlock(_) => composer.open_paragraph(markdown, span),
        }
    }

    fn open_link(&mut self, destination: &str, title: &str, span: Span) -> Result<(), Exceeded> {
        let target = self.target(ReferenceKind::Link, destination, span);
        let title = self.composer.builder.store(&self.prepared.plain(title));
        self.composer.open_inline(Kind::Link { target, title }, Origin::Markdown, span)
    }

    fn end(&mut self, end: TagEnd, span: Span) -> Result<(), Exceeded> {
        match end {
            TagEnd::CodeBlock => {
                let (language, text) = self.code.take().unwrap_or_default();
                let text = self.prepared.restore(&text).replace("\r\n", "\n");
                let text = text.strip_suffix('\n').unwrap_or(&text);
                self.composer.code(&self.prepared.restore(&language), text, span)
            }
            TagEnd::HtmlBlock => {
                let text = self.html.take().unwrap_or_default();
                html::block(self, &text, span)
            }
            _ => {
                self.composer.close_markdown()?;
                self.players()
            }
        }
    }

    /// Where a link leads.
    pub(super) fn target(&mut self, kind: ReferenceKind, destination: &str, span: Span) -> Target {
        let kind = if self.prepared.refers(destination) { ReferenceKind::Ref } else { kind };
        self.report_unknown(destination, span);
        let destination = self.prepared.plain(destination);
        let line = self.lines.line(span.start);
        (self.links)(&Reference { destination: destination.trim(), kind, line })
    }

    /// Whether the source closes an element somewhere from here on.
    pub(super) fn closes_later(&mut self, name: &'static str, span: Span) -> bool {
        let text = self.text.as_bytes();
        let last = *self.closings.entry(name).or_insert_with(|| {
            let is_closing = |end: &[u8]| {
                end.strip_prefix(b"</")
                    .and_then(|end| end.get(..name.len()))
                    .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
            };
            (0..text.len()).rev().find(|&at| text[at] == b'<' && is_closing(&text[at..]))
        });
        last.is_some_and(|last| last >= span.start as usize)
    }

    /// A problem with this place.
    pub(super) fn problem(&mut self, span: Span, text: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::at(self.path, self.lines.line(span.start), text));
        }
    }

    fn span(&self, range: &Range<usize>) -> Span {
        self.fixed.unwrap_or_else(|| Span {
            start: (self.body_start + self.prepared.original(range.start)) as u32,
            end: (self.body_start + self.prepared.original(range.end)) as u32,
        })
    }

    /// The place of a shortcode in the file.
    pub(super) fn shortcode_span(&self, index: usize) -> Span {
        let range = self.prepared.source(index);
        Span { start: (self.body_start + range.start) as u32, end: (self.body_start + range.end) as u32 }
    }
}

/// Where each line begins, to number offsets.
struct Lines(Vec<u32>);

impl Lines {
    fn new(text: &str) -> Lines {
        Lines(text.bytes().zip(1..).filter_map(|(byte, next)| (byte == b'\n').then_some(next)).collect())
    }

    fn line(&self, offset: u32) -> u32 {
        self.0.partition_point(|&start| start <= offset) as u32 + 1
    }
}

fn alert(kind: BlockQuoteKind) -> Alert {
    match kind {
        BlockQuoteKind::Note => Alert::Note,
        BlockQuoteKind::Tip => Alert::Tip,
        BlockQuoteKind::Important => Alert::Important,
        BlockQuoteKind::Warning => Alert::Warning,
        BlockQuoteKind::Caution => Alert::Caution,
    }
}

fn alignment(alignment: cmark::Alignment) -> Alignment {
    match alignment {
        cmark::Alignment::None | cmark::Alignment::Left => Alignment::Left,
        cmark::Alignment::Center => Alignment::Center,
        cmark::Alignment::Right => Alignment::Right,
    }
}

/// The first word of the info string; what follows `{`, `,` or `:` is an attribute.
fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Indented => String::new(),
        CodeBlockKind::Fenced(info) => {
            let word = info.split_whitespace().next().unwrap_or("");
            word.split(['{', ',', ':']).next().unwrap_or("").to_owned()
        }
    }
}
