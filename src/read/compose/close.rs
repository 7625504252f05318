//! Closing: what ends with what, and what is left of it.

use std::mem::take;

use crate::content::document::{Exceeded, Kind, Target};

use super::Composer;
use super::frame::{Origin, Role};

impl Composer {
    /// Closes what the innermost Markdown construct opened, and what was left open in it.
    pub(in crate::read) fn close_markdown(&mut self) -> Result<(), Exceeded> {
        let Some(at) = self.frames.iter().rposition(|frame| frame.origin == Origin::Markdown) else {
            return Ok(());
        };
        match self.frames[at].role {
            Role::Inline(_) | Role::Code => self.close_inline(at),
            Role::Paragraph => {
                while self.frames.last().is_some_and(|frame| frame.origin != Origin::Markdown) {
                    self.pop()?;
                }
                self.paragraph_break();
                self.frames.pop();
                while self.frames.last().is_some_and(|frame| frame.with_paragraph) {
                    self.pop()?;
                }
                Ok(())
            }
            Role::Block | Role::Note | Role::Sealed | Role::Ghost | Role::Mark | Role::Pre { .. } | Role::Skip(_) => {
                self.close_from(at)
            }
        }
    }

    /// Closes the innermost frame of this origin, if one is open within the Markdown block being read. Inlines
    /// may reach further: `<a>` in one block, `</a>` in another.
    pub(in crate::read) fn close(&mut self, origin: Origin) -> Result<(), Exceeded> {
        let mut beyond = false;
        for at in (0..self.frames.len()).rev() {
            let frame = &self.frames[at];
            if frame.origin == origin {
                if matches!(frame.role, Role::Inline(_) | Role::Code) {
                    return self.close_inline(at);
                }
                if !beyond {
                    return self.close_below_floating(at);
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
    pub(in crate::read) fn close_all(&mut self) -> Result<(), Exceeded> {
        self.close_from(0)
    }

    /// Whether a frame of this origin is open within the nearest of these others.
    pub(in crate::read) fn is_within(&self, origins: &[Origin], outside: &[Origin]) -> Option<Origin> {
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

    /// Closes what was opened only because the structure asked for it.
    pub(super) fn close_implied(&mut self) -> Result<(), Exceeded> {
        while let Some(at) = self.innermost().filter(|&at| self.frames[at].origin == Origin::Implied) {
            self.close_below_floating(at)?;
        }
        Ok(())
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

    pub(super) fn close_inline(&mut self, at: usize) -> Result<(), Exceeded> {
        // What is made to keep it may stand below the paragraph it floats in.
        let (floor, open) = (self.floor(), self.frames.len());
        self.keep_if_empty(at)?;
        let at = if floor <= at { at + self.frames.len() - open } else { at };
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
        let leads = matches!(&frame.role,
            Role::Inline(Kind::Link { target, .. } | Kind::Image { target, .. }) if *target != Target::Nowhere);
        if leads && !frame.ever {
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
}
