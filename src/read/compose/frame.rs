//! What is open while a tree is made: one frame for each construct of Markdown, HTML or a shortcode.

use crate::content::document::{Alignment, Kind, Medium, NodeId, Span};

/// More frames than this are no document; the tree itself stops at `MAX_DEPTH` nodes.
pub(super) const MAX_FRAMES: usize = 128;

/// Who opened a frame, and so who may close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Origin {
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
pub(in crate::read) enum Role {
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
pub(in crate::read) struct Media {
    pub(in crate::read) source: Option<String>,
    pub(in crate::read) title: Option<String>,
    pub(in crate::read) what: Option<Medium>,
}

#[derive(Debug)]
pub(in crate::read) struct Frame {
    pub(in crate::read) role: Role,
    pub(in crate::read) origin: Origin,
    pub(in crate::read) span: Span,
    /// The kind of the node, for those that have one.
    pub(in crate::read) kind: Option<Kind>,
    pub(in crate::read) node: Option<NodeId>,
    /// HTML opened it inside a Markdown paragraph, with which it ends.
    pub(in crate::read) with_paragraph: bool,
    /// Whether the lazy node is open now, and whether it ever was.
    pub(in crate::read) opened: bool,
    pub(in crate::read) ever: bool,
    /// For a table: the columns' alignments, and in a row the next column; in a numbered list how many items it has.
    pub(in crate::read) alignments: Vec<Alignment>,
    pub(in crate::read) column: usize,
    /// For a row of HTML: how many of its cells are no headers, and how many columns its last cell still covers;
    /// for a table, how many columns it has.
    pub(in crate::read) data: usize,
    pub(in crate::read) owed: usize,
    /// For a table of HTML: in how many further rows each column is covered from above.
    pub(in crate::read) covered: Vec<usize>,
    /// For a numbered list without a node: its next number.
    pub(in crate::read) number: Option<u64>,
}

impl Frame {
    pub(super) fn new(role: Role, origin: Origin, span: Span) -> Frame {
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
            data: 0,
            owed: 0,
            covered: Vec::new(),
            number: None,
        }
    }

    pub(super) fn floats(&self) -> bool {
        matches!(self.role, Role::Paragraph | Role::Inline(_) | Role::Code)
    }

    pub(super) fn is_link(&self) -> bool {
        matches!(&self.role, Role::Inline(Kind::Link { .. } | Kind::Image { .. }))
    }
}

/// A break that is made when text follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Break {
    Soft,
    Hard,
}
