//! `maquis check` as the author's proof-reader: what it names, what it leaves alone, and how programs read it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use maquis::server::Limits;
use tempfile::TempDir;

use crate::fixture::Server;
use crate::served::{folder, maquis, run, write};

/// Exit code, and what is said on both outputs.
fn check(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["check", "."]).args(more).current_dir(folder);
    run(command)
}

/// A blog in which nothing is wrong and nothing is left to wish for.
const GOOD: [(&str, &str); 8] = [
    ("index.md", "# A blog\n\nWelcome.\n"),
    (
        "about.md",
        "# About\n\n![The port at night](port.gif)\n\n<img src=\"port.gif\" alt=\"The port by day\">\n\n{{< figure src=\"port.gif\" caption=\"At dawn\" >}}\n",
    ),
    ("port.gif", "x"),
    ("posts/a.md", "---\ntitle: A\ndate: 2024-01-01\n---\nTo [b](b.md), and to [a friend](gemini://été.example/).\n"),
    ("posts/b.md", "---\ntitle: B\ndate: 2024-01-02\n---\nText.\n"),
    ("posts/c.md", "---\ndate: 2024-01-03\n---\n# C\n\nText.\n"),
    (".git/config", "[core]\n"),
    ("notes/plain.md", "# Undated\n\nIn a garden nothing has a date.\n"),
];

#[test]
fn a_good_blog_hears_nothing() {
    let blog = folder(&GOOD);
    let (code, out, error) = check(blog.path(), &[]);
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    assert!(error.ends_with("no problems\n"), "{error}");
}

/// Each case is a good blog and one more file: the line that it costs, its kind, and its severity.
#[test]
fn each_flaw_is_named_where_it_is() {
    let head = "---\ntitle: X\ndate: 2024-02-01\n---\n";
    let with = |text: &str| format!("{head}{text}");
    let long = "word ".repeat(40);
    let french = "Le petit web est une idée simple, et les pages sont dans des dossiers. ".repeat(6);
    let cases: [(&str, String, &str, &str, &str); 21] = [
        (
            "posts/x.md",
            with(&french),
            "posts/x.md:1: it is French, and readers are told that it is English; set `language = \"fr\"`",
            "language",
            "advice",
        ),
        (
            "posts/x.md",
            with("![](../port.gif)\n"),
            "posts/x.md:5: the picture `port.gif` has no alternative text",
            "no-alternative",
            "advice",
        ),
        (
            "posts/x.md",
            with("A.\n\n<p><img src=\"../port.gif\"></p>\n"),
            "posts/x.md:7: the picture",
            "no-alternative",
            "advice",
        ),
        (
            "posts/x.md",
            with(&format!("A.\n\nB [{long}](b.md).\n")),
            "posts/x.md:7: a link of 199 characters",
            "long-label",
            "advice",
        ),
        (
            "posts/x.md",
            with("To [a](https://pаypal.com/x).\n"),
            "posts/x.md:5: the letters of `pаypal.com`",
            "mixed-scripts",
            "advice",
        ),
        (
            "x.gmi",
            "# X\n\n=> gemini://pаypal.com/ a friend\n".into(),
            "x.gmi:3: the letters of `pаypal.com`",
            "mixed-scripts",
            "advice",
        ),
        (
            "posts/x.md",
            "---\ndate: 2024-02-01\n---\nText.\n".into(),
            "posts/x.md:1: it has no title, so it is called `X`",
            "no-title",
            "advice",
        ),
        (
            "posts/x.md",
            "# X\n\nText.\n".into(),
            "posts/x.md:1: it has no date, unlike those beside it",
            "no-date",
            "advice",
        ),
        (
            "posts/x.md",
            with("To [no](nothing.md).\n"),
            "posts/x.md:5: the link `nothing.md` leads to nothing",
            "broken-link",
            "warning",
        ),
        (
            "posts/x.md",
            with("![No](nothing.gif)\n"),
            "posts/x.md:5: the image `nothing.gif` leads to nothing",
            "broken-image",
            "warning",
        ),
        (
            "x.gmi",
            "# X\n\n=> /nothing/ No\n".into(),
            "x.gmi:3: the link `/nothing/` leads to nothing",
            "broken-link",
            "warning",
        ),
        ("posts/x.md", with("{{< gallery >}}\n"), "posts/x.md:5: the shortcode gallery needs", "shortcode", "warning"),
        ("posts/x.md", with("A note[^n].\n"), "posts/x.md:5: the footnote [^n] is not defined", "footnote", "warning"),
        (
            "posts/x.md",
            with("").replace("title: X", "slug: a"),
            "posts/x.md:1: its address /posts/a/ is taken by posts/a.md",
            "address",
            "error",
        ),
        (
            "posts/x.md",
            with("").replace("title: X", "title: X\naliases: [/about/]"),
            "posts/x.md:1: the alias `/about/` is taken",
            "alias",
            "warning",
        ),
        ("posts/x.md", with("").replace("2024-02-01", "soon"), "posts/x.md:3: the date", "visibility", "error"),
        (
            "posts/x.md",
            with("").replace("title: X", "title: X\nweight: heavy"),
            "posts/x.md:3: `weight` is not",
            "field",
            "warning",
        ),
        ("posts/x.md", "---\ntitle: X\nText.\n".into(), "posts/x.md:1: ", "front-matter", "error"),
        (
            "files/secrets.yml",
            "a: b\n".into(),
            "files/secrets.yml: it looks private, and is served",
            "private",
            "error",
        ),
        ("keys/id_rsa", "x".into(), "keys/id_rsa: it looks private; it is not served", "withheld", "advice"),
        (".env", "x".into(), ".env: it looks private; it is not served", "withheld", "advice"),
    ];
    for (path, text, line, kind, severity) in cases {
        let blog = folder(&GOOD);
        write(blog.path(), path, &text);
        let (code, out, error) = check(blog.path(), &[]);
        assert!(out.starts_with(line) && out.lines().count() == 1, "{line}\n{out}{error}");
        assert_eq!(code, i32::from(severity != "advice"), "{line}");
        let said = if severity == "advice" { "no problems, one piece of advice\n" } else { "1 problem\n" };
        assert!(error.ends_with(said), "{error}");
        let (again, json, _) = check(blog.path(), &["--format", "json"]);
        assert_eq!(again, code, "{line}");
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&object["kind"], &object["severity"]), (&kind.into(), &severity.into()), "{json}");
        assert!(out.contains(object["text"].as_str().unwrap()) && out.starts_with(object["path"].as_str().unwrap()));
        let number = out.split(':').nth(1).and_then(|number| number.parse::<u64>().ok());
        assert_eq!(object["line"].as_u64(), number, "{json}");
    }
}

#[test]
fn a_draft_that_a_public_post_leads_to_is_named() {
    let blog = folder(&GOOD);
    write(blog.path(), "posts/later.md", "---\ntitle: Later\ndate: 2024-01-05\ndraft: true\n---\nText.\n");
    write(blog.path(), "posts/x.md", "---\ntitle: X\ndate: 2024-01-06\n---\nMore [soon](later.md).\n");
    let (code, out, _) = check(blog.path(), &[]);
    assert_eq!(code, 1);
    assert_eq!(out, "posts/x.md:5: the link `later.md` leads to a page that is a draft\n");
}

#[test]
fn what_repeats_itself_is_folded_unless_all_is_asked_for() {
    let blog = folder(&GOOD);
    for post in 0..30 {
        let text = "---\ntitle: X\ndate: 2024-02-01\n---\n{{< gallery >}}\n\n![](../port.gif)\n";
        write(blog.path(), &format!("posts/x{post:02}.md"), text);
    }
    let (code, out, error) = check(blog.path(), &[]);
    assert_eq!(code, 1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 8, "{out}");
    assert!(lines[0].starts_with("posts/x00.md:5: the shortcode gallery"), "{out}");
    assert_eq!((lines[3], lines[7]), ("27 more like these: maquis check --all", lines[3]));
    assert!(error.ends_with("30 problems, 30 pieces of advice\n"), "{error}");
    assert_eq!(check(blog.path(), &["--all"]).1.lines().count(), 60);
    assert_eq!(check(blog.path(), &["--format", "json"]).1.lines().count(), 60);
}

#[test]
fn what_is_no_defect_is_not_said_while_serving() {
    let blog = folder(&GOOD);
    write(blog.path(), "posts/x.md", "---\ndate: 2024-02-01\n---\n![](../port.gif)\n");
    let served = crate::served::Served::folder(blog.path());
    assert!(served.said.last().unwrap().starts_with("4 posts, 2 pages"), "{:?}", served.said);
    assert!(
        !served.said.iter().any(|line| line.contains("problem") || line.contains("alternative")),
        "{:?}",
        served.said
    );
}

#[test]
fn keys_and_passwords_are_never_served() {
    let names =
        ["id_rsa", "id_ed25519", "vault.kdbx", "me.p12", "vpn.ovpn", "wp-config.php", "a.KEY", ".env", ".env.local"];
    let mut files: Vec<(&str, &str)> = GOOD.to_vec();
    files.extend(names.iter().map(|name| (*name, "secret")));
    let blog = folder(&files);
    let served = crate::served::Served::folder(blog.path());
    for name in names {
        assert!(served.get(&format!("/{name}")).head.starts_with("51 "), "{name}");
    }
}

/// A web server of one page: the heads of all requests it got.
fn web(requests: usize) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let one = |_| {
            let (mut tcp, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(tcp.try_clone().unwrap()).lines();
            let head: Vec<String> = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            let status = if head[0].starts_with("HEAD /there ") { "200 OK" } else { "404 Not Found" };
            tcp.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            head.join("\n")
        };
        (0..requests).map(one).collect()
    };
    (port, std::thread::spawn(serve))
}

#[test]
fn other_hosts_are_asked_when_that_is_wanted_and_not_else() {
    let server = Server::with(Limits::default());
    let (capsule, hole) = (server.address.port(), server.gopher.port());
    let (web, asked) = web(2);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = "[[capsule]]\nsource = \"texts\"\nhosts = [\"blog.example\"]\n";
    let post = format!(
        "# X\n\n[1](gemini://localhost:{capsule}/a.txt)\n[2](gemini://localhost:{capsule}/lost)\n\
         [3](gopher://localhost:{hole}/0/a.txt)\n[4](gopher://localhost:{hole}/1/lost)\n\
         [5](http://localhost:{web}/there#part)\n[6](http://localhost:{web}/lost)\n\
         [7](gemini://localhost:{closed}/)\n[8](gemini://blog.example/lost)\n[9](mailto:me@example.org)\n\
         [6 again](http://localhost:{web}/lost)\n"
    );
    let home = folder(&[("config.toml", config), ("texts/x.md", &post)]);
    let ask = |more: &[&str]| {
        let mut command = maquis(home.path());
        command.arg("check").args(more).current_dir(home.path());
        run(command)
    };
    let (code, out, error) = ask(&[]);
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    assert!(!error.contains("asking"), "{error}");
    let (code, out, error) = ask(&["--external"]);
    assert_eq!(code, 1);
    assert!(error.starts_with("asking one host, which will see the address of this machine: localhost\n"), "{error}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 5, "{out}");
    for (line, words) in [
        ("texts/x.md:4: the link gemini://localhost:", "/lost leads nowhere now (it answers 51)"),
        ("texts/x.md:6: the link gopher://localhost:", "/1/lost leads nowhere now (nothing is there)"),
        ("texts/x.md:8: the link http://localhost:", "/lost leads nowhere now (it answers 404)"),
        ("texts/x.md:12: the link http://localhost:", "/lost leads nowhere now (it answers 404)"),
        ("texts/x.md:9: the link gemini://localhost:", "leads nowhere now (no answer: "),
    ] {
        assert!(lines.iter().any(|said| said.starts_with(line) && said.contains(words)), "{line}{words}\n{out}");
    }
    let heads = asked.join().unwrap();
    assert!(heads.iter().all(|head| head.contains(&format!("Host: localhost:{web}"))), "{heads:?}");
}

#[test]
fn a_host_that_answers_without_end_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let flood = std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        // Until the other side hangs up.
        while tcp.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let blog = folder(&[("x.md", &format!("# X\n\n[1](gopher://127.0.0.1:{port}/0/x)\n"))]);
    let (code, out, error) = check(blog.path(), &["--external"]);
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    flood.join().unwrap();
}

#[test]
fn nobody_is_asked_where_no_link_leaves() {
    let blog = folder(&[("x.md", "# X\n\nText.\n")]);
    let (code, _, error) = check(blog.path(), &["--external"]);
    assert_eq!(code, 0);
    assert!(error.contains("no link leads to another host: nobody is asked"), "{error}");
}
