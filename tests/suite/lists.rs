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
