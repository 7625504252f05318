//! Breaks text into lines of a given width; for scripts that break without spaces, the one door to `textwrap`.
//!
//! Greedy, no hyphenation, no justification. Words are never cut, and a no-break space never breaks: `10 000 €`
//! and `« mot »` stay whole, URLs too.

use std::borrow::Cow;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::width;

/// The lines of `text`, each at most `columns` wide unless a single word is wider.
/// A line break in `text` stays one.
pub fn lines(text: &str, columns: usize) -> Vec<Cow<'_, str>> {
    if !width::is_wide(text) {
        let mut lines = Vec::new();
        text.split('\n').for_each(|line| fill(line, columns, &mut lines));
        return lines;
    }
    let options = Options::new(columns.max(1))
        .break_words(false)
        .word_separator(WordSeparator::UnicodeBreakProperties)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options)
}

/// As many words on each line as it has room for, broken at spaces.
fn fill<'a>(text: &'a str, columns: usize, lines: &mut Vec<Cow<'a, str>>) {
    // The line being filled, and its columns.
    let (mut start, mut end, mut taken) = (0, 0, 0);
    while let Some(gap) = text[end..].bytes().position(|byte| byte != b' ') {
        let word = end + gap;
        let stop = text[word..].bytes().position(|byte| byte == b' ').map_or(text.len(), |length| word + length);
        let more = width::columns(&text[word..stop]);
        if end > start && taken + gap + more > columns {
            lines.push(Cow::Borrowed(&text[start..end]));
            (start, taken) = (word, more);
        } else {
            taken += gap + more;
        }
        end = stop;
    }
    lines.push(Cow::Borrowed(&text[start..end]));
}

/// The columns of the widest piece that cannot be broken.
pub fn widest_word(text: &str) -> usize {
    let words = text.split('\n').flat_map(|line| separator(text).find_words(line));
    words.map(|word| width::columns(word.word)).max().unwrap_or(0)
}

/// Unicode's rules also break after `/` and `-`, in the middle of addresses and options; they are for the
/// scripts that need them.
fn separator(text: &str) -> WordSeparator {
    if width::is_wide(text) { WordSeparator::UnicodeBreakProperties } else { WordSeparator::AsciiSpace }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_as_the_library_fills_them() {
        let text = "Le  cœur a ses raisons que la raison ne connaît point ; on le sait en mille choses, [a] ici. ";
        for columns in 1..40 {
            let options = Options::new(columns).break_words(false).word_separator(WordSeparator::AsciiSpace);
            let options = options.word_splitter(WordSplitter::NoHyphenation).wrap_algorithm(WrapAlgorithm::FirstFit);
            for text in [text, "", "mot", "a\n\nb c"] {
                assert_eq!(lines(text, columns), textwrap::wrap(text, &options), "{columns}");
            }
        }
    }

    #[test]
    fn words_urls_and_french_spaces_stay_whole() {
        assert_eq!(lines("un deux trois", 7), ["un deux", "trois"]);
        assert_eq!(lines("voir https://example.org/a/b-c ici", 10), ["voir", "https://example.org/a/b-c", "ici"]);
        assert_eq!(lines("soit «\u{a0}mot\u{a0}» dit", 8), ["soit", "«\u{a0}mot\u{a0}»", "dit"]);
        assert_eq!(lines("日本語日本語", 8), ["日本語日", "本語"]);
        assert_eq!(widest_word("un deux\nquatre"), 6);
    }
}
