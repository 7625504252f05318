//! Pelican's heads: `Key: value` lines up to the first blank one, as Python-Markdown's *meta* extension reads them.
//!
//! <https://python-markdown.github.io/extensions/meta_data/>. A line indented by four spaces goes on with the value
//! before it.

use jiff::tz::TimeZone;

use super::{Flavour, Read, fields};
use crate::content::FrontMatter;
use crate::read::value::{Map, Value, line_at};

/// Reads the head a text begins with; a text without one has an empty one.
///
/// ```text
/// head  = 1*(key ":" value EOL *(4SP value EOL)) [blank-line]
/// key   = 1*(letter / digit / "_" / "-")     ; after at most three spaces
/// ```
pub(super) fn read(path: &str, text: &str, start: usize, timezone: &TimeZone) -> Read {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        let continued = line.starts_with("    ").then(|| line.trim()).filter(|more| !more.is_empty());
        if let (Some(more), Some((_, value))) = (continued, pairs.last_mut()) {
            value.push(' ');
            value.push_str(more);
        } else if let Some((key, value)) = pair(line) {
            pairs.push((key.to_ascii_lowercase(), value.to_owned()));
        } else {
            if line.trim().is_empty() && !pairs.is_empty() {
                end += line.len();
            }
            break;
        }
        end += line.len();
    }
    if pairs.is_empty() {
        return (FrontMatter::default(), start, Vec::new());
    }
    let map: Map = pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
    let first_line = line_at(text, start);
    let source = fields::Source { path, text: &text[start..end], first_line, timezone, flavour: Flavour::Pelican };
    let (front_matter, problems) = fields::read(&map, source);
    (front_matter, end, problems)
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (key, value) = line.trim().split_once(':')?;
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    (indent < 4 && plain).then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_what_follows() {
        let text = "Title: L’été: un essai\nDate: 2020-01-02 10:30\nTags: a b, c\nAuthors: Ada, Bo\nSummary: one\n    two\n\nText: here\n";
        let (front, end, problems) = read("x.md", text, 0, &TimeZone::UTC);
        assert_eq!(front.title.as_deref(), Some("L’été: un essai"));
        assert_eq!(front.date.unwrap().day.to_string(), "2020-01-02");
        assert_eq!((front.tags, front.authors), (vec!["a b".into(), "c".into()], vec!["Ada".into(), "Bo".into()]));
        assert_eq!(front.summary.as_deref(), Some("one two"));
        assert_eq!((&text[end..], problems), ("Text: here\n", Vec::new()));
    }

    #[test]
    fn a_text_without_a_head_is_all_body() {
        for text in ["# A heading: it is\n", "\nTitle: too late\n", "Two words: no key\n", ""] {
            assert_eq!(read("x.md", text, 0, &TimeZone::UTC).1, 0, "{text}");
        }
    }

    #[test]
    fn an_unreadable_status_hides() {
        let (front, _, problems) = read("x.md", "Title: x\nStatus: maybe\n\n", 0, &TimeZone::UTC);
        assert!(front.hidden);
        assert_eq!(problems[0].line, 2);
    }
}
