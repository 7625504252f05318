//! Front matter: the head of a source, in any syntax and for any generator, as one [`FrontMatter`].
//!
//! First half of pass one: from a source's text to what the plan needs of it. Hugo's fields first, with the
//! synonyms of other generators where they mean the same. A head that cannot be read is an `Err`: its post is
//! not published. A bad value costs its field; where the field decides visibility, it hides the page.

mod cascade;
mod fields;
mod lines;

use jiff::tz::TimeZone;

use super::value::{self, Map, Value, ValueError};
use crate::content::problem::{Kind, Position};
use crate::content::{FrontMatter, Problem};

pub use cascade::cascade;

/// The largest front matter that is read, in bytes.
pub const MAX_FRONT_MATTER: usize = 64 * 1024;

/// Whose habits front matter follows, where generators differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Usual,
    /// Spaces divide a text of tags.
    Jekyll,
    /// `Key: value` lines up to the first blank one.
    Pelican,
}

/// A source's head: its front matter, where its body begins in bytes, and what was wrong with single fields.
pub type Read = (FrontMatter, usize, Vec<Problem>);

/// Reads the front matter a text begins with; a text without one has an empty one.
///
/// ```text
/// source = [BOM] *blank-line [yaml / toml / json] body
/// yaml   = "---" EOL *line "---" EOL
/// toml   = "+++" EOL *line "+++" EOL
/// json   = "{" object-members "}"
/// ```
pub fn read(path: &str, text: &str, timezone: &TimeZone, flavour: Flavour) -> Result<Read, Problem> {
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    // Only whole lines may precede it: an indented `---` is text.
    let start = text[..start].rfind(['\n', '\u{feff}']).map_or(0, |at| at + char_len(text, at));
    let Some(head) = head(&text[start..]) else {
        if let Some(word) = unknown_fence(&text[start..]) {
            let line = value::line_at(text, start);
            let problem = format!(
                "front matter that begins with `{word}` cannot be read, so the page is hidden; write `---` and YAML"
            );
            let hidden = FrontMatter { hidden: true, ..FrontMatter::default() };
            return Ok((hidden, bom(text), vec![Problem::at(Kind::FrontMatter, path, line, problem)]));
        }
        return Ok(match flavour {
            Flavour::Usual | Flavour::Jekyll => (FrontMatter::default(), bom(text), Vec::new()),
            Flavour::Pelican => lines::read(path, text, bom(text), timezone),
        });
    };
    let first = value::line_at(text, start);
    let place = |error: Broken| {
        let at = Position { line: first + error.0.line - 1, column: error.0.column };
        Problem::at(Kind::FrontMatter, path, at, unreadable(head.syntax, &error.0.message))
    };
    let (value, inner, end) = head.value().map_err(place)?;
    let inner_line = first + value::line_at(head.rest, inner.start) - 1;
    match value {
        Value::Null => Ok((FrontMatter::default(), start + end, Vec::new())),
        Value::Map(map) => {
            let source = fields::Source { path, text: &head.rest[inner], first_line: inner_line, timezone, flavour };
            let (front_matter, problems) = fields::read(&map, source);
            Ok((front_matter, start + end, problems))
        }
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::DateTime(_)
        | Value::List(_) => {
            let message = "it is not made of `key: value` lines; if a rule was meant, write `***`";
            Err(Problem::at(Kind::FrontMatter, path, first, unreadable(head.syntax, message)))
        }
    }
}

/// The fields of a map from a generator's configuration (Jekyll `defaults`); what cannot be read is left out.
pub fn of_map(map: &Map, timezone: &TimeZone, flavour: Flavour) -> FrontMatter {
    let source = fields::Source { path: "", text: "", first_line: 1, timezone, flavour };
    fields::read(map, source).0
}

/// The front matter a text begins with, as it is; `None` where there is none, or none that can be read.
pub fn value(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    Some(head(text)?.value().ok()?.0)
}

/// A first line such as `---toml`: front matter for another program, and perhaps a draft's.
fn unknown_fence(text: &str) -> Option<&str> {
    let line = text.split('\n').next().unwrap_or(text).trim_end();
    let word = line.strip_prefix("---").or_else(|| line.strip_prefix("+++"))?.trim_start();
    let is_word = !word.is_empty() && word.len() <= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then_some(line)
}

fn bom(text: &str) -> usize {
    text.len() - text.trim_start_matches('\u{feff}').len()
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn unreadable(syntax: Syntax, message: &str) -> String {
    let name = match syntax {
        Syntax::Yaml => "YAML",
        Syntax::Toml => "TOML",
        Syntax::Json => "JSON",
    };
    format!("the front matter cannot be read ({name}): {message}")
}

#[derive(Clone, Copy)]
enum Syntax {
    Yaml,
    Toml,
    Json,
}

/// A text that begins with front matter.
#[derive(Clone, Copy)]
struct Head<'a> {
    syntax: Syntax,
    rest: &'a str,
}

fn head(rest: &str) -> Option<Head<'_>> {
    let line = rest.split('\n').next().unwrap_or(rest).trim_end();
    let syntax = match line {
        "---" => Syntax::Yaml,
        "+++" => Syntax::Toml,
        // `{{< shortcode >}}` and `{#id}` begin a text, not an object.
        _ if rest.starts_with('{') && rest[1..].trim_start().starts_with(['"', '}']) => Syntax::Json,
        _ => return None,
    };
    Some(Head { syntax, rest })
}

type Parse = fn(&str) -> Result<Value, ValueError>;

/// An error whose line counts from the head's first.
struct Broken(ValueError);

impl Broken {
    fn new(line: u32, message: impl Into<String>) -> Broken {
        Broken(ValueError { line, column: 0, message: message.into() })
    }
}

impl Head<'_> {
    /// The value, the part of the text it stands in, and where the body begins.
    fn value(self) -> Result<(Value, std::ops::Range<usize>, usize), Broken> {
        let (fence, parse): (_, Parse) = match self.syntax {
            Syntax::Yaml => ("---", value::parse_yaml),
            Syntax::Toml => ("+++", value::parse_toml),
            Syntax::Json => return self.json(),
        };
        let (inner, end) = self.fenced(fence)?;
        let value = parse(&self.rest[inner.clone()]).map_err(|mut error| {
            error.line += 1;
            Broken(error)
        })?;
        Ok((value, inner, end))
    }

    fn fenced(self, fence: &str) -> Result<(std::ops::Range<usize>, usize), Broken> {
        let start = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let mut at = start;
        for line in self.rest[start..].split_inclusive('\n') {
            if line.trim_end() == fence {
                return Ok((start..at, at + line.len()));
            }
            at += line.len();
            if at - start > MAX_FRONT_MATTER {
                return Err(too_large(&format!("; close it with a line `{fence}`")));
            }
        }
        Err(Broken::new(1, format!("it has no end; close it with a line `{fence}`")))
    }

    fn json(self) -> Result<(Value, std::ops::Range<usize>, usize), Broken> {
        let mut limit = self.rest.len().min(MAX_FRONT_MATTER);
        while !self.rest.is_char_boundary(limit) {
            limit -= 1;
        }
        let cut = limit < self.rest.len();
        let (value, end) = value::parse_json_start(&self.rest[..limit]).map_err(|error| match cut {
            true if error.message.starts_with("EOF") => too_large(""),
            true | false => Broken(error),
        })?;
        // The rest of the closing line, where it is blank, is no part of the body.
        let line = self.rest[end..].split_inclusive('\n').next().unwrap_or("");
        let body = if line.trim().is_empty() { end + line.len() } else { end };
        Ok((value, 0..end, body))
    }
}

fn too_large(remedy: &str) -> Broken {
    Broken::new(1, format!("it is larger than {} KiB{remedy}", MAX_FRONT_MATTER / 1024))
}

#[cfg(test)]
mod tests;
