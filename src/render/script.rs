//! Raised and lowered text without marks, where letters have other forms or custom reads them right (conversion.md,
//! "sup, sub").

/// Letters that French and English raise by custom: without a `^` they still read right (`1er`, `2nd`, `Mme`).
const RAISED: &[&str] = &[
    "er", "ers", "re", "res", "ère", "e", "es", "ème", "èmes", "nd", "nde", "nds", "d", "de", "st", "rd", "th", "o",
    "os", "me", "mes", "lle", "lles", "r", "rs", "gr", "ie", "te", "ve",
];

#[derive(Clone, Copy)]
pub(super) enum Script {
    Super,
    Sub,
}

impl Script {
    /// How a raised or lowered text is written without marks: digits have letters of their own.
    pub(super) fn letters(self, base: char, text: &str) -> Option<String> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Script::Super if digits => Some(text.chars().map(raise).collect()),
            Script::Sub if digits => Some(text.chars().map(lower).collect()),
            Script::Super if is_raised_by_custom(base, text) => Some(text.to_owned()),
            Script::Super if text.eq_ignore_ascii_case("tm") => Some("™".to_owned()),
            Script::Super | Script::Sub => None,
        }
    }

    /// Whether it can stand without anything before it: the number of a note.
    pub(super) fn is_sign(self, text: &str) -> bool {
        matches!(self, Script::Super) && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    pub(super) fn open(self) -> &'static str {
        match self {
            Script::Super => "^(",
            Script::Sub => "_(",
        }
    }
}

/// A single letter is an exponent, unless it hangs on a number, a capital or an `n`: `2e`, `XXe`, `Dr`, `no`.
fn is_raised_by_custom(base: char, text: &str) -> bool {
    let single = text.len() == 1 && !(base.is_numeric() || base.is_uppercase() || (base, text) == ('n', "o"));
    RAISED.contains(&text) && !single
}

fn raise(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        other => shifted(other, 0x2070),
    }
}

fn lower(digit: char) -> char {
    shifted(digit, 0x2080)
}

fn shifted(digit: char, zero: u32) -> char {
    digit.to_digit(10).and_then(|value| char::from_u32(zero + value)).unwrap_or(digit)
}
