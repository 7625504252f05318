//! Debris of markup that no reader should see, counted over real blogs: zero, or a line with its reason below.

use super::corpora::{self, Post, prose, without_code};

/// What stays, and why: the corpus, the path, a piece of the line.
const REASONS: &[(&str, &str, &str, &str)] = &[
    ("mtlynch", "posts/painless-web-app-testing/index.md", "result <p> tag", "the author speaks of the tag"),
    ("mtlynch", "retrospectives/2024/11/index.md", "Animated demo", "the source never closes its quotation mark"),
    ("rustblog", "Increasing-Rusts-Reach/index.md", "literature", "the source breaks an address over two lines"),
    ("rustblog", "Project-Goals-2025-November-Update.md", "last comment", "the source has a link within a link's text"),
    (
        "rustblog",
        "Project-Goals-2025-October-Update.md",
        "this older proposal",
        "a tag stands within the source's address",
    ),
];

/// A name, and whether a line of gemtext has the defect.
type Kind = (&'static str, fn(&str) -> bool);

/// The kinds of debris, and how a line shows them.
const KINDS: &[Kind] = &[
    ("raw note", |line| has_label(line)),
    ("raw link", |line| line.contains("](")),
    ("Hugo tag", |line| line.contains("{{<") || line.contains("{{%")),
    ("template tag", |line| line.contains("{%")),
    ("expression", |line| line.contains("{{ ")),
    ("container", |line| line.contains(":::")),
    ("attributes", |line| line.contains("{:") || line.contains("{.") && line.trim_start().starts_with("{.")),
    ("HTML", |line| has_tag(line)),
    ("heading", |line| line.starts_with("####")),
    ("dead anchor", |line| line.starts_with("=> #")),
    ("placeholder", |line| line.contains(|c| ('\u{10FE00}'..='\u{10FEFF}').contains(&c))),
    ("entity", |line| ["&amp;", "&nbsp;", "&lt;", "&quot;", "&#"].iter().any(|entity| line.contains(entity))),
];

fn has_label(line: &str) -> bool {
    line.match_indices("[^").any(|(at, _)| {
        let label = &line[at + 2..];
        label.find(']').is_some_and(|end| end > 0 && label[..end].chars().all(|c| c.is_alphanumeric() || c == '-'))
    })
}

fn has_tag(line: &str) -> bool {
    const TAGS: [&str; 30] = [
        "a",
        "p",
        "div",
        "span",
        "br",
        "img",
        "em",
        "strong",
        "b",
        "i",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "pre",
        "code",
        "blockquote",
        "sup",
        "sub",
        "h1",
        "h2",
        "h3",
        "iframe",
        "details",
        "summary",
        "figure",
        "hr",
    ];
    line.match_indices('<').any(|(at, _)| {
        let rest = line[at + 1..].trim_start_matches('/');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        TAGS.contains(&&rest[..end]) && rest[end..].starts_with(['>', ' ', '/'])
    })
}

fn defects(corpus: &str, post: &Post, gemtext: &str) -> Vec<String> {
    let mut found = Vec::new();
    if gemtext.lines().filter(|line| line.starts_with("```")).count() % 2 == 1 {
        found.push(format!("{corpus}/{}: an open fence", post.path));
    }
    for (number, line) in prose(gemtext) {
        // The address of a link line is not shown.
        let shown = match line.strip_prefix("=> ").filter(|rest| !rest.starts_with('#')) {
            Some(rest) => rest.split_once(' ').map_or("", |(_, label)| label),
            None => line,
        };
        let shown = without_code(shown);
        for (kind, is) in KINDS {
            let excused = |(of, path, piece, _): &&(&str, &str, &str, &str)| {
                *of == corpus && post.path.ends_with(path) && line.contains(piece)
            };
            if is(&shown) && !REASONS.iter().any(|reason| excused(&reason)) {
                let start: String = line.chars().take(160).collect();
                found.push(format!("{corpus}/{}: {kind}: {number}: {start}", post.path));
            }
        }
    }
    found
}

#[test]
fn no_debris_is_shown() {
    let mut all = Vec::new();
    for corpus in corpora::NAMES {
        let posts = corpora::posts(corpus);
        let found: Vec<String> = posts
            .iter()
            .filter_map(|post| Some((post, post.converted()?)))
            .flat_map(|(post, converted)| defects(corpus, post, &converted.gemtext))
            .collect();
        eprintln!("{corpus}: {} posts, {} defects", posts.len(), found.len());
        all.extend(found);
    }
    assert!(all.is_empty(), "{} defects:\n{}", all.len(), all.join("\n"));
}
