//! What a shortcode, tag or component stands for, put into the tree where its placeholder is met.

use std::borrow::Cow;
use std::mem::take;

use crate::content::document::{Exceeded, Kind, Medium, Slice, Span, Target};

use super::compose::{Media, Origin, Starved};
use super::effect::{Around, Effect, Image};
use super::embed::{self, Embed};
use super::markdown::ReferenceKind;
use super::reader::Reader;
use super::smart;

// What is opened and closed at once.
const FIGURE: Origin = Origin::Shortcode(usize::MAX);
const LINK: Origin = Origin::Shortcode(usize::MAX - 1);
pub(super) const AT_ONCE: Origin = Origin::Shortcode(usize::MAX - 3);
const CAPTION: Origin = Origin::Shortcode(usize::MAX - 2);

impl<'a> Reader<'a> {
    pub(super) fn place(&mut self, effect: &'a Effect, span: Span) -> Result<(), Exceeded> {
        match effect {
            Effect::Nothing | Effect::Source(_) => Ok(()),
            Effect::Unknown { name, value, .. } => {
                if value.is_empty() {
                    self.report(name, span);
                    return self.instead(span);
                }
                self.composer.text(value, span)
            }
            Effect::Link { url, text } => {
                let target = self.target(ReferenceKind::Link, url, span);
                self.composer.link(target, text, span)
            }
            Effect::Literal(text) => self.composer.text(text, span),
            Effect::Reference(destination) => {
                let target = self.target(ReferenceKind::Ref, destination, span);
                self.composer.link(target, destination, span)
            }
            Effect::Address(text) => self.address(text, span),
            Effect::Image(image) => self.place_image(image, span),
            Effect::Provider { name, ids, title } => {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                let title = title.as_deref().map(|title| self.typeset(title));
                match embed::provider(name, &ids, title.as_deref()) {
                    Some(embed) => self.place_link(&embed, span),
                    None => Ok(()),
                }
            }
            Effect::File { url, medium, title, caption } => {
                let title = title.as_deref().map(|title| self.typeset(title));
                let embed = embed::frame(url, *medium, title.as_deref());
                if caption.is_empty() {
                    return self.place_link(&embed, span);
                }
                self.composer.open_block(Kind::Figure, FIGURE, span)?;
                self.place_link(&embed, span)?;
                self.caption(caption, span)?;
                self.composer.close(FIGURE)
            }
            Effect::Code { text, inline: true, .. } => self.composer.leaf_of_text(Kind::CodeSpan, text, span),
            Effect::Code { language, text, inline: false } => self.composer.code(language, text, span),
            Effect::Math { text, block: false } => self.composer.leaf_of_text(Kind::Math, text, span),
            Effect::Math { text, block: true } => self.composer.math(text, span),
            Effect::NoteReference(label) => self.composer.note_reference(label, span),
            Effect::Note(note) => self.note_in_place(note, span),
            Effect::Open { pair, around } => self.open_pair(*pair, around, span),
            Effect::Close { pair, around } => self.close_pair(*pair, around, span),
        }
    }

    /// After a colon something was to come: where the page is on the web, it is there. Under a heading it may be all.
    fn instead(&mut self, span: Span) -> Result<(), Exceeded> {
        // Within a sentence it would tear that in two.
        if self.composer.is_muted()
            || self.composer.has_begun()
            || self.composer.is_in_link()
            || self.composer.is_in_pre()
        {
            return Ok(());
        }
        let starved = self.composer.starve_table()?;
        self.starved |= starved == Some(Starved::Open);
        if let Some(heading) = self.composer.builder.last_child()
            && let Kind::Heading { level } = self.composer.builder.kind(heading)
        {
            self.hollow = Some((*level, heading));
        }
        match starved == Some(Starved::Before) || self.composer.builder.last_letter() == Some(':') {
            true => self.web_version(span),
            false => Ok(()),
        }
    }

    /// Before a heading of this level, and at the end: a section whose all was left out says where it is to be seen.
    pub(super) fn end_section(&mut self, level: u8, span: Span) -> Result<(), Exceeded> {
        let is_hollow = self
            .hollow
            .take()
            .is_some_and(|(over, heading)| level <= over && self.composer.builder.last_child() == Some(heading));
        if is_hollow && !self.composer.has_begun() {
            self.web_version(span)?;
        }
        self.is_led_out = false;
        Ok(())
    }

    /// A link to the page itself on the web, at most one in each section.
    pub(super) fn web_version(&mut self, span: Span) -> Result<(), Exceeded> {
        if std::mem::replace(&mut self.is_led_out, true) {
            return Ok(());
        }
        let target = self.target(ReferenceKind::Itself, "", span);
        if target == Target::Nowhere {
            return Ok(());
        }
        let embed = Embed { url: String::new(), medium: Medium::Itself, provider: "", title: String::new() };
        self.composer.paragraph_break();
        self.composer.player(target, &embed, span)?;
        self.composer.paragraph_break();
        Ok(())
    }

    /// A text that stands in an argument, set as all others of the page.
    fn typeset<'t>(&self, text: &'t str) -> Cow<'t, str> {
        smart::line(text, self.dialect)
    }

    fn address(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        if self.composer.is_in_link() || self.composer.is_muted() {
            return self.composer.text(text, span);
        }
        let to = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let target = self.target(ReferenceKind::Link, &to, span);
        self.composer.link(target, text, span)
    }

    fn place_image(&mut self, image: &Image, span: Span) -> Result<(), Exceeded> {
        let target = self.target(ReferenceKind::Image, &image.source, span);
        let (title, alt) = (self.typeset(&image.title), self.typeset(&image.alt));
        let figure = !image.caption.is_empty();
        if figure {
            self.composer.open_block(Kind::Figure, FIGURE, span)?;
        } else {
            self.composer.paragraph_break();
        }
        if image.link.is_empty() {
            self.composer.image(target, &title, &alt, span)?;
        } else {
            let around = self.target(ReferenceKind::Link, &image.link, span);
            let link = Kind::Link { target: around, title: Slice::default() };
            self.composer.open_inline(link, LINK, span)?;
            self.composer.image(target, &title, &alt, span)?;
            self.composer.close(LINK)?;
        }
        if figure {
            self.caption(&image.caption, span)?;
            self.composer.close(FIGURE)?;
        }
        self.composer.paragraph_break();
        Ok(())
    }

    fn caption(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        self.composer.open_sealed(Kind::Caption, CAPTION, span)?;
        self.fragment(text, span)?;
        self.composer.close(CAPTION)
    }

    /// A link with a line for itself.
    pub(super) fn place_link(&mut self, embed: &Embed, span: Span) -> Result<(), Exceeded> {
        let target = self.target(ReferenceKind::Link, &embed.url, span);
        // Of a player that leads nowhere nothing is worth showing but its title.
        if target == Target::Nowhere {
            self.composer.paragraph_break();
            self.composer.text(&embed.title, span)?;
            self.composer.paragraph_break();
            return Ok(());
        }
        self.composer.paragraph_break();
        self.composer.player(target, embed, span)?;
        self.composer.paragraph_break();
        Ok(())
    }

    fn open_pair(&mut self, pair: usize, around: &Around, span: Span) -> Result<(), Exceeded> {
        match around {
            Around::Nothing => Ok(()),
            Around::Quote { alert, title, .. } => {
                self.composer.open_block(Kind::Quote { alert: *alert }, Origin::Shortcode(pair), span)?;
                self.strong_line(title, span)
            }
            Around::Summary(summary) => {
                self.composer.paragraph_break();
                self.strong_line(summary, span)
            }
            Around::Linked { .. } => {
                self.composer.paragraph_break();
                Ok(())
            }
            Around::Gallery(_) => self.composer.open_block(Kind::Figure, Origin::Shortcode(pair), span),
            Around::Link(url) => {
                let target = self.target(ReferenceKind::Link, url, span);
                let link = Kind::Link { target, title: Slice::default() };
                self.composer.open_inline(link, Origin::Shortcode(pair), span)
            }
        }
    }

    fn close_pair(&mut self, pair: usize, around: &Around, span: Span) -> Result<(), Exceeded> {
        match around {
            Around::Nothing => Ok(()),
            Around::Summary(_) => {
                self.composer.paragraph_break();
                Ok(())
            }
            Around::Linked { url, title } => self.place_link(&embed::frame(url, Medium::Page, Some(title)), span),
            Around::Quote { author, .. } => {
                if !author.is_empty() {
                    self.composer.paragraph_break();
                    self.fragment(&format!("— {author}"), span)?;
                }
                self.composer.close(Origin::Shortcode(pair))
            }
            Around::Link(_) => self.composer.close(Origin::Shortcode(pair)),
            Around::Gallery(caption) => {
                if !caption.is_empty() {
                    self.composer.paragraph_break();
                    self.caption(caption, span)?;
                }
                self.composer.close(Origin::Shortcode(pair))
            }
        }
    }

    fn strong_line(&mut self, text: &str, span: Span) -> Result<(), Exceeded> {
        if text.is_empty() {
            return Ok(());
        }
        self.composer.open_inline(Kind::Strong, AT_ONCE, span)?;
        self.fragment(text, span)?;
        self.composer.close(AT_ONCE)?;
        self.composer.paragraph_break();
        Ok(())
    }

    /// Writes the links of players that have ended.
    pub(super) fn players(&mut self) -> Result<(), Exceeded> {
        for (media, span) in take(&mut self.composer.players) {
            let Media { source: Some(source), title, what } = media else { continue };
            let medium = what.unwrap_or(Medium::Page);
            let embed = embed::frame(&source, medium, title.as_deref());
            self.place_link(&embed, span)?;
        }
        Ok(())
    }
}
