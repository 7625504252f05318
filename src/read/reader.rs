//! One source being read: where things stand in it, where its links lead, what is wrong with it.
//!
//! `events`, `prose` and `html` are methods and functions over this; `compose` is the tree they make.

use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::ops::Range;

use memchr::memchr_iter;

use crate::content::Problem;
use crate::content::document::{Exceeded, NodeId, Span, Target};
use crate::content::problem::{self, Position};

use super::compose::{Composer, Origin};
use super::effect::Image;
use super::include;
use super::label;
use super::markdown::{Dialect, Reading, Reference, ReferenceKind, Source};
use super::notes::Unshown;
use super::prose::Pending;
use super::shortcode::Prepared;

/// More problems than this are not named, one by one.
const MAX_PROBLEMS: usize = 1000;

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
    /// The abbreviations that were used, by number.
    pub(super) expanded: HashSet<usize>,
    /// The labels of notes, and the ids of notes in HTML.
    pub(super) has_notes: bool,
    pub(super) labels: HashSet<String>,
    /// The text being put into the tree is of a block of HTML.
    pub(super) raw: bool,
    /// A buffer for the pieces of a text.
    pub(super) pieces: Vec<super::inline::Piece>,
    note_ids: HashSet<String>,
    /// What is read is the sign of a note, which has a number instead.
    pub(super) silent: bool,
    /// Notes that stood where they were referred to, and are read at the end.
    written_in_place: Vec<(String, &'a Prepared, Span)>,
    /// The last place where each element is closed.
    closings: HashMap<&'static str, Option<usize>>,
    text: &'a str,
    /// The body with what it includes in its place.
    including: Option<&'a include::Body>,
    /// The elements of HTML that are open and hold blocks, innermost last.
    pub(super) elements: Vec<&'static str>,
    /// Whether a link to the page on the web stands in this section, in the place of what is left out.
    pub(super) is_led_out: bool,
    /// A heading's level and node, where what stood directly under it is left out.
    pub(super) hollow: Option<(u8, NodeId)>,
    /// The rows of the table being read are left out.
    pub(super) starved: bool,
    /// The pictures of a `<noscript>`, and the address of the last one that was shown.
    pub(super) unseen: Vec<Image>,
    pub(super) last_image: String,
    /// A block of code or HTML being collected.
    pub(super) code: Option<(String, String)>,
    pub(super) html: Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        source: &'a Source<'a>,
        including: Option<&'a include::Body>,
        dialect: &'a Dialect,
        prepared: &'a Prepared,
        links: &'a mut dyn FnMut(&Reference<'_>) -> Target,
    ) -> Reader<'a> {
        let text = including.map_or(source.text, |including| &including.text);
        let has_notes = text.contains("[^");
        let mut reader = Reader {
            path: source.path,
            body_start: source.body_start.min(source.text.len()),
            lines: Lines { offset: 0, line: 1 },
            dialect,
            prepared,
            links,
            composer: Composer::for_source(source.text.len()),
            pending: Pending::default(),
            problems: Vec::new(),
            reported: HashSet::new(),
            fixed: None,
            expanded: HashSet::new(),
            has_notes,
            labels: if has_notes { label::of_markdown(text) } else { HashSet::new() },
            raw: false,
            pieces: Vec::new(),
            note_ids: label::of_html(text),
            silent: false,
            written_in_place: Vec::new(),
            closings: HashMap::new(),
            text: source.text,
            including,
            elements: Vec::new(),
            is_led_out: false,
            hollow: None,
            starved: false,
            unseen: Vec::new(),
            last_image: String::new(),
            code: None,
            html: None,
        };
        for (at, text) in &prepared.slips {
            let range = *at..*at;
            reader.problem(problem::Kind::Markup, reader.span_in_body(&range), text);
        }
        for (at, kind, problem) in including.iter().flat_map(|including| &including.problems) {
            let at = (reader.body_start + at) as u32;
            reader.problem(*kind, Span { start: at, end: at }, problem);
        }
        reader
    }

    pub(super) fn finish(mut self) -> Result<Reading, Exceeded> {
        self.flush()?;
        self.composer.close_all()?;
        self.end_section(0, Span { start: self.text.len() as u32, end: self.text.len() as u32 })?;
        self.players()?;
        self.composer.close_all()?;
        self.notes_in_place()?;
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
            self.problem(problem::Kind::Footnote, span, text);
        }
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
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

    /// Refers to a note that stands here, and keeps it for the end: within a paragraph there is no room for one.
    pub(super) fn note_in_place(&mut self, note: &'a Prepared, span: Span) -> Result<(), Exceeded> {
        // No author's label holds a control character.
        let label = format!("\u{1}{}", self.written_in_place.len());
        self.composer.note_reference(&label, span)?;
        self.written_in_place.push((label, note, span));
        Ok(())
    }

    fn notes_in_place(&mut self) -> Result<(), Exceeded> {
        let mut next = 0;
        while let Some((label, note, span)) = self.written_in_place.get(next).cloned() {
            next += 1;
            self.composer.open_note(&label, Origin::Markdown, span)?;
            let outside = std::mem::replace(&mut self.prepared, note);
            self.fragment(&note.text, span)?;
            self.prepared = outside;
            self.composer.close_all()?;
        }
        Ok(())
    }

    /// Where a link leads.
    pub(super) fn target(&mut self, kind: ReferenceKind, destination: &str, span: Span) -> Target {
        let kind = if self.prepared.refers(destination) { ReferenceKind::Ref } else { kind };
        // An address of which a part is not known is none.
        if self.report_unknown(destination, span) {
            return Target::Nowhere;
        }
        let destination = self.prepared.plain(destination);
        let outgoing = &self.dialect.conversion.outgoing;
        let destination = outgoing.clean(destination.trim());
        if kind == ReferenceKind::Image && outgoing.is_counter(&destination) {
            return Target::Nowhere;
        }
        let at = self.lines.position(self.text, span.start);
        (self.links)(&Reference { destination: &destination, kind, at })
    }

    /// Where a link leads to a note of HTML: its number stands here, and what the link says is left out.
    pub(super) fn refers_to_note(&mut self, destination: &str, span: Span) -> Result<bool, Exceeded> {
        let id = destination.strip_prefix('#').filter(|id| self.note_ids.contains(*id));
        let Some(id) = id.filter(|_| !self.composer.is_in_note()) else { return Ok(false) };
        self.composer.unwrap(Origin::Html("sup"));
        self.composer.note_reference(&note_label(id), span)?;
        self.silent = true;
        Ok(true)
    }

    /// Opens the note that an element is, if it is one.
    pub(super) fn open_html_note(&mut self, name: &'static str, id: &str, span: Span) -> Result<bool, Exceeded> {
        if !self.note_ids.contains(id) {
            return Ok(false);
        }
        self.composer.close(Origin::Html(name))?;
        self.composer.open_note(&note_label(id), Origin::Html(name), span)?;
        Ok(true)
    }

    /// Whether the source closes an element somewhere from here on.
    pub(super) fn closes_later(&mut self, name: &'static str, span: Span) -> bool {
        let text = self.including.map_or(self.text, |including| &including.text).as_bytes();
        let last = *self.closings.entry(name).or_insert_with(|| {
            let is_closing = |end: &[u8]| {
                end.strip_prefix(b"</")
                    .and_then(|end| end.get(..name.len()))
                    .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
            };
            (0..text.len()).rev().find(|&at| text[at] == b'<' && is_closing(&text[at..]))
        });
        // Where a place in the file is one in the text.
        last.is_some_and(|last| self.including.is_some() || last >= span.start as usize)
    }

    /// A problem with this place.
    pub(super) fn problem(&mut self, kind: problem::Kind, span: Span, text: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            let at = self.lines.position(self.text, span.start);
            self.problems.push(Problem::at(kind, self.path, at, text));
        }
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        self.fixed.unwrap_or_else(|| Span {
            start: self.in_file(self.prepared.original(range.start)),
            end: self.in_file(self.prepared.original(range.end)),
        })
    }

    /// The place of a shortcode in the file.
    pub(super) fn shortcode_span(&self, index: usize) -> Span {
        self.span_in_body(&self.prepared.source(index))
    }

    fn span_in_body(&self, range: &Range<usize>) -> Span {
        Span { start: self.in_file(range.start), end: self.in_file(range.end) }
    }

    /// A place of the body in the file: of what is included, that of the tag.
    fn in_file(&self, at: usize) -> u32 {
        (self.body_start + self.including.map_or(at, |including| including.way_back.original(at))) as u32
    }
}

/// No author's label holds a control character.
fn note_label(id: &str) -> String {
    format!("\u{2}{id}")
}

/// Numbers the lines of a text; asked in order, it counts each piece once.
struct Lines {
    offset: usize,
    line: u32,
}

impl Lines {
    fn position(&mut self, text: &str, offset: u32) -> Position {
        let offset = (offset as usize).min(text.len());
        let count = |bytes: &[u8]| memchr_iter(b'\n', bytes).count() as u32;
        let bytes = text.as_bytes();
        self.line = match offset.checked_sub(self.offset) {
            Some(_) => self.line + count(&bytes[self.offset..offset]),
            None => self.line - count(&bytes[offset..self.offset]),
        };
        self.offset = offset;
        Position::in_line(self.line, text, offset)
    }
}
