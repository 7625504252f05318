//! Looks for bytes in a text, many at a time.
//!
//! Most of a post is looked through for signs that it does not hold; a piece without any is passed over at once.

/// Text is looked at in pieces of so many bytes.
pub const PIECE: usize = 32;

/// Whether all bytes are such as are wanted.
pub fn all(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> bool {
    // Without a way out in between, this runs on many bytes at once.
    bytes.iter().fold(true, |all, byte| all & is_wanted(*byte))
}

/// Where the first byte stands that is wanted.
pub fn position(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let pieces = bytes.chunks(PIECE).enumerate();
    let mut found = pieces.filter(|(_, piece)| !all(piece, |byte| !is_wanted(byte)));
    let (index, piece) = found.next()?;
    piece.iter().position(|byte| is_wanted(*byte)).map(|at| index * PIECE + at)
}

/// Whether a text passes: each piece at once, or, where that does not tell, each place in it by a closer look.
pub fn passes(bytes: &[u8], is_plain: impl Fn(u8) -> bool, is_fine: impl Fn(usize) -> bool) -> bool {
    bytes.chunks(PIECE).enumerate().all(|(index, piece)| {
        let start = index * PIECE;
        all(piece, &is_plain) || (start..start + piece.len()).all(&is_fine)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_them_is_found_wherever_it_stands() {
        for at in 0..100 {
            let mut text = vec![b'a'; 100];
            text[at] = b':';
            assert_eq!(position(&text, |byte| byte == b':'), Some(at));
            assert!(!all(&text, |byte| byte == b'a'));
            assert!(passes(&text, |byte| byte == b'a', |place| text[place] != b'.'));
        }
        assert_eq!(position(b"", |_| true), None);
    }
}
