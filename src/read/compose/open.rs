//! The stack of what is open, and the questions asked of it.

use crate::content::document::{Alignment, Exceeded, Kind, Span};

use super::Composer;
use super::frame::{Frame, MAX_FRAMES, Media, Origin, Role};

impl Composer {
    pub(super) fn push(&mut self, frame: Frame) -> Result<(), Exceeded> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Exceeded::Depth);
        }
        self.frames.push(frame);
        Ok(())
    }

    pub(super) fn insert(&mut self, mut frame: Frame) -> Result<(), Exceeded> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Exceeded::Depth);
        }
        let at = self.floor();
        let inside = self.frames[at..].iter().any(|frame| matches!(frame.role, Role::Paragraph));
        frame.with_paragraph = inside && matches!(frame.origin, Origin::Html(_) | Origin::Implied);
        self.frames.insert(at, frame);
        Ok(())
    }

    /// Where the floating Markdown begins; the top where none floats.
    pub(super) fn floor(&self) -> usize {
        let mut floor = self.frames.len();
        for at in (0..self.frames.len()).rev() {
            if !self.frames[at].floats() {
                break;
            }
            if self.frames[at].origin == Origin::Markdown {
                floor = at;
            }
        }
        floor
    }

    /// The innermost frame that gives the place its structure.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.frames
            .iter()
            .rposition(|frame| matches!(frame.role, Role::Block | Role::Note | Role::Sealed | Role::Skip(_)))
    }

    pub(super) fn is_sealed(&self) -> bool {
        let innermost = self.innermost().map(|at| &self.frames[at].role);
        matches!(innermost, Some(Role::Sealed | Role::Skip(_)))
    }

    /// Whether what comes is not shown.
    pub(in crate::read) fn is_muted(&self) -> bool {
        self.skips > 0
            && self
                .frames
                .iter()
                .rev()
                .find(|frame| matches!(frame.role, Role::Note | Role::Skip(_)))
                .is_some_and(|frame| matches!(frame.role, Role::Skip(_)))
    }

    /// Whether what is read belongs to a footnote.
    pub(in crate::read) fn is_in_note(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame.role, Role::Note))
    }

    /// Makes the innermost inline of an origin say nothing, if nothing stands in it yet.
    pub(in crate::read) fn unwrap(&mut self, origin: Origin) {
        let at = self.frames.iter().rposition(|frame| frame.origin == origin && !frame.ever);
        if let Some(at) = at.filter(|&at| matches!(self.frames[at].role, Role::Inline(_))) {
            self.frames.remove(at);
        }
    }

    /// Whether text stands in a link or an image.
    pub(in crate::read) fn is_in_link(&self) -> bool {
        self.frames.iter().any(Frame::is_link)
    }

    /// Whether text is to be left as it is.
    pub(in crate::read) fn is_in_code(&self) -> bool {
        self.is_in_pre() || self.frames.iter().any(|frame| matches!(frame.role, Role::Code))
    }

    /// Whether text stands in `<pre>`.
    pub(in crate::read) fn is_in_pre(&self) -> bool {
        self.pres > 0 && self.pre_at().is_some()
    }

    /// Whether a line has begun.
    pub(in crate::read) fn has_begun(&self) -> bool {
        self.run
    }

    pub(super) fn pre(&mut self) -> Option<&mut String> {
        let at = if self.pres > 0 { self.pre_at()? } else { return None };
        let Role::Pre { text, .. } = &mut self.frames[at].role else { return None };
        Some(text)
    }

    /// The innermost `<pre>` of the body, or of the note being read.
    fn pre_at(&self) -> Option<usize> {
        let at = self.frames.iter().rposition(|frame| matches!(frame.role, Role::Note | Role::Pre { .. }))?;
        matches!(self.frames[at].role, Role::Pre { .. }).then_some(at)
    }

    /// The `<pre>` being read, for the language that a `<code>` in it names.
    pub(in crate::read) fn pre_language(&mut self) -> Option<&mut String> {
        self.frames.iter_mut().rev().find_map(|frame| {
            let Role::Pre { language, .. } = &mut frame.role else { return None };
            Some(language)
        })
    }

    /// The innermost player being read.
    pub(in crate::read) fn media(&mut self) -> Option<&mut Media> {
        self.frames.iter_mut().rev().find_map(|frame| {
            let Role::Skip(media) = &mut frame.role else { return None };
            media.as_mut()
        })
    }

    /// The innermost frame whose node is of a kind.
    pub(in crate::read) fn find(&mut self, is: fn(&Kind) -> bool) -> Option<&mut Frame> {
        self.frames.iter_mut().rev().find(|frame| frame.kind.as_ref().is_some_and(is))
    }

    /// Lets the numbers of the list being read go on from another; a list that has other items is parted there.
    pub(in crate::read) fn renumber(&mut self, number: u64, span: Span) -> Result<(), Exceeded> {
        let list = Origin::Html("ol");
        if self.is_within(&[list], &[Origin::Html("ul"), Origin::Html("menu")]).is_none() {
            return Ok(());
        }
        let Some(frame) = self.find(|kind| matches!(kind, Kind::List { .. })) else { return Ok(()) };
        let (Some(Kind::List { start: Some(start) }), Some(node)) = (&frame.kind, frame.node) else { return Ok(()) };
        if start.saturating_add(frame.column as u64) == number {
            return Ok(());
        }
        if frame.column == 0 {
            frame.kind = Some(Kind::List { start: Some(number) });
            self.builder.set_kind(node, Kind::List { start: Some(number) });
            return Ok(());
        }
        self.close(list)?;
        self.open_block(Kind::List { start: Some(number) }, list, span)
    }

    /// Counts the item that begins.
    pub(in crate::read) fn count_item(&mut self) {
        if let Some(list) = self.find(|kind| matches!(kind, Kind::List { .. })) {
            list.column += 1;
        }
    }

    /// Marks the item being read as a task.
    pub(in crate::read) fn set_task(&mut self, done: bool) {
        let item = self.find(|kind| matches!(kind, Kind::Item { .. })).and_then(|frame| frame.node);
        if let Some(node) = item {
            self.builder.set_kind(node, Kind::Item { task: Some(done) });
        }
    }

    /// The alignment of the next cell of the row being read.
    pub(in crate::read) fn next_alignment(&mut self) -> Alignment {
        let column = match self.find(|kind| matches!(kind, Kind::TableHead | Kind::TableRow)) {
            Some(row) => {
                row.column += 1;
                row.column - 1
            }
            None => 0,
        };
        let table = self.find(|kind| matches!(kind, Kind::Table));
        table.and_then(|table| table.alignments.get(column).copied()).unwrap_or_default()
    }
}
