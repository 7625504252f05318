//! Nothing that its generator would not publish is ever reachable: over random trees of drafts, dates and hidden
//! files, in each layout that has drafts, dates and hidden files.
//!
//! Every file carries a mark in its title and its text; the oracle here says which may never be seen, in words of its
//! own and from the path and the front matter alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maquis::publish::{CapsuleSource, Publisher};
use maquis::site::{Part, Resource};
use maquis::source::Layout;
use maquis::store::Store;
use proptest::prelude::*;

use crate::served;

const FOLDERS: &[&str] = &[
    "",
    "posts",
    "posts/deep",
    "_posts",
    "a/_posts",
    "_drafts",
    "_private",
    ".git",
    "a/.hidden",
    "node_modules",
    "bundle",
    "posts/bundle",
    "_docs",
];
const NAMES: &[&str] = &[
    "x.md",
    "index.md",
    "_index.md",
    ".hidden.md",
    "2020-01-02-y.md",
    "2099-01-02-z.md",
    "old.md~",
    "key.pem",
    "dot.png",
    "_under.md",
    "page.html",
    "x.fr.md",
    "#x.md#",
    "dump.sql",
];

/// Heads, and whether a page with one may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    None,
    Plain,
    Past,
    Draft,
    DraftPerhaps,
    Unpublished,
    Future,
    PublishLater,
    Expired,
    NotRendered,
    Broken,
    Twice,
    DraftSection,
    StatusDraft,
    StatusSkip,
    NoPermalink,
}

const HEADS: &[Head] = &[
    Head::None,
    Head::Plain,
    Head::Past,
    Head::Draft,
    Head::DraftPerhaps,
    Head::Unpublished,
    Head::Future,
    Head::PublishLater,
    Head::Expired,
    Head::NotRendered,
    Head::Broken,
    Head::Twice,
    Head::DraftSection,
    Head::StatusDraft,
    Head::StatusSkip,
    Head::NoPermalink,
];

impl Head {
    fn text(self, mark: &str) -> String {
        let lines = match self {
            Head::None => return format!("{mark}\n"),
            Head::Broken => return format!("---\ntitle: [{mark}\n---\n{mark}\n"),
            Head::Plain => "",
            Head::Past => "date: 2019-05-06",
            Head::Draft => "draft: true",
            Head::DraftPerhaps => "draft: perhaps",
            Head::Unpublished => "published: false",
            Head::Future => "date: 2099-05-06",
            Head::PublishLater => "publishDate: 2099-05-06",
            Head::Expired => "date: 2019-05-06\nexpiryDate: 2020-05-06",
            Head::NotRendered => "build: {render: never}",
            Head::Twice => "draft: true\ndraft: false",
            Head::DraftSection => "draft: true\ncascade: {draft: true}",
            Head::StatusDraft => "date: 2019-05-06\nstatus: draft",
            Head::StatusSkip => "date: 2019-05-06\nstatus: skip",
            Head::NoPermalink => "date: 2019-05-06\npermalink: false",
        };
        format!("---\ntitle: {mark}\n{lines}\n---\nText {mark}.\n")
    }

    /// Whether it hides its page in every layout.
    fn hides(self) -> bool {
        match self {
            Head::None | Head::Plain | Head::Past | Head::Future | Head::PublishLater | Head::Expired => false,
            Head::NotRendered | Head::StatusDraft | Head::StatusSkip | Head::NoPermalink => false,
            Head::Draft | Head::DraftPerhaps | Head::Unpublished | Head::Broken | Head::Twice => true,
            Head::DraftSection => true,
        }
    }
}

type Tree = BTreeMap<String, Head>;

fn is_page(path: &str) -> bool {
    path.ends_with(".md")
}

/// Whether no reader may ever see a file.
fn forbidden(layout: Layout, tree: &Tree, path: &str) -> bool {
    let head = tree[path];
    let names: Vec<&str> = path.split('/').collect();
    let name = names[names.len() - 1];
    let hidden = names.iter().any(|name| name.starts_with('.') || *name == "node_modules");
    if hidden || name.ends_with('~') || name.ends_with('#') || name.ends_with(".pem") || name.ends_with(".sql") {
        return true;
    }
    if !is_page(path) {
        return match layout {
            Layout::Jekyll => names.iter().any(|name| name.starts_with('_')),
            Layout::Hugo | Layout::Zola => !path.starts_with("content/"),
            // Files are published where a page links to them, and no page here does.
            Layout::Pelican | Layout::Eleventy | Layout::Astro => true,
            Layout::Plain => false,
        };
    }
    let later = head == Head::PublishLater;
    match layout {
        Layout::Plain => head.hides() || later || matches!(head, Head::Future | Head::Expired | Head::NotRendered),
        Layout::Hugo => {
            let outside = !path.starts_with("content/");
            let cascaded =
                folders(path).any(|folder| tree.get(&format!("{folder}_index.md")) == Some(&Head::DraftSection));
            let now = matches!(head, Head::Future | Head::Expired | Head::NotRendered) || later;
            outside || cascaded || now || (head.hides() && head != Head::Unpublished)
        }
        Layout::Zola => {
            let closed = folders(path).any(|folder| {
                let section = tree.get(&format!("{folder}_index.md"));
                matches!(section, Some(Head::Draft | Head::DraftSection))
            });
            let outside = !path.starts_with("content/");
            outside || closed || head == Head::None || (head.hides() && head != Head::Unpublished)
        }
        Layout::Jekyll => {
            let post = names.contains(&"_posts");
            let own = names.iter().any(|name| name.starts_with('_') && *name != "_posts");
            let undated = post && !name.starts_with("20");
            let future = post
                && (head == Head::Future || (head != Head::Past && name.starts_with("2099") && head != Head::Expired));
            let bare = head == Head::None && !post;
            own || undated || future || bare || matches!(head, Head::Unpublished | Head::Broken)
        }
        Layout::Pelican => {
            let dated = matches!(head, Head::Past | Head::Future | Head::Expired | Head::NoPermalink);
            let whole = head != Head::None && (dated || name.starts_with("20"));
            !path.starts_with("content/") || !whole || matches!(head, Head::StatusDraft | Head::StatusSkip)
        }
        Layout::Eleventy => !path.starts_with("content/") || head.hides() || head == Head::NoPermalink,
        Layout::Astro => {
            let own = names.iter().any(|name| name.starts_with('_'));
            !path.starts_with("src/content/blog/") || own || head.hides()
        }
    }
}

/// The folders around a path, each with its slash.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..=at])
}

fn mark(index: usize) -> String {
    format!("Mark{index}x")
}

fn leaks(layout: Layout, tree: &Tree) -> Vec<String> {
    seen(layout, tree).into_iter().filter(|path| forbidden(layout, tree, path)).collect()
}

/// The files of which a reader may see something.
fn seen(layout: Layout, tree: &Tree) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let config = match layout {
        Layout::Hugo => ("hugo.toml", "title = 'x'\n"),
        Layout::Zola => ("config.toml", "base_url = 'https://example.org'\n"),
        Layout::Jekyll => ("_config.yml", "title: x\n"),
        Layout::Pelican => ("pelicanconf.py", "PATH = 'content'\n"),
        Layout::Eleventy => ("eleventy.config.js", "export default {}\n"),
        Layout::Astro => ("astro.config.mjs", "export default {}\n"),
        Layout::Plain => ("index.gmi", "# Home\n=> /archive/\n"),
    };
    served::write(folder.path(), config.0, config.1);
    for (index, (path, head)) in tree.iter().enumerate() {
        served::write(folder.path(), path, &head.text(&mark(index)));
    }
    let source = CapsuleSource {
        layout: Some(layout),
        timezone: Some(TimeZone::UTC),
        ..CapsuleSource::new(folder.path().to_owned(), vec!["localhost".into()], 1965)
    };
    let mut publisher = Publisher::new(vec![source], Store::memory()).unwrap();
    let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
    let Ok(published) = publisher.publish(now, &|_, _| {}) else { return Vec::new() };
    let (mut text, mut files) = (String::new(), Vec::new());
    for (address, resource) in &published.site.capsules[0].resources {
        text.push_str(&format!("{address}\n"));
        let Resource::Content { body, .. } = resource else { continue };
        for part in body.iter() {
            match part {
                Part::Bytes(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
                Part::Stored(place) => {
                    let mut bytes = vec![0; place.len as usize];
                    published.pages.read(*place, &mut bytes).unwrap();
                    text.push_str(&String::from_utf8_lossy(&bytes));
                }
                Part::File(place) => files.push(place.path.to_string()),
            }
        }
    }
    let seen = |index: usize, path: &String| text.contains(&mark(index)) || files.contains(path);
    let shown = tree.keys().enumerate().filter(|(index, path)| seen(*index, path));
    shown.map(|(_, path)| path.clone()).collect()
}

fn trees(root: &'static str) -> impl Strategy<Value = Tree> {
    let file = (proptest::sample::select(FOLDERS), proptest::sample::select(NAMES), proptest::sample::select(HEADS));
    proptest::collection::vec((file, 0..8u8), 1..14).prop_map(move |files| {
        let path = |((folder, name, head), outside): ((&str, &str, Head), u8)| {
            let root = if outside == 0 { "" } else { root };
            let parts = [root, folder, name].into_iter().filter(|part| !part.is_empty());
            (parts.collect::<Vec<_>>().join("/"), head)
        };
        files.into_iter().map(path).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_leaks_from_a_plain_folder(tree in trees("")) {
        prop_assert_eq!(leaks(Layout::Plain, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_hugo(tree in trees("content")) {
        prop_assert_eq!(leaks(Layout::Hugo, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_zola(tree in trees("content")) {
        prop_assert_eq!(leaks(Layout::Zola, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_pelican(tree in trees("content")) {
        prop_assert_eq!(leaks(Layout::Pelican, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_eleventy(tree in trees("content")) {
        prop_assert_eq!(leaks(Layout::Eleventy, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_astro(tree in trees("src/content/blog")) {
        prop_assert_eq!(leaks(Layout::Astro, &tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_leaks_from_jekyll(tree in trees("")) {
        prop_assert_eq!(leaks(Layout::Jekyll, &tree), Vec::<String>::new());
    }
}

/// The property can fail: what may be seen is, in every layout, and beside it what may not is not.
#[test]
fn what_may_be_seen_is_seen() {
    for (layout, root) in [
        (Layout::Plain, ""),
        (Layout::Hugo, "content/"),
        (Layout::Zola, "content/"),
        (Layout::Jekyll, "_"),
        (Layout::Pelican, "content/"),
        (Layout::Eleventy, "content/"),
        (Layout::Astro, "src/content/blog/"),
    ] {
        let path = |name: &str| format!("{root}posts/{name}");
        let (open, closed) = (path("2020-01-02-y.md"), path("draft.md"));
        let tree: Tree = [(open.clone(), Head::Past), (closed.clone(), Head::None)].into();
        assert!(!forbidden(layout, &tree, &open), "{layout:?}");
        let all = seen(layout, &tree);
        assert!(all.contains(&open), "{layout:?}: {all:?}");
        assert_eq!(all.contains(&closed), !forbidden(layout, &tree, &closed), "{layout:?}: {all:?}");
    }
}
