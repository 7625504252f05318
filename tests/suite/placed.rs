//! Which address a page or a file gets, and what is said where two want the same one.

use maquis::content::masthead::Web;
use maquis::publish::CapsuleSource;
use maquis::source::Layout;
use rustix::process::Signal;

use crate::served::{Served, folder, maquis, run, write};
use crate::withheld::Shown;

const POST: &str = "---\ntitle: Post\ndate: 2020-01-02\n---\nText.\n";

#[test]
fn c20_hugo_makes_slugs_and_titles_its_own_way() {
    let shown = Shown::of(
        Layout::Hugo,
        &[
            ("hugo.toml", "title = 'x'\n[permalinks]\nnotes = '/:title/'\nletters = '/l/:slug/'\n"),
            ("content/posts/x.md", "---\ntitle: x\nslug: A & B\n---\n"),
            ("content/notes/y.md", "---\ntitle: C & D\n---\n"),
            ("content/letters/z.md", "---\ntitle: E & F\n---\n"),
            ("content/posts/manual.de.md", POST),
        ],
    );
    for address in ["/posts/a-b/", "/c-d/", "/l/e-f/", "/posts/manual.de/"] {
        assert!(shown.has(address), "{address} is not among {:?}", shown.addresses());
    }
}

#[test]
fn c22_only_what_is_beneath_the_web_address_is_here() {
    let links = "---\ntitle: Links\n---\n[home](https://x.org/blog/)\n\n[a](https://x.org/blog/a/)\n\n[other](https://x.org/robots.txt)\n";
    let files = [
        ("a.md", POST),
        ("links.md", links),
        ("robots.txt", "x"),
        ("favicon.txt", "x"),
        (".well-known/y", "x"),
        ("config.toml", "x"),
    ];
    let web = || Web::parse("https://x.org/blog/");
    let shown = Shown::with(&files, |source| CapsuleSource { layout: Some(Layout::Plain), web: web(), ..source });
    assert!(shown.has("/robots.txt") && shown.has("/favicon.txt") && shown.has("/.well-known/y"));
    let text = shown.text("/blog/links/");
    for line in ["=> / home", "=> /blog/a/ a", "=> https://x.org/robots.txt other"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn c23_a_made_page_keeps_its_address() {
    let alias = "---\ntitle: Post\ndate: 2020-01-02\naliases: [/archive/, /old/]\n---\n";
    let shown = Shown::of(Layout::Plain, &[("posts/a.md", alias), ("posts/b.md", "[all](/archive/)\n")]);
    shown.says(&["posts/a.md", "`/archive/`", "maquis makes"]);
    assert!(shown.text("/posts/b/").contains("=> /archive/ all"));
}

#[test]
fn c24_only_pages_that_are_made_are_promised() {
    let dots = "---\ntitle: x\ndate: 2020-01-02\ntags: ['..', '.']\n---\n";
    let shown = Shown::of(Layout::Plain, &[("a.md", POST), ("b.md", "[tags](/tags/)\n")]);
    shown.says(&["b.md", "leads to nothing"]);
    let config = ("config.toml", "base_url = 'https://x.example'\n");
    let shown = Shown::of(Layout::Zola, &[config, ("content/a.md", dots)]);
    assert!(shown.has("/a/") && shown.addresses().iter().all(|address| !address.contains("..")));
}

#[test]
fn c26_hand_written_gemtext_comes_first() {
    let files = [("notes/_index.md", "# Other\n"), ("notes/index.gmi", "# Own\n=> a/\n"), ("notes/a.md", POST)];
    let shown = Shown::of(Layout::Plain, &files);
    assert!(shown.text("/notes/").starts_with("# Own\n"), "{}", shown.text("/notes/"));
    shown.says(&["notes/_index.md", "notes/index.gmi"]);
}

#[test]
fn c27_of_two_names_the_one_that_is_written_is_meant() {
    let files = [("A.md", POST), ("a.md", POST), ("links.md", "[upper](A.md)\n\n[lower](a.md)\n"), ("x\\y.md", POST)];
    let shown = Shown::of(Layout::Hugo, &[("content/a.md", POST)]);
    assert!(shown.has("/a/"));
    let shown = Shown::of(Layout::Plain, &files);
    shown.says(&["x\\y.md", "holds a `\\`"]);
    let text = shown.text("/links/");
    assert!(text.contains("=> /A/ upper") && text.contains("=> /a/ lower"), "{text}");
}

#[test]
fn c28_a_configuration_that_vanishes_changes_nothing() {
    let hidden = "---\ntitle: x\n---\n";
    let files =
        [("_config.yml", "title: x\nexclude: [secret.md]\n"), ("_posts/2020-01-02-a.md", POST), ("secret.md", hidden)];
    let folder = folder(&files);
    let served = Served::folder(folder.path());
    std::fs::remove_file(folder.path().join("_config.yml")).unwrap();
    served.hear(&["the configuration of Jekyll is not there any more"]);
    assert!(served.get("/secret/").head.starts_with("51"));
}

/// Zola makes a page of every Markdown file, in the folder of another page too.
#[test]
fn zola_markdown_beside_a_page_with_a_folder_is_a_page_beneath_it() {
    let page = |title: &str, more: &str| format!("+++\ntitle = \"{title}\"\n{more}+++\n");
    let around = format!("{}[by path](@/posts/x/other.md) [beside](other.md)\n", page("Around", ""));
    let files = [
        ("config.toml", "base_url = 'https://x.org'\n"),
        ("content/posts/_index.md", &page("Posts", "")),
        ("content/posts/x/index.md", &around),
        ("content/posts/x/other.md", &page("Other", "")),
        ("content/posts/draft/index.md", &page("Draft", "draft = true\n")),
        ("content/posts/draft/beside.md", &page("Beside", "")),
        ("content/posts/draft/plan.txt", "x"),
    ];
    let shown = Shown::of(Layout::Zola, &files);
    let text = shown.text("/posts/x/");
    assert!(
        text.contains("=> /posts/x/other/ by path\n") && !text.contains("https://x.org/posts/x/other.md"),
        "{text}"
    );
    assert!(shown.text("/posts/").contains("=> /posts/x/other/ Other\n"), "{}", shown.text("/posts/"));
    assert!(shown.has("/posts/draft/beside/") && !shown.has("/posts/draft/") && !shown.has("/posts/draft/plan.txt"));
}

#[test]
fn b16_a_name_that_is_there_once_is_found() {
    let refs =
        "---\ntitle: x\n---\n[a]({{< ref \"deep\" >}}) [b]({{< ref \"twice\" >}}) [c]({{< ref \"b/page.md\" >}})\n";
    let files = [
        ("hugo.toml", "title = 'x'\n"),
        ("content/refs.md", refs),
        ("content/a/deep/index.md", POST),
        ("content/a/twice.md", POST),
        ("content/b/twice.md", POST),
        ("content/a/b/page.md", POST),
    ];
    let shown = Shown::of(Layout::Hugo, &files);
    let text = shown.text("/refs/");
    assert!(text.contains("/a/deep/") && text.contains("/a/b/page/") && !text.contains("twice/"), "{text}");
    shown.says(&["refs.md", "twice"]);
}

#[test]
fn d32_serving_prints_the_first_problems_and_counts_the_rest() {
    let folder = folder(&[("a.md", POST), ("b.md", "# B\n"), ("index.md", "---\ntitle: \"x\\e[31my\"\n---\n")]);
    for index in 0..25 {
        write(folder.path(), &format!("broken{index}.md"), "---\ntitle: [x\n---\n");
    }
    let served = Served::folder(folder.path());
    let lines = served.hear(&["5 more: maquis check"]);
    assert_eq!(lines.iter().filter(|line| line.contains("cannot be read")).count(), 20, "{lines:#?}");
    assert!(served.said.iter().any(|line| line.starts_with("1 post, 1 page, 25 problems")), "{:?}", served.said);
    assert!(lines.iter().all(|line| !line.contains('\u{1b}')));
    served.signal(Signal::TERM);
    let state = tempfile::TempDir::new().unwrap();
    let mut check = maquis(state.path());
    check.args(["check", "--all"]).arg(folder.path());
    let (_, out, said) = run(check);
    assert!(out.lines().count() >= 25 && said.contains("1 post, 1 page"), "{said}");
}

#[test]
fn pages_without_a_date_follow_each_other_by_name() {
    let files =
        [("guide/01-zebra.md", "# Zebra\n"), ("guide/02-apple.md", "# Apple\n"), ("guide/10-mango.md", "# Mango\n")];
    let text = Shown::of(Layout::Plain, &files).text("/guide/");
    let order: Vec<usize> = ["Zebra", "Apple", "Mango"].map(|name| text.find(name).unwrap()).into();
    assert!(order.is_sorted(), "{text}");
    let hugo = files.map(|(path, text)| (format!("content/{path}"), text));
    let mut files: Vec<(&str, &str)> = hugo.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    files.push(("hugo.toml", ""));
    let text = Shown::of(Layout::Hugo, &files).text("/guide/");
    let order: Vec<usize> = ["Apple", "Mango", "Zebra"].map(|name| text.find(name).unwrap()).into();
    assert!(order.is_sorted(), "Hugo goes by title: {text}");
}

#[test]
fn a_link_that_does_not_tell_is_called_by_its_page() {
    let files = [
        ("posts/a.md", "Look [here](b.md), or at [another page](b.md).\n\n[/posts/b/](/posts/b/)\n\n[here](c.md)\n"),
        ("posts/b.md", "---\ntitle: The second\ndate: 2020-01-02\n---\n"),
        ("posts/c.md", "# The third\n"),
    ];
    let text = Shown::of(Layout::Plain, &files).text("/posts/a/");
    for line in ["=> /posts/b/ another page", "=> /posts/c/ here (The third)"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_collection_is_where_its_index_is_and_a_folder_of_pages_is_no_section() {
    let page = |title: &str| format!("---\ntitle: {title}\n---\nText.\n");
    let files = [
        ("_config.yml", "title: x\ncollections: {tutorials: {output: true}}\n"),
        ("_tutorials/a.md", &page("First")),
        ("_tutorials/index.md", "---\ntitle: All\npermalink: /tutorials/home/\n---\n"),
        ("_tutorials/z.md", &page("Last")),
        ("pages/about.md", "---\ntitle: About\npermalink: /about/\n---\n"),
        ("guides/one.md", &page("One")),
    ];
    let files = files.map(|(path, text)| (path, text as &str));
    let shown = Shown::of(Layout::Jekyll, &files);
    let list = shown.text("/tutorials/home/");
    assert!(list.contains("First\n") && list.contains("Last\n"), "{list}");
    let home = shown.text("/");
    assert!(home.contains("=> /about/ About") && home.contains("=> /guides/ Guides"), "{home}");
    assert!(!home.contains("Pages\n\n=> /pages/"), "{home}");
    shown.lacks("/pages/");
}

#[test]
fn what_is_left_out_after_a_colon_is_on_the_web() {
    let post = "---\ntitle: Post\n---\nThese are the keys:\n\n{{< config-keys >}}\n\nEnd.\n\n{{< other >}}\n";
    let config = "title = 'x'\nbaseURL = 'https://x.example/'\n";
    let shown = Shown::of(Layout::Hugo, &[("hugo.toml", config), ("content/posts/a.md", post)]);
    let text = shown.text("/posts/a/");
    assert!(text.contains("These are the keys:\n\n=> https://x.example/posts/a/ Web version\n\nEnd."), "{text}");
    let shown = Shown::of(Layout::Hugo, &[("hugo.toml", "title = 'x'\n"), ("content/posts/a.md", post)]);
    assert!(shown.text("/posts/a/").contains("These are the keys:\n\nEnd."));
}
