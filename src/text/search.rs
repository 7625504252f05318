//! Looks at the bytes of a text eight at a time.
//!
//! Most of a post holds nothing but plain letters, which is seen at once; only what is left is looked at closely.

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = EACH * 0x80;
const LOW: u64 = EACH * 0x7f;

/// Whether a text passes: printable ASCII does, and each other place by a closer look.
pub fn passes(bytes: &[u8], is_fine: impl Fn(usize) -> bool) -> bool {
    by_word(bytes, is_printable, is_fine)
}

/// The same where every byte of ASCII is fine.
pub fn passes_beyond_ascii(bytes: &[u8], is_fine: impl Fn(usize) -> bool) -> bool {
    by_word(bytes, |word| word & HIGH == 0, is_fine)
}

/// Whether two spaces stand beside each other.
pub fn has_two_spaces(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks();
    let mut after_space = false;
    for word in words {
        let spaces = zeros(u64::from_le_bytes(*word) ^ (EACH * 0x20));
        if spaces & (spaces << 8) != 0 || (after_space && spaces & 0x80 != 0) {
            return true;
        }
        after_space = spaces >> 63 == 1;
    }
    rest.iter().any(|byte| std::mem::replace(&mut after_space, *byte == b' ') && *byte == b' ')
}

/// How many characters begin in these bytes.
pub fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -64).count()
}

fn by_word(bytes: &[u8], is_plain: impl Fn(u64) -> bool, is_fine: impl Fn(usize) -> bool) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let start = words.len() * 8;
    let plain = |(index, word): (usize, &[u8; 8])| {
        is_plain(u64::from_le_bytes(*word)) || (index * 8..index * 8 + 8).all(&is_fine)
    };
    words.iter().enumerate().all(plain) && (start..start + rest.len()).all(&is_fine)
}

/// Whether all bytes are of U+0020 to U+007E. A byte below borrows, one above carries or has its high bit set.
fn is_printable(word: u64) -> bool {
    (word.wrapping_sub(EACH * 0x20) | word | word.wrapping_add(EACH)) & HIGH == 0
}

/// The high bit of each byte that is zero.
fn zeros(word: u64) -> u64 {
    !(((word & LOW) + LOW) | word | LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_seen_wherever_it_stands() {
        for odd in (0..=u8::MAX).filter(|byte| !(b' '..=b'~').contains(byte)) {
            for at in 0..20 {
                let mut text = *b"abcdefghijklmnopqrst";
                text[at] = odd;
                let is_fine = |place: usize| text[place] != odd;
                assert!(!passes(&text, is_fine), "{odd} at {at}");
                assert!(!passes_beyond_ascii(&text, |_| false), "the rest is looked at closely");
                assert_eq!(passes_beyond_ascii(&text[..16], is_fine), odd < 0x80 || at >= 16, "{odd} at {at}");
            }
        }
        assert!(passes(b"", |_| false) && passes(b"12345678", |_| false));
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
