//! The gopherhole as its readers find it: everything is reached, every post that Gemini has, whatever form it has.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use maquis::text::width;

use crate::corpora;
use crate::crawl::{crawl, project};
use crate::served::{Served, folder, maquis, write};

/// A line of a menu.
struct Item {
    kind: char,
    display: String,
    selector: String,
    host: String,
    port: u16,
}

/// The items of a menu, which is held to its grammar.
fn menu(selector: &str, answer: &[u8]) -> Vec<Item> {
    let text = str::from_utf8(answer).unwrap_or_else(|_| panic!("{selector}: not UTF-8"));
    let lines = text.strip_suffix(".\r\n").unwrap_or_else(|| panic!("{selector}: a menu without its end: {text}"));
    let item = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [display, to, host, port] = fields[..] else { panic!("{selector}: {line:?}") };
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{selector}: {line:?}");
        assert!(width::columns(&display[1..]) <= 67, "{selector}: {line:?}");
        assert!(to.len() <= 255 || to.starts_with("URL:"), "{selector}: {line:?}");
        Item {
            kind: display.chars().next().unwrap(),
            display: display[1..].to_owned(),
            selector: to.to_owned(),
            host: host.to_owned(),
            port: port.parse().unwrap(),
        }
    };
    lines.split_terminator("\r\n").map(item).collect()
}

/// Every selector reached from the root menu, with the type it was said to be.
fn dig(served: &Served) -> BTreeMap<String, char> {
    let port = served.gopher.unwrap().port();
    let mut reached = BTreeMap::from([("/".to_owned(), '1')]);
    let mut next = VecDeque::from([("/".to_owned(), '1')]);
    while let Some((selector, kind)) = next.pop_front() {
        let answer = served.gopher(&selector);
        let message = || String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
        assert!(!is_error(&answer), "{selector}: {}", message());
        match kind {
            '1' => {
                for item in menu(&selector, &answer) {
                    assert_ne!(item.kind, '3', "{selector} leads to an error");
                    let own = item.host == "localhost" && item.port == port;
                    if item.kind == 'h' {
                        assert!(item.selector.starts_with("URL:") && own, "{selector}: {}", item.display);
                    } else if own && !reached.contains_key(&item.selector) {
                        reached.insert(item.selector.clone(), item.kind);
                        next.push_back((item.selector, item.kind));
                    }
                }
            }
            '0' if selector.ends_with(".txt") && !selector.ends_with("caps.txt") => {
                let text = String::from_utf8(answer).unwrap();
                assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t')), "{selector}");
                assert!(!text.is_empty(), "{selector} is empty");
            }
            _ => {}
        }
    }
    reached
}

fn is_error(answer: &[u8]) -> bool {
    let first = answer.split(|&byte| byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"3") && first.ends_with(b"\t\terror.host\t1\r")
}

/// The text of a post begins with its underlined title, of a few lines perhaps.
fn is_post(served: &Served, selector: &str) -> bool {
    let answer = served.gopher(selector);
    let first = answer.split(|&byte| byte == b'\n').skip(1).take(3);
    selector.ends_with(".txt") && first.into_iter().any(|line| line.starts_with(b"=="))
}

/// Both crawls find the same posts, and every page of Gemini that ends in a slash has a menu.
fn check(folder: &Path) -> usize {
    let served = Served::gopherhole(folder);
    let texts: BTreeSet<String> = dig(&served).into_keys().filter(|selector| is_post(&served, selector)).collect();
    let pages = crawl(&served).into_iter().filter(|(_, head)| head.starts_with("20 text/gemini"));
    let mut posts = BTreeSet::new();
    for (path, _) in pages {
        let text = format!("{}.txt", path.trim_end_matches('/').trim_end_matches(".gmi"));
        if is_post(&served, &text) {
            posts.insert(text);
        }
        if path.ends_with('/') {
            let answer = served.gopher(&path);
            assert!(!is_error(&answer), "{}: {path} has no menu", folder.display());
            menu(&path, &answer);
        }
    }
    assert_eq!(posts, texts, "{}: not the same over both protocols", folder.display());
    posts.len()
}

#[test]
fn every_layout_is_a_whole_gopherhole() {
    let mut layouts = 0;
    for entry in fs::read_dir(project("tests/layouts")).unwrap() {
        let list = entry.unwrap().path();
        if list.extension().is_some_and(|ending| ending == "txt") {
            assert!(check(&list.with_extension("")) > 0);
            layouts += 1;
        }
    }
    assert!(layouts >= 2);
}

#[test]
fn the_sample_capsule_is_a_whole_gopherhole() {
    assert!(check(&project("capsule")) >= 18);
}

/// The others take a minute in a debug build: with `MAQUIS_ALL`, or in a release build.
#[test]
fn real_blogs_are_whole_gopherholes() {
    let all = !cfg!(debug_assertions) || std::env::var_os("MAQUIS_ALL").is_some();
    let more = [("mtlynch", 200), ("rustblog", 700), ("jekyll", 40)];
    for (name, posts) in [("crouzet", 3), ("hugodocs", 600)].into_iter().chain(more.into_iter().filter(|_| all)) {
        let corpus = corpora::folder().join(name);
        if !corpus.is_dir() {
            skip!("the corpus {} is not here; set MAQUIS_CORPORA", corpus.display());
            continue;
        }
        let found = check(&corpus);
        assert!(found >= posts, "{name}: {found}");
    }
}

#[test]
fn older_addresses_and_other_forms_are_answered_in_place() {
    let post = "---\ntitle: Moved\naliases: [/old/]\ndate: 2024-05-06\n---\nSee [this](https://x.org/).\n";
    let folder = folder(&[("posts/new.md", post), ("posts/x.txt", "mine\n"), ("posts/x.md", "# X\n")]);
    let served = Served::gopherhole(folder.path());
    let text = served.gopher("/posts/new.txt");
    assert!(text.starts_with(b"Moved\r\n=====\r\n"));
    assert_eq!(served.gopher("old.txt"), text);
    let links = served.gopher("/posts/new/");
    assert!(links.starts_with(b"iMoved\t"));
    for other in ["/posts/new", "/old/", "/old", "/posts/new.html", "/posts/new/index.html"] {
        assert_eq!(served.gopher(other), links, "{other}");
    }
    assert!(served.gopher("/posts/new.gmi").starts_with(b"# Moved\n"));
    // The author's own file is not taken for a post's text, which steps aside.
    assert_eq!(served.gopher("/posts/x.txt"), b"mine\n");
    assert!(served.gopher("/posts/x/index.txt").starts_with(b"X\r\n=\r\n"));
}

#[test]
fn an_address_too_long_for_a_selector_has_a_short_one_that_stays() {
    let long = "é".repeat(60);
    let post = "---\ntitle: Long\ndate: 2024-05-06\n---\nSee [the picture](a.png).\n".to_owned();
    let folder = folder(&[(&format!("{long}/x.md"), &post), (&format!("{long}/a.png"), "PNG")]);
    let served = Served::gopherhole(folder.path());
    let reached = dig(&served);
    assert!(reached.keys().all(|selector| selector.len() <= 255), "{reached:?}");
    let texts: Vec<&String> = reached.keys().filter(|selector| is_post(&served, selector)).collect();
    assert_eq!(texts, ["/~b99e9b190f577077.txt"]);
    let text = served.gopher(texts[0]);
    assert!(text.starts_with(b"Long\r\n====\r\n"));
    for other in [format!("{long}/x.txt"), format!("/{}/x.txt", "%C3%A9".repeat(60))] {
        assert_eq!(served.gopher(&other), text, "{other}");
    }
    let picture = reached.iter().find(|(_, kind)| **kind == 'I').unwrap().0;
    assert_eq!(served.gopher(picture), b"PNG");
    assert!(picture.ends_with(".png"), "{picture}");
}

#[test]
fn hand_written_pages_are_menus_and_texts() {
    let folder = folder(&[
        ("index.gmi", "# My capsule\n=> /posts/ All posts\n=> note.gmi A note\n=> gopher://o.example/0/x Theirs\n"),
        (
            "note.gmi",
            "# Note\n\nA long line of gemtext that no terminal of eighty columns would show without breaking it.\n=> index.gmi Home\n",
        ),
        ("posts/a.md", "---\ntitle: A\ndate: 2024-01-01\n---\nText.\n"),
    ]);
    let served = Served::gopherhole(folder.path());
    let port = served.gopher.unwrap().port();
    let home = String::from_utf8(served.gopher("")).unwrap();
    let expected = format!(
        "iMy capsule\tTITLE\tnull.host\t1\r\ni==========\t\tnull.host\t1\r\n1All posts\t/posts/\tlocalhost\t{port}\r\n\
         0A note\t/note.txt\tlocalhost\t{port}\r\n0Theirs\t/x\to.example\t70\r\n.\r\n"
    );
    assert_eq!(home, expected);
    let note = String::from_utf8(served.gopher("/note.txt")).unwrap();
    assert!(note.lines().all(|line| line.len() <= 70), "{note}");
    assert!(note.contains(&format!("[a] gopher://localhost:{port}/1/\r\n")), "{note}");
    let gemtext = String::from_utf8(served.gopher("/note.gmi")).unwrap();
    assert!(gemtext.ends_with(&format!("=> gopher://localhost:{port}/1/ Home\n")), "{gemtext}");
}

#[test]
fn the_configuration_decides_how_and_who_answers() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path();
    write(
        folder,
        "one/a.md",
        "---\ntitle: L’été\ndate: 2024-01-01\n---\nUn [lien](https://x.org/), 10\u{202f}000\u{a0}€.\n",
    );
    write(folder, "two/index.md", "# Second\n");
    write(
        folder,
        "config.toml",
        "[[capsule]]\nsource = 'one'\nhosts = ['localhost']\n\
         [[capsule]]\nsource = 'two'\nhosts = ['two.localhost']\ngopher = ['127.0.0.1:0']\n\
         [gemini]\nlisten = ['127.0.0.1:0']\n\
         [gopher]\nlisten = ['127.0.0.1:0']\nhost = 'hole.example'\nport = 70\nposts = 'menu'\ncharset = 'latin-1'\nwidth = 40\n",
    );
    let mut command = maquis(folder);
    command.current_dir(folder).arg("serve");
    let served = Served::start(command);
    let home = served.gopher("");
    let line = b"12024-01-01  L'\xe9t\xe9\t/a/\thole.example\t70\r\n";
    assert!(home.windows(line.len()).any(|window| window == line), "{}", home.escape_ascii());
    let post = served.gopher("/a/");
    let line =
        b"iUn lien, 10\xa0000\xa0EUR.\t\tnull.host\t1\r\nhlien (x.org)\tURL:https://x.org/\thole.example\t70\r\n";
    assert!(post.windows(line.len()).any(|window| window == line), "{}", post.escape_ascii());
    let second = served.said.iter().filter_map(|line| line.strip_prefix("gopher://two.localhost:"));
    let port: Vec<u16> = second.map(|port| port.trim_end_matches('/').parse().unwrap()).collect();
    let [port] = port[..] else { panic!("the second capsule is not announced once: {:?}", served.said) };
    let mut second = served;
    second.gopher.as_mut().unwrap().set_port(port);
    let home = String::from_utf8(second.gopher("")).unwrap();
    assert!(home.starts_with("iSecond\tTITLE"), "{home}");
    assert!(home.contains(&format!("\ttwo.localhost\t{port}\r\n")), "{home}");
}

#[test]
fn gopher_is_silent_unless_it_is_asked_for() {
    let folder = folder(&[("a.md", "# A\n")]);
    let served = Served::folder(folder.path());
    assert!(served.gopher.is_none() && !served.said.iter().any(|line| line.contains("gopher")), "{:?}", served.said);
}

#[test]
fn case_100_a_lone_dot_a_tab_and_a_lone_cr_cannot_end_or_split_a_line() {
    let post = "---\ntitle: \"A\\ttab\\rand a \u{202e}turn\"\ndate: 2024-01-01\n---\n.\n\nBefore.\r.\rAfter.\n\n```\n.\na\tb\n```\n";
    let folder = folder(&[("posts/x.md", post)]);
    let served = Served::gopherhole(folder.path());
    let text = String::from_utf8(served.gopher("/posts/x.txt")).unwrap();
    assert!(text.split("\r\n").all(|line| line != "." && !line.contains(['\r', '\n', '\t'])), "{text:?}");
    assert!(text.contains("\r\n .\r\n"), "{text:?}");
    let items = menu("/posts/", &served.gopher("/posts/"));
    let display: Vec<&str> = items.iter().map(|item| item.display.as_str()).collect();
    assert!(display.contains(&"2024-01-01  A tab and a turn"), "{display:?}");
}
