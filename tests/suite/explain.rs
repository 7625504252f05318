//! `explain`: for each way in which an address can answer, the status, the file and the rule.

use tempfile::TempDir;

use crate::served::{folder, maquis, run};

/// What is printed below the first line, and the exit code.
fn explained(blog: &TempDir, what: &str) -> (i32, String) {
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["explain", what]).current_dir(blog.path());
    let (code, out, error) = run(command);
    let lines = out.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines = lines.filter(|line| !line.starts_with("capsule "));
    (code, lines.chain(error.lines().map(str::to_owned)).collect::<Vec<_>>().join("\n"))
}

fn post(front: &str) -> String {
    format!("---\n{front}\n---\nText.\n")
}

fn blog() -> TempDir {
    let config = r#"
[[capsule]]
hosts = ["blog.example.org", "www.example.org"]
gone = ["/old/*"]
redirect = [{ from = "/blog/{slug}", to = "/posts/{slug}/" }]
timezone = "Europe/Paris"
[gemini]
listen = ["127.0.0.1:1965"]
[gopher]
listen = ["127.0.0.1:7070"]
"#;
    let sources = [
        ("a", "title: A\ndate: 2024-01-01\ntags: [x]\naliases: [/ancient/]"),
        ("draft", "title: D\ndraft: true"),
        ("later", "title: S\ndate: 2130-01-01"),
        ("expired", "title: E\nexpiryDate: 2020-01-01"),
        ("bad", "title: [x"),
        ("unlisted", "title: U\nbuild: {list: never}"),
        ("moved", "title: M\nredirect_to: /posts/a/"),
        ("doubtful", "title: N\ndate: yesterday"),
    ]
    .map(|(name, front)| (format!("capsule/posts/{name}.md"), post(front)));
    let mut files: Vec<(&str, &str)> = sources.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([("config.toml", config), ("capsule/file.txt", "hi\n"), ("capsule/by-hand.gmi", "# By hand\n")]);
    folder(&files)
}

#[test]
fn every_kind_of_answer_is_explained() {
    let blog = blog();
    let nothing = "answer 51 This page is not here. The home page leads to all others.\n";
    for (what, code, text) in [
        ("gemini://blog.example.org", 0, "answer 20 text/gemini; lang=en\nbecause made by maquis: the home page"),
        (
            "gemini://www.example.org/posts/a/",
            0,
            "answer 20 text/gemini; lang=en\nfile capsule/posts/a.md\nbecause Markdown, converted",
        ),
        (
            "/posts/a",
            0,
            "answer 31 /posts/a/\nfile capsule/posts/a.md\nbecause another form of /posts/a/, which is the address",
        ),
        (
            "/by-hand.gmi",
            0,
            "answer 20 text/gemini; lang=en\nfile capsule/by-hand.gmi\nbecause gemtext, served as it is written",
        ),
        ("/file.txt", 0, "answer 20 text/plain; charset=utf-8\nfile capsule/file.txt\nbecause a file, served as it is"),
        (
            "/posts/unlisted/",
            0,
            "answer 20 text/gemini; lang=en\nfile capsule/posts/unlisted.md\nbecause Markdown, converted; no list names it, as its front matter asks",
        ),
        (
            "/posts/moved/",
            0,
            "answer 30 /posts/a/\nfile capsule/posts/moved.md\nbecause `redirect_to` in its front matter leads to /posts/a/",
        ),
        (
            "/ancient/",
            0,
            "answer 31 /posts/a/\nfile capsule/posts/a.md\nbecause `aliases` in its front matter name this older address",
        ),
        (
            "/blog/a",
            0,
            "answer 31 /posts/a/\nfile capsule/posts/a.md\nbecause `redirect` of the configuration says so: { from = \"/blog/{slug}\", to = \"/posts/{slug}/\" }",
        ),
        (
            "/old/x",
            1,
            "answer 52 This page was here and has been withdrawn.\nbecause `gone` of the configuration says so: /old/*",
        ),
        ("/posts/", 0, "answer 20 text/gemini; lang=en\nbecause made by maquis: the list of what is in a folder"),
        (
            "/tags/x/",
            0,
            "answer 20 text/gemini; lang=en\nbecause made by maquis: the posts with a tag, of a category, a series or an author",
        ),
        ("/atom.xml", 0, "answer 20 application/atom+xml\nbecause made by maquis: a feed"),
        (
            "gemini://other.org/",
            1,
            "answer 53 no capsule of that name is here\nbecause the hosts here are blog.example.org, www.example.org",
        ),
        (
            "gemini://blog.example.org:7/",
            1,
            "answer 53 no capsule on that port is here\nbecause it is asked for by gemini:, on port 1965",
        ),
        (
            "https://blog.example.org/",
            1,
            "answer 53 only gemini: is answered here\nbecause it is asked for by gemini:, on port 1965",
        ),
        ("/../x", 1, "answer 59 the path climbs above the root"),
        (
            "gopher://blog.example.org:7070/0/posts/a.txt",
            0,
            "answer a text\nfile capsule/posts/a.md\nbecause Markdown, converted",
        ),
        (
            "gopher://blog.example.org:7070/1/posts/a/",
            0,
            "answer a menu\nfile capsule/posts/a.md\nbecause Markdown, converted",
        ),
        (
            "gopher://blog.example.org:7070/9/posts/none.txt",
            1,
            "answer an error: nothing is here\nbecause no source has this address, and no rule leads from it",
        ),
    ] {
        let (exit, said) = explained(&blog, what);
        let said = said.lines().filter(|line| !line.starts_with("near ")).collect::<Vec<_>>().join("\n");
        assert_eq!((exit, said.as_str()), (code, text), "{what}");
    }
    let zone = "(Europe/Paris)";
    for (name, reason) in [
        ("draft", "a draft: its front matter, its folder or a section above it says so (`draft: true`); remove that to publish it".to_owned()),
        ("later", format!("scheduled: it appears by itself on 2130-01-01 00:00 {zone}")),
        ("expired", format!("expired on 2020-01-01 00:00 {zone}, as its front matter says")),
        ("bad", "broken, and hidden until it is mended\nproblem capsule/posts/bad.md:2: the front matter cannot be read".to_owned()),
        ("doubtful", "hidden until its front matter is mended\nproblem capsule/posts/doubtful.md:3: the date `yesterday`".to_owned()),
    ] {
        let said = explained(&blog, &format!("/posts/{name}/"));
        let text = format!("{nothing}file capsule/posts/{name}.md\nbecause {reason}");
        assert!(said.0 == 1 && said.1.starts_with(&text), "{name}: {text:?} was expected, not {:?}", said.1);
        // An author has the file in hand rather than the address.
        assert_eq!(explained(&blog, &format!("capsule/posts/{name}.md")), said);
    }
}

#[test]
fn who_finds_nothing_is_led_to_what_is_near() {
    let (code, said) = explained(&blog(), "/post/a/");
    assert_eq!(code, 1);
    assert!(said.contains("near gemini://blog.example.org/posts/a/"), "{said}");
    let (_, said) = explained(&blog(), "/%C3%A9t%C3%A9/");
    assert!(!said.contains("near "), "{said}");
}

#[test]
fn what_is_no_address_is_said_with_the_remedy() {
    let blog = blog();
    for (what, words) in [
        ("nonsense", "there is no such file; name an address"),
        ("config.toml", "this file is not published"),
        ("gopher://other.org/", "no capsule here has the name other.org"),
        ("gopher://", "this is no Gopher address"),
    ] {
        let (code, said) = explained(&blog, what);
        assert!(code == 1 && said.contains(words), "{what}: {said}");
    }
    let plain = folder(&[("capsule/a.md", "# A\n"), ("config.toml", "")]);
    let (code, said) = explained(&plain, "gopher://localhost/1/");
    assert!(code == 1 && said.contains("this capsule is not served over Gopher; add a [gopher] table"), "{said}");
}

#[test]
fn layouts_of_generators_hide_in_their_own_ways() {
    let hugo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts/hugo");
    let state = TempDir::new().unwrap();
    for (what, words) in [
        ("/posts/draft/", "because   a draft"),
        ("/hidden/page/", "because   its front matter, or that of a section above it, asks for no page"),
        ("/posts/bundle/", "layouts/hugo/content/posts/bundle/index.md"),
    ] {
        let mut command = maquis(state.path());
        command.args(["explain", what]).arg(&hugo);
        let (_, out, error) = run(command);
        assert!(out.contains(words), "{what}: {out}{error}");
    }
}

#[test]
fn a_draft_that_has_no_address_is_explained_by_its_file() {
    let jekyll = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts/jekyll");
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("explain").arg(jekyll.join("_drafts/idea.md")).arg(&jekyll);
    let (code, _, error) = run(command);
    assert!(code == 1 && error.contains("this file is not published: it is a draft"), "{error}");
}
