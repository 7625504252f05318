//! Pages within pages: `{{% include "x.md" %}}`, `{{< readfile file="x.txt" >}}`, `{% include_relative x.md %}`.
//!
//! Done before the pre-pass, where a body says so at all: the text of what is included stands in the place of the tag, as
//! Hugo's `RenderShortcodes` and Jekyll have it, and is read with the page around it. What a name means, and what may be
//! shown, the caller says; here is kept that nothing includes itself and nothing grows without end.

use std::ops::Range;

use crate::content::Address;
use crate::content::document::MAX_SOURCE;
use crate::content::problem::Kind;

use super::dialect::{Dialect, Generator};
use super::find::{self, Wanted, What};
use super::markdown;
use super::tag::{Syntax, Tag};
use super::variables::Variables;
use super::way_back::WayBack;

/// Pages include pages that include pages no deeper.
pub const MAX_DEPTH: usize = 8;
/// A page includes no more than this, all that it includes counted.
pub const MAX_INCLUDED: usize = 1000;

/// What includes, in Hugo's themes.
const NAMES: [&str; 8] =
    ["include", "includes", "include-md", "includemd", "include-file", "readfile", "read-file", "include_md"];

/// What a name stands for.
pub enum Included {
    /// The text of a page without its front matter, and the page's place in the layout.
    Page {
        logical: String,
        text: String,
    },
    /// A file that is no page.
    File {
        text: String,
    },
    /// A page that is not shown to anybody; why.
    Hidden(&'static str),
    Nothing,
}

/// A name, and the place in the layout of the page that includes it.
pub struct Asked<'a> {
    pub page: &'a str,
    pub name: &'a str,
}

/// What a name stands for, as the caller knows it.
pub type Texts<'a> = &'a mut dyn FnMut(&Asked<'_>) -> Included;

/// A body in which everything included has its place.
pub struct Body {
    pub(super) text: String,
    pub(super) way_back: WayBack,
    /// What is wrong, and where in the body as it is written.
    pub(super) problems: Vec<(usize, Kind, String)>,
}

impl Body {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Whether a body may include anything; it is cheap, and mostly `false`. To know, the body is parsed: that it speaks of
/// including is not enough.
pub fn may_include(body: &str) -> bool {
    const BEGINNINGS: [&str; 3] = ["include", "readfile", "read-file"];
    let is_named = |(at, open): (usize, &str)| {
        let inner = body[at + open.len()..].trim_start_matches(|c: char| c.is_whitespace() || c == '-');
        let begins = |name: &&str| inner.get(..name.len()).is_some_and(|begun| begun.eq_ignore_ascii_case(name));
        BEGINNINGS.iter().any(begins)
    };
    BEGINNINGS.iter().any(|name| body.contains(name))
        && ["{{<", "{{%", "{%"].iter().any(|open| body.match_indices(open).any(is_named))
}

/// Puts everything that a body includes in its place; `None` where it includes nothing. `logical` is the place of its page.
pub fn include(body: &str, logical: &str, dialect: &Dialect, texts: Texts<'_>) -> Option<Body> {
    if !may_include(body) {
        return None;
    }
    let around = vec![logical.to_owned()];
    let mut includer = Includer { dialect, texts, around, count: 0, room: MAX_SOURCE, at: 0, problems: Vec::new() };
    let pieces = includer.pieces(body);
    if pieces.is_empty() {
        return None;
    }
    let (text, way_back) = spliced(body, pieces);
    Some(Body { text, way_back, problems: includer.problems })
}

/// A body with its pieces in their places, and the way back from there.
fn spliced(body: &str, pieces: Vec<(Range<usize>, String)>) -> (String, WayBack) {
    let (mut text, mut way_back, mut done) = (String::with_capacity(body.len()), WayBack::default(), 0);
    for (range, included) in pieces {
        way_back.push(text.len(), done);
        text.push_str(&body[done..range.start]);
        way_back.push(text.len(), range.start);
        text.push_str(&included);
        done = range.end;
    }
    way_back.push(text.len(), done);
    text.push_str(&body[done..]);
    (text, way_back)
}

struct Includer<'a> {
    dialect: &'a Dialect,
    texts: Texts<'a>,
    /// The pages around what is being read, innermost last.
    around: Vec<String>,
    count: usize,
    /// How many bytes may still be included.
    room: usize,
    /// Where in the outermost body the tag stands that is being looked at.
    at: usize,
    problems: Vec<(usize, Kind, String)>,
}

impl Includer<'_> {
    /// The tags of a body that include something, and what stands in their places.
    fn pieces(&mut self, body: &str) -> Vec<(Range<usize>, String)> {
        let Ok(code) = markdown::code(body, self.dialect.options(body)) else { return Vec::new() };
        let mut pieces = Vec::new();
        for (range, tag) in self.tags(body, &code) {
            let Some(name) = included_name(&tag) else { continue };
            if self.around.len() == 1 {
                self.at = range.start;
            }
            let margin = margin(&body[..range.start]);
            let text = self.text(&name, &tag).and_then(|text| self.indented(&text, margin));
            let text = text.unwrap_or_else(|(kind, why)| {
                if self.problems.len() < MAX_INCLUDED {
                    self.problems.push((self.at, kind, format!("`{name}`, which is to be included, {why}")));
                }
                String::new()
            });
            pieces.push((range, text));
        }
        pieces.extend(self.in_code(body, &code));
        pieces.sort_by_key(|(range, _)| range.start);
        pieces
    }

    fn tags<'b>(&self, body: &'b str, code: &[Range<usize>]) -> Vec<(Range<usize>, Tag<'b>)> {
        let wanted = Wanted { dialect: self.dialect, mdx: false, variables: &Variables::none(), depth: 0 };
        let found = find::find(body, code, wanted).into_iter();
        let tags = found.filter_map(|found| match found.what {
            What::Tag(tag) => Some((found.range, tag)),
            What::Effect(_) => None,
        });
        tags.filter(|(_, tag)| !self.dialect.conversion.shortcodes.contains_key(tag.name)).collect()
    }

    /// Hugo runs its shortcodes in code too: a file of code stands there as it is.
    fn in_code(&mut self, body: &str, code: &[Range<usize>]) -> Vec<(Range<usize>, String)> {
        let mut pieces = Vec::new();
        if self.dialect.generator != Generator::Hugo {
            return pieces;
        }
        for block in code {
            for (range, tag) in self.tags(&body[block.clone()], &[]) {
                let Some(name) = included_name(&tag) else { continue };
                if let Some(Included::Page { text, .. } | Included::File { text }) = self.ask(&name) {
                    let range = block.start + range.start..block.start + range.end;
                    pieces.push((range, text.trim_matches('\n').to_owned()));
                }
            }
        }
        pieces
    }

    fn text(&mut self, name: &str, tag: &Tag<'_>) -> Result<String, (Kind, String)> {
        match self.ask(name) {
            Some(Included::Page { logical, .. }) if self.around.contains(&logical) => {
                Err((Kind::Shortcode, "includes the page that includes it; it is left out here".to_owned()))
            }
            Some(Included::Page { .. }) if self.around.len() > MAX_DEPTH => {
                Err((Kind::Shortcode, format!("stands in more than {MAX_DEPTH} others; it is left out")))
            }
            Some(Included::Page { logical, text }) => Ok(self.inner(logical, &text)),
            Some(Included::File { text }) => Ok(as_code(tag, text)),
            Some(Included::Hidden(reason)) => {
                Err((Kind::HiddenLink, format!("is {reason}; it is left out until that changes")))
            }
            Some(Included::Nothing) => {
                let why = "is no text among the pages of this capsule; correct its name, or put it there";
                Err((Kind::Shortcode, why.to_owned()))
            }
            None => Err(too_much()),
        }
    }

    /// A text whose further lines stand where its first does.
    fn indented(&mut self, text: &str, margin: &str) -> Result<String, (Kind, String)> {
        if margin.is_empty() {
            return Ok(text.to_owned());
        }
        let more = text.bytes().filter(|&byte| byte == b'\n').count() * margin.len();
        self.room = self.room.checked_sub(more).ok_or_else(too_much)?;
        let mut out = String::with_capacity(text.len() + more);
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                out.push('\n');
                out.push_str(if line.trim().is_empty() { margin.trim_end() } else { margin });
            }
            out.push_str(line);
        }
        Ok(out)
    }

    /// What a name stands for; `None` where it is too much.
    fn ask(&mut self, name: &str) -> Option<Included> {
        self.count += 1;
        if self.count > MAX_INCLUDED {
            return None;
        }
        let page = self.around.last().map_or("", String::as_str);
        let found = (self.texts)(&Asked { page, name });
        if let Included::Page { text, .. } | Included::File { text } = &found {
            self.room = self.room.checked_sub(text.len())?;
        }
        Some(found)
    }

    /// A page's text with what it includes itself.
    fn inner(&mut self, logical: String, text: &str) -> String {
        let text = text.trim_matches(['\n', '\r']);
        if !may_include(text) {
            return text.to_owned();
        }
        self.around.push(logical);
        let pieces = self.pieces(text);
        self.around.pop();
        spliced(text, pieces).0
    }
}

/// What a tag includes, where it is one that does.
fn included_name(tag: &Tag<'_>) -> Option<String> {
    let includes = match tag.syntax {
        Syntax::Hugo => !tag.closes() && NAMES.contains(&tag.name.to_ascii_lowercase().as_str()),
        Syntax::Liquid => tag.name == "include_relative",
        Syntax::Call | Syntax::Component | Syntax::Container => false,
    };
    let name = || tag.named(&["file", "path", "page", "src", "name"]).or_else(|| tag.positional(0));
    includes.then(name)?.filter(|name| !name.trim().is_empty())
}

/// The places in the layout that a name may mean: beside the page, then from the root.
pub fn places(page: &str, name: &str) -> Vec<String> {
    let name = name.trim();
    let page = Address::parse(page).unwrap_or_else(|_| Address::root());
    let from = |base: &Address| base.join(name).ok().map(|at| at.as_str().trim_start_matches('/').to_owned());
    let beside = if name.starts_with('/') { None } else { from(&page) };
    let mut places: Vec<String> = beside.into_iter().chain(from(&Address::root())).collect();
    places.dedup();
    places
}

/// `readfile` of code makes a block of it.
fn as_code(tag: &Tag<'_>, text: String) -> String {
    let text = text.trim_matches(['\n', '\r']);
    if tag.named(&["code"]).as_deref() != Some("true") {
        return text.to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{}\n{text}\n{fence}", tag.named(&["lang", "language"]).unwrap_or_default())
}

/// What stands on the line before a tag, if that is nothing but the margin of its quote or item.
fn margin(before: &str) -> &str {
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    if line.chars().all(|c| matches!(c, ' ' | '\t' | '>')) { line } else { "" }
}

fn too_much() -> (Kind, String) {
    let text = format!("is more than the {MAX_INCLUDED} files and {MAX_SOURCE} bytes that one page may include");
    (Kind::Shortcode, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Language;

    fn included(body: &str) -> (String, Vec<(usize, String)>) {
        let mut texts = |asked: &Asked<'_>| {
            let places = places(asked.page, asked.name);
            let place = places.iter().find(|place| !place.starts_with("folder/") || *place == "folder/b.md");
            let place = place.map_or("", String::as_str);
            let page = |text: &str| Included::Page { logical: place.to_owned(), text: format!("{text}\n") };
            match place {
                "a.md" => page("\nA, {{% include \"b.md\" %}}"),
                "b.md" => page("B."),
                "folder/b.md" => page("B of the folder."),
                "circle.md" => page("round {{% include \"circle.md\" %}}"),
                "long.md" => page(&"x\n".repeat(10_000)),
                "lines.md" => page("one\n\ntwo"),
                "code.go" => Included::File { text: "func ```main\n".to_owned() },
                "draft.md" => Included::Hidden("a draft"),
                _ => Included::Nothing,
            }
        };
        match include(body, "folder/x.md", &Dialect::hugo(Language::english()), &mut texts) {
            Some(body) => (body.text, body.problems.into_iter().map(|(at, _, problem)| (at, problem)).collect()),
            None => (body.to_owned(), Vec::new()),
        }
    }

    #[test]
    fn a_page_stands_where_it_is_included() {
        for (body, expected) in [
            ("x {{% include \"/b.md\" %}} y", "x B. y"),
            ("{{< readfile file=\"b.md\" >}}", "B of the folder."),
            ("{{% include \"/a.md\" %}}", "A, B."),
            ("- x\n\n  {{% include \"/lines.md\" %}}\n", "- x\n\n  one\n\n  two\n"),
            ("`{{% include \"/none.md\" %}}`", "`{{% include \"/none.md\" %}}`"),
            ("{{%/* include \"/b.md\" */%}}", "{{%/* include \"/b.md\" */%}}"),
            ("{{< readfile file=\"/code.go\" code=\"true\" lang=\"go\" >}}", "````go\nfunc ```main\n````"),
            ("```go\n{{< readfile \"/code.go\" >}}\n```", "```go\nfunc ```main\n```"),
        ] {
            let (text, problems) = included(body);
            assert_eq!(text, expected, "{body}");
            assert!(problems.is_empty(), "{body}: {problems:?}");
        }
    }

    #[test]
    fn what_cannot_be_included_is_named() {
        for (body, expected, said) in [
            ("a\n{{% include \"/draft.md\" %}}", "a\n", "`/draft.md`, which is to be included, is a draft"),
            ("a\n{{% include \"no.md\" %}}", "a\n", "`no.md`, which is to be included, is no text"),
        ] {
            let (text, problems) = included(body);
            assert_eq!(text, expected, "{body}");
            assert!(problems.iter().any(|(at, text)| *at == 2 && text.starts_with(said)), "{problems:?}");
        }
    }

    #[test]
    fn nothing_goes_round_for_ever() {
        let (text, _) = included("{{% include \"/circle.md\" %}}");
        assert_eq!(text, "round ");
        let (text, problems) = included(&"{{% include \"/b.md\" %}}\n".repeat(MAX_INCLUDED + 1));
        assert_eq!(text.matches("B.").count(), MAX_INCLUDED);
        assert!(problems[0].1.contains("1000 files"), "{problems:?}");
        // A margin is counted for each line it is put before.
        let (text, problems) = included(&format!("{} {{{{% include \"/long.md\" %}}}}", ">".repeat(1000)));
        assert!(text.len() < 2000 && problems[0].1.contains("1000 files"), "{} {problems:?}", text.len());
    }
}
