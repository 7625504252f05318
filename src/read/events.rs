//! The Markdown parser's events, one by one, into the tree.
//!
//! Blocks and inlines are opened and closed as they come; text waits for its neighbours (`prose`), code and blocks
//! of HTML are collected first (`html`).

use std::ops::Range;

use pulldown_cmark as cmark;
use pulldown_cmark::{BlockQuoteKind, BrokenLink, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::content::document::{Alert, Alignment, Exceeded, Kind, Slice, Span, Target};
use crate::content::problem;

use super::compose::{Break, Origin};
use super::dialect::Generator;
use super::find::marks;
use super::html;
use super::inline;
use super::markdown::{MAX_EVENTS, ReferenceKind};
use super::reader::Reader;

/// A longer name of a block of code is no name, in bytes.
const MAX_FILE_NAME: usize = 120;

impl Reader<'_> {
    pub(super) fn events(&mut self, text: &str, options: Options) -> Result<(), Exceeded> {
        let undefined = |link: BrokenLink<'_>| {
            let is_one = link.link_type == cmark::LinkType::Collapsed && inline::is_reference(text, &link.span);
            is_one.then(|| ("".into(), "".into()))
        };
        let parser = Parser::new_with_broken_link_callback(text, options, Some(undefined));
        for (count, (event, range)) in parser.into_offset_iter().enumerate() {
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
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))
                if self.is_indented_html(&all[range.clone()], span) =>
            {
                self.start(Tag::HtmlBlock, span)
            }
            // One tilde is a sign of "about" as often; it stays as it is written.
            Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough)
                if !all[range.start..].starts_with("~~") =>
            {
                self.composer.text("~", span)
            }
            Event::End(TagEnd::CodeBlock) if self.html.is_some() => self.end(TagEnd::HtmlBlock, span),
            Event::Start(tag) => self.start(tag, span),
            Event::End(end) => self.end(end, span),
            Event::Code(text) => {
                self.report_in_code(&text, span);
                self.composer.leaf_of_text(Kind::CodeSpan, &self.prepared.restore(&text), span)
            }
            Event::InlineMath(text) => self.composer.leaf_of_text(Kind::Math, &self.prepared.restore(&text), span),
            Event::DisplayMath(text) if !marks::is_alone(all, &range) => {
                self.composer.leaf_of_text(Kind::Math, self.prepared.restore(&text).trim(), span)
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

    /// Whether an indented block is no code to the generator, but goes on with the HTML that is open around it.
    fn is_indented_html(&mut self, text: &str, span: Span) -> bool {
        let is_tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        let begins = text.trim_start().strip_prefix('<').is_some_and(is_tag);
        // What these take whole holds text as well.
        let whole = match self.dialect.generator {
            Generator::Jekyll | Generator::Pelican => true,
            Generator::Plain => text.contains("</"),
            Generator::Hugo | Generator::Zola | Generator::Eleventy | Generator::Astro => false,
        };
        (begins || whole) && html::is_open(self, span)
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
            Tag::Heading { level, .. } => {
                self.end_section(level as u8, span)?;
                self.composer.open_sealed(Kind::Heading { level: level as u8 }, markdown, span)
            }
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
            Tag::FootnoteDefinition(label) => composer.open_note(&label, markdown, span),
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
                composer.open_sealed(Kind::Cell { alignment, covered: false }, markdown, span)
            }
            Tag::Emphasis => composer.open_inline(Kind::Emphasis, markdown, span),
            Tag::Strong => composer.open_inline(Kind::Strong, markdown, span),
            Tag::Strikethrough => composer.open_inline(Kind::Strikethrough, markdown, span),
            Tag::Superscript => composer.open_inline(Kind::Superscript, markdown, span),
            Tag::Subscript => composer.open_inline(Kind::Subscript, markdown, span),
            Tag::Link { link_type: cmark::LinkType::Email, dest_url, title, .. } => {
                self.open_link(&format!("mailto:{dest_url}"), &title, span)
            }
            Tag::Link { link_type: cmark::LinkType::CollapsedUnknown, id, .. } => {
                let text =
                    format!("[{id}][] is defined nowhere; add a line [{id}]: ADDRESS, or take the brackets away");
                let nowhere = Kind::Link { target: Target::Nowhere, title: Slice::default() };
                composer.open_inline(nowhere, markdown, span)?;
                self.problem(problem::Kind::Markup, span, text);
                Ok(())
            }
            Tag::Link { link_type: cmark::LinkType::Autolink, dest_url, .. } if !inline::leads_out(&dest_url) => {
                let nowhere = Kind::Link { target: Target::Nowhere, title: Slice::default() };
                composer.open_inline(nowhere, markdown, span)
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
        let target = match self.refers_to_note(destination, span)? {
            true => Target::Nowhere,
            false => self.target(ReferenceKind::Link, destination, span),
        };
        let title = self.composer.builder.store(&self.prepared.plain(title));
        self.composer.open_inline(Kind::Link { target, title }, Origin::Markdown, span)
    }

    fn end(&mut self, end: TagEnd, span: Span) -> Result<(), Exceeded> {
        match end {
            TagEnd::CodeBlock => {
                let (language, text) = self.code.take().unwrap_or_default();
                self.report_in_code(&text, span);
                let text = self.prepared.restore(&text).replace("\r\n", "\n");
                let text = text.strip_suffix('\n').unwrap_or(&text);
                let (language, text) = match codehilite(text) {
                    Some((named, rest)) if language.is_empty() && self.dialect.takes_codehilite() => (named, rest),
                    Some(_) | None => (self.prepared.restore(&language).into_owned(), text),
                };
                self.composer.code(&language, text, span)
            }
            TagEnd::HtmlBlock => {
                let text = self.html.take().unwrap_or_default();
                html::block(self, &text, span)
            }
            _ => {
                self.silent &= end != TagEnd::Link;
                self.composer.close_markdown()?;
                self.players()
            }
        }
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

/// The first word of the info string; what follows `{`, `,` or `:` is an attribute. Behind it, where an attribute says
/// so, the name of the file.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let word = info.split_whitespace().next().unwrap_or("");
    let language = word.split(['{', ',', ':']).next().unwrap_or("");
    // `title=x` alone is no language.
    let language = if language.contains('=') { "" } else { language };
    match file_name(info) {
        Some(name) => format!("{language} {name}"),
        None => language.to_owned(),
    }
}

/// `{file="a.css"}`, `title="b.js"`, `toml,name=c.toml`.
fn file_name(info: &str) -> Option<&str> {
    const NAMES: [&str; 5] = ["file=", "filename=", "name=", "title=", "caption="];
    let is_start = |at: usize| at == 0 || info[..at].ends_with([' ', '{', ',', ':', '\t']);
    let value = NAMES.iter().find_map(|name| {
        let at = info.match_indices(name).map(|(at, _)| at).find(|&at| is_start(at))?;
        Some(&info[at + name.len()..])
    })?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split([' ', ',', '}']).next()?,
    };
    Some(value.trim()).filter(|value| !value.is_empty() && value.len() <= MAX_FILE_NAME)
}

/// The language that the first line of code names, and the rest: `:::python`, `#!python` (codehilite's "Syntax").
fn codehilite(text: &str) -> Option<(String, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let name = first.trim().strip_prefix(":::").or_else(|| first.trim().strip_prefix("#!"))?;
    let name = name.split_whitespace().next().filter(|name| !name.contains('/'))?;
    Some((name.to_owned(), rest))
}
