//! What stands in other files: `{{% include "x.md" %}}` shows the text of x.md, and nothing that is not to be shown.

use maquis::source::Layout;

use crate::commands::run_in;
use crate::served::{Served, folder, write};
use crate::withheld::Shown;

const CONFIG: (&str, &str) = ("hugo.toml", "title = 'x'\n");
const HEADLESS: (&str, &str) = ("content/_common/_index.md", "---\ncascade:\n  build:\n    render: never\n---\n");

fn including(name: &str) -> String {
    format!("---\ntitle: A\ndate: 2024-01-02\n---\nBefore.\n\n{{{{% include \"{name}\" %}}}}\n\nAfter.\n")
}

#[test]
fn a_snippet_stands_in_the_page_that_includes_it() {
    let snippet = "---\ntitle: S\n---\nA [snippet][x] {{< ref \"a.md\" >}}.\n\n```\n{{</* it */>}}\n```\n\n[x]: /a/\n";
    let files = [
        CONFIG,
        HEADLESS,
        ("content/_common/s.md", snippet),
        ("content/a.md", "---\ntitle: First\n---\nText.\n"),
        ("content/posts/b.md", &including("/_common/s.md")),
        ("content/posts/c.md", &including("_common/s")),
        ("content/posts/d.md", &including("s.md")),
    ];
    let shown = Shown::of(Layout::Hugo, &files);
    shown.lacks("_common");
    for page in ["/posts/b/", "/posts/c/", "/posts/d/"] {
        let text = shown.text(page);
        let expected = "Before.\n\nA snippet a.md.\n=> /a/ snippet\n\n```\n{{< it >}}\n```\n\nAfter.";
        assert!(text.contains(expected), "{page}: {text}");
    }
}

#[test]
fn what_is_not_shown_is_not_included() {
    let draft = "---\ntitle: S\ndraft: true\n---\nSecret.\n";
    let later = "---\ntitle: S\ndate: 2030-01-01\n---\nSecret.\n";
    let never_and_later = "---\ntitle: S\ndate: 2030-01-01\nbuild: { render: never }\n---\nSecret.\n";
    for (text, reason) in [(draft, "is a draft"), (later, "is scheduled"), (never_and_later, "is scheduled")] {
        let post = including("/s.md");
        let shown = Shown::of(Layout::Hugo, &[CONFIG, ("content/s.md", text), ("content/posts/a.md", &post)]);
        assert!(!shown.text("/posts/a/").contains("Secret"));
        shown.says(&["content/posts/a.md:7:", "`/s.md`", reason]);
    }
    // Nor what its generator would not publish for another reason too.
    let post = "---\ntitle: A\n---\nBefore.\n\n{% include_relative s.md %}\n";
    let config = ("_config.yml", "title: x\n");
    let undated = ("_posts/s.md", "---\ntitle: S\npublished: false\n---\nSecret.\n");
    let shown = Shown::of(Layout::Jekyll, &[config, ("_posts/2024-01-02-a.md", post), undated]);
    assert!(!shown.text("/2024/01/02/a/").contains("Secret"));
    let outside = [CONFIG, ("secret.md", "Secret.\n"), ("content/posts/a.md", &including("../../../secret.md"))];
    let shown = Shown::of(Layout::Hugo, &outside);
    assert!(!shown.text("/posts/a/").contains("Secret"));
    shown.says(&["content/posts/a.md:7:", "is no text among the pages"]);
}

#[test]
fn a_part_of_a_hidden_bundle_is_not_included() {
    for (index, shows) in [("draft: true", false), ("headless: true", true), ("build: { render: never }", true)] {
        let index = format!("---\ntitle: Parts\n{index}\n---\n");
        let files = [
            CONFIG,
            ("content/includes/index.md", index.as_str()),
            ("content/includes/part.md", "A part.\n"),
            ("content/posts/a.md", &including("part.md")),
        ];
        let text = Shown::of(Layout::Hugo, &files).text("/posts/a/");
        assert_eq!(text.contains("A part."), shows, "{index}: {text}");
    }
}

#[test]
fn pages_that_include_each_other_end() {
    let (a, b) = (including("/b.md"), including("/a.md"));
    let shown = Shown::of(Layout::Hugo, &[CONFIG, ("content/a.md", &a), ("content/b.md", &b)]);
    assert_eq!(shown.text("/a/").matches("Before.").count(), 2);
    shown.says(&["content/a.md:7:", "`/a.md`", "includes the page that includes it"]);
}

#[test]
fn jekyll_includes_what_stands_beside() {
    let post = "---\ntitle: A\n---\nBefore.\n\n{% include_relative parts/s.md %}\n";
    let files = [("_config.yml", "title: x\n"), ("_posts/2024-01-02-a.md", post), ("_posts/parts/s.md", "A part.\n")];
    let shown = Shown::of(Layout::Jekyll, &files);
    assert!(shown.text("/2024/01/02/a/").contains("Before.\n\nA part."), "{}", shown.text("/2024/01/02/a/"));
}

#[test]
fn a_page_is_made_again_when_what_it_includes_changes() {
    let files = [CONFIG, HEADLESS, ("content/_common/s.md", "First.\n"), ("content/a.md", &including("/_common/s.md"))];
    let folder = folder(&files);
    let served = Served::folder(folder.path());
    assert!(served.page("/a/").contains("First."), "{}", served.page("/a/"));
    let changed = |line: &str| line.starts_with("content changed");
    write(folder.path(), "content/_common/s.md", "Second one.\n");
    served.lines_until(changed);
    assert!(served.page("/a/").contains("Second one."), "{}", served.page("/a/"));
    write(folder.path(), "content/_common/s.md", "---\ndraft: true\n---\nThird.\n");
    served.lines_until(changed);
    let page = served.page("/a/");
    assert!(page.contains("Before.") && !page.contains("one.") && !page.contains("Third."), "{page}");
}

#[test]
fn convert_includes_what_the_blog_has() {
    let folder =
        folder(&[CONFIG, HEADLESS, ("content/_common/s.md", "Here.\n"), ("content/a.md", &including("_common/s.md"))]);
    let (code, out, error) = run_in(&folder, &["convert", "content/a.md"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.contains("Before.\n\nHere.\n\nAfter."), "{out}");
}
