//! What an author or a generator keeps back stays back, where something is broken, too.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maquis::publish::{CapsuleSource, Published, Publisher};
use maquis::site::{Part, Resource};
use maquis::source::Layout;
use maquis::store::Store;

use crate::served;

const BROKEN: &str = "---\ntitle: [x\n---\nText.\n";
const DRAFT: &str = "---\ntitle: x\ndraft: true\n---\nText.\n";
const POST: &str = "---\ntitle: Post\ndate: 2020-01-02\n---\nText.\n";

/// A folder as it is published.
pub(crate) struct Shown {
    published: Published,
}

impl Shown {
    pub(crate) fn of(layout: Layout, files: &[(&str, &str)]) -> Shown {
        Shown::with(files, |source| CapsuleSource { layout: Some(layout), ..source })
    }

    pub(crate) fn with(files: &[(&str, &str)], also: impl Fn(CapsuleSource) -> CapsuleSource) -> Shown {
        let folder = served::folder(files);
        let source = CapsuleSource {
            timezone: Some(TimeZone::UTC),
            ..CapsuleSource::new(folder.path().to_owned(), vec!["localhost".into()], 1965)
        };
        let mut publisher = Publisher::new(vec![also(source)], Store::memory()).unwrap();
        let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        Shown { published: publisher.publish(now, &|_, _| {}).unwrap() }
    }

    pub(crate) fn has(&self, address: &str) -> bool {
        self.published.site.capsules[0].resources.contains_key(address)
    }

    /// Everything that can be asked for.
    pub(crate) fn addresses(&self) -> BTreeSet<&str> {
        let resources = self.published.site.capsules[0].resources.iter();
        resources
            .filter(|(_, resource)| matches!(resource, Resource::Content { .. }))
            .map(|(address, _)| address.as_str())
            .collect()
    }

    /// The text of a page that must be there.
    #[track_caller]
    pub(crate) fn text(&self, address: &str) -> String {
        let Some(Resource::Content { body, .. }) = self.published.site.capsules[0].resources.get(address) else {
            panic!("{address} is not among {:?}", self.addresses());
        };
        let mut text = Vec::new();
        for part in body.iter() {
            match part {
                Part::Bytes(bytes) => text.extend_from_slice(bytes),
                Part::Stored(place) => {
                    let mut bytes = vec![0; place.len as usize];
                    self.published.pages.read(*place, &mut bytes).unwrap();
                    text.extend(bytes);
                }
                Part::File(_) => {}
            }
        }
        String::from_utf8(text).unwrap()
    }

    pub(crate) fn title(&self) -> &str {
        &self.published.capsules[0].title
    }

    /// Whether a problem says all of these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        let problems: Vec<String> = self.published.problems.iter().map(ToString::to_string).collect();
        let said = |problem: &&String| words.iter().all(|words| problem.contains(words));
        assert_eq!(problems.iter().filter(said).count(), 1, "{words:?} is not said once among {problems:#?}");
    }

    #[track_caller]
    pub(crate) fn lacks(&self, word: &str) {
        let found: Vec<_> = self.addresses().into_iter().filter(|address| address.contains(word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn a3_a_broken_introduction_hides_everything_beneath_it() {
    for layout in [Layout::Hugo, Layout::Zola] {
        let config = if layout == Layout::Hugo { "hugo.toml" } else { "config.toml" };
        let shown = Shown::of(
            layout,
            &[
                (config, "base_url = 'https://x.example'\n"),
                ("content/open.md", POST),
                ("content/secret/_index.md", BROKEN),
                ("content/secret/a.md", POST),
                ("content/secret/deep/b.md", POST),
                ("content/secret/deep/c/index.md", POST),
                ("content/secret/deep/c/x.png", "x"),
                ("content/secret/y.png", "x"),
            ],
        );
        assert!(shown.has("/open/"), "{:?}", shown.addresses());
        shown.lacks("secret");
        shown.says(&["secret/_index.md", "everything beneath it is hidden"]);
    }
}

#[test]
fn a4_a_hidden_bundle_keeps_its_files_and_its_inner_pages() {
    for (layout, root) in [(Layout::Hugo, "content/"), (Layout::Zola, "content/"), (Layout::Plain, "")] {
        for text in [BROKEN, DRAFT] {
            for name in ["index.md", "index.fr.md", "index.markdown"] {
                if layout == Layout::Zola && name == "index.markdown" {
                    continue;
                }
                let index = format!("{root}posts/secret/{name}");
                let inside = |name: &str| format!("{root}posts/secret/{name}");
                let (inner, image, deep) = (inside("part.md"), inside("x.png"), inside("deep/y.png"));
                let other = format!("{root}posts/other.md");
                let config = match layout {
                    Layout::Zola => "base_url = 'https://x.example'\n[languages.fr]\n",
                    _ => "title = 'x'\n[languages.fr]\n",
                };
                let name_of_config = if layout == Layout::Zola { "config.toml" } else { "hugo.toml" };
                let shown = Shown::of(
                    layout,
                    &[
                        (name_of_config, config),
                        (&other, POST),
                        (&index, text),
                        (&inner, "Notes.\n"),
                        (&image, "x"),
                        (&deep, "x"),
                    ],
                );
                assert!(shown.has("/posts/other/"), "{:?}", shown.addresses());
                shown.lacks("secret");
            }
        }
    }
}

#[test]
fn a4_files_beside_pages_that_are_shown_stay() {
    let files = [("posts/index.md", DRAFT), ("posts/a.md", POST), ("posts/x.png", "x"), ("posts/deep/y.png", "x")];
    let shown = Shown::of(Layout::Plain, &files);
    assert!(shown.has("/posts/a/") && shown.has("/posts/x.png") && shown.has("/posts/deep/y.png"));
}

#[test]
fn a5_pages_in_formats_that_cannot_be_read_are_no_files() {
    let mut files = vec![("hugo.toml", "title = 'x'\n"), ("content/open.md", POST), ("content/old.mdown", POST)];
    let formats = ["html", "htm", "org", "rst", "adoc", "asciidoc", "ad", "pdc", "pandoc"];
    let paths: Vec<String> = formats.iter().map(|format| format!("content/secret.{format}")).collect();
    files.extend(paths.iter().map(|path| (path.as_str(), "x\n")));
    files.extend([("content/secret/index.org", "#+draft: true\n"), ("content/secret/x.png", "x")]);
    let shown = Shown::of(Layout::Hugo, &files);
    assert!(shown.has("/open/") && shown.has("/old/"), "{:?}", shown.addresses());
    shown.lacks("secret");
    for path in &paths {
        shown.says(&[&format!("{path}:"), "cannot be read yet"]);
    }
}

#[test]
fn a6_what_hugo_is_told_to_leave_out_is_left_out() {
    let config = "title = 'x'\nignoreFiles = ['secret-a', '\\.cfg$']\ndisableLanguages = ['fr']\n\
        [languages.en]\n[languages.fr]\n[languages.de]\ndisabled = true\ncontentDir = 'german'\n\
        [[module.mounts]]\nsource = 'content'\ntarget = 'content'\nexcludeFiles = ['secret-b/**', '*/secret-c.*']\n\
        [[module.mounts]]\nsource = 'german'\ntarget = 'content'\nlang = 'de'\n";
    let shown = Shown::of(
        Layout::Hugo,
        &[
            ("hugo.toml", config),
            ("content/open.md", POST),
            ("content/posts/secret-a.md", POST),
            ("content/posts/secret.cfg", "x"),
            ("content/secret-b/x.md", POST),
            ("content/secret-b/x.png", "x"),
            ("content/posts/secret-c.md", POST),
            ("content/posts/secret-d.fr.md", POST),
            ("content/posts/secret-d.fr.png", "x"),
            ("german/secret-e.md", POST),
            ("german/secret-e.png", "x"),
        ],
    );
    assert!(shown.has("/open/"), "{:?}", shown.addresses());
    shown.lacks("secret");
}

#[test]
fn a7_a_plain_folder_keeps_a_generators_workshop_back() {
    let shown = Shown::of(
        Layout::Plain,
        &[
            ("open.md", POST),
            ("_config.yml", "secret: x\n"),
            ("pelicanconf.py", "x"),
            ("deep/config.toml", "x"),
            ("deep/config/_default/hugo.yaml", "secret: x\n"),
            ("far/config/_default/hugo.yaml", "secret: x\n"),
            ("far/config/_default/secret.toml", "key = 1\n"),
            ("far/layouts/secret.html", "x"),
            ("other/_config.yml", "secret: x\n"),
            ("other/_drafts/secret.md", "Secret.\n"),
            ("other/hugo.toml", "secret = 1\n"),
            ("other/templates/of-mine.md", POST),
            ("mine/templates/letter.md", POST),
            ("_drafts/secret.md", "Secret.\n"),
            ("_includes/secret.html", "x"),
            ("themes/secret.txt", "x"),
            ("templates/secret.md", "x"),
            ("secret.md", "---toml\ndraft = true\n---\nText.\n"),
        ],
    );
    assert!(shown.has("/open/") && shown.has("/mine/templates/letter/"));
    ["secret", "config", "pelican", "hugo", "of-mine"].iter().for_each(|word| shown.lacks(word));
    shown.says(&["secret.md:1:", "`---toml`"]);
    // Without a generator they are folders like others.
    let shown = Shown::of(Layout::Plain, &[("open.md", POST), ("themes/spring.md", POST)]);
    assert!(shown.has("/themes/spring/"));
}

#[test]
fn a8_a_draft_home_does_not_name_the_blog() {
    let shown = Shown::of(Layout::Plain, &[("a.md", POST), ("index.md", "---\ntitle: Secret\ndraft: true\n---\n")]);
    assert_eq!(shown.title(), "localhost");
}

#[test]
fn the_configuration_that_says_what_to_serve_is_not_served() {
    let files = [("a.md", "# A\n"), ("site.toml", "[[capsule]]\nsource = \".\"\n"), ("other.toml", "x = 1\n")];
    let shown = Shown::with(&files, |source| CapsuleSource { configuration: Some("site.toml".into()), ..source });
    assert!(shown.has("/other.toml") && !shown.has("/site.toml"), "{:?}", shown.addresses());
}
