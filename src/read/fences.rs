//! Whether what was found in a body stands outside code, told by its lines alone.
//!
//! What stands in code is shown as it is, and only the parser knows for certain what is code. But to parse a body
//! twice is dear, and mostly fences, backticks and comments are far from anything that was found: then this look is
//! enough. Where it is in doubt it says so, and the parser is asked (`markdown::code`; CommonMark 0.31, "Fenced code
//! blocks", "Indented code blocks", "Code spans", "HTML blocks").

use std::ops::Range;

use memchr::{memchr, memchr3, memmem, memrchr};

use super::shortcode::MAX_MARGIN;
use crate::text::search;

/// The lines before and after a place are looked at no further than this, in bytes.
const MAX_LOOK: usize = 2048;
/// HTML that goes on over blank lines, and what ends it.
const RAW: [(&str, &str); 6] = [
    ("<pre", "</pre"),
    ("<script", "</script"),
    ("<style", "</style"),
    ("<textarea", "</textarea"),
    ("<?", "?>"),
    ("<!", ">"),
];

/// Whether each of these places, ascending or not, is certainly no code, formula or comment.
pub(super) fn stand_outside(body: &str, places: impl Iterator<Item = usize>) -> bool {
    let fenced = Fences::of(body).fenced;
    let is_fenced = |place: usize| {
        let next = fenced.partition_point(|range| range.end <= place);
        fenced.get(next).is_some_and(|range| range.start <= place)
    };
    let mut places = places;
    places.all(|place| !is_fenced(place) && !may_be_indented(body, place) && !may_be_between(body, place))
}

/// Whether a place may stand in an indented block: its line begins with four columns, behind whatever marks.
fn may_be_indented(body: &str, place: usize) -> bool {
    let Some(start) = search::short_line_start(&body.as_bytes()[..place], MAX_LOOK) else { return true };
    let line = &body[start..];
    let margin = &line[..margin_length(line)];
    margin.contains('\t') || margin.contains("    ") || margin.len() == MAX_MARGIN
}

/// Whether a place may stand between two backticks or dollar signs of one paragraph.
fn may_be_between(body: &str, place: usize) -> bool {
    let bytes = body.as_bytes();
    let near = place.saturating_sub(MAX_LOOK);
    let before = paragraph_start(&bytes[near..place]).map(|at| near + at).or((near == 0).then_some(0));
    let far = bytes.len().min(place + MAX_LOOK);
    let after = paragraph_end(&bytes[place..far]).map(|at| place + at).or((far == bytes.len()).then_some(far));
    let (Some(before), Some(after)) = (before, after) else { return true };
    [b'`', b'$']
        .iter()
        .any(|&sign| memchr(sign, &bytes[before..place]).is_some() && memchr(sign, &bytes[place..after]).is_some())
}

/// Behind the last blank line.
fn paragraph_start(bytes: &[u8]) -> Option<usize> {
    let mut end = memrchr(b'\n', bytes)?;
    loop {
        let start = memrchr(b'\n', &bytes[..end])?;
        if bytes[start..end].iter().all(u8::is_ascii_whitespace) {
            return Some(end + 1);
        }
        end = start;
    }
}

/// Before the next blank line.
fn paragraph_end(bytes: &[u8]) -> Option<usize> {
    let mut start = memchr(b'\n', bytes)?;
    loop {
        let length = memchr(b'\n', &bytes[start + 1..])?;
        if bytes[start..start + 1 + length].iter().all(u8::is_ascii_whitespace) {
            return Some(start);
        }
        start += 1 + length;
    }
}

/// Where the next line begins.
fn line_end(body: &str, at: usize) -> usize {
    memchr(b'\n', &body.as_bytes()[at..]).map_or(body.len(), |length| at + length + 1)
}

/// How much of a line may be marks of what it stands in: quotes, items, definitions. At most [`MAX_MARGIN`]; a line whose
/// marks go on for so long is left to the parser.
fn margin_length(line: &str) -> usize {
    line.bytes().take(MAX_MARGIN).take_while(|byte| byte.is_ascii_digit() || b" \t>-*+:.)".contains(byte)).count()
}

fn has_fence(text: &str) -> bool {
    ["```", "~~~"].iter().any(|sign| memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

/// The walk from sign to sign.
struct Fences<'a> {
    body: &'a str,
    /// What may be fenced code or a comment, at most; ascending.
    fenced: Vec<Range<usize>>,
    /// How far HTML holds no fence.
    looked: usize,
    /// The line that is looked at.
    line: Range<usize>,
}

impl<'a> Fences<'a> {
    fn of(body: &'a str) -> Fences<'a> {
        let mut fences = Fences { body, fenced: Vec::new(), looked: 0, line: 0..0 };
        let mut at = 0;
        while let Some(next) = body.as_bytes().get(at..).and_then(|rest| memchr3(b'`', b'~', b'<', rest)) {
            let place = at + next;
            let step = match body.as_bytes()[place] {
                b'<' => fences.element(place),
                _ => fences.fence(place),
            };
            let Some(end) = step else {
                // From here on nothing is certain.
                let line = fences.line(place);
                fences.fenced.push(line.start..body.len());
                break;
            };
            at = end;
        }
        fences
    }

    /// The line of a place, which is never before the last one that was asked for. Found once: it may hold many signs.
    fn line(&mut self, at: usize) -> Range<usize> {
        if at >= self.line.end {
            let passed = self.line.end;
            let start = memrchr(b'\n', &self.body.as_bytes()[passed..at]).map_or(passed, |end| passed + end + 1);
            self.line = start..line_end(self.body, at);
        }
        self.line.clone()
    }

    fn add(&mut self, range: Range<usize>) -> Option<usize> {
        let end = range.end;
        self.fenced.push(range);
        Some(end)
    }

    /// HTML: fences in it are none, so it is in doubt where it holds any. Where to go on.
    fn element(&mut self, at: usize) -> Option<usize> {
        let rest = &self.body[at..];
        if rest.starts_with("<!--") {
            let end = memmem::find(&rest.as_bytes()[4..], b"-->").map_or(self.body.len(), |end| at + 4 + end + 3);
            let end = line_end(self.body, end.min(self.body.len()));
            return if has_fence(&self.body[at..end]) { None } else { self.add(at..end) };
        }
        let start = self.line(at).start;
        if at < self.looked {
            return Some(at + 1);
        }
        match margin_length(&self.body[start..]) {
            MAX_MARGIN => return None,
            margin if margin < at - start => return Some(at + 1),
            _ => {}
        }
        let begins = |name: &str| rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        let end = match RAW.iter().find(|(name, _)| begins(name)) {
            Some((_, end)) => find_ignoring_case(rest, end),
            None => paragraph_end(rest.as_bytes()),
        };
        let reach = end.unwrap_or(rest.len());
        self.looked = at + reach;
        if has_fence(&rest[..reach]) { None } else { Some(at + 1) }
    }

    /// A run of backticks or tildes: fenced code, if it is a fence. Where to go on.
    fn fence(&mut self, at: usize) -> Option<usize> {
        let sign = self.body.as_bytes()[at];
        let length = run(self.body, at);
        let Range { start, end: next_line } = self.line(at);
        if length < 3 || (sign == b'`' && self.body[at + length..next_line].contains('`')) {
            return Some(at + length);
        }
        let before = &self.body[start..at];
        if before.bytes().all(|byte| byte == b' ') {
            return self.block(start..at, length, next_line);
        }
        if before.trim_start_matches(' ').starts_with('>') && margin_length(before) == before.len() {
            return self.quote(start);
        }
        // In an item, a definition or a note: where that ends is not seen here.
        let margin = margin_length(before);
        let in_container = margin == MAX_MARGIN || margin == before.len() || before.trim_start().starts_with("[^");
        if in_container { None } else { Some(at + length) }
    }

    /// Fenced code whose fence is indented by `indent`: to the fence that is like it.
    fn block(&mut self, indent: Range<usize>, length: usize, from: usize) -> Option<usize> {
        let (body, sign) = (self.body, self.body.as_bytes()[indent.end]);
        let mut line = from;
        while line < body.len() {
            let next = line_end(body, line);
            let text = body[line..next].trim_ascii_end();
            let margin = text.bytes().take_while(|byte| *byte == b' ').count();
            let closes = text[margin..].bytes().all(|byte| byte == sign) && text.len() - margin >= length;
            match indent.len() {
                0 if closes && margin < 4 => return self.add(indent.start..next),
                0 => {}
                same if closes && margin == same => return self.add(indent.start..next),
                // An item may have ended.
                least if closes || (margin < least && !text.is_empty()) => return None,
                _ => {}
            }
            line = next;
        }
        self.add(indent.start..body.len())
    }

    /// Code in a quote ends with it at the latest.
    fn quote(&mut self, start: usize) -> Option<usize> {
        let mut end = start;
        while self.body[end..].trim_start_matches(' ').starts_with('>') {
            end = line_end(self.body, end);
        }
        self.add(start..end)
    }
}

/// How often a sign is repeated.
fn run(body: &str, at: usize) -> usize {
    let bytes = &body.as_bytes()[at..];
    bytes.iter().take_while(|byte| **byte == bytes[0]).count()
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|piece| piece.eq_ignore_ascii_case(wanted.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::Language;
    use crate::read::dialect::Dialect;
    use crate::read::markdown::code;

    /// What the parser takes for code, this look never takes for prose.
    fn check(body: &str) {
        let english = Language::english;
        for dialect in [Dialect::plain(english()), Dialect::hugo(english()), Dialect::zola(english())] {
            let code = code(body, dialect.options(body)).unwrap();
            for place in code.into_iter().flatten().filter(|place| body.as_bytes()[*place] == b'{') {
                assert!(!stand_outside(body, [place].into_iter()), "{place} in {body:?}");
            }
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        let margin = prop::sample::select(vec![
            "", "", "", " ", "  ", "   ", "    ", "     ", "\t", "> ", ">", "- ", "1. ", "  - ", "-   ", ": ", "[^1]: ",
        ]);
        let text = prop::sample::select(vec![
            "",
            "",
            "",
            "{",
            "{ {",
            "a {",
            "a ` {",
            "{ ` a",
            "` { `",
            "```",
            "```",
            "```",
            "````",
            "~~~",
            "~~~~",
            "```rust",
            "``` `a",
            "a ``` {",
            "~~~ `{`",
            "<div>",
            "</div>",
            "<b>{",
            "<!-- {",
            "{ -->",
            "<!-- a --> {",
            "<pre>",
            "</pre> {",
            "<?",
            "?>",
            "<!X",
            "$ {",
            "{ $",
            "# {",
            "---",
            "| {",
            "|-",
            "[a]: /b \"",
            "a",
            "- {",
        ]);
        let line = (margin.clone(), margin, text).prop_map(|(outer, inner, text)| format!("{outer}{inner}{text}\n"));
        prop::collection::vec(line, 0..14).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn nothing_in_code_is_said_to_stand_outside(body in lines()) {
            check(&body);
        }
    }

    #[test]
    fn what_is_far_from_code_stands_outside() {
        let certain = |body: &str| stand_outside(body, body.match_indices('{').map(|(at, _)| at));
        for body in [
            "a `b` c\n\n{ x\n\n```rust\nlet a = 1;\n```\n\n{ y\n",
            "~~~~\n~~~\n~~~~\n{",
            "- a\n\n  ```\n  b\n\n  c\n  ```\n\n  {\n",
            "> ```\n> a\n\n{",
            "<!-- a\n\nb -->\n{",
            "<div>\n<p>\n\n{\n\n</div>\n",
            "it costs $5 {",
            "<b>\n> <!-- a -->\n\n{",
        ] {
            assert!(certain(body), "{body:?}");
        }
        for body in
            ["```\n{\n```\n", "    {", "- \t{", "a `b {` c", "<!-- { -->", "> ```\n> {\n", "<pre>\n```\n</pre>\n\n{"]
        {
            assert!(!certain(body), "{body:?}");
        }
    }
}
