//! The document tree: what a post says, free of the syntax it was written in.
//!
//! An arena: nodes hold indices, not boxes, so that making, walking and dropping a tree never recurses.
//! All text stands in one buffer. Every node knows its place in the source file, so that a problem found
//! late still has a line. [`Builder`] keeps the budgets: a tree deeper than [`MAX_DEPTH`] does not exist,
//! so what walks one may recurse.

mod builder;

pub use builder::Builder;

use super::Address;

/// How deep blocks and inlines may nest, the document itself included.
pub const MAX_DEPTH: usize = 64;
/// How many nodes a document may have.
pub const MAX_NODES: usize = 1_000_000;
/// How many footnotes a document may have.
pub const MAX_NOTES: usize = 10_000;

/// A node's index in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(u32);

/// A piece of the document's text buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    start: u32,
    end: u32,
}

/// Byte offsets in the source file as it is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// One footnote, in the order of first reference; its number is its index plus one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// A [`Kind::Note`] node outside the body; its children are blocks.
    pub node: NodeId,
}

/// Where a link leads, decided when it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A page of this capsule.
    Page(Address),
    /// A file of this capsule, served as it is, and its length in bytes.
    File(Address, u64),
    /// A full URL, escaped and ready to print.
    Elsewhere(Box<str>),
    /// A place on the same page, or an address that cannot be followed: the text stays, the link does not.
    Nowhere,
}

impl Target {
    /// The page of the capsule that this is.
    pub fn page(&self) -> Option<&Address> {
        match self {
            Target::Page(address) => Some(address),
            Target::File(..) | Target::Elsewhere(_) | Target::Nowhere => None,
        }
    }

    /// The length of the file of the capsule that this is, in bytes.
    pub fn file_length(&self) -> Option<u64> {
        match self {
            Target::File(_, length) => Some(*length),
            Target::Page(_) | Target::Elsewhere(_) | Target::Nowhere => None,
        }
    }

    /// The address or URL, for a link that says nothing else.
    pub fn name(&self) -> &str {
        match self {
            Target::Page(address) | Target::File(address, _) => address.as_str(),
            Target::Elsewhere(url) => url,
            Target::Nowhere => "",
        }
    }
}

/// How a table's column is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    #[default]
    Left,
    Center,
    Right,
}

/// The kinds of alert (`> [!NOTE]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

/// What stands behind the link that is shown for something embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    Video,
    Audio,
    Page,
    /// The page itself on the web, where more is to be seen.
    Itself,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The root.
    Document,
    // Blocks that hold blocks.
    Quote {
        alert: Option<Alert>,
    },
    List {
        start: Option<u64>,
    },
    /// An item whose list is loose has [`Kind::Paragraph`] children; a tight one has [`Kind::Plain`].
    Item {
        task: Option<bool>,
    },
    Definitions,
    Definition,
    Note,
    /// Blocks with a caption of inlines under them.
    Figure,
    // Blocks that hold inlines.
    Heading {
        level: u8,
    },
    Paragraph,
    /// A paragraph of a tight list or of a cell: no blank line around it.
    Plain,
    Term,
    Caption,
    Table,
    TableHead,
    TableRow,
    Cell {
        alignment: Alignment,
        /// The cell above it is over this one too.
        covered: bool,
    },
    // Blocks that hold text.
    Code {
        language: Slice,
        text: Slice,
    },
    MathBlock {
        text: Slice,
    },
    Rule,
    // Inlines that hold inlines.
    Emphasis,
    Strong,
    Strikethrough,
    Superscript,
    Subscript,
    Quotation,
    Link {
        target: Target,
        title: Slice,
    },
    /// The children are the alternative text.
    Image {
        target: Target,
        title: Slice,
    },
    // Inlines that hold text, or nothing.
    /// In a link: what it leads to (a video), by whom (`YouTube`), and its title; each of these may be empty.
    Embed {
        medium: Medium,
        provider: Slice,
        title: Slice,
    },
    Text(Slice),
    CodeSpan(Slice),
    Math(Slice),
    SoftBreak,
    HardBreak,
    /// The index of a note in [`Document::notes`].
    NoteReference(u32),
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    span: Span,
    first_child: Option<NodeId>,
    last_child: Option<NodeId>,
    next: Option<NodeId>,
}

/// A post's content.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<Node>,
    text: String,
    notes: Vec<Note>,
}

impl Document {
    /// The root node, of kind [`Kind::Document`].
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    pub fn kind(&self, node: NodeId) -> &Kind {
        &self.node(node).kind
    }

    pub fn span(&self, node: NodeId) -> Span {
        self.node(node).span
    }

    pub fn children(&self, node: NodeId) -> Children<'_> {
        Children { document: self, next: self.node(node).first_child }
    }

    /// A piece of text.
    pub fn text(&self, slice: Slice) -> &str {
        self.text.get(slice.start as usize..slice.end as usize).unwrap_or("")
    }

    /// The footnotes that are referred to, in the order of their numbers.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// All nodes, in the order in which they were made.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.node(self.root()).first_child.is_none()
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

/// A node's children in order.
pub struct Children<'a> {
    document: &'a Document,
    next: Option<NodeId>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.next?;
        self.next = self.document.node(id).next;
        Some(id)
    }
}

/// Which budget a source exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    #[error("it nests deeper than {MAX_DEPTH} levels; flatten its lists and quotes")]
    Depth,
    #[error("it has more than {MAX_NODES} elements; split it into several posts")]
    Nodes,
    #[error("it has more than {MAX_NOTES} footnotes; split it into several posts")]
    Notes,
    #[error("it is larger than {} KiB; split it into several posts", max_source() / 1024)]
    Source,
    #[error("its rendering is far larger than its source; look for a reference or a table repeated many times")]
    Output,
}

/// The largest Markdown source that is read, in bytes.
pub const MAX_SOURCE: usize = 2 * 1024 * 1024;

const fn max_source() -> usize {
    MAX_SOURCE
}
