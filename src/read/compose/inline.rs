//! Inlines: text, code, links, images, and what stands in place of something embedded.
//!
//! A link or a stress is opened lazily: its node is made when something stands in it.

use crate::content::document::{Exceeded, Kind, Medium, Slice, Span, Target};

use super::Composer;
use super::frame::{Frame, Origin, Role};
use crate::read::embed::Embed;

impl Composer {
    /// Opens an inline; its node is made when something stands in it.
    pub(in crate::read) fn open_inline(&mut self, kind: Kind, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.push(Frame::new(Role::Inline(kind), origin, span))
    }

    /// Opens an element whose text is code.
    pub(in crate::read) fn open_code(&mut self, origin: Origin, span: Span) -> Result<(), Exceeded> {
        self.push(Frame::new(Role::Code, origin, span))
    }

    /// A code span or formula.
    pub(in crate::read) fn leaf_of_text(
        &mut self,
        kind: fn(Slice) -> Kind,
        text: &str,
        span: Span,
    ) -> Result<(), Exceeded> {
        if self.is_in_pre() {
            return self.text(text, span);
        }
        if self.begin(span)? {
            self.typography.saw('x');
            let slice = self.builder.store(text);
            self.builder.leaf(kind(slice), span)?;
        }
        Ok(())
    }

    /// Text as it is to be shown.
    pub(in crate::read) fn text(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
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
    pub(in crate::read) fn link(&mut self, target: Target, text: &str, span: Span) -> Result<(), Exceeded> {
        if self.is_in_pre() {
            return self.text(text, span);
        }
        if !self.begin(span)? {
            return Ok(());
        }
        let link = Kind::Link { target, title: Slice::default() };
        self.open_inline(link, Origin::Implied, span)?;
        self.text(text, span)?;
        self.typography.saw('x');
        self.close_inline(self.frames.len() - 1)
    }

    /// A link in place of something embedded.
    pub(in crate::read) fn player(&mut self, target: Target, embed: &Embed, span: Span) -> Result<(), Exceeded> {
        if embed.medium == Medium::Page && embed.provider.is_empty() {
            return self.link(target, &embed.title, span);
        }
        if self.is_in_pre() || !self.begin(span)? {
            return Ok(());
        }
        self.open_inline(Kind::Link { target, title: Slice::default() }, Origin::Implied, span)?;
        if self.begin(span)? {
            let (provider, title) = (self.builder.store(embed.provider), self.builder.store(&embed.title));
            self.builder.leaf(Kind::Embed { medium: embed.medium, provider, title }, span)?;
        }
        self.close_inline(self.frames.len() - 1)
    }

    /// An image with its alternative text.
    pub(in crate::read) fn image(
        &mut self,
        target: Target,
        title: &str,
        alt: &str,
        span: Span,
    ) -> Result<(), Exceeded> {
        if self.is_in_pre() {
            return self.text(alt, span);
        }
        if !self.begin(span)? {
            return Ok(());
        }
        let title = self.builder.store(title);
        self.open_inline(Kind::Image { target, title }, Origin::Implied, span)?;
        self.text(alt, span)?;
        self.close_inline(self.frames.len() - 1)
    }

    /// A reference to a footnote.
    pub(in crate::read) fn note_reference(&mut self, label: &str, span: Span) -> Result<(), Exceeded> {
        if self.begin(span)? {
            self.typography.saw('x');
            let node = self.builder.leaf(Kind::NoteReference(u32::MAX), span)?;
            self.notes.refer(label, node);
        }
        Ok(())
    }
}
