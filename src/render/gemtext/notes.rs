//! The notes: `[1] text`, each directly followed by its own links (conversion.md, "footnotes").

use super::block::{Marker, Spacing, Writer};
use crate::content::document::{Kind, NodeId};
use crate::render::head;
use crate::render::style;
use crate::render::words::{self, Word};

impl Writer<'_> {
    /// The notes, each with its links; set apart by blank lines where one of them has more than one line.
    pub(super) fn notes(&mut self) {
        let document = self.document;
        let rest = self.written_notes..document.notes().len();
        if rest.is_empty() {
            return;
        }
        self.lines.gap();
        let announced = head::announces_notes(&mut self.inline, document, self.language);
        if self.style.notes == style::Notes::End && !announced {
            self.lines.heading(2, words::word(self.language, Word::Notes));
            self.lines.gap();
        }
        self.some_notes(rest);
    }

    pub(super) fn some_notes(&mut self, range: std::ops::Range<usize>) {
        let document = self.document;
        self.written_notes = range.end;
        // A note's links stand under it, wherever those of the body stand.
        let (outer, holding) = (std::mem::take(&mut self.links), std::mem::take(&mut self.holding));
        let notes = || document.notes().iter().enumerate().skip(range.start).take(range.len());
        let roomy = notes().any(|(_, note)| self.has_several_lines(note.node));
        for (index, note) in notes() {
            if roomy {
                self.lines.gap();
            }
            self.marker = Marker { text: format!("[{}] ", index + 1), counts: true };
            let spacing = std::mem::replace(&mut self.spacing, Spacing::Tight);
            self.hold(|writer| document.children(note.node).for_each(|block| writer.block(block)));
            self.spacing = spacing;
        }
        (self.links, self.holding) = (outer, holding);
        self.lines.gap();
    }

    fn has_several_lines(&self, node: NodeId) -> bool {
        let mut blocks = 0;
        self.document.children(node).any(|child| {
            let kind = self.document.kind(child);
            blocks += usize::from(matches!(kind, Kind::Paragraph));
            let makes_lines = matches!(kind, Kind::Link { .. } | Kind::Image { .. } | Kind::HardBreak);
            makes_lines || blocks > 1 || self.has_several_lines(child)
        })
    }
}
