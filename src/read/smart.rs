//! Typographic punctuation, as Hugo's typographer makes it: quotation marks, apostrophes, dashes, ellipses.
//!
//! It sees prose only: code, addresses and shortcodes never come here, and what the author escaped or wrote as
//! an entity is protected. What a mark becomes depends on its neighbours, across emphasis and links too, so the
//! state lives as long as a paragraph.

use std::borrow::Cow;

use super::dialect::Dialect;
use memchr::{memchr, memchr2, memchr2_iter};

const NO_BREAK_SPACE: char = '\u{a0}';

/// Whose marks are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typography {
    /// As written.
    Plain,
    /// “x”, ‘x’, ’.
    English,
    /// « x » with no-break spaces, ’.
    French,
}

/// What stands before the text in its paragraph.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    previous: Option<char>,
    /// How many quotations are open that it has set.
    open: u8,
    /// The author's own « is open.
    quoted: bool,
}

impl State {
    /// Something other than text stood here.
    pub(super) fn saw(&mut self, character: char) {
        self.previous = Some(character);
    }
}

/// Sets a text that stands by itself, as a title does.
pub fn line<'a>(text: &'a str, dialect: &Dialect) -> Cow<'a, str> {
    set(text, dialect.typography(), &mut State::default(), |_| false)
}

/// Sets a piece of prose. The offsets in `protected` are left as they are.
pub(super) fn set<'a>(
    text: &'a str,
    typography: Typography,
    state: &mut State,
    protected: impl Fn(usize) -> bool,
) -> Cow<'a, str> {
    if typography == Typography::Plain || first_mark(text.as_bytes(), 0).is_none() {
        if let Some(last) = text.chars().next_back() {
            state.previous = Some(last);
        }
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let (mut done, mut from) = (0, 0);
    let mut closing = Closing::Unknown;
    while let Some(at) = first_mark(text.as_bytes(), from) {
        let mark = text.as_bytes()[at];
        let run = text.as_bytes()[at..].iter().take(5).take_while(|&&other| other == mark).count();
        let length = if matches!(mark, b'"' | b'\'') { 1 } else { run };
        from = at + length;
        if protected(at) {
            continue;
        }
        if let Some(previous) = text[..at].chars().next_back() {
            state.previous = Some(previous);
        }
        let next = text[from..].chars().next();
        out.push_str(&text[done..at]);
        // The first byte of both.
        if memchr(0xc2, &text.as_bytes()[done..at]).is_some()
            && let Some(last) = text[done..at].rfind(['«', '»'])
        {
            state.quoted = text[done + last..].starts_with('«');
        }
        match (mark, run) {
            (b'"', _) => double(&mut out, typography, state, next),
            (b'\'', _) => {
                let opens = opens_after(state.previous) && next.is_some_and(char::is_alphabetic);
                out.push(if opens && closing.is_after(text, at) { '‘' } else { '’' });
            }
            (b'-', 2) => out.push('–'),
            (b'-', 3) => out.push('—'),
            (b'.', 3) => out.push('…'),
            (b'<', 2) => out.push('«'),
            (b'>', 2) => out.push('»'),
            _ => out.push_str(&text[at..from]),
        }
        state.previous = Some(char::from(mark));
        done = from;
    }
    out.push_str(&text[done..]);
    if let Some(last) = text.chars().next_back() {
        state.previous = Some(last);
    }
    Cow::Owned(out)
}

/// The next mark that may become another: a quotation mark, or two of the same sign.
fn first_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let quote = memchr2(b'"', b'\'', rest);
    let before = &rest[..quote.unwrap_or(rest.len())];
    let is_double = |at: &usize| rest.get(at + 1) == Some(&rest[*at]);
    let line = memchr2_iter(b'-', b'.', before).find(is_double);
    let angle = memchr2_iter(b'<', b'>', before).find(is_double);
    let first = line.into_iter().chain(angle).min().or(quote)?;
    Some(from + first)
}

/// Where the last `'` stands that could close a quotation; looked for once, when it is asked for.
enum Closing {
    Unknown,
    At(Option<usize>),
}

impl Closing {
    fn is_after(&mut self, text: &str, at: usize) -> bool {
        if let Closing::Unknown = self {
            *self = Closing::At(last_closing(text));
        }
        matches!(self, Closing::At(Some(last)) if *last > at)
    }
}

fn double(out: &mut String, typography: Typography, state: &mut State, next: Option<char>) {
    let french = typography == Typography::French;
    // `l'"été"`: French words stand close to what they are shortened before.
    let elided = french && matches!(state.previous, Some('\'' | '’')) && next.is_some_and(char::is_alphanumeric);
    let open = state.open > 0;
    let opens = (opens_after(state.previous) || elided) && !(open && next.is_none_or(char::is_whitespace));
    let within = state.quoted || state.open > u8::from(!opens);
    match (typography, opens) {
        // A quotation in a quotation has other marks.
        (Typography::French, true) if within => out.push('“'),
        (Typography::French, false) if open && within => out.push('”'),
        (Typography::French, true) => out.extend(['«', NO_BREAK_SPACE]),
        (Typography::French, false) if open => out.extend([NO_BREAK_SPACE, '»']),
        (Typography::English, true) => out.push('“'),
        (Typography::English, false) if open || !state.previous.is_some_and(|c| c.is_ascii_digit()) => {
            out.push('”');
        }
        // Inches, seconds, or a mark without its partner.
        _ => out.push('"'),
    }
    state.open = if opens { state.open.saturating_add(1) } else { state.open.saturating_sub(1) };
}

fn opens_after(previous: Option<char>) -> bool {
    previous.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '-' | '–' | '—' | '/' | '«' | '“' | '"'))
}

/// After a word, and not within one.
fn last_closing(text: &str) -> Option<usize> {
    let mut end = text.len();
    while let Some(at) = text[..end].rfind('\'') {
        let before = text[..at].chars().next_back();
        let next = text[at + 1..].chars().next();
        if before.is_some_and(|c| !c.is_whitespace()) && !next.is_some_and(char::is_alphanumeric) {
            return Some(at);
        }
        end = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, typography: Typography) -> String {
        set(text, typography, &mut State::default(), |_| false).into_owned()
    }

    #[test]
    fn english() {
        let set = |text| all(text, Typography::English);
        assert_eq!(set(r#""It's 'fine'," she said -- twice..."#), "“It’s ‘fine’,” she said – twice…");
        assert_eq!(set("the '90s, dogs' tails, a---b, ----, <<x>>"), "the ’90s, dogs’ tails, a—b, ----, «x»");
        assert_eq!(set(r#"a 15" screen ("big")"#), r#"a 15" screen (“big”)"#);
    }

    #[test]
    fn french() {
        let set = |text| all(text, Typography::French);
        assert_eq!(set(r#"Il dit "oui" : l'été..."#), "Il dit «\u{a0}oui\u{a0}» : l’été…");
        assert_eq!(set("« déjà »"), "« déjà »");
        assert_eq!(set(r#"l'"été" et l’"autre""#), "l’«\u{a0}été\u{a0}» et l’«\u{a0}autre\u{a0}»");
        assert_eq!(set(r#""un "deux" trois" et "quatre""#), "«\u{a0}un “deux” trois\u{a0}» et «\u{a0}quatre\u{a0}»");
        assert_eq!(set(r#"« un "deux" trois » "quatre""#), "« un “deux” trois » «\u{a0}quatre\u{a0}»");
    }

    #[test]
    fn marks_find_their_partner_across_pieces() {
        let mut state = State::default();
        let open = set("\"", Typography::English, &mut state, |_| false).into_owned();
        state.saw('x');
        assert_eq!(open + &set("\"", Typography::English, &mut state, |_| false), "“”");
    }

    #[test]
    fn protected_marks_stay() {
        assert_eq!(set("\"a\"", Typography::English, &mut State::default(), |at| at == 0), "\"a”");
        assert_eq!(all("\"a\" -- 'b'", Typography::Plain), "\"a\" -- 'b'");
    }
}
