//! Address segments out of names and titles.
//!
//! [`hugo`] and [`hugo_title`] do what Hugo does (`paths.Sanitize`, `NormalizePathString`), so that a blog keeps its
//! addresses; [`ascii`] is maquis's own, for tag pages and new posts.

use unicode_normalization::char::is_combining_mark;

/// Which of these makes the addresses of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slugs {
    Hugo,
    Ascii,
    /// As it is written, without what a segment cannot hold.
    Kept,
}

impl Slugs {
    /// The segment for a text.
    pub fn of(self, text: &str) -> String {
        match self {
            Slugs::Hugo => hugo(text),
            Slugs::Ascii => ascii(text),
            Slugs::Kept => kept(text),
        }
    }
}

/// Zola's `safe`: without characters that file systems refuse, and without blanks and dots at the end.
pub fn kept(text: &str) -> String {
    let text = text.trim_end_matches([' ', '.']);
    text.chars().filter(|letter| !letter.is_control() && !r#"<>:"/\|?*"#.contains(*letter)).collect()
}

/// From a *file's* name, without its extension: Hugo first makes every space a `-`, then drops what it does
/// not allow, so that `a & b` is `a--b`.
pub fn hugo(name: &str) -> String {
    hugo_keeping_case(name).to_lowercase()
}

/// The same where the site says `disablePathToLower`.
pub fn hugo_keeping_case(name: &str) -> String {
    name.chars().map(|c| if c == ' ' { '-' } else { c }).filter(|&c| is_allowed(c)).collect()
}

/// From front matter or a title: white space becomes one `-`, so that `a & b` is `a-b`.
pub fn hugo_title(text: &str) -> String {
    hugo_title_keeping_case(text).to_lowercase()
}

/// The same where the site says `disablePathToLower`.
pub fn hugo_title_keeping_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut hyphen_due, mut was_hyphen) = (false, false);
    for character in text.chars() {
        if is_allowed(character) {
            was_hyphen = character == '-';
            if std::mem::take(&mut hyphen_due) && !was_hyphen {
                out.push('-');
            }
            out.push(character);
        } else if character.is_whitespace() && !out.is_empty() && !was_hyphen {
            hyphen_due = true;
        }
    }
    out
}

/// As Pelican does: ASCII, what is neither letter, digit, `_` nor space dropped, spaces and hyphens one `-`.
pub fn pelican(text: &str) -> String {
    let ascii = deunicode::deunicode(text);
    let kept = ascii.chars().filter(|letter| letter.is_ascii_alphanumeric() || "_- \t\n".contains(*letter));
    let kept: String = kept.map(|letter| letter.to_ascii_lowercase()).collect();
    let mut out = String::with_capacity(kept.len());
    for letter in kept.trim().chars() {
        match letter {
            '-' | ' ' | '\t' | '\n' if out.ends_with('-') => {}
            '-' | ' ' | '\t' | '\n' => out.push('-'),
            letter => out.push(letter),
        }
    }
    out
}

/// Lower-case ASCII letters, digits and single dashes; empty where nothing of the text can be written so.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in deunicode::deunicode(text).bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte.to_ascii_lowercase()));
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Letters, digits, marks and a few signs. Hugo also lets `/` and `\` pass, which a segment cannot hold.
fn is_allowed(character: char) -> bool {
    match character {
        '-' | '.' | '_' | '#' | '+' | '~' | '@' => true,
        // Numerals that are no decimal digits (², ½, ①) are not among Go's `unicode.IsDigit`.
        '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{bc}'..='\u{be}' | '\u{2070}'..='\u{209f}' => false,
        '\u{2150}'..='\u{218f}' | '\u{2460}'..='\u{249b}' => false,
        c => c.is_alphanumeric() || is_combining_mark(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_hugo_does() {
        assert_eq!(hugo("Été v1.2 & co, (x)+y#z"), "été-v1.2--co-x+y#z");
        assert_eq!(hugo("L'été"), "lété");
        assert_eq!(hugo_title("Été v1.2 & co, (x)+y#z"), "été-v1.2-co-x+y#z");
        assert_eq!(hugo_title(" a - b "), "a-b");
        assert_eq!(hugo_title("x²"), "x");
    }

    #[test]
    fn as_pelican_does() {
        assert_eq!(pelican(" L’été: a_b -- c! "), "lete-a_b-c");
        assert_eq!(pelican("- x -"), "-x-");
    }

    #[test]
    fn plain_ascii() {
        assert_eq!(ascii("L’été à Paris, 2e édition !"), "l-ete-a-paris-2e-edition");
        assert_eq!(ascii("--a__b--"), "a-b");
        assert_eq!(ascii("北京"), "bei-jing");
        assert_eq!(ascii("!?"), "");
    }
}
