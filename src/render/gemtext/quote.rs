//! Quotations and figures: what is said of something stands with it (conversion.md, "blockquote", "image").

use super::block::{MAX_LABEL, Marker, Spacing, Writer};
use crate::content::document::{Alert, Kind, NodeId};
use crate::render::head;
use crate::render::inline::Form;
use crate::render::words;
use crate::text::clean;

impl Writer<'_> {
    /// A quotation; what is said of it under it belongs to it.
    pub(super) fn quote(&mut self, node: NodeId, alert: Option<Alert>, source: Option<NodeId>) {
        self.settle_marker();
        self.gap();
        let levels = std::mem::take(&mut self.levels);
        let spacing = std::mem::replace(&mut self.spacing, Spacing::Open);
        self.hold(|writer| {
            writer.lines.enter_quote();
            // In a tight item nothing stands between its text and the quotation, and nothing behind it.
            writer.adjoins = spacing == Spacing::Tight;
            if let Some(alert) = alert {
                let word = words::word(writer.language, words::alert(alert));
                if !head::names_alert(&mut writer.inline, writer.document, node, word) {
                    let text = format!("{word}{} ", words::colon(writer.language));
                    writer.marker = Marker { text, counts: true };
                }
            }
            writer.document.children(node).chain(source).for_each(|block| writer.block(block));
            writer.settle_marker();
            writer.adjoins = false;
            writer.lines.leave_quote();
        });
        (self.levels, self.spacing) = (levels, spacing);
    }

    /// One image takes the caption as its label, a quotation has it under it; with anything else it is text.
    pub(super) fn figure(&mut self, node: NodeId) {
        let document = self.document;
        let caption = document.children(node).find(|&child| matches!(document.kind(child), Kind::Caption));
        let blocks = || document.children(node).filter(|&child| Some(child) != caption);
        if let (Some(only), None, Some(caption)) = (blocks().next(), blocks().nth(1), caption) {
            if let Kind::Quote { alert } = document.kind(only) {
                return self.quote(only, *alert, Some(caption));
            }
            if self.captioned_image(only, caption) {
                return;
            }
        }
        // What has its words under it stands apart from the links above.
        if caption.is_some() {
            self.gap();
        }
        blocks().for_each(|block| self.block(block));
        // What is said of them stands directly under them, if there are any.
        self.adjoins = blocks().next().is_some();
        caption.into_iter().for_each(|caption| self.block(caption));
        self.adjoins = false;
    }

    /// The links of the caption follow the image's.
    pub(super) fn captioned_image(&mut self, node: NodeId, caption: NodeId) -> bool {
        self.inline.read(caption);
        let text = clean::one_line(&self.inline.text);
        self.inline.clear();
        self.inline.add(node);
        let images = self.inline.mentions.iter().filter(|mention| mention.form == Form::Image).count();
        if images != 1 || text.is_empty() || text.chars().count() > MAX_LABEL || !self.inline.is_only_mentions() {
            return false;
        }
        if self.lines.in_quote() || !self.marker.text.is_empty() {
            return false;
        }
        self.gap();
        let others = self.put_by();
        self.links.take_captioned(&self.inline, &text);
        self.inline.read(caption);
        self.take_links();
        self.flush();
        self.links = others;
        self.lines.mark_links();
        true
    }
}
