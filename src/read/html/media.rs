//! Images, and what would be fetched to play: frames, players, scripts that put a post of another site here.

use super::Attributes;
use crate::content::document::{Exceeded, Medium, Span};
use crate::read::compose::{Media, Origin, Role};
use crate::read::effect::Image;
use crate::read::embed;
use crate::read::markdown::ReferenceKind;
use crate::read::reader::Reader;

pub(super) fn image(reader: &mut Reader<'_>, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    let pixel = |name| attributes.get(name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1"));
    let unseen = reader.composer.is_within(&[Origin::Html("noscript")], &[]).is_some();
    if (reader.composer.is_muted() && !unseen) || (pixel("width") && pixel("height")) {
        return Ok(());
    }
    let shown = attributes.full("src").filter(|source| !source.starts_with("data:"));
    let Some(source) = shown.or_else(|| attributes.full("data-src")).or_else(|| attributes.full("src")) else {
        return Ok(());
    };
    if reader.dialect.conversion.outgoing.is_counter(&source) {
        return Ok(());
    }
    let text = |name| reader.prepared.plain(&attributes.full(name).unwrap_or_default()).into_owned();
    let image = Image { source, title: text("title"), alt: text("alt"), ..Image::default() };
    match unseen {
        true => {
            reader.unseen.push(image);
            Ok(())
        }
        false => place(reader, image, span),
    }
}

fn place(reader: &mut Reader<'_>, image: Image, span: Span) -> Result<(), Exceeded> {
    let target = reader.target(ReferenceKind::Image, &image.source, span);
    reader.composer.image(target, &image.title, &image.alt, span)?;
    reader.last_image = image.source;
    Ok(())
}

/// The pictures of a `<noscript>` that has ended, for readers who run no scripts; the one that a script would show in their
/// place is there already.
pub(super) fn unseen(reader: &mut Reader<'_>, span: Span) -> Result<(), Exceeded> {
    for image in std::mem::take(&mut reader.unseen) {
        if !reader.composer.is_muted() && image.source != reader.last_image {
            place(reader, image, span)?;
        }
    }
    Ok(())
}

pub(super) fn media(attributes: &Attributes<'_>, source: &str, what: Medium) -> Media {
    let title = attributes.full("title").or_else(|| attributes.full("aria-label"));
    Media { source: attributes.full(source).or_else(|| attributes.full("data-src")), title, what: Some(what) }
}

/// The post of another site that a script would put here.
pub(super) fn player(attributes: &Attributes<'_>) -> Option<Media> {
    let source = embed::script(&attributes.full("src")?, attributes.full("data-id").as_deref())?;
    Some(Media { source: Some(source), title: attributes.full("title"), what: Some(Medium::Page) })
}

/// Leaves out what is in an element. One that nothing closes would take the rest of the post with it.
pub(super) fn skip(
    reader: &mut Reader<'_>,
    name: &'static str,
    media: Option<Media>,
    span: Span,
) -> Result<(), Exceeded> {
    if reader.closes_later(name, span) {
        return reader.composer.open_mark(Role::Skip(media), Origin::Html(name), span);
    }
    if let Some(media) = media.filter(|_| !reader.composer.is_muted()) {
        reader.composer.players.push((media, span));
    }
    reader.players()
}
