//! Pictures without what they tell of their author: EXIF, GPS, XMP, IPTC, comments, previews, whatever is unknown.
//!
//! The bytes of a JPEG, PNG or WebP file in, the pieces of it to be sent out; `img_parts` takes the file apart and
//! puts it together. What pixels, colours and the way up need stays: a list of what is shown, so that what nobody has
//! heard of is left out. ITU-T T.81 annex B (JPEG), PNG third edition section 11, RFC 9649 (WebP).

mod orientation;
mod pieces;
#[cfg(test)]
mod tests;

use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{self, WebP};
use img_parts::{Bytes, ImageEXIF};

use crate::content::picture::Piece;
use orientation::Turn;

/// The largest file that is looked into, in bytes.
pub const MAX_SIZE: usize = 32 * 1024 * 1024;
/// Of how many segments or chunks a file may consist: each takes more memory than the shortest of them is long.
const MAX_PARTS: usize = 65_536;

/// The chunks of a PNG file without which it would look different: all that are critical or of colour, size and
/// animation.
const SHOWN_IN_PNG: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];
/// The same of a WebP file.
const SHOWN_IN_WEBP: [[u8; 4]; 7] = [
    webp::CHUNK_VP8X,
    webp::CHUNK_ICCP,
    webp::CHUNK_ANIM,
    webp::CHUNK_ANMF,
    webp::CHUNK_ALPH,
    webp::CHUNK_VP8,
    webp::CHUNK_VP8L,
];

/// Why nothing can be left out of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("it is neither a JPEG nor a PNG nor a WebP file")]
    Format,
    #[error("it is damaged")]
    Damaged,
    #[error("it is larger than {} MiB", MAX_SIZE / 1024 / 1024)]
    Size,
    #[error("it consists of more than {MAX_PARTS} parts")]
    Parts,
}

/// What is to be sent of a picture.
pub fn pieces(bytes: Vec<u8>) -> Result<Vec<Piece>, Unread> {
    if bytes.len() > MAX_SIZE {
        return Err(Unread::Size);
    }
    let bytes = Bytes::from(bytes);
    let parts = match &bytes[..] {
        [0xFF, 0xD8, ..] => jpeg(&bytes),
        [0x89, b'P', b'N', b'G', ..] => png(&bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(&bytes),
        _ => Err(Unread::Format),
    };
    Ok(pieces::located(&bytes, &parts?))
}

fn jpeg(bytes: &Bytes) -> Result<Vec<Bytes>, Unread> {
    within_bounds(bytes, 2, next_segment)?;
    let mut jpeg = Jpeg::from_bytes(bytes.clone()).map_err(|_| Unread::Damaged)?;
    let turn = jpeg.exif().and_then(|exif| Turn::read(&exif));
    let shown = std::mem::take(jpeg.segments_mut()).into_iter().filter_map(shown_segment).collect();
    *jpeg.segments_mut() = shown;
    jpeg.set_exif(turn.map(|turn| turn.exif().into()));
    let last = jpeg.segments().last().is_some_and(JpegSegment::has_entropy);
    let mut parts: Vec<Bytes> = jpeg.encoder().collect();
    // The last part is the rest of the file: scans, and whatever a camera put after them.
    let scans = parts.pop().filter(|_| last).ok_or(Unread::Damaged)?;
    parts.extend(shown_scans(&scans)?);
    Ok(parts)
}

/// Where the segment after the one at `at` begins, before the first scan.
fn next_segment(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..at + 4)? {
        [0xFF, markers::SOS | markers::EOI, ..] => None,
        [0xFF, markers::SOF0..=0xFE, high, low] => Some(at + 2 + usize::from(u16::from_be_bytes([*high, *low])).max(2)),
        _ => Some(at + 1),
    }
}

/// A segment as it is sent, if it is: tables, frames, scans, and of the application's the density, the profile and
/// what says how colours are meant.
fn shown_segment(segment: JpegSegment) -> Option<JpegSegment> {
    const JFIF: &[u8] = b"JFIF\0";
    const LENGTH_OF_JFIF: usize = 14;
    let begins = |with: &[u8]| segment.contents().starts_with(with);
    match segment.marker() {
        // It may end in a small preview, of the picture as it was before it was cut.
        markers::APP0 if begins(JFIF) && segment.contents().len() > LENGTH_OF_JFIF => {
            let density = segment.contents().get(..LENGTH_OF_JFIF - 2)?;
            Some(JpegSegment::new_with_contents(markers::APP0, [density, &[0, 0]].concat().into()))
        }
        markers::APP0 => begins(JFIF).then_some(segment),
        markers::APP2 => begins(b"ICC_PROFILE\0").then_some(segment),
        markers::APP14 => begins(b"Adobe").then_some(segment),
        markers::SOF0..=markers::SOF15 | markers::SOS..=markers::EXP => Some(segment),
        _ => None,
    }
}

/// The scans of a JPEG file up to the end of the image, without metadata between them.
fn shown_scans(scans: &Bytes) -> Result<Vec<Bytes>, Unread> {
    let (mut shown, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = scans.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xFF)) {
        at += found;
        let marker = scans.get(at + 1).copied();
        let length = || Some(usize::from(u16::from_be_bytes([*scans.get(at + 2)?, *scans.get(at + 3)?])).max(2));
        match marker {
            Some(markers::EOI) => {
                shown.push(scans.slice(from..at + 2));
                return Ok(shown);
            }
            Some(0xFF) => at += 1,
            Some(marker) if is_metadata(marker) => {
                shown.push(scans.slice(from..at));
                at = (at + 2 + length().unwrap_or(0)).min(scans.len());
                from = at;
            }
            Some(markers::SOF0..=markers::SOF15 | markers::SOS..=markers::EXP) => at += 2 + length().unwrap_or(0),
            Some(_) => at += 2,
            None => break,
        }
        if shown.len() > MAX_PARTS {
            return Err(Unread::Parts);
        }
    }
    shown.push(scans.slice(from..));
    Ok(shown)
}

/// Application data, comments, and what no part of the standard for pictures uses (F0 to FD): each has a length.
fn is_metadata(marker: u8) -> bool {
    matches!(marker, markers::APP0..=markers::COM)
}

fn png(bytes: &Bytes) -> Result<Vec<Bytes>, Unread> {
    let next = |bytes: &[u8], at: usize| {
        let length = u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        at.checked_add(length as usize)?.checked_add(12)
    };
    within_bounds(bytes, 8, next)?;
    let mut png = Png::from_bytes(bytes.clone()).map_err(|_| Unread::Damaged)?;
    let turn = png.exif().and_then(|exif| Turn::read(&exif));
    png.chunks_mut().retain(|chunk: &PngChunk| SHOWN_IN_PNG.contains(&&chunk.kind()));
    png.set_exif(turn.map(|turn| turn.exif().into()));
    Ok(png.encoder().collect())
}

fn webp(bytes: &Bytes) -> Result<Vec<Bytes>, Unread> {
    let next = |bytes: &[u8], at: usize| {
        let length = u32::from_le_bytes(*bytes.get(at + 4..)?.first_chunk()?) as usize;
        at.checked_add(8)?.checked_add(length)?.checked_add(length % 2)
    };
    within_bounds(bytes, 12, next)?;
    let mut webp = WebP::from_bytes(bytes.clone()).map_err(|_| Unread::Damaged)?;
    let turn = webp.exif().and_then(|exif| Turn::read(&exif));
    webp.chunks_mut().retain(|chunk| SHOWN_IN_WEBP.contains(&chunk.id()));
    let extended = webp.chunks_mut().iter_mut().find(|chunk| chunk.id() == webp::CHUNK_VP8X);
    if let Some(RiffContent::Data(data)) = extended.map(RiffChunk::content_mut) {
        *data = with_flags(data, turn);
        let exif = turn.map(|turn| RiffChunk::new(webp::CHUNK_EXIF, RiffContent::Data(turn.exif().into())));
        webp.chunks_mut().extend(exif);
    }
    Ok(webp.encoder().collect())
}

/// The head of an extended WebP file that says which metadata it has.
fn with_flags(head: &Bytes, turn: Option<Turn>) -> Bytes {
    const EXIF: u8 = 0b1000;
    const XMP: u8 = 0b0100;
    let mut head = head.to_vec();
    if let Some(flags) = head.first_mut() {
        *flags = (*flags & !(EXIF | XMP)) | if turn.is_some() { EXIF } else { 0 };
    }
    head.into()
}

/// Whether a file has few enough parts; `next` says where the one after another begins.
fn within_bounds(bytes: &[u8], start: usize, next: impl Fn(&[u8], usize) -> Option<usize>) -> Result<(), Unread> {
    let mut at = Some(start);
    for _ in 0..MAX_PARTS {
        at = at.and_then(|at| next(bytes, at));
        if at.is_none() {
            return Ok(());
        }
    }
    Err(Unread::Parts)
}
