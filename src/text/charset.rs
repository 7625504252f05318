//! Character sets of old terminals: text as UTF-8, Latin-1 or ASCII, with a sensible stand-in for what is missing.
//!
//! Only Gopher asks for one: Gemini is UTF-8. Folding comes before wrapping, for a stand-in may be wider; a no-break
//! space stays one until the bytes are made, so that lines break right. RFC 1345 names the sets; Latin-1 is
//! ISO 8859-1.

use std::borrow::Cow;

/// What readers' terminals show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    #[default]
    Utf8,
    Latin1,
    Ascii,
}

const NO_BREAK: char = '\u{a0}';
/// Spaces that belong to the guillemet beside them, always, and within guillemets that open as in French: in German
/// they point the other way.
const TIGHT: &[char] = &[NO_BREAK, '\u{202f}'];
const WITHIN: &[char] = &[NO_BREAK, '\u{202f}', ' '];

/// Stand-ins of punctuation and signs, better than what a transliteration by sound would make of them.
const SIGNS: &[(char, &str)] = &[
    ('’', "'"),
    ('‘', "'"),
    ('‚', "'"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('«', "\""),
    ('»', "\""),
    ('‹', "'"),
    ('›', "'"),
    ('‐', "-"),
    ('‑', "-"),
    ('–', "-"),
    ('—', "--"),
    ('―', "--"),
    ('−', "-"),
    ('…', "..."),
    ('·', "-"),
    ('•', "*"),
    ('→', "->"),
    ('←', "<-"),
    ('⇒', "=>"),
    ('×', "x"),
    ('÷', "/"),
    ('≠', "!="),
    ('≤', "<="),
    ('≥', ">="),
    ('≈', "~"),
    ('€', "EUR"),
    ('£', "GBP"),
    ('¥', "JPY"),
    ('§', "par."),
    ('°', "deg"),
    ('œ', "oe"),
    ('Œ', "OE"),
    ('™', "(TM)"),
    ('©', "(c)"),
    ('®', "(R)"),
    ('¹', "^1"),
    ('²', "^2"),
    ('³', "^3"),
    ('⁰', "^0"),
    ('⁴', "^4"),
    ('⁵', "^5"),
    ('⁶', "^6"),
    ('⁷', "^7"),
    ('⁸', "^8"),
    ('⁹', "^9"),
    ('½', "1/2"),
    ('¼', "1/4"),
    ('¾', "3/4"),
    ('¿', "?"),
    ('¡', "!"),
];

impl Charset {
    /// The set of that name in the configuration.
    pub fn parse(name: &str) -> Option<Charset> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Charset::Utf8),
            "latin-1" | "latin1" | "iso-8859-1" => Some(Charset::Latin1),
            "ascii" | "us-ascii" => Some(Charset::Ascii),
            _ => None,
        }
    }

    /// Its name in the configuration and in `caps.txt`.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Latin1 => "latin-1",
            Charset::Ascii => "ascii",
        }
    }

    /// The text in characters that the set has, and no-break spaces.
    pub fn fold(self, text: &str) -> Cow<'_, str> {
        if self == Charset::Utf8 || text.is_ascii() || text.chars().all(|c| self.has(c)) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() + 16);
        let mut characters = text.chars().peekable();
        // The spaces that go with a guillemet which becomes another quotation mark.
        let mut inner = TIGHT;
        while let Some(character) = characters.next() {
            let before_quote = self == Charset::Ascii && characters.peek() == Some(&'»');
            match character {
                c if before_quote && inner.contains(&c) => {}
                c if self.has(c) => out.push(c),
                '«' => {
                    let closes = out.ends_with(|before: char| before.is_alphanumeric() || ".!?,".contains(before));
                    inner = if closes { TIGHT } else { WITHIN };
                    out.push('"');
                    characters.next_if(|next| inner.contains(next));
                }
                '»' => {
                    inner = TIGHT;
                    out.push('"');
                }
                '°' if out.ends_with(['n', 'N']) => out.push('o'),
                c => push_stand_in(&mut out, c),
            }
        }
        Cow::Owned(out)
    }

    /// The bytes of text that was folded.
    pub fn encode(self, text: &str) -> Vec<u8> {
        let byte = |character: char| match self {
            Charset::Ascii if character == NO_BREAK => b' ',
            Charset::Utf8 | Charset::Latin1 | Charset::Ascii if self.has(character) => {
                u8::try_from(u32::from(character)).unwrap_or(b'?')
            }
            Charset::Utf8 | Charset::Latin1 | Charset::Ascii => b'?',
        };
        match self {
            Charset::Utf8 => text.as_bytes().to_vec(),
            Charset::Latin1 | Charset::Ascii => text.chars().map(byte).collect(),
        }
    }

    /// The text of bytes that [`Charset::encode`] made.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Charset::Latin1 | Charset::Ascii => bytes.iter().map(|&byte| char::from(byte)).collect(),
        }
    }

    fn has(self, character: char) -> bool {
        match self {
            Charset::Utf8 => true,
            Charset::Latin1 => character <= '\u{ff}',
            Charset::Ascii => character.is_ascii() || character == NO_BREAK,
        }
    }
}

fn push_stand_in(out: &mut String, character: char) {
    if let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| *sign == character) {
        return out.push_str(sign);
    }
    match character {
        // Spaces that do not break, and those that do.
        '\u{2007}' | '\u{2009}' | '\u{202f}' => out.push(NO_BREAK),
        '\u{2000}'..='\u{200a}' | '\u{3000}' => out.push(' '),
        // Marks that hang on the letter before, and signs without a shape.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' => {}
        // An emoji is called by its name.
        '\u{2600}'..='\u{27bf}' | '\u{1f000}'.. => {
            if let Some(name) = deunicode::deunicode_char(character).map(str::trim).filter(|name| !name.is_empty()) {
                out.push(':');
                out.push_str(name);
                out.push(':');
            }
        }
        c => out.push_str(deunicode::deunicode_char(c).unwrap_or("?")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = "L’œuvre — «\u{a0}été\u{a0}» … 10\u{202f}000\u{a0}€, n° 3, 5 m², ☕";

    #[test]
    fn french_on_old_terminals() {
        assert_eq!(Charset::Utf8.fold(FRENCH), FRENCH);
        assert_eq!(
            Charset::Latin1.fold(FRENCH),
            "L'oeuvre -- «\u{a0}été\u{a0}» ... 10\u{a0}000\u{a0}EUR, n° 3, 5 m², :coffee:"
        );
        let ascii = Charset::Ascii.fold(FRENCH);
        assert_eq!(ascii, "L'oeuvre -- \"ete\" ... 10\u{a0}000\u{a0}EUR, no 3, 5 m^2, :coffee:");
        assert_eq!(Charset::Ascii.encode("10\u{a0}000"), b"10 000");
    }

    #[test]
    fn spaces_inside_guillemets_go_with_them() {
        for (text, ascii) in [
            ("« L’été », dit-elle", "\"L'ete\", dit-elle"),
            ("Il dit : « Non ! » et part", "Il dit : \"Non !\" et part"),
            ("Er sagt »Nein« und »ja«.", "Er sagt \"Nein\" und \"ja\"."),
        ] {
            assert_eq!(Charset::Ascii.fold(text), ascii);
        }
    }

    #[test]
    fn folded_text_has_bytes_in_its_set() {
        for charset in [Charset::Latin1, Charset::Ascii] {
            let all: String = ('\u{20}'..='\u{2fff}').step_by(3).chain('\u{1f300}'..'\u{1f700}').collect();
            let folded = charset.fold(&all);
            assert!(folded.chars().all(|c| charset.has(c)), "{charset:?}");
            assert_eq!(charset.encode(&folded).len(), folded.chars().count());
        }
        assert_eq!(Charset::Latin1.decode(&Charset::Latin1.encode("été")), "été");
    }
}
