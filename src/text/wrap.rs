//! Breaks text into lines of a given width; for scripts that break without spaces, the one door to `textwrap`.
//!
//! Greedy, no hyphenation, no justification. Words are never cut, and a no-break space never breaks: `10 000 €`
//! and `« mot »` stay whole, URLs too.

use std::borrow::Cow;

use memchr::{memchr, memrchr};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::width;

/// The lines of `text`, each at most `columns` wide unless a single word is wider.
/// A line break in `text` stays one.
pub fn lines(text: &str, columns: usize) -> Vec<Cow<'_, str>> {
    text.split('\n').flat_map(|line| filled(line, columns)).collect()
}

/// The lines of a text without line breaks: as many words on each as it has room for, broken at spaces.
pub fn filled(text: &str, columns: usize) -> Vec<Cow<'_, str>> {
    let narrow = width::is_one_each(text);
    if !narrow && width::is_wide(text) {
        return filled_anywhere(text, columns);
    }
    let mut lines = Vec::with_capacity(text.len() / columns.max(1) + 1);
    let mut rest = text.trim_end_matches(' ');
    while let Some(end) = if narrow { line_end(rest, columns) } else { line_end_by_word(rest, columns) } {
        lines.push(Cow::Borrowed(&rest[..end]));
        rest = rest[end..].trim_start_matches(' ');
    }
    lines.push(Cow::Borrowed(rest));
    lines
}

/// The same in a script that breaks without spaces.
fn filled_anywhere(text: &str, columns: usize) -> Vec<Cow<'_, str>> {
    let options = Options::new(columns.max(1))
        .break_words(false)
        .word_separator(WordSeparator::UnicodeBreakProperties)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options)
}

/// Where the first line of a text ends if not with the text; each of its characters takes one column.
fn line_end(text: &str, columns: usize) -> Option<usize> {
    let reach = width::reach(text, columns);
    if reach == text.len() {
        return None;
    }
    // A word that ends just there is still on the line.
    let last = if text.as_bytes()[reach] == b' ' { Some(reach) } else { memrchr(b' ', &text.as_bytes()[..reach]) };
    let end = last.map_or(0, |space| text[..space].trim_end_matches(' ').len());
    if end > 0 { Some(end) } else { word_end(text, 0) }
}

/// The same of any text.
fn line_end_by_word(text: &str, columns: usize) -> Option<usize> {
    let mut end = word_end(text, 0)?;
    let mut taken = width::columns(&text[..end]);
    while let Some(next) = word_end(text, end).or((end < text.len()).then_some(text.len())) {
        taken += width::columns(&text[end..next]);
        if taken > columns {
            return Some(end);
        }
        end = next;
    }
    None
}

/// Where the next word ends, if the text goes on behind it.
fn word_end(text: &str, from: usize) -> Option<usize> {
    let word = text.len() - text[from..].trim_start_matches(' ').len();
    memchr(b' ', &text.as_bytes()[word..]).map(|length| word + length)
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
