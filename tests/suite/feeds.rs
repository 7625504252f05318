//! Every feed that maquis makes, held against the grammar of RFC 4287 by a program that knows nothing of maquis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maquis::content::gopher::{Posts, WIDTH};
use maquis::content::masthead::Licence;
use maquis::content::{Gopher, Language};
use maquis::publish::{CapsuleSource, Published, Publisher};
use maquis::site::{Body, Part, Resource};
use maquis::store::Store;
use maquis::text::charset::Charset;

use crate::crawl::project;
use crate::served;

/// What is wrong with these files, or nothing; `None` where there is no `xmllint`.
fn refused(files: &[PathBuf]) -> Option<String> {
    let mut command = Command::new("xmllint");
    command.arg("--noout").arg("--relaxng").arg(project("tests/feeds/atom.rng")).args(files);
    match command.output() {
        Ok(output) if output.status.success() => Some(String::new()),
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => {
            skip!("xmllint: {error} (Debian: libxml2-utils)");
            None
        }
    }
}

fn publish(folder: &Path) -> Published {
    let gopher = Gopher { host: "x.org".into(), port: 70, posts: Posts::Text, charset: Charset::Utf8, width: WIDTH };
    let source = CapsuleSource {
        timezone: Some(TimeZone::UTC),
        gopher: Some(gopher),
        licence: Some(Licence { name: "CC BY <4.0> & more".into(), url: Some("https://x.org/by".into()) }),
        language: Language::parse("en"),
        ..CapsuleSource::new(folder.to_owned(), vec!["x.org".into()], 1965)
    };
    let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
    Publisher::new(vec![source], Store::memory()).unwrap().publish(now, &|_, _| {}).unwrap()
}

/// Writes the feeds of both protocols into a folder.
fn write_feeds(name: &str, published: &Published, into: &Path) -> Vec<PathBuf> {
    let capsule = &published.site.capsules[0];
    let gemini = capsule.resources.iter().filter_map(|(address, resource)| match resource {
        Resource::Content { media_type, body } if &**media_type == "application/atom+xml" => Some((address, body)),
        _ => None,
    });
    let dug = capsule.gopherhole.iter().flat_map(|hole| &hole.resources);
    let dug = dug.filter(|(address, _)| address.name() == "atom.xml");
    let text = |body: &Body| -> Vec<u8> {
        let bytes = |part: &Part| if let Part::Bytes(bytes) = part { bytes.to_vec() } else { Vec::new() };
        body.iter().flat_map(bytes).collect()
    };
    let mut files = Vec::new();
    for (number, (address, body)) in gemini.chain(dug).enumerate() {
        let path = into.join(format!("{name}-{number}{}", address.as_str().replace('/', "-")));
        fs::write(&path, text(body)).unwrap();
        files.push(path);
    }
    files
}

#[test]
fn every_feed_is_atom() {
    let odd = served::folder(&[
        ("bare.md", "# Not dated\n"),
        (
            "a.md",
            "---\ntitle: \"\\x01 <&> ]]>\"\ndate: 2020-01-02\ntags: ['', 'a \"b\" <c>', é]\nauthors: ['', ' ']\n---\n",
        ),
        ("b.md", "---\ndate: 0000-01-01\nsummary: \"<b>\"\nlang: pt_br\n---\n```\n\u{c} ]]> &amp;\n```\n"),
        ("c.fr.md", "---\ntitle: Été\ndate: 9999-12-30\nupdated: 2020-01-01\n---\n[x](a%20b.md)\n"),
    ]);
    let empty = served::folder(&[("index.md", "# Nothing yet\n")]);
    let into = tempfile::tempdir().unwrap();
    let mut files = write_feeds("odd", &publish(odd.path()), into.path());
    files.extend(write_feeds("empty", &publish(empty.path()), into.path()));
    files.extend(write_feeds("sample", &publish(&project("capsule")), into.path()));
    for entry in fs::read_dir(project("tests/layouts")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.extend(write_feeds(&name, &publish(&path), into.path()));
        }
    }
    assert!(files.len() > 30, "{}", files.len());
    assert!(refused(&files).is_none_or(|wrong| wrong.is_empty()), "{}", refused(&files).unwrap());
}

/// The grammar can refuse.
#[test]
fn what_is_no_feed_is_refused() {
    let into = tempfile::tempdir().unwrap();
    let files = write_feeds("sample", &publish(&project("capsule")), into.path());
    let good = fs::read_to_string(&files[0]).unwrap();
    let without = |name: &str| {
        let (before, rest) = good.split_once(&format!("<{name}>")).unwrap();
        format!("{before}{}", rest.split_once(&format!("</{name}>")).unwrap().1)
    };
    let dated = good.replacen("<updated>", "<updated>on ", 1);
    let moved = good.replacen("href=\"gemini://x.org", "href=\"", 1);
    let known = good.replacen("<author>", "<writer/><author>", 1);
    for (number, bad) in [without("id"), without("title"), without("updated"), dated, moved, known].iter().enumerate() {
        let path = into.path().join(format!("bad-{number}.xml"));
        fs::write(&path, bad).unwrap();
        assert!(refused(&[path]).is_none_or(|wrong| wrong.contains("fails to validate")), "{number}");
    }
}
