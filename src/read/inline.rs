//! What the parser leaves in plain text: bare addresses (GFM, "Autolinks (extension)"), and superscripts and
//! subscripts within a word (`1^er^`, `H~2~O`).
//!
//! Stands between the parser's merged text and the tree. One pass, forwards; nothing is looked at twice but a
//! bounded piece.

use std::collections::HashSet;
use std::ops::Range;

use memchr::{memchr2, memchr3, memmem};

/// A piece of text and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Range<usize>),
    /// An address, and where it leads.
    Link(Range<usize>, String),
    Superscript(Range<usize>),
    Subscript(Range<usize>),
    /// A link as Markdown writes it, where the parser did not look: its text and its destination.
    Named(Range<usize>, Range<usize>),
    /// A reference to a note that is defined.
    Note(Range<usize>),
    /// The picture that `:name:` stands for.
    Emoji(&'static str),
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) links: bool,
    pub(super) scripts: bool,
    pub(super) emoji: bool,
    /// The labels of notes.
    pub(super) labels: Option<&'a HashSet<String>>,
}

const SCHEMES: [&str; 8] = ["https", "http", "gemini", "gopher", "ftp", "spartan", "finger", "titan"];
/// A superscript within a word is no longer than this, in bytes.
const MAX_SCRIPT: usize = 16;
/// The text and the destination of such a link are no longer, in bytes.
const MAX_BRACKET: usize = 1024;
/// No emoji has a longer name, in bytes.
const MAX_EMOJI: usize = 64;

/// Cuts text into its pieces; together they are the whole text, but for the marks of scripts.
pub(super) fn pieces(text: &str, wanted: Wanted<'_>, pieces: &mut Vec<Piece>, protected: impl Fn(usize) -> bool) {
    let mut begun = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    if !may_hold_pieces(bytes) {
        if !text.is_empty() {
            pieces.push(Piece::Text(0..text.len()));
        }
        return;
    }
    while let Some(next) = bytes[at..].iter().position(|byte| SIGNS[usize::from(*byte)]) {
        at += next;
        let found = match bytes[at] {
            b':' | b'.' | b'@' if wanted.links || wanted.emoji => {
                let picture = || if wanted.emoji && !protected(at) { emoji(text, at) } else { None };
                let address = if wanted.links { address(text, begun, at) } else { None };
                address.map(|(range, to)| (range.clone(), Piece::Link(range, to))).or_else(picture)
            }
            b'[' if !protected(at) => bracket(text, at, wanted),
            b'^' | b'~' if wanted.scripts && !protected(at) => script(text, at),
            _ => None,
        };
        match found {
            Some((whole, piece)) => {
                if begun < whole.start {
                    pieces.push(Piece::Text(begun..whole.start));
                }
                pieces.push(piece);
                begun = whole.end;
                at = whole.end;
            }
            None => at += 1,
        }
    }
    if begun < text.len() {
        pieces.push(Piece::Text(begun..text.len()));
    }
}

/// Most texts have none of the signs but for the dots at the end of sentences.
fn may_hold_pieces(bytes: &[u8]) -> bool {
    memchr3(b':', b'@', b'[', bytes).is_some()
        || memchr2(b'^', b'~', bytes).is_some()
        || memmem::find(bytes, b"www.").is_some()
}

/// What a piece other than text holds or begins with.
const SIGNS: [bool; 256] = {
    let mut table = [false; 256];
    let signs = b":.@[^~";
    let mut index = 0;
    while index < signs.len() {
        table[signs[index] as usize] = true;
        index += 1;
    }
    table
};

/// The address whose `:`, `.` or `@` stands at `at`, where it begins no earlier than `begun`.
fn address(text: &str, begun: usize, at: usize) -> Option<(Range<usize>, String)> {
    match text.as_bytes()[at] {
        b':' if text[at..].starts_with("://") => {
            let start = begun + scheme_start(&text[begun..at])?;
            let end = url_end(text, at + 3);
            (end > at + 3 && leads_out(&text[start..end])).then(|| (start..end, text[start..end].to_owned()))
        }
        b'.' if ends_with_word(&text[begun..at], "www") => {
            let end = url_end(text, at + 1);
            let start = at - 3;
            let host = text[start..end].split(['/', '?', '#']).next()?;
            (host.matches('.').count() > 1).then(|| (start..end, format!("https://{}", &text[start..end])))
        }
        b'@' => mail(text, begun, at),
        _ => None,
    }
}

/// Where the scheme begins that a text ends with.
pub(super) fn scheme_start(before: &str) -> Option<usize> {
    SCHEMES.iter().find(|scheme| ends_with_word(before, scheme)).map(|scheme| before.len() - scheme.len())
}

/// Whether an address can be followed from elsewhere: GFM wants a dot in its host, and `localhost` is the author's own.
pub(super) fn leads_out(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return true };
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    let name = host.split(':').next().unwrap_or(host);
    let own =
        name.ends_with(".localhost") || name.starts_with("127.") || name == "0.0.0.0" || host.starts_with("[::1]");
    !own && (name.contains('.') || host.starts_with('['))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(start) = text.len().checked_sub(word.len()) else { return false };
    let ends = text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(word));
    ends && !text[..start]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
}

/// Where a URL ends: before white space, quotation marks and brackets, and before what ends a sentence.
pub(super) fn url_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let stop = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”');
    let mut url = &rest[..rest.find(stop).unwrap_or(rest.len())];
    // The address is the text of a link.
    url = url.split("](").next().unwrap_or(url);
    let count = |mark: u8| url.bytes().filter(|byte| *byte == mark).count();
    let more = |closing, opening| count(closing).saturating_sub(count(opening));
    let mut unbalanced = [(')', more(b')', b'(')), (']', more(b']', b'['))];
    while let Some(last) = url.chars().next_back() {
        let closes = unbalanced.iter_mut().find(|(mark, _)| *mark == last);
        let cut = match closes {
            Some((_, more)) if *more > 0 => {
                *more -= 1;
                true
            }
            Some(_) => false,
            None => matches!(last, '.' | ',' | ':' | ';' | '!' | '?' | '*' | '_' | '~' | '\'' | '…' | '’' | '`'),
        };
        if !cut {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    start + url.len()
}

fn mail(text: &str, begun: usize, at: usize) -> Option<(Range<usize>, String)> {
    let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    let before = &text.as_bytes()[begun..at];
    let start = at - before.iter().rev().take(64).take_while(|b| local(b)).count();
    let after = &text.as_bytes()[at + 1..];
    let domain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let length = after.iter().take(254).take_while(|b| domain(b)).count();
    let host = text[at + 1..at + 1 + length].trim_end_matches('.');
    let last = host.chars().next_back()?;
    let word = text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '@');
    let goes_on = text[at + 1 + host.len()..].starts_with('@');
    let fits =
        start < at && !word && !goes_on && host.contains('.') && !host.starts_with('.') && last.is_ascii_alphabetic();
    let whole = start..at + 1 + host.len();
    fits.then(|| (whole.clone(), format!("mailto:{}", &text[whole])))
}

/// `[^x]` and `[text](destination)`, within raw HTML or with a space in the destination.
fn bracket(text: &str, at: usize, wanted: Wanted<'_>) -> Option<(Range<usize>, Piece)> {
    let rest = &text[at + 1..];
    let end = rest.bytes().take(MAX_BRACKET).position(|byte| matches!(byte, b'[' | b']')).filter(|&end| end > 0)?;
    if rest.as_bytes()[end] == b'[' {
        return None;
    }
    if let Some(label) = rest[..end].strip_prefix('^') {
        let known = wanted.labels.is_some_and(|labels| labels.contains(label));
        return known.then(|| (at..at + end + 2, Piece::Note(at + 2..at + 1 + end)));
    }
    let after = rest[end + 1..].strip_prefix('(').filter(|_| wanted.links)?;
    let leads = ["https://", "http://", "gemini://", "/", "./", "../"].iter().any(|start| after.starts_with(start));
    let close = after.bytes().take(MAX_BRACKET).position(|byte| matches!(byte, b')' | b'\n' | b'<'))?;
    if !leads || after.as_bytes()[close] != b')' {
        return None;
    }
    let destination = at + end + 3;
    Some((at..destination + close + 1, Piece::Named(at + 1..at + 1 + end, destination..destination + close)))
}

/// `:smile:`.
fn emoji(text: &str, at: usize) -> Option<(Range<usize>, Piece)> {
    let name = text[at..].strip_prefix(':')?;
    let length = name.bytes().take(MAX_EMOJI).position(|byte| byte == b':').filter(|&length| length > 0)?;
    let picture = emojis::get_by_shortcode(name.get(..length)?)?;
    Some((at..at + length + 2, Piece::Emoji(picture.as_str())))
}

/// `^x^`, or `~x~` directly after a letter, digit or `)`; `~x~` between words is struck through.
fn script(text: &str, at: usize) -> Option<(Range<usize>, Piece)> {
    let mark = text.as_bytes()[at];
    let before = text[..at].chars().next_back();
    let after_word = before.is_some_and(|c| c.is_alphanumeric() || c == ')');
    let alone = mark == b'^' && before.is_none_or(char::is_whitespace);
    let rest = &text.as_bytes()[at + 1..];
    let length = rest.iter().take(MAX_SCRIPT).position(|&b| b == mark)?;
    let inner = text.get(at + 1..at + 1 + length)?;
    let fits = !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '+' | '-' | '−'));
    let doubled = rest.get(length + 1) == Some(&mark);
    if !fits || doubled || !(after_word || alone) {
        return None;
    }
    let range = at + 1..at + 1 + length;
    let piece = if mark == b'^' { Piece::Superscript(range) } else { Piece::Subscript(range) };
    Some((at..at + length + 2, piece))
}

/// Whether brackets that nothing defines (`[Meta][]`) were to be a link, and are neither a picture nor an array.
pub(super) fn is_reference(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let is_apart = before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '!' | ']' | ')' | '_'));
    is_apart && text[range.clone()].contains(char::is_alphabetic) && !text[range.clone()].starts_with("[^")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, wanted: Wanted<'_>, protected: impl Fn(usize) -> bool) -> Vec<Piece> {
        let mut found = Vec::new();
        super::pieces(text, wanted, &mut found, protected);
        found
    }

    fn links(text: &str) -> Vec<String> {
        let found = pieces(text, Wanted { links: true, scripts: false, emoji: false, labels: None }, |_| false);
        found.into_iter().filter_map(|piece| if let Piece::Link(_, to) = piece { Some(to) } else { None }).collect()
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        assert_eq!(links("See https://x.org/a_b(c). And (http://y.org/)!"), ["https://x.org/a_b(c)", "http://y.org/"]);
        assert_eq!(links("« https://x.org » www.z.org, www.nowhere"), ["https://x.org", "https://www.z.org"]);
        assert_eq!(links("gemini://geminiprotocol.net/docs/"), ["gemini://geminiprotocol.net/docs/"]);
    }

    #[test]
    fn mail_addresses() {
        assert_eq!(links("write to a.b+c@x-y.org."), ["mailto:a.b+c@x-y.org"]);
        assert_eq!(links("user@host, @name, a@b@c.org, été@x.org"), [] as [&str; 0]);
    }

    #[test]
    fn no_address_within_a_word() {
        assert_eq!(links("xhttp://x.org foohttps:// http://"), [] as [&str; 0]);
    }

    #[test]
    fn scripts_stand_after_a_word() {
        let scripts =
            |text| pieces(text, Wanted { links: false, scripts: true, emoji: false, labels: None }, |_| false);
        assert_eq!(scripts("1^er^"), [Piece::Text(0..1), Piece::Superscript(2..4)]);
        assert_eq!(scripts("H~2~O"), [Piece::Text(0..1), Piece::Subscript(2..3), Piece::Text(4..5)]);
        assert_eq!(scripts("2^10 ^_^"), [Piece::Text(0..8)]);
    }

    #[test]
    fn emoji_have_known_names() {
        let found = pieces(
            "a :smile: :words:here: 10:30:",
            Wanted { links: true, scripts: false, emoji: true, labels: None },
            |_| false,
        );
        assert_eq!(found, [Piece::Text(0..2), Piece::Emoji("😄"), Piece::Text(9..29)]);
    }

    #[test]
    fn hostile_text_is_cut_in_one_pass() {
        for unit in ["a@", "http://", "www.", "x^", "a@b.", ")", "://"] {
            let text = unit.repeat(100_000);
            let found = pieces(&text, Wanted { links: true, scripts: true, emoji: true, labels: None }, |_| false);
            assert!(found.len() <= text.len());
        }
    }
}
