//! Configurations that are there and cannot be read: what they hide is not shown for want of them.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use maquis::content::Gopher;
use maquis::content::gopher::Posts;
use maquis::publish::{CapsuleSource, Proofreading, PublishError, Published, Publisher};
use maquis::source::Layout;
use maquis::store::Store;
use maquis::text::charset::Charset;

use crate::served::{folder, write};

const POST: &str = "---\ntitle: Post\ndate: 2020-01-02\n---\nText.\n";

fn source(folder: &Path) -> CapsuleSource {
    CapsuleSource::new(folder.to_owned(), vec!["localhost".into()], 1965)
}

fn published(source: CapsuleSource) -> Result<Published, PublishError> {
    Publisher::new(vec![source], Store::memory())?.publish(Timestamp::now(), &|_, _| {})
}

/// What is said where these files are published, one of them a link out of the folder, which nobody may follow.
#[track_caller]
fn refused(files: &[(&str, &str)], closed: &str, layout: Option<Layout>) -> String {
    let (blog, outside) = (folder(files), folder(&[("theirs", "x")]));
    symlink(outside.path().join("theirs"), blog.path().join(closed)).unwrap();
    let done = published(CapsuleSource { layout, ..source(blog.path()) });
    let error = done.err().unwrap_or_else(|| panic!("{closed} is taken for none"));
    error.to_string().replace(&format!("{}/", blog.path().display()), "")
}

#[test]
fn a_generators_configuration_that_cannot_be_read_is_not_taken_for_none() {
    let why = "it is a link that leads out of the folder; put what it leads to in its place";
    for (closed, layout, also) in [
        ("hugo.toml", Layout::Hugo, "content/a.md"),
        ("config.toml", Layout::Hugo, "content/a.md"),
        ("zola.toml", Layout::Zola, "content/a.md"),
        ("_config.yml", Layout::Jekyll, "_posts/2020-01-02-a.md"),
        ("pelicanconf.py", Layout::Pelican, "content/a.md"),
    ] {
        let files = [(also, POST), ("data/secret.md", POST)];
        for layout in [None, Some(layout)] {
            assert_eq!(refused(&files, closed, layout), format!("{closed}: {why}"), "{layout:?}");
        }
    }
    // Another that can be read does not stand in for it.
    let files = [("content/a.md", POST), ("hugo.yaml", "title: A\n")];
    assert_eq!(refused(&files, "hugo.toml", None), format!("hugo.toml: {why}"));
}

#[test]
fn data_of_eleventys_that_cannot_be_read_is_not_taken_for_none() {
    let files = [(".eleventy.js", ""), ("posts/a.md", POST), ("posts/other.json", "[")];
    let blog = folder(&files);
    let done = published(source(blog.path()));
    assert!(done.is_ok(), "data about no post is nobody's business: {:?}", done.err().map(|error| error.to_string()));
    for (path, text) in
        [("posts/posts.json", "{\"draft\": tru}"), ("posts/a.11tydata.json", "{"), ("posts/a.json", "{")]
    {
        write(blog.path(), path, text);
        let error = published(source(blog.path())).err().unwrap_or_else(|| panic!("{path} is taken for none"));
        let expected = format!("{path}:1: the data that the posts have from it cannot be read (JSON)");
        assert!(error.to_string().contains(&expected), "{error}");
        std::fs::remove_file(blog.path().join(path)).unwrap();
    }
}

#[test]
fn a_meta_file_that_cannot_be_read_is_not_taken_for_none() {
    let files = [("a.gmi", "# A\n"), ("secret.gmi", "# Secret\n")];
    let why = "it is a link that leads out of the folder; put what it leads to in its place";
    assert_eq!(refused(&files, ".meta", None), format!(".meta: {why}"));
    let blog = folder(&files);
    write(blog.path(), ".meta", &format!("{}secret.gmi:52 gone\n", "# much\n".repeat(200_000)));
    let error = published(source(blog.path())).err().expect("what is cut off may hide something").to_string();
    assert!(error.contains(".meta: it is larger than 1 MiB"), "{error}");
    // One that is a link within the folder is read like any other.
    write(blog.path(), "rules", "secret.gmi:52 gone\n");
    std::fs::remove_file(blog.path().join(".meta")).unwrap();
    symlink("rules", blog.path().join(".meta")).unwrap();
    let shown = published(source(blog.path())).unwrap();
    let secret = &shown.site.capsules[0].resources["/secret.gmi"];
    assert!(!matches!(secret, maquis::site::Resource::Content { .. }));
}

#[test]
fn over_gopher_a_chain_of_replies_ends_at_the_same_page_each_time() {
    let blog = folder(&[
        (".meta", "a.gmi:31 /b.gmi\nb.gmi:31 /c.gmi\nc.gmi:31 /d.gmi\nd.gmi:31 /end.gmi\nx.gmi:52 gone\n"),
        ("end.gmi", "# End\n"),
        ("x.gmi", "# X\n"),
    ]);
    let gopher = Gopher { host: "localhost".into(), port: 70, posts: Posts::Text, charset: Charset::Utf8, width: 67 };
    for _ in 0..10 {
        let published = published(CapsuleSource { gopher: Some(gopher.clone()), ..source(blog.path()) }).unwrap();
        let hole = published.site.capsules[0].gopherhole.as_ref().unwrap();
        let end = &hole.resources["/end.gmi"];
        for address in ["/a.gmi", "/b.gmi", "/c.gmi", "/d.gmi"] {
            let there = hole.resources.get(address).is_some_and(|body| std::sync::Arc::ptr_eq(body, end));
            assert!(there, "{address}");
        }
    }
}

#[test]
fn a_post_that_cannot_be_converted_does_not_have_the_others_converted_twice() {
    let blog = folder(&[("deep.md", &format!("{}deep\n", "> ".repeat(200)))]);
    for number in 0..20 {
        write(blog.path(), &format!("posts/{number}.md"), &format!("# Post {number}\n\n![](picture.gif)\n"));
    }
    write(blog.path(), "posts/picture.gif", "GIF");
    // One of them has a link that leads elsewhere, now that the other is not there.
    write(blog.path(), "posts/7.md", "# Post 7\n\n[deep](../deep.md)\n\n![](picture.gif)\n");
    let source = CapsuleSource { proof: Proofreading::Yes, ..source(blog.path()) };
    let mut publisher = Publisher::new(vec![source], Store::memory()).unwrap();
    let converted = AtomicUsize::new(0);
    let progress = |_: usize, _: usize| {
        converted.fetch_add(1, Ordering::Relaxed);
    };
    let published = publisher.publish(Timestamp::now(), &progress).unwrap();
    assert_eq!(converted.into_inner(), 21 + 1);
    assert_eq!((published.lost, published.tally().others), (1, 20));
    let advised = |kind| published.proof.advice.iter().filter(|advice| advice.kind == kind).count();
    assert_eq!(advised(maquis::content::problem::Kind::NoAlternative), 20, "what was seen of each is kept, once");
    let broken: Vec<String> = published.problems.iter().map(ToString::to_string).collect();
    let says = |words: &str| broken.iter().filter(|problem| problem.contains(words)).count();
    assert_eq!((says("deep.md: "), says("posts/7.md:3: ")), (1, 1), "{broken:#?}");
}
