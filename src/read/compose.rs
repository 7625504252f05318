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

use crate::content::document::{Alignment, Builder, Exceeded, Kind, Slice, Span, Target};

use super::notes::Notes;

/// More frames than this are no document; the tree itself stops at `MAX_DEPTH` nodes.
const MAX_FRAMES: usize = 128;

/// Who opened a frame, and so who may close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Markdown,
    /// An element, by its name.
    Html(&'static str),
    /// A pair of shortcodes, by its number.
    Shortcode(usize),
    /// Nobody: the structure asked for it (an item around text in a list).
    Implied,
}

/// What a frame is to the tree.
#[derive(Debug)]
pub(super) enum Role {
    /// A node that holds blocks, or the rows and cells of a table.
    Block,
    /// A footnote's definition: a block to which nothing outside applies.
    Note,
    /// A node that holds inlines only: blocks within it become lines.
    Sealed,
    /// A block without a node, as it stands within a sealed one.
    Ghost,
    /// Holds nothing but a name to close, as a wrapper of HTML that shows nothing itself.
    Mark,
    /// Lazy.
    Paragraph,
    /// Lazy.
    Inline(Kind),
    /// Text within it becomes code spans.
    Code,
    /// Text within it becomes one code block.
    Pre { text: String, language: String },
    /// Nothing within it is shown; a player becomes a link when it ends.
    Skip(Option<Media>),
}

/// A player of HTML: its source may come as a child.
#[derive(Clone, Debug, Default)]
pub(super) struct Media {
    pub(super) source: Option<String>,
    pub(super) title: Option<String>,
    pub(super) what: Option<super::embed::Medium>,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) role: Role,
    pub(super) origin: Origin,
    pub(super) span: Span,
    /// The kind of the node, for those that have one.
    pub(super) kind: Option<Kind>,
    node: Option<crate::content::document::NodeId>,
    /// HTML opened it inside a Markdown paragraph, with which it ends.
    with_paragraph: bool,
    /// Whether the lazy node is open now, and whether it ever was.
    opened: bool,
    ever: bool,
    /// For a table: the columns' alignments, and in a row the next column.
    pub(super) alignments: Vec<Alignment>,
    pub(super) column: usize,
    /// For a row of HTML: how many of its cells are headers.
    pub(super) headers: usize,
}

impl Frame {
    fn new(role: Role, origin: Origin, span: Span) -> Frame {
        Frame {
            role,
            origin,
            span,
            kind: None,
            node: None,
            with_paragraph: false,
            opened: false,
            ever: false,
            alignments: Vec::new(),
            column: 0,
            headers: 0,
        }
    }

    fn floats(&self) -> bool {
        matches!(self.role, Role::Paragraph | Role::Inline(_) | Role::Code)
    }

    fn is_link(&self) -> bool {
        matches!(&self.role, Role::Inline(Kind::Link { .. } | Kind::Image { .. }))
    }
}

/// A break that is made when text follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    Soft,
    Hard,
}

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
    skips: usize,
    pres: usize,
    /// Players whose element has ended and whose link is to be written.
    pub(super) players: Vec<(Media, Span)>,
}

impl Composer {
    // --- blocks

    /// Opens a block. Within a heading or a cell it becomes a line.
    pub(super) fn open_block(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.open(kind, Role::Block, origin, span)
    }

    /// Opens a block that holds inlines only.
    pub(super) fn open_sealed(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.open(kind, Role::Sealed, origin, span)
    }

    fn open(&mut self, kind: Kind, role: Role, origin: Origin, span: Span) -> Result<(), Exceeded> {
        let part = matches!(
            kind,
            Kind::Item { .. } | Kind::TableHead | Kind::TableRow | Kind::Cell { .. } | Kind::Term | Kind::Definition
        );
        if self.is_sealed() || (!part && !self.make_room(span)?) {
            let bullet = matches!(kind, Kind::Item { .. }) && !self.is_muted();
            self.insert(Frame::new(Role::Ghost, origin, span))?;
            self.line();
            if bullet {
                self.text("• ", span)?;
            }
            return Ok(());
        }
        self.close_run();
        let node = self.builder.open(kind.clone(), span)?;
        let mut frame = Frame::new(role, origin, span);
        frame.kind = Some(kind);
        frame.node = Some(node);
        self.insert(frame)
    }

    /// Opens a footnote's definition, outside the body.
    pub(super) fn open_note(&mut self, label: &str, span: Span) -> Result<(), Exceeded> {
        self.close_run();
        let node = self.builder.open_apart(Kind::Note, span)?;
        self.notes.open(label, node, span);
        let mut frame = Frame::new(Role::Note, Origin::Markdown, span);
        frame.kind = Some(Kind::Note);
        frame.node = Some(node);
        self.insert(frame)
    }

    /// Opens something that has no node of its own.
    pub(super) fn open_mark(&mut self, role: Role, origin: Origin, span: Span) -> Result<(), Exceeded> {
        match role {
            Role::Skip(_) => self.skips += 1,
            Role::Pre { .. } => self.pres += 1,
            _ => {}
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
        if self.is_muted() || self.is_sealed() || !self.make_room(span)? {
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
        if self.is_sealed() || !self.make_room(span)? {
            return self.code_as_lines(text, span);
        }
        let (language, text) = (self.builder.store(language), self.builder.store(text));
        self.leaf(Kind::Code { language, text }, span)
    }

    /// A formula on lines of its own.
    pub(super) fn math(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        let text = self.builder.store(text);
        if self.is_muted() || self.is_sealed() || !self.make_room(span)? {
            return self.inline(Kind::Math(text), span);
        }
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
            let slice = self.builder.store(line.trim());
            self.inline(Kind::CodeSpan(slice), span)?;
            self.line();
        }
        Ok(())
    }

    /// What follows is another paragraph, or another line where there are none.
    pub(super) fn paragraph_break(&mut self) {
        if self.is_sealed() {
            self.line();
        } else {
            self.close_run();
        }
    }

    /// Makes the innermost open block one that may hold blocks or paragraphs; `false` if it is then sealed.
    fn make_room(&mut self, span: Span) -> Result<bool, Exceeded> {
        loop {
            let kind = self.innermost().and_then(|at| self.frames[at].kind.as_ref());
            match kind {
                Some(Kind::List { .. }) => self.open_block(Kind::Item { task: None }, Origin::Implied, span)?,
                Some(Kind::Definitions) => self.open_block(Kind::Definition, Origin::Implied, span)?,
                Some(Kind::Table) => self.open_block(Kind::TableRow, Origin::Implied, span)?,
                Some(Kind::TableHead | Kind::TableRow) => {
                    let cell = Kind::Cell { alignment: Alignment::Left };
                    self.open_sealed(cell, Origin::Implied, span)?;
                }
                _ => return Ok(!self.is_sealed()),
            }
        }
    }

    // --- inlines

    /// Opens an inline; its node is made when something stands in it.
    pub(super) fn open_inline(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.push(Frame::new(Role::Inline(kind), origin, span))
    }

    /// Opens an element whose text is code.
    pub(super) fn open_code(&mut self, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.push(Frame::new(Role::Code, origin, span))
    }

    /// An inline without children.
    pub(super) fn inline(&mut self, kind: Kind, span: Span) -> Result<(), Exceeded> {
        if self.begin(span)? {
            self.typography.saw('x');
            self.builder.leaf(kind, span)?;
        }
        Ok(())
    }

    /// Text as it is to be shown.
    pub(super) fn text(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        if let Some(buffer) = self.pre() {
            buffer.push_str(text);
        } else if !text.is_empty() && self.begin(span)? {
            let slice = self.builder.store(text);
            let code = self.frames.iter().any(|frame| matches!(frame.role, Role::Code));
            self.builder.leaf(if code { Kind::CodeSpan(slice) } else { Kind::Text(slice) }, span)?;
        }
        Ok(())
    }

    /// A link with its text.
    pub(super) fn link(&mut self, target: Target, text: &str, span: Span) -> Result<(), Exceeded> {
        let link = Kind::Link { target, title: Slice::default() };
        self.open_inline(link, Origin::Implied, span)?;
        self.text(text, span)?;
        self.close_inline(self.frames.len() - 1)
    }

    /// An image with its alternative text.
    pub(super) fn image(&mut self, target: Target, title: &str, alt: &str, span: Span) -> Result<(), Exceeded> {
        let title = self.builder.store(title);
        self.open_inline(Kind::Image { target, title }, Origin::Implied, span)?;
        self.text(alt, span)?;
        self.close_inline(self.frames.len() - 1)
    }

    /// A reference to a footnote.
    pub(super) fn note_reference(&mut self, label: &str, span: Span) -> Result<(), Exceeded> {
        if self.begin(span)? {
            self.typography.saw('x');
            let node = self.builder.leaf(Kind::NoteReference(u32::MAX), span)?;
            self.notes.refer(label, node);
        }
        Ok(())
    }

    /// Ends the line, if anything stands on it. Two hard breaks make a paragraph.
    pub(super) fn line_break(&mut self, kind: Break, span: Span) {
        if let Some(buffer) = self.pre() {
            buffer.push('\n');
        } else if self.run {
            self.typography.saw(' ');
            match (kind, self.pending) {
                (Break::Hard, Some((Break::Hard, _))) if self.run_node => self.close_run(),
                (Break::Soft, Some(_)) => {}
                _ => self.pending = Some((kind, span)),
            }
        }
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
        match innermost.and_then(|at| self.frames[at].kind.as_ref()) {
            Some(Kind::Item { .. } | Kind::Definition) if !marked => Kind::Plain,
            _ => Kind::Paragraph,
        }
    }

    fn close_run(&mut self) {
        self.pending = None;
        if !self.run {
            return;
        }
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

    // --- closing

    /// Closes what the innermost Markdown construct opened, and what was left open in it.
    pub(super) fn close_markdown(&mut self) -> Result<(), Exceeded> {
        let Some(at) = self.frames.iter().rposition(|frame| frame.origin == Origin::Markdown) else {
            return Ok(());
        };
        match self.frames[at].role {
            Role::Inline(_) | Role::Code => self.close_inline(at),
            Role::Paragraph => {
                while self.frames.len() > at + 1 {
                    self.pop()?;
                }
                self.paragraph_break();
                self.frames.pop();
                while self.frames.last().is_some_and(|frame| frame.with_paragraph) {
                    self.pop()?;
                }
                Ok(())
            }
            _ => self.close_from(at),
        }
    }

    /// Closes the innermost frame of this origin, if one is open within the Markdown block being read. Inlines
    /// may reach further: `<a>` in one block, `</a>` in another.
    pub(super) fn close(&mut self, origin: Origin) -> Result<(), Exceeded> {
        let mut beyond = false;
        for at in (0..self.frames.len()).rev() {
            let frame = &self.frames[at];
            if frame.origin == origin {
                match frame.role {
                    Role::Inline(_) | Role::Code => return self.close_inline(at),
                    _ if !beyond => return self.close_below_floating(at),
                    _ => {}
                }
            }
            if matches!(frame.role, Role::Note) {
                break;
            }
            beyond |= frame.origin == Origin::Markdown && !frame.floats();
        }
        Ok(())
    }

    /// Closes everything.
    pub(super) fn close_all(&mut self) -> Result<(), Exceeded> {
        self.close_from(0)
    }

    /// Whether a frame of this origin is open within the nearest of these others.
    pub(super) fn is_within(&self, origins: &[Origin], outside: &[Origin]) -> Option<Origin> {
        for frame in self.frames.iter().rev() {
            if origins.contains(&frame.origin) {
                return Some(frame.origin);
            }
            let markdown = frame.origin == Origin::Markdown && !frame.floats();
            if markdown || outside.contains(&frame.origin) {
                return None;
            }
        }
        None
    }

    fn close_from(&mut self, at: usize) -> Result<(), Exceeded> {
        while self.frames.len() > at {
            self.pop()?;
        }
        if at == 0 {
            self.close_run();
        }
        Ok(())
    }

    fn close_below_floating(&mut self, at: usize) -> Result<(), Exceeded> {
        let cut = self.floor().max(at + 1);
        if self.frames[at..cut].iter().all(|frame| matches!(frame.role, Role::Ghost | Role::Mark)) {
            let ghosts = self.frames[at..cut].iter().any(|frame| matches!(frame.role, Role::Ghost));
            self.frames.drain(at..cut);
            if ghosts {
                self.line();
            }
            return Ok(());
        }
        if cut < self.frames.len() {
            self.close_run();
        }
        let floating = self.frames.split_off(cut);
        self.close_from(at)?;
        self.frames.extend(floating);
        Ok(())
    }

    fn close_inline(&mut self, at: usize) -> Result<(), Exceeded> {
        self.keep_if_empty(at)?;
        let opened = self.frames[at].opened;
        if opened {
            for frame in &mut self.frames[at..] {
                if take(&mut frame.opened) {
                    self.builder.close();
                }
            }
        }
        self.frames.remove(at);
        Ok(())
    }

    /// A link without text and an image without alternative text are content all the same.
    fn keep_if_empty(&mut self, at: usize) -> Result<(), Exceeded> {
        let frame = &self.frames[at];
        let content = match &frame.role {
            Role::Inline(Kind::Link { target, .. } | Kind::Image { target, .. }) => *target != Target::Nowhere,
            _ => false,
        };
        if content && !frame.ever {
            self.begin(frame.span)?;
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<(), Exceeded> {
        let Some(at) = self.frames.len().checked_sub(1) else { return Ok(()) };
        if self.frames[at].floats() {
            return self.close_inline(at);
        }
        if self.frames[at].node.is_some() {
            self.close_run();
            self.builder.close();
        }
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        match frame.role {
            Role::Note => self.notes.close(),
            Role::Ghost => self.line(),
            Role::Pre { text, language } => {
                self.pres -= 1;
                let text = text.strip_prefix('\n').unwrap_or(&text);
                self.code(&language, text.trim_end(), frame.span)?;
            }
            Role::Skip(media) => {
                self.skips -= 1;
                if let Some(media) = media {
                    self.players.push((media, frame.span));
                }
            }
            Role::Block => self.row_ended(&frame),
            Role::Sealed | Role::Mark | Role::Paragraph | Role::Inline(_) | Role::Code => {}
        }
        Ok(())
    }

    /// A first row that is all headers is the table's head.
    fn row_ended(&mut self, frame: &Frame) {
        let first = self.frames.last_mut().filter(|table| matches!(table.kind, Some(Kind::Table)));
        if let (Some(Kind::TableRow), Some(node), Some(table)) = (&frame.kind, frame.node, first) {
            table.column += 1;
            if table.column == 1 && frame.column > 0 && frame.headers == frame.column {
                self.builder.set_kind(node, Kind::TableHead);
            }
        }
    }

    // --- what is open

    fn push(&mut self, frame: Frame) -> Result<(), Exceeded> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Exceeded::Depth);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn insert(&mut self, mut frame: Frame) -> Result<(), Exceeded> {
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
    fn floor(&self) -> usize {
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
    fn innermost(&self) -> Option<usize> {
        self.frames.iter().rposition(|frame| !frame.floats() && !matches!(frame.role, Role::Mark | Role::Pre { .. }))
    }

    fn is_sealed(&self) -> bool {
        let innermost = self.innermost().map(|at| &self.frames[at].role);
        matches!(innermost, Some(Role::Sealed | Role::Ghost | Role::Skip(_)))
    }

    /// Whether what comes is not shown.
    pub(super) fn is_muted(&self) -> bool {
        self.skips > 0
            && self
                .frames
                .iter()
                .rev()
                .find(|frame| matches!(frame.role, Role::Note | Role::Skip(_)))
                .is_some_and(|frame| matches!(frame.role, Role::Skip(_)))
    }

    /// Whether text stands in a link or an image.
    pub(super) fn is_in_link(&self) -> bool {
        self.frames.iter().any(Frame::is_link)
    }

    /// Whether text is to be left as it is.
    pub(super) fn is_in_code(&self) -> bool {
        self.pres > 0 || self.frames.iter().any(|frame| matches!(frame.role, Role::Code))
    }

    /// Whether text stands in `<pre>`.
    pub(super) fn is_in_pre(&self) -> bool {
        self.pres > 0
    }

    /// Whether a line has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.run
    }

    /// Whether nothing stands on the line yet.
    pub(super) fn at_line_start(&self) -> bool {
        !self.run || self.pending.is_some()
    }

    fn pre(&mut self) -> Option<&mut String> {
        if self.pres == 0 {
            return None;
        }
        self.frames.iter_mut().rev().find_map(|frame| match &mut frame.role {
            Role::Pre { text, .. } => Some(text),
            _ => None,
        })
    }

    /// The `<pre>` being read, for the language that a `<code>` in it names.
    pub(super) fn pre_language(&mut self) -> Option<&mut String> {
        self.frames.iter_mut().rev().find_map(|frame| match &mut frame.role {
            Role::Pre { language, .. } => Some(language),
            _ => None,
        })
    }

    /// The innermost player being read.
    pub(super) fn media(&mut self) -> Option<&mut Media> {
        self.frames.iter_mut().rev().find_map(|frame| match &mut frame.role {
            Role::Skip(media) => media.as_mut(),
            _ => None,
        })
    }

    /// The innermost frame whose node is of a kind.
    pub(super) fn find(&mut self, is: fn(&Kind) -> bool) -> Option<&mut Frame> {
        self.frames.iter_mut().rev().find(|frame| frame.kind.as_ref().is_some_and(is))
    }

    /// Marks the item being read as a task.
    pub(super) fn set_task(&mut self, done: bool) {
        let item = self.find(|kind| matches!(kind, Kind::Item { .. })).and_then(|frame| frame.node);
        if let Some(node) = item {
            self.builder.set_kind(node, Kind::Item { task: Some(done) });
        }
    }

    /// The alignment of the next cell of the row being read.
    pub(super) fn next_alignment(&mut self) -> Alignment {
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
