//! How `check` says what it found: for people, what matters most first and what repeats itself folded; for programs,
//! all of it, one JSON object a line.

use std::collections::HashMap;

use serde::Serialize;

use super::counted;
use crate::content::Problem;
use crate::content::problem::{Kind, Severity};

/// Of the same words, so many are shown.
const ALIKE: usize = 3;
/// Of one kind in one file, so many.
const IN_A_FILE: usize = 5;
/// Of one kind, so many.
const OF_A_KIND: usize = 20;

/// How it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What repeats itself is folded.
    Text,
    /// Nothing is.
    All,
    Json,
}

/// A problem, as programs read it; the manual has the schema, under "check".
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    severity: Severity,
    kind: Kind,
    text: &'a str,
}

/// The lines that say it.
pub(super) fn lines(mut problems: Vec<Problem>, format: Format) -> Vec<String> {
    problems.sort_by(|a, b| (a.kind, a).cmp(&(b.kind, b)));
    problems.dedup_by(|one, other| one.says_the_same(other));
    match format {
        Format::Json => problems.iter().map(json).collect(),
        Format::All => problems.iter().map(Problem::to_string).collect(),
        Format::Text => problems.chunk_by(|one, next| one.kind == next.kind).flat_map(folded).collect(),
    }
}

fn json(problem: &Problem) -> String {
    let line = Line {
        path: (!problem.path.is_empty()).then_some(&problem.path),
        line: (problem.line > 0).then_some(problem.line),
        column: (problem.column > 0).then_some(problem.column),
        severity: problem.kind.severity(),
        kind: problem.kind,
        text: &problem.text,
    };
    serde_json::to_string(&line).expect("texts and numbers are JSON")
}

/// Of one kind: the first, and how many there are beside them. No one file or wording takes all the room.
fn folded(problems: &[Problem]) -> Vec<String> {
    let (mut alike, mut here) = (HashMap::<&str, usize>::new(), HashMap::<&str, usize>::new());
    let mut lines = Vec::new();
    for problem in problems {
        let (alike, here) = (alike.entry(&problem.text).or_default(), here.entry(&problem.path).or_default());
        if *alike < ALIKE && *here < IN_A_FILE && lines.len() < OF_A_KIND {
            (*alike, *here) = (*alike + 1, *here + 1);
            lines.push(problem.to_string());
        }
    }
    match problems.len() - lines.len() {
        0 => {}
        // That line would be no shorter.
        1 => lines = problems.iter().map(Problem::to_string).collect(),
        more => lines.push(format!("{more} more like these: maquis check --all")),
    }
    lines
}

/// How many of each there are: defects, advice.
pub(super) fn summary(defects: usize, advice: usize) -> String {
    let advised = if advice == 1 { "one piece of advice".to_owned() } else { format!("{advice} pieces of advice") };
    match (defects, advice) {
        (0, 0) => "no problems".to_owned(),
        (0, _) => format!("no problems, {advised}"),
        (_, 0) => counted(defects, "problem"),
        (_, _) => format!("{}, {advised}", counted(defects, "problem")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::problem::Position;

    fn many(count: u32, kind: Kind, text: impl Fn(u32) -> String) -> Vec<Problem> {
        (1..=count).map(|line| Problem::at(kind, "a.md", line, text(line))).collect()
    }

    #[test]
    fn what_matters_comes_first_and_what_repeats_itself_is_folded() {
        let mut problems = many(9, Kind::Shortcode, |_| "the shortcode x".into());
        problems.extend(many(7, Kind::BrokenLink, |line| format!("link {line}")));
        problems.extend(many(4, Kind::NoAlternative, |_| "no alternative".into()));
        problems.push(Problem::whole(Kind::Unreadable, "z.md", "it cannot be read"));
        problems.push(Problem::whole(Kind::Certificate, "", "keys/a.key: it is missing"));
        let expected = "z.md: it cannot be read\nkeys/a.key: it is missing\n\
            a.md:1: link 1\na.md:2: link 2\na.md:3: link 3\na.md:4: link 4\na.md:5: link 5\n\
            2 more like these: maquis check --all\n\
            a.md:1: the shortcode x\na.md:2: the shortcode x\na.md:3: the shortcode x\n\
            6 more like these: maquis check --all\n\
            a.md:1: no alternative\na.md:2: no alternative\na.md:3: no alternative\na.md:4: no alternative";
        assert_eq!(lines(problems.clone(), Format::Text).join("\n"), expected);
        assert_eq!(lines(problems, Format::All).len(), 22);
    }

    #[test]
    fn of_one_kind_no_more_is_said_than_anybody_reads() {
        let problems = (0..99).map(|file| Problem::at(Kind::BrokenLink, &format!("{file}.md"), 1, format!("{file}")));
        let lines = lines(problems.collect(), Format::Text);
        assert_eq!((lines.len(), lines[20].as_str()), (21, "79 more like these: maquis check --all"));
    }

    #[test]
    fn programs_read_objects() {
        let problems = vec![
            Problem::at(Kind::NoAlternative, "a \"b\".md", Position { line: 3, column: 7 }, "say"),
            Problem::whole(Kind::Certificate, "", "keys/a.key: gone"),
        ];
        let expected = [
            r#"{"severity":"error","kind":"certificate","text":"keys/a.key: gone"}"#,
            r#"{"path":"a \"b\".md","line":3,"column":7,"severity":"advice","kind":"no-alternative","text":"say"}"#,
        ];
        assert_eq!(lines(problems, Format::Json), expected);
    }
}
