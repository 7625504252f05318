//! Where in a file the parts of a picture are, so that they can be sent without being kept.

use img_parts::Bytes;

use crate::content::picture::Piece;

/// The parts as pieces of the file they were taken from. Bytes that were written anew and are the file's all the same
/// belong to the pieces around them: few pieces are left, and most of what is made is not kept.
pub(super) fn located(file: &Bytes, parts: &[Bytes]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut made: Vec<u8> = Vec::new();
    for part in parts {
        let Some(start) = place(file, part) else {
            made.extend_from_slice(part);
            continue;
        };
        go_on(file, &mut pieces, &mut made);
        let same = common(made.iter().rev(), file.iter().take(start).rev());
        made.truncate(made.len() - same);
        push(&mut pieces, &mut made, start - same..start + part.len());
    }
    go_on(file, &mut pieces, &mut made);
    push(&mut pieces, &mut made, 0..0);
    pieces
}

/// The offset of a part that is a slice of the file's own memory.
fn place(file: &Bytes, part: &Bytes) -> Option<usize> {
    let start = part.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
    (!part.is_empty() && start + part.len() <= file.len()).then_some(start)
}

/// Lets the last piece go on through what was made as far as the file says the same.
fn go_on(file: &Bytes, pieces: &mut [Piece], made: &mut Vec<u8>) {
    if let Some(Piece::File(last)) = pieces.last_mut() {
        let end = usize::try_from(last.end).unwrap_or(file.len());
        let same = common(made.iter(), file.iter().skip(end));
        made.drain(..same);
        last.end += same as u64;
    }
}

fn common<'a>(a: impl Iterator<Item = &'a u8>, b: impl Iterator<Item = &'a u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// What was made, and then a range of the file.
fn push(pieces: &mut Vec<Piece>, made: &mut Vec<u8>, range: std::ops::Range<usize>) {
    if !made.is_empty() {
        pieces.push(Piece::Made(std::mem::take(made).into()));
    }
    let range = range.start as u64..range.end as u64;
    match pieces.last_mut() {
        _ if range.is_empty() => {}
        Some(Piece::File(last)) if last.end == range.start => last.end = range.end,
        Some(_) | None => pieces.push(Piece::File(range)),
    }
}
