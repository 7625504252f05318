//! Text between two events of the parser: merged, then cut at placeholders, addresses and scripts, and set.
//!
//! Called by `markdown` for its own text and by `html` for the text of elements. What a shortcode stands for is
//! put into the tree here.

use std::mem::take;
use std::ops::Range;

use crate::content::document::{Exceeded, Kind, Span};
use crate::content::problem;

use super::effect::{self, Effect};
use super::inline::{self, Piece, Wanted};
use super::label;
use super::markdown::ReferenceKind;
use super::reader::Reader;
use super::shortcode::Part;
use super::shown::AT_ONCE;
use super::smart::{self, Typography};

/// Text that waits for what follows, since the parser cuts it at every `_`, `[` and entity.
#[derive(Debug, Default)]
pub(super) struct Pending {
    text: String,
    span: Span,
    /// Where characters stand that the author escaped, ascending.
    protected: Vec<usize>,
    /// It is the text of a block of HTML, which no typographer touches.
    raw: bool,
}

impl Pending {
    pub(super) fn push(&mut self, text: &str, span: Span, is_protected: bool) {
        if self.text.is_empty() {
            self.span = span;
        }
        if is_protected {
            self.protected.push(self.text.len());
        }
        self.span.end = span.end;
        self.text.push_str(text);
    }

    /// The text of a block of HTML.
    pub(super) fn push_raw(&mut self, text: &str, span: Span) {
        self.push(text, span, false);
        self.raw = true;
    }
}

impl<'a> Reader<'a> {
    /// Puts the waiting text into the tree.
    pub(super) fn flush(&mut self) -> Result<(), Exceeded> {
        if self.pending.text.is_empty() {
            return Ok(());
        }
        let mut pending = take(&mut self.pending);
        self.raw = take(&mut pending.raw);
        let put = self.put(&pending);
        // The buffers serve again.
        pending.text.clear();
        pending.protected.clear();
        self.pending = pending;
        put
    }

    fn put(&mut self, pending: &Pending) -> Result<(), Exceeded> {
        let way_back = self.composer.is_in_note() && label::is_way_back(&pending.text);
        if self.silent || way_back {
            return Ok(());
        }
        if self.composer.is_in_code() {
            return self.composer.text(&self.prepared.restore(&pending.text), pending.span);
        }
        let begun = self.callout(&pending.text);
        if !self.prepared.is_in(&pending.text) {
            return self.put_text(pending, begun..pending.text.len());
        }
        let prepared = self.prepared;
        for part in prepared.parts(&pending.text[begun..]) {
            match part {
                Part::Text(range) => self.put_text(pending, begun + range.start..begun + range.end)?,
                Part::Placeholder(index, effect) => self.place(effect, self.shortcode_span(index))?,
            }
        }
        Ok(())
    }

    fn put_text(&mut self, pending: &Pending, range: Range<usize>) -> Result<(), Exceeded> {
        let text = &pending.text[range.clone()];
        let text = if self.composer.has_begun() { text } else { text.trim_start_matches([' ', '\t']) };
        let start = range.end - text.len();
        self.set(text, pending.span, |at| pending.protected.binary_search(&(start + at)).is_ok())
    }

    fn set(&mut self, text: &str, span: Span, protected: impl Fn(usize) -> bool) -> Result<(), Exceeded> {
        if self.composer.is_muted() {
            return Ok(());
        }
        if self.has_notes {
            self.report_undefined_notes(text, span, &protected);
        }
        let labels = take(&mut self.labels);
        let wanted = Wanted {
            links: !self.composer.is_in_link(),
            scripts: self.dialect.scripts,
            emoji: self.dialect.emoji,
            labels: Some(&labels),
        };
        let mut pieces = take(&mut self.pieces);
        inline::pieces(text, wanted, &mut pieces, &protected);
        self.labels = labels;
        for piece in pieces.drain(..) {
            match piece {
                Piece::Text(range) => {
                    let start = range.start;
                    self.composer.begin(span)?;
                    let state = &mut self.composer.typography;
                    let typography = if self.raw { Typography::Plain } else { self.dialect.typography() };
                    let set = smart::set(&text[range], typography, state, |at| protected(start + at));
                    match self.prepared.abbreviations.is_empty() {
                        true => self.composer.text(&set, span)?,
                        false => {
                            let expanded = self.expanded(set.into_owned());
                            self.composer.text(&expanded, span)?;
                        }
                    }
                }
                Piece::Named(name, to) => {
                    let target = self.target(ReferenceKind::Link, &text[to], span);
                    self.composer.link(target, &text[name], span)?;
                }
                Piece::Note(label) => self.composer.note_reference(&text[label], span)?,
                Piece::Emoji(emoji) => self.composer.text(emoji, span)?,
                Piece::Link(range, to) => {
                    let target = self.target(ReferenceKind::Link, &to, span);
                    self.composer.link(target, &text[range], span)?;
                }
                Piece::Superscript(range) => self.script(Kind::Superscript, &text[range], span)?,
                Piece::Subscript(range) => self.script(Kind::Subscript, &text[range], span)?,
            }
        }
        self.pieces = pieces;
        Ok(())
    }

    /// `[!NOTE] A title` at the beginning of a quote, where the parser knows five kinds and no titles: how much of
    /// the text says so.
    fn callout(&mut self, text: &str) -> usize {
        let Some(rest) = text.strip_prefix("[!") else { return 0 };
        let Some((name, rest)) = rest.split_once(']') else { return 0 };
        let fits = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '|'));
        if !fits || !self.composer.call_out(effect::callout(name.split('|').next().unwrap_or(name))) {
            return 0;
        }
        let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).trim_start_matches(' ');
        text.len() - rest.len()
    }

    /// Says what an abbreviation stands for where it is first used.
    fn expanded(&mut self, text: String) -> String {
        let mut text = text;
        for (index, (short, long)) in self.prepared.abbreviations.iter().enumerate() {
            if long.is_empty() || self.expanded.contains(&index) {
                continue;
            }
            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let found = text
                .match_indices(short.as_str())
                .map(|(at, _)| at)
                .find(|&at| !word(text[..at].chars().next_back()) && !word(text[at + short.len()..].chars().next()));
            if let Some(at) = found {
                text.insert_str(at + short.len(), &format!(" ({long})"));
                self.expanded.insert(index);
            }
        }
        text
    }

    fn script(&mut self, kind: Kind, text: &str, span: Span) -> Result<(), Exceeded> {
        self.composer.open_inline(kind, AT_ONCE, span)?;
        self.composer.text(text, span)?;
        self.composer.close(AT_ONCE)
    }

    /// The parser leaves a reference to nothing as it is written.
    fn report_undefined_notes(&mut self, text: &str, span: Span, protected: &impl Fn(usize) -> bool) {
        for (at, _) in text.match_indices("[^").take(100) {
            let label = &text[at + 2..];
            let length = label.bytes().take(64).position(|b| b == b']').filter(|&length| length > 0);
            let Some(label) = length.map(|length| &label[..length]) else { continue };
            let fits = !self.labels.contains(label)
                && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'));
            if fits && !protected(at) {
                self.problem(
                    problem::Kind::Footnote,
                    span,
                    format!("the footnote [^{label}] is not defined; add a line [^{label}]: …"),
                );
            }
        }
    }

    /// Names what shows nothing, once in a file.
    pub(super) fn report(&mut self, name: &str, span: Span) {
        if self.reported.insert(name.to_owned()) {
            self.problem(
                problem::Kind::Shortcode,
                span,
                format!("{name} needs the site's templates to show anything; it is left out"),
            );
        }
    }

    /// Names the tags in code that the generator would have run there.
    pub(super) fn report_in_code(&mut self, text: &str, span: Span) {
        if self.prepared.templates_in_code() {
            self.report_unknown(text, span);
        }
    }

    /// Names the shortcodes in an address that could not be resolved; whether there are any.
    pub(super) fn report_unknown(&mut self, text: &str, span: Span) -> bool {
        let (prepared, mut unknown) = (self.prepared, false);
        if !prepared.is_in(text) {
            return false;
        }
        for part in prepared.parts(text) {
            if let Part::Placeholder(_, Effect::Unknown { name, .. }) = part {
                self.report(name, span);
                unknown = true;
            }
        }
        unknown
    }
}
