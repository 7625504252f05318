//! Puts blocks and inlines from three tongues (Markdown, HTML, shortcodes) into one well-formed tree.
//!
//! Stands between the parsers of this folder and [`crate::content::document::Builder`]. What is open is kept as
//! frames: blocks have their node at once; a paragraph and the inlines in it are *lazy*, they get a node when
//! text comes and a new one after a block came between. So a figure in the middle of a sentence, `<b>` across
//! paragraphs or `<em>*a</em>*` never bend the tree: blocks hold blocks, inlines hold inlines, always.
//!
//! Two rules keep the tongues apart. The Markdown paragraph being read *floats* above whatever HTML or a
//! shortcode opens in it. What HTML opened is closed at the latest with the Markdown block around it.

use std::mem::take;

use crate::content::document::{Alert, Alignment, Builder, Exceeded, Kind, Span};

use super::notes::Notes;

mod close;
mod frame;
mod inline;
mod open;
mod table;

use frame::Frame;
pub(super) use frame::{Break, Media, Origin, Role};
pub(super) use table::Starved;

/// The tree being made, and all that is open in it.
#[derive(Debug, Default)]
pub(super) struct Composer {
    pub(super) builder: Builder,
    pub(super) notes: Notes,
    frames: Vec<Frame>,
    /// Whether a place for inlines is open, and whether that place is a paragraph's node.
    run: bool,
    run_node: bool,
    pending: Option<(Break, Span)>,
    /// The character before, and the quotation mark that is open: what typography looks at.
    pub(super) typography: super::smart::State,
    /// The line being written is a callout's title: what follows it is another line.
    title_line: bool,
    skips: usize,
    pres: usize,
    /// Players whose element has ended and whose link is to be written.
    pub(super) players: Vec<(Media, Span)>,
}

impl Composer {
    /// With room for what a source of so many bytes mostly says.
    pub(super) fn for_source(length: usize) -> Composer {
        Composer { builder: Builder::for_source(length), ..Composer::default() }
    }

    /// Opens a block. Within a heading or a cell it becomes a line.
    pub(super) fn open_block(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.open(kind, Role::Block, origin, span)
    }

    /// Opens a block that holds inlines only.
    pub(super) fn open_sealed(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.open(kind, Role::Sealed, origin, span)
    }

    fn open(&mut self, kind: Kind, role: Role, origin: Origin, span: Span) -> Result<(), Exceeded> {
        if self.is_in_pre() {
            self.paragraph_break();
            return self.insert(Frame::new(Role::Ghost, origin, span));
        }
        let container = container(&kind);
        if container.is_some() {
            self.close_implied()?;
        }
        let fits = match container {
            None => self.is_sealed() || self.make_room(span)?,
            Some(container) => self.is_sealed() || self.make_container(container, span)?,
        };
        if !fits || self.is_sealed() {
            return self.open_ghost(&kind, origin, span);
        }
        let in_figure = matches!(self.innermost().and_then(|at| self.frames[at].kind.as_ref()), Some(Kind::Figure));
        let kind = if kind == Kind::Caption && !in_figure { Kind::Paragraph } else { kind };
        self.close_run();
        let node = self.builder.open(kind.clone(), span)?;
        let mut frame = Frame::new(role, origin, span);
        frame.kind = Some(kind);
        frame.node = Some(node);
        self.insert(frame)
    }

    /// Opens what an item, a row, a cell or a definition needs around it, where it is missing.
    fn make_container(&mut self, container: Kind, span: Span) -> Result<bool, Exceeded> {
        let innermost = self.innermost().and_then(|at| self.frames[at].kind.as_ref());
        let is_there = match (innermost, &container) {
            (Some(Kind::TableHead), Kind::TableRow) => true,
            (Some(kind), container) => std::mem::discriminant(kind) == std::mem::discriminant(container),
            (None, _) => false,
        };
        if !is_there {
            self.open_block(container, Origin::Implied, span)?;
        }
        Ok(!self.is_sealed())
    }

    /// A block where only lines can stand; an item keeps its bullet or number.
    fn open_ghost(&mut self, kind: &Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        let mut frame = Frame::new(Role::Ghost, origin, span);
        if let Kind::List { start } = kind {
            frame.number = *start;
        }
        let is_item = matches!(kind, Kind::Item { .. }) && !self.is_muted();
        let bullet = is_item.then(|| self.next_bullet());
        self.insert(frame)?;
        self.line();
        bullet.map_or(Ok(()), |bullet| self.text(&bullet, span))
    }

    fn next_bullet(&mut self) -> String {
        match self.frames.iter_mut().rev().find(|frame| !frame.floats()).and_then(|frame| frame.number.as_mut()) {
            Some(number) => {
                *number = number.saturating_add(1);
                format!("{}. ", *number - 1)
            }
            None => "• ".to_owned(),
        }
    }

    /// Opens a footnote's definition, outside the body.
    pub(super) fn open_note(&mut self, label: &str, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.close_run();
        let node = self.builder.open_apart(Kind::Note, span)?;
        self.notes.open(label, node, span);
        let mut frame = Frame::new(Role::Note, origin, span);
        frame.kind = Some(Kind::Note);
        frame.node = Some(node);
        self.insert(frame)
    }

    /// Opens something that has no node of its own.
    pub(super) fn open_mark(&mut self, role: Role, origin: Origin, span: Span) -> Result<(), Exceeded> {
        match role {
            Role::Skip(_) => self.skips += 1,
            Role::Pre { .. } => self.pres += 1,
            Role::Block
            | Role::Note
            | Role::Sealed
            | Role::Ghost
            | Role::Mark
            | Role::Paragraph
            | Role::Inline(_)
            | Role::Code => {}
        }
        self.insert(Frame::new(role, origin, span))
    }

    /// Opens a paragraph.
    pub(super) fn open_paragraph(&mut self, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.paragraph_break();
        self.push(Frame::new(Role::Paragraph, origin, span))
    }

    /// A rule.
    pub(super) fn rule(&mut self, span: Span) -> Result<(), Exceeded> {
        if self.is_muted() || self.is_in_pre() || self.is_sealed() || !self.make_room(span)? {
            self.line();
            return Ok(());
        }
        self.leaf(Kind::Rule, span)
    }

    /// A block of code, without the line end of its last line.
    pub(super) fn code(&mut self, language: &str, text: &str, span: Span) -> Result<(), Exceeded> {
        if self.is_muted() {
            return Ok(());
        }
        if self.is_in_pre() {
            return self.text(text, span);
        }
        if self.is_sealed() || !self.make_room(span)? {
            return self.code_as_lines(text, span);
        }
        let (language, text) = (self.builder.store(language), self.builder.store(text));
        self.leaf(Kind::Code { language, text }, span)
    }

    /// A formula on lines of its own.
    pub(super) fn math(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        if self.is_muted() || self.is_in_pre() || self.is_sealed() || !self.make_room(span)? {
            return self.leaf_of_text(Kind::Math, text, span);
        }
        let text = self.builder.store(text);
        self.leaf(Kind::MathBlock { text }, span)
    }

    fn leaf(&mut self, kind: Kind, span: Span) -> Result<(), Exceeded> {
        self.close_run();
        self.builder.leaf(kind, span)?;
        Ok(())
    }

    fn code_as_lines(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        self.line();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.leaf_of_text(Kind::CodeSpan, line.trim(), span)?;
            self.line();
        }
        Ok(())
    }

    /// What follows is another paragraph, or another line where there are none.
    pub(super) fn paragraph_break(&mut self) {
        if let Some(buffer) = self.pre() {
            if !buffer.is_empty() {
                buffer.push('\n');
            }
        } else if self.is_sealed() {
            self.line();
        } else {
            self.close_run();
        }
    }

    /// Makes the innermost open block one that may hold blocks or paragraphs; `false` if it is then sealed.
    fn make_room(&mut self, span: Span) -> Result<bool, Exceeded> {
        loop {
            let Some(missing) = self.innermost().and_then(|at| part(self.frames[at].kind.as_ref()?)) else {
                return Ok(!self.is_sealed());
            };
            match missing {
                Kind::Cell { .. } => self.open_sealed(missing, Origin::Implied, span)?,
                block => self.open_block(block, Origin::Implied, span)?,
            }
        }
    }

    /// Ends the line, if anything stands on it. Two hard breaks make a paragraph.
    pub(super) fn line_break(&mut self, kind: Break, span: Span) {
        if let Some(buffer) = self.pre() {
            buffer.push('\n');
        } else if self.run {
            self.typography.saw(' ');
            let kind = if take(&mut self.title_line) { Break::Hard } else { kind };
            match (kind, self.pending) {
                (Break::Hard, Some((Break::Hard, _))) if self.run_node => self.close_run(),
                (Break::Soft, Some(_)) => {}
                (Break::Hard, Some(_)) | (Break::Hard | Break::Soft, None) => self.pending = Some((kind, span)),
            }
        }
    }

    /// Makes the quote that has just begun an alert, as `[!NOTE]` says; what stands on the line is its title.
    pub(super) fn call_out(&mut self, alert: Alert) -> bool {
        let Some(at) = self.innermost() else { return false };
        let frame = &mut self.frames[at];
        let (Some(Kind::Quote { alert: None }), Some(node)) = (&frame.kind, frame.node) else { return false };
        if self.run || !self.builder.is_childless(node) {
            return false;
        }
        frame.kind = Some(Kind::Quote { alert: Some(alert) });
        self.builder.set_kind(node, Kind::Quote { alert: Some(alert) });
        self.title_line = true;
        true
    }

    fn line(&mut self) {
        if self.run && !self.is_muted() {
            self.pending = Some((Break::Hard, self.pending.map_or(Span::default(), |(_, span)| span)));
        }
    }

    /// Opens what is needed for an inline to stand here; `false` where nothing is shown.
    pub(super) fn begin(&mut self, span: Span) -> Result<bool, Exceeded> {
        if self.is_muted() {
            return Ok(false);
        }
        if !self.run {
            self.make_room(span)?;
            if !self.is_sealed() {
                self.builder.open(self.paragraph_kind(), span)?;
                self.run_node = true;
            }
            self.run = true;
            self.typography = super::smart::State::default();
        }
        if let Some((kind, span)) = self.pending.take() {
            let kind = match kind {
                Break::Soft => Kind::SoftBreak,
                Break::Hard => Kind::HardBreak,
            };
            self.builder.leaf(kind, span)?;
        }
        let barrier = self.frames.iter().rposition(|frame| matches!(frame.role, Role::Note)).unwrap_or(0);
        for frame in &mut self.frames[barrier..] {
            if let Role::Inline(kind) = &frame.role
                && !frame.opened
            {
                self.builder.open(kind.clone(), frame.span)?;
                frame.opened = true;
                frame.ever = true;
            }
        }
        Ok(true)
    }

    fn paragraph_kind(&self) -> Kind {
        let innermost = self.innermost();
        let above = innermost.map_or(0, |at| at + 1);
        let marked = self.frames[above..].iter().any(|frame| matches!(frame.role, Role::Paragraph));
        let around = innermost.and_then(|at| self.frames[at].kind.as_ref());
        let tight = matches!(around, Some(Kind::Item { .. } | Kind::Definition)) && !marked;
        if tight { Kind::Plain } else { Kind::Paragraph }
    }

    fn close_run(&mut self) {
        self.pending = None;
        if !self.run {
            return;
        }
        self.title_line = false;
        for frame in &mut self.frames {
            if take(&mut frame.opened) {
                self.builder.close();
            }
        }
        if take(&mut self.run_node) {
            self.builder.close();
        }
        self.run = false;
    }
}

/// What a node that is a part of something must stand in.
fn container(kind: &Kind) -> Option<Kind> {
    let is = |found: bool, container: Kind| found.then_some(container);
    is(matches!(kind, Kind::Item { .. }), Kind::List { start: None })
        .or(is(matches!(kind, Kind::Term | Kind::Definition), Kind::Definitions))
        .or(is(matches!(kind, Kind::TableHead | Kind::TableRow), Kind::Table))
        .or(is(matches!(kind, Kind::Cell { .. }), Kind::TableRow))
}

/// What must stand in a node that is made of parts, before anything else can.
fn part(kind: &Kind) -> Option<Kind> {
    let is = |found: bool, part: Kind| found.then_some(part);
    is(matches!(kind, Kind::List { .. }), Kind::Item { task: None })
        .or(is(matches!(kind, Kind::Definitions), Kind::Definition))
        .or(is(matches!(kind, Kind::Table), Kind::TableRow))
        .or(is(
            matches!(kind, Kind::TableHead | Kind::TableRow),
            Kind::Cell { alignment: Alignment::Left, covered: false },
        ))
}
