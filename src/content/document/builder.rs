//! The making of a document, in the order in which a parser speaks: here and nowhere else its budgets are kept.

use super::{Document, Exceeded, Kind, MAX_DEPTH, MAX_NODES, MAX_NOTES, Node, NodeId, Note, Slice, Span};

/// A post has a node in about so many bytes.
const BYTES_PER_NODE: usize = 24;

/// Makes a document in order, as a parser's events come, and keeps the budgets.
#[derive(Debug)]
pub struct Builder {
    document: Document,
    open: Vec<NodeId>,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl Builder {
    /// An empty document, its root open.
    pub fn new() -> Builder {
        let root =
            Node { kind: Kind::Document, span: Span::default(), first_child: None, last_child: None, next: None };
        let document = Document { nodes: vec![root], text: String::new(), notes: Vec::new() };
        Builder { document, open: vec![NodeId(0)] }
    }

    /// The same, with room for what a source of so many bytes mostly says.
    pub fn for_source(length: usize) -> Builder {
        let mut builder = Builder::new();
        builder.document.nodes.reserve(length / BYTES_PER_NODE);
        builder.document.text.reserve(length);
        builder
    }

    /// Text for a node to refer to.
    pub fn store(&mut self, text: &str) -> Slice {
        let start = self.document.text.len() as u32;
        self.document.text.push_str(text);
        Slice { start, end: self.document.text.len() as u32 }
    }

    /// A node without children, under the open one.
    pub fn leaf(&mut self, kind: Kind, span: Span) -> Result<NodeId, Exceeded> {
        let parent = self.current();
        let id = self.add(kind, span)?;
        self.attach(parent, id);
        Ok(id)
    }

    /// Opens a node under the open one; everything up to its [`Builder::close`] is in it.
    pub fn open(&mut self, kind: Kind, span: Span) -> Result<NodeId, Exceeded> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Exceeded::Depth);
        }
        let id = self.leaf(kind, span)?;
        self.open.push(id);
        Ok(id)
    }

    /// Opens a node outside the body (a footnote's definition); close it as any other.
    pub fn open_apart(&mut self, kind: Kind, span: Span) -> Result<NodeId, Exceeded> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Exceeded::Depth);
        }
        let id = self.add(kind, span)?;
        self.open.push(id);
        Ok(id)
    }

    /// Closes the open node; the root stays open.
    pub fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    /// The last letter of the text so far.
    pub fn last_letter(&self) -> Option<char> {
        self.document.text.trim_end().chars().next_back()
    }

    /// The open node.
    pub fn current(&self) -> NodeId {
        self.open.last().copied().unwrap_or(NodeId(0))
    }

    pub fn kind(&self, node: NodeId) -> &Kind {
        self.document.kind(node)
    }

    /// Changes what a node is, where that is known only after its children.
    pub fn set_kind(&mut self, node: NodeId, kind: Kind) {
        self.document.nodes[node.0 as usize].kind = kind;
    }

    /// Whether nothing is in a node yet.
    pub fn is_childless(&self, node: NodeId) -> bool {
        self.document.node(node).first_child.is_none()
    }

    /// The last child of the open node.
    pub fn last_child(&self) -> Option<NodeId> {
        self.document.node(self.current()).last_child
    }

    /// A node without children under a closed one that would be wrong without it.
    pub fn leaf_under(&mut self, parent: NodeId, kind: Kind) -> Result<(), Exceeded> {
        let id = self.add(kind, self.document.span(parent))?;
        self.attach(parent, id);
        Ok(())
    }

    /// Whether a node is a table of nothing but a head without links, and nothing came after it.
    pub fn is_headed_only(&self, table: NodeId) -> bool {
        let head = self.document.node(table).last_child.filter(|&head| matches!(self.kind(head), Kind::TableHead));
        let is_lead = |node: &Node| matches!(node.kind, Kind::Link { .. } | Kind::Image { .. });
        let has_links = |head: NodeId| self.document.nodes[head.0 as usize..].iter().any(is_lead);
        matches!(self.kind(table), Kind::Table) && head.is_some_and(|head| !has_links(head))
    }

    /// How many nodes are open, the root included.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The document, with its notes in the order of their numbers.
    pub fn finish(mut self, notes: Vec<Note>) -> Result<Document, Exceeded> {
        if notes.len() > MAX_NOTES {
            return Err(Exceeded::Notes);
        }
        self.document.notes = notes;
        Ok(self.document)
    }

    fn add(&mut self, kind: Kind, span: Span) -> Result<NodeId, Exceeded> {
        if self.document.nodes.len() >= MAX_NODES {
            return Err(Exceeded::Nodes);
        }
        let id = NodeId(self.document.nodes.len() as u32);
        self.document.nodes.push(Node { kind, span, first_child: None, last_child: None, next: None });
        Ok(id)
    }

    fn attach(&mut self, parent: NodeId, child: NodeId) {
        match self.document.nodes[parent.0 as usize].last_child.replace(child) {
            Some(last) => self.document.nodes[last.0 as usize].next = Some(child),
            None => self.document.nodes[parent.0 as usize].first_child = Some(child),
        }
    }
}
