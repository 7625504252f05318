//! A reader who starts at the home page and follows every link of the capsule.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::corpora;
use crate::served::{Served, maquis};

/// Every address reached from home by following links, with the heads of their replies.
pub(crate) fn crawl(served: &Served) -> BTreeMap<String, String> {
    let mut reached = BTreeMap::new();
    let mut asked = BTreeSet::from(["/".to_owned()]);
    let mut next = VecDeque::from(["/".to_owned()]);
    while let Some(path) = next.pop_front() {
        let answer = served.get(&path);
        assert!(answer.closed_cleanly, "{path}: no close_notify");
        let links = match answer.head.split_once(' ') {
            Some(("20", kind)) if kind.starts_with("text/gemini") => {
                links(&path, &String::from_utf8(answer.body).unwrap())
            }
            Some(("30" | "31", to)) if to.starts_with('/') => vec![to.to_owned()],
            _ => Vec::new(),
        };
        reached.insert(path, answer.head);
        next.extend(links.into_iter().filter(|link| asked.insert(link.clone())));
    }
    reached
}

/// The links of a page that stay on its capsule, resolved against its address.
fn links(page: &str, text: &str) -> Vec<String> {
    let mut preformatted = false;
    let mut links = Vec::new();
    for line in text.lines() {
        preformatted ^= line.starts_with("```");
        let Some(link) = line.strip_prefix("=>").filter(|_| !preformatted) else { continue };
        let link =
            link.split_whitespace().next().unwrap_or_else(|| panic!("{page}: a link without an address: {line}"));
        if link.starts_with('/') {
            links.push(link.to_owned());
        } else if !link.contains(':') {
            links.push(joined(page, link));
        }
    }
    links
}

/// A relative link as a path (RFC 3986, 5.2.4).
fn joined(page: &str, link: &str) -> String {
    let mut segments: Vec<&str> = page.split('/').collect();
    segments.pop();
    for segment in link.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

/// Follows every link, and holds a list of addresses against what was found.
fn check(folder: &Path, expected: &str) {
    let served = serve(folder);
    let reached = crawl(&served);
    for (path, head) in &reached {
        assert!(
            ["20 ", "30 ", "31 "].iter().any(|code| head.starts_with(code)),
            "{}: a link leads to {path}: {head}",
            folder.display()
        );
    }
    for line in expected.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["20", path] => assert!(reached.contains_key(path), "{path} is not reached: {:#?}", reached.keys()),
            ["at", path] => {
                assert!(served.get(path).head.starts_with("20 "), "{path}: {}", served.get(path).head);
                assert!(!reached.contains_key(path), "{path} is linked");
            }
            ["is", path, ref kind @ ..] => {
                assert_eq!(served.get(path).head, format!("20 {}", kind.join(" ")), "{path}")
            }
            ["head", path, ref head @ ..] => assert_eq!(served.get(path).head, head.join(" "), "{path}"),
            [code @ ("30" | "31"), path, to] => assert_eq!(served.get(path).head, format!("{code} {to}"), "{path}"),
            [code @ ("51" | "52"), path] => {
                assert!(served.get(path).head.starts_with(code), "{path}: {}", served.get(path).head);
                assert!(!reached.contains_key(path), "{path} is linked");
            }
            _ => panic!("not understood: {line}"),
        }
    }
    let listed = expected.lines().filter_map(|line| line.strip_prefix("20 ")).collect::<BTreeSet<_>>();
    if !listed.is_empty() {
        let found = reached.iter().filter(|(_, head)| head.starts_with("20 ")).map(|(path, _)| path.as_str());
        assert_eq!(found.collect::<BTreeSet<_>>(), listed, "{}: there is more than the list has", folder.display());
    }
}

/// A folder as it is, or by the configuration that lies beside it.
fn serve(folder: &Path) -> Served {
    let config = folder.with_extension("toml");
    if !config.exists() {
        return Served::folder(folder);
    }
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--certificates"]).arg(state.path());
    command.arg("--config").arg(config);
    let mut served = Served::start(command);
    served.state = Some(state);
    served
}

pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_layout_is_whole() {
    let mut layouts = 0;
    for entry in fs::read_dir(project("tests/layouts")).unwrap() {
        let list = entry.unwrap().path();
        if list.extension().is_some_and(|ending| ending == "txt") {
            check(&list.with_extension(""), &fs::read_to_string(&list).unwrap());
            layouts += 1;
        }
    }
    assert!(layouts >= 2);
}

/// What was written for another server of gemtext is sent byte for byte.
#[test]
fn a_capsule_of_gemtext_moves_in_as_it_is() {
    let folder = project("tests/layouts/gemtext");
    let served = Served::folder(&folder);
    let mut folders = vec![String::new()];
    let mut seen = 0;
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner)).unwrap() {
            let (name, path) = {
                let entry = entry.unwrap();
                (entry.file_name().into_string().unwrap(), entry.path())
            };
            if path.is_dir() {
                folders.push(format!("{inner}{name}/"));
            } else if name != ".meta" && !name.starts_with("withdrawn") {
                let address = format!("/{inner}{}", if name == "index.gmi" { "" } else { &name });
                assert_eq!(served.get(&address).body, fs::read(&path).unwrap(), "{address}");
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "{seen}");
    let dug = Served::gopherhole(&folder);
    let text = |selector: &str| String::from_utf8(dug.gopher(selector)).unwrap();
    assert!(text("/withdrawn.gmi").starts_with("3This page was here and has been withdrawn."));
    assert_eq!(text("/old-news.gmi"), text("/log/"), "a redirect within the capsule is the same page");
    assert!(text("/far.gmi").contains("gemini://other.example/far"), "{}", text("/far.gmi"));
    assert!(text("/search").starts_with('3'), "there is nobody to ask here");
    assert!(!served.said.iter().any(|line| line.contains("problem")), "{:?}", served.said);
}

#[test]
fn the_sample_capsule_is_whole() {
    check(&project("capsule"), "");
}

/// The real Hugo blog of the corpora, where they are at hand.
#[test]
fn a_large_hugo_site_is_whole() {
    let corpus = corpora::folder().join("hugodocs");
    if !corpus.exists() {
        skip!("the corpus {} is not here; set MAQUIS_CORPORA", corpus.display());
        return;
    }
    let served = Served::folder(&corpus);
    let reached = crawl(&served);
    let lost: Vec<_> =
        reached.iter().filter(|(_, head)| !head.starts_with("20 ") && !head.starts_with("31 ")).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    // As `hugo list published` counts them: 724 pages, 62 sections; the pages expire one by one from 2027 on.
    assert!(reached.keys().filter(|path| path.ends_with('/')).count() >= 700);
}

/// The real Zola blog of the corpora: every page at the `path` its front matter gives, every alias leading there.
#[test]
fn a_large_zola_blog_is_whole() {
    let corpus = corpora::folder().join("rustblog");
    if !corpus.exists() {
        skip!("the corpus {} is not here; set MAQUIS_CORPORA", corpus.display());
        return;
    }
    let served = Served::folder(&corpus);
    let reached = crawl(&served);
    let lost: Vec<_> =
        reached.iter().filter(|(_, head)| !head.starts_with("20 ") && !head.starts_with("31 ")).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    let mut folders = vec![corpus.join("content")];
    let (mut pages, mut aliases) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let field = |name: &str| {
                text.lines()
                    .take_while(|line| !line.starts_with('['))
                    .find_map(|line| line.strip_prefix(name)?.split_once('='))
            };
            let Some((_, at)) = field("path") else { continue };
            let address = format!("/{}/", at.trim().trim_matches(['"', '/']));
            assert!(reached.contains_key(&address), "{} is not reached at {address}", path.display());
            pages += 1;
            let listed = field("aliases").map_or("", |(_, listed)| listed);
            for alias in listed.split('"').skip(1).step_by(2) {
                assert_eq!(served.get(&format!("/{alias}")).head, format!("31 {address}"), "{alias}");
                aliases += 1;
            }
        }
    }
    assert!(pages > 700 && aliases > 100, "{pages} pages, {aliases} aliases");
}
