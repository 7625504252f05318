//! Looks at the bytes of a text many at a time.
//!
//! Most of a post holds nothing but plain letters, which is seen at once; only what is left is looked at closely.

use memchr::{memchr, memchr_iter, memmem, memrchr};

/// So many bytes are looked at together.
const BLOCK: usize = 16;

/// Whether a text holds another; for long texts, where it is worth the preparation.
pub fn holds(text: &str, wanted: &str) -> bool {
    memmem::find(text.as_bytes(), wanted.as_bytes()).is_some()
}

/// Where the line begins that these bytes end with, if that is no longer than so many: what is looked back at again and
/// again must be short.
pub fn short_line_start(bytes: &[u8], most: usize) -> Option<usize> {
    let near = bytes.len().saturating_sub(most);
    memrchr(b'\n', &bytes[near..]).map(|end| near + end + 1).or((near == 0).then_some(0))
}

/// That line itself.
pub fn short_line(text: &str, most: usize) -> Option<&str> {
    short_line_start(text.as_bytes(), most).map(|start| &text[start..])
}

/// Whether a text holds a character that is rare, and so is the first of its bytes.
pub fn holds_character(text: &str, wanted: char) -> bool {
    let first = wanted.encode_utf8(&mut [0; 4]).as_bytes()[0];
    memchr(first, text.as_bytes()).is_some() && text.contains(wanted)
}

/// The lines of a text, each with its end.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let ends =
        memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).chain((!text.ends_with('\n')).then_some(text.len()));
    ends.map(move |end| &text[std::mem::replace(&mut start, end)..end]).filter(|line| !line.is_empty())
}

/// Whether a text passes: printable ASCII does, and each other place by a closer look.
pub fn passes(bytes: &[u8], is_fine: impl Fn(usize) -> bool) -> bool {
    by_block(bytes, |byte| byte.wrapping_sub(b' ') <= b'~' - b' ', is_fine)
}

/// The same where every byte of ASCII is fine.
pub fn passes_beyond_ascii(bytes: &[u8], is_fine: impl Fn(usize) -> bool) -> bool {
    by_block(bytes, |byte| byte < 0x80, is_fine)
}

/// Whether two spaces stand beside each other.
pub fn has_two_spaces(bytes: &[u8]) -> bool {
    let Some((_, next)) = bytes.split_first() else { return false };
    let (blocks, rest) = bytes[..next.len()].as_chunks::<BLOCK>();
    let (next_blocks, next_rest) = next.as_chunks::<BLOCK>();
    let are_two = |(one, next): (&u8, &u8)| (*one == b' ') & (*next == b' ');
    let in_block = |(block, next): (&[u8; BLOCK], &[u8; BLOCK])| {
        block.iter().zip(next).fold(false, |found, pair| found | are_two(pair))
    };
    blocks.iter().zip(next_blocks).any(in_block) || rest.iter().zip(next_rest).any(are_two)
}

/// How many characters begin in these bytes.
pub fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -64).count()
}

fn by_block(bytes: &[u8], is_plain: impl Fn(u8) -> bool, is_fine: impl Fn(usize) -> bool) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let start = blocks.len() * BLOCK;
    // Without a way out within a block, which the compiler makes a few instructions of.
    let is_all_plain = |block: &[u8; BLOCK]| block.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    let passes = |(index, block)| {
        is_all_plain(block) || (index * BLOCK..(index + 1) * BLOCK).all(|at| is_plain(bytes[at]) || is_fine(at))
    };
    let passes_alone = |(at, byte): (usize, &u8)| is_plain(*byte) || is_fine(start + at);
    blocks.iter().enumerate().all(passes) && rest.iter().enumerate().all(passes_alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_seen_wherever_it_stands() {
        for odd in (0..=u8::MAX).filter(|byte| !(b' '..=b'~').contains(byte)) {
            for at in 0..40 {
                let mut text = *b"abcdefghijklmnopqrstabcdefghijklmnopqrst";
                text[at] = odd;
                let is_fine = |place: usize| text[place] != odd;
                assert!(!passes(&text, is_fine), "{odd} at {at}");
                assert_eq!(passes_beyond_ascii(&text, is_fine), odd < 0x80, "{odd} at {at}");
            }
        }
        assert!(passes(b"", |_| false) && passes(b"1234567812345678", |_| false));
    }

    #[test]
    fn the_last_line_is_found_where_it_is_short() {
        assert_eq!(short_line("", 3), Some(""));
        assert_eq!(short_line("a\né", 3), Some("é"));
        assert_eq!(short_line("abc", 3), Some("abc"));
        assert_eq!(short_line("abé", 3), None);
        assert_eq!(short_line("abcd\n", 3), Some(""));
    }

    #[test]
    fn lines_are_what_they_are_to_the_library() {
        for text in ["", "a", "a\n", "\n\na\r\n\nb", "\n"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), text.split_inclusive('\n').collect::<Vec<_>>());
        }
    }

    #[test]
    fn two_spaces_are_seen_wherever_they_stand() {
        for at in 0..30 {
            let mut text = *b"!a !b a!c !d !! e !f ! gg h! i !";
            assert!(!has_two_spaces(&text));
            (text[at], text[at + 1]) = (b' ', b' ');
            assert!(has_two_spaces(&text), "{at}");
        }
    }
}
