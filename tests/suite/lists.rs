//! The pages that maquis makes: what the author has to say in them, and where they give way.

use std::sync::Arc;

use maquis::content::Language;
use maquis::content::masthead::{Licence, OwnWords};
use maquis::publish::CapsuleSource;
use maquis::source::Layout;

use crate::withheld::Shown;

fn post(extra: &str) -> String {
    format!("---\ntitle: Post\ndate: 2020-01-02\n{extra}---\nText.\n")
}

fn plain(files: &[(&str, &str)]) -> Shown {
    Shown::of(Layout::Plain, files)
}

fn lines(text: &str, wanted: &[&str]) {
    for line in wanted {
        assert!(text.lines().any(|there| there == *line), "{line} is not in:\n{text}");
    }
}

#[test]
fn an_author_has_words_of_their_own() {
    let said = |language: Option<&str>, name: &str, text: &str| OwnWords {
        language: language.and_then(Language::parse),
        words: Arc::new([(name.to_owned(), text.to_owned())].into()),
    };
    let words = vec![said(None, "archive", "All of it"), said(Some("fr"), "home", "Au bercail")];
    let french = post("lang: fr\ntags: [a]\n");
    let files = [("a.md", post("")), ("b.fr.md", french), ("notes.md", "---\n---\nx[^1]\n\n[^1]: y\n".to_owned())];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let shown = Shown::with(&files, |source| CapsuleSource { words: words.clone(), ..source });
    lines(&shown.text("/"), &["=> /archive/ All of it"]);
    assert!(shown.text("/archive/").starts_with("# All of it\n"));
    lines(&shown.text("/a/"), &["=> / Home"]);
    lines(&shown.text("/fr/b/"), &["=> /fr/ Au bercail"]);
    lines(&shown.text("/fr/"), &["=> /fr/archive/ Archives"]);
    let words = vec![said(None, "notes", "Asides")];
    let shown = Shown::with(&files, |source| CapsuleSource { words: words.clone(), ..source });
    lines(&shown.text("/notes/"), &["## Asides"]);
}

#[test]
fn a_licence_stands_at_the_foot_of_posts_and_in_feeds() {
    let shown = |url: Option<&str>| {
        let licence = Some(Licence { name: "CC BY 4.0".into(), url: url.map(str::to_owned) });
        let files = [("a.md", post("")), ("b.gmi", "# B\n".to_owned())];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        Shown::with(&files, |source| CapsuleSource { licence: licence.clone(), ..source })
    };
    let linked = shown(Some("https://example.org/by"));
    lines(&linked.text("/a/"), &["=> https://example.org/by Licence: CC BY 4.0"]);
    assert!(linked.text("/atom.xml").contains("<rights>CC BY 4.0 (https://example.org/by)</rights>"));
    assert_eq!(linked.text("/b.gmi"), "# B\n");
    lines(&shown(None).text("/a/"), &["Licence: CC BY 4.0"]);
}

#[test]
fn more_than_one_author_have_pages() {
    let (ada, both) = (post("authors: [Ada Lovelace]\ntags: [x]\n"), post("authors: [Ada Lovelace, Émilie]\n"));
    let alone = plain(&[("a.md", &ada), ("b.md", &ada)]);
    assert!(!alone.has("/authors/") && !alone.text("/").contains("Authors"));
    assert!(!alone.text("/a/").contains("Author:"));
    let shown = plain(&[("a.md", &ada), ("b.md", &both), ("c.md", "[all](/authors/)\n")]);
    lines(&shown.text("/"), &["=> /authors/ Authors"]);
    lines(
        &shown.text("/authors/"),
        &["=> /authors/ada-lovelace/ Ada Lovelace (2 posts)", "=> /authors/%C3%A9milie/ Émilie (1 post)"],
    );
    lines(&shown.text("/authors/émilie/"), &["# Author: Émilie", "=> /b/ 2020-01-02 Post"]);
    lines(&shown.text("/b/"), &["=> /authors/%C3%A9milie/ Author: Émilie"]);
    lines(&shown.text("/c/"), &["=> /authors/ all"]);
}

/// The addresses of all kinds of lists, and a post that makes maquis make them.
const LISTS: [&str; 11] = [
    "",
    "notes/",
    "archive/",
    "tags/",
    "tags/sea/",
    "categories/",
    "categories/x/",
    "series/",
    "series/walk/",
    "authors/",
    "authors/ada/",
];

const FILED: &str = "tags: [sea]\ncategories: [x]\nseries: [walk]\nauthors: [Ada, Bob]\n";

/// A blog with all kinds of lists and one file more at each.
fn with_each(name: &str, text: &str) -> Shown {
    let mut files = vec![("notes/a.md".to_owned(), post(FILED)), ("notes/b.md".to_owned(), post(FILED))];
    files.extend(LISTS.iter().map(|list| (format!("{list}{name}"), text.replace("HERE", list))));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    plain(&files)
}

#[test]
fn every_list_can_be_introduced() {
    for name in ["index.md", "_index.md"] {
        let shown = with_each(name, "---\ntitle: My /HERE\ndate: 2001-01-01\ntags: [none]\n---\nBy my own hand.\n");
        let bare = plain(&[("notes/a.md", &post(FILED)), ("notes/b.md", &post(FILED))]);
        for list in LISTS {
            let (address, text) = (format!("/{list}"), shown.text(&format!("/{list}")));
            assert!(text.starts_with(&format!("# My /{list}\n\nBy my own hand.\n")), "{text}");
            let links = |text: &str| -> Vec<String> {
                let links = text.lines().filter_map(|line| line.strip_prefix("=> "));
                links.map(|link| link.split(' ').next().unwrap().to_owned()).collect()
            };
            assert_eq!(links(&text), links(&bare.text(&address)));
            assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 1, "{text}");
        }
        assert!(!shown.has("/tags/none/"), "an introduction is filed under nothing");
        lines(&shown.text("/tags/sea/"), &["## Posts"]);
    }
}

#[test]
fn a_page_of_the_authors_wins_over_every_list() {
    let shown = with_each("index.gmi", "# Hand-written\n=> /archive/\n");
    for list in LISTS {
        assert_eq!(shown.text(&format!("/{list}")), "# Hand-written\n=> /archive/\n");
    }
    let url = |list: &str| format!("---\ntitle: Own\nurl: /{list}\n---\nMine.\n");
    for list in LISTS.into_iter().filter(|list| !list.is_empty()) {
        let shown = plain(&[("notes/a.md", &post(FILED)), ("notes/b.md", &post(FILED)), ("own.md", &url(list))]);
        assert!(shown.text(&format!("/{list}")).starts_with("# Own\n\nMine.\n"), "{list}");
    }
}

#[test]
fn a_file_of_the_authors_wins_over_a_made_one() {
    let names = ["atom.xml", "tags/sea/atom.xml", "sitemap.txt", "archive/page/1/index.gmi"];
    let posts: Vec<(String, String)> = (0..250).map(|n| (format!("notes/{n}.md"), post("tags: [sea]\n"))).collect();
    let mut files: Vec<(&str, &str)> = posts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert!(plain(&files).text("/archive/page/1/").starts_with("# Archive, page 1\n"));
    files.extend(names.map(|name| (name, "mine")));
    let shown = plain(&files);
    for name in ["/atom.xml", "/tags/sea/atom.xml", "/sitemap.txt"] {
        assert_eq!(shown.text(name), "", "{name} is a file");
    }
    assert_eq!(shown.text("/archive/page/1/"), "mine");
}

#[test]
fn a_folder_with_posts_of_its_own_stays_a_section() {
    let shown = plain(&[("archive/_index.md", "# Old things\n"), ("archive/a.md", &post("")), ("b.md", &post(""))]);
    let text = shown.text("/archive/");
    assert!(text.starts_with("# Old things\n"), "{text}");
    lines(&text, &["=> /archive/a/ 2020-01-02 Post"]);
    assert!(!text.contains("=> /b/"), "{text}");
}

#[test]
fn hugos_term_pages_introduce_their_terms() {
    let files = [
        ("hugo.toml", "title = 'x'\n"),
        ("content/posts/a.md", &post("tags: [sea]\n")),
        ("content/tags/_index.md", "---\ntitle: All tags\n---\n"),
        ("content/tags/sea/_index.md", "---\ntitle: The sea\n---\nWaves.\n"),
    ];
    let shown = Shown::of(Layout::Hugo, &files);
    let text = shown.text("/tags/sea/");
    assert!(text.starts_with("# The sea\n\nWaves.\n"), "{text}");
    lines(&text, &["=> /posts/a/ 2020-01-02 Post"]);
    lines(&shown.text("/tags/"), &["# All tags", "=> /tags/sea/ sea (1 post)"]);
    assert!(!shown.text("/").contains("## Sections\n\n=> /tags/"), "{}", shown.text("/"));
}

#[test]
fn pages_of_one_title_name_their_sections_and_a_tag_its_feed() {
    let page = "---\ntitle: Introduction\n---\nText.\n";
    let post = "---\ntitle: Post\ndate: 2020-01-02\ntags: [t]\n---\nText.\n";
    let files = [
        ("a/index.md", "---\ntitle: Anna\n---\n"),
        ("a/x.md", page),
        ("b/x.md", page),
        ("c/y.md", post),
        ("d.md", "# Alone\n"),
    ];
    let shown = Shown::with(&files, |source| CapsuleSource { author: Some("Anna B.".into()), ..source });
    let archive = shown.text("/archive/");
    assert!(archive.contains("=> /a/x/ Introduction (Anna)"), "{archive}");
    assert!(archive.contains("=> /b/x/ Introduction (B)"), "{archive}");
    assert!(shown.text("/tags/t/").contains("=> /tags/t/atom.xml Atom feed"), "{}", shown.text("/tags/t/"));
    // A page without a date has no line of facts that names nobody but the author of all.
    assert!(!shown.text("/d/").contains("Anna B."), "{}", shown.text("/d/"));
    assert!(shown.text("/c/y/").contains("2020-01-02 · Anna B. · t"), "{}", shown.text("/c/y/"));
}
