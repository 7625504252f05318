//! Typographic punctuation, as Hugo's typographer makes it: quotation marks, apostrophes, dashes, ellipses.
//!
//! It sees prose only: code, addresses and shortcodes never come here, and what the author escaped or wrote as
//! an entity is protected. What a mark becomes depends on its neighbours, across emphasis and links too, so the
//! state lives as long as a paragraph.

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
    open: bool,
}

impl State {
    /// Something other than text stood here.
    pub(super) fn saw(&mut self, character: char) {
        self.previous = Some(character);
    }
}

/// Sets a piece of prose. The offsets in `protected` are left as they are.
pub(super) fn set(text: &str, typography: Typography, state: &mut State, protected: impl Fn(usize) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let last_closing = last_closing(text);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let kept = typography == Typography::Plain || protected(at);
        let next = characters.peek().map(|&(_, next)| next);
        match character {
            '"' if !kept => double(&mut out, typography, state, next),
            '\'' if !kept => out.push(single(state.previous, next, last_closing.is_some_and(|last| last > at))),
            '-' | '.' | '<' | '>' if !kept => {
                let run = 1 + text[at + 1..].chars().take(4).take_while(|&other| other == character).count();
                let sign = match (character, run) {
                    ('-', 2) => Some("–"),
                    ('-', 3) => Some("—"),
                    ('.', 3) => Some("…"),
                    ('<', 2) => Some("«"),
                    ('>', 2) => Some("»"),
                    _ => None,
                };
                match sign {
                    Some(sign) => out.push_str(sign),
                    None => out.extend(std::iter::repeat_n(character, run)),
                }
                for _ in 1..run {
                    characters.next();
                }
            }
            other => out.push(other),
        }
        state.previous = Some(character);
    }
    out
}

fn double(out: &mut String, typography: Typography, state: &mut State, next: Option<char>) {
    let opens = opens_after(state.previous) && !(state.open && next.is_none_or(char::is_whitespace));
    match (typography, opens) {
        (Typography::French, true) => out.extend(['«', NO_BREAK_SPACE]),
        (Typography::French, false) if state.open => out.extend([NO_BREAK_SPACE, '»']),
        (Typography::English, true) => out.push('“'),
        (Typography::English, false) if state.open || !state.previous.is_some_and(|c| c.is_ascii_digit()) => {
            out.push('”');
        }
        // Inches, seconds, or a mark without its partner.
        _ => out.push('"'),
    }
    state.open = opens;
}

fn single(previous: Option<char>, next: Option<char>, closes_later: bool) -> char {
    let opens = opens_after(previous) && next.is_some_and(char::is_alphanumeric) && closes_later;
    if opens && !next.is_some_and(|next| next.is_ascii_digit()) { '‘' } else { '’' }
}

fn opens_after(previous: Option<char>) -> bool {
    previous.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '-' | '–' | '—' | '/' | '«' | '“' | '"'))
}

/// Where the last `'` stands that could close a quotation: after a word, and not within one.
fn last_closing(text: &str) -> Option<usize> {
    let mut next: Option<char> = None;
    for (at, character) in text.char_indices().rev() {
        let before = text[..at].chars().next_back();
        let ends_word = before.is_some_and(|c| !c.is_whitespace()) && !next.is_some_and(char::is_alphanumeric);
        if character == '\'' && ends_word {
            return Some(at);
        }
        next = Some(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, typography: Typography) -> String {
        set(text, typography, &mut State::default(), |_| false)
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
    }

    #[test]
    fn marks_find_their_partner_across_pieces() {
        let mut state = State::default();
        let open = set("\"", Typography::English, &mut state, |_| false);
        state.saw('x');
        assert_eq!(open + &set("\"", Typography::English, &mut state, |_| false), "“”");
    }

    #[test]
    fn protected_marks_stay() {
        assert_eq!(set("\"a\"", Typography::English, &mut State::default(), |at| at == 0), "\"a”");
        assert_eq!(all("\"a\" -- 'b'", Typography::Plain), "\"a\" -- 'b'");
    }
}
