//! The sample capsule as a golden test: every page and listing that `capsule/` becomes, byte for byte.
//!
//! `tests/sample/` mirrors the addresses; a page ends in `index.gmi`. With `MAQUIS_BLESS=1` the test writes what
//! came out and still fails, so that somebody reads the difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maquis::content::Language;
use maquis::publish::{CapsuleSource, Published, Publisher};
use maquis::site::{Part, Resource};
use maquis::store::Store;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// As the repository's `config.toml` says, on a day that does not pass.
fn published() -> Published {
    let source = CapsuleSource {
        folder: project("capsule"),
        layout: None,
        hosts: vec!["localhost".into()],
        port: 1965,
        title: None,
        author: None,
        language: Some(Language::english()),
        web: None,
        timezone: Some(TimeZone::UTC),
        contact: None,
        conversion: Default::default(),
        style: Default::default(),
    };
    let mut publisher = Publisher::new(vec![source], Store::memory()).unwrap();
    let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
    publisher.publish(now, &|_, _| {}).unwrap()
}

/// The text pages by the name of the file that holds what is expected of them.
fn pages(published: &Published) -> BTreeMap<String, String> {
    let text = |part: &Part| match part {
        Part::Bytes(bytes) => bytes.to_vec(),
        Part::Stored(place) => {
            let mut bytes = vec![0; place.len as usize];
            published.pages.read(*place, &mut bytes).unwrap();
            bytes
        }
        Part::File(_) => Vec::new(),
    };
    let mut pages = BTreeMap::new();
    for (address, resource) in &published.site.capsules[0].resources {
        let Resource::Content { media_type, body } = resource else { continue };
        if media_type.starts_with("text/gemini") || &**media_type == "application/atom+xml" {
            let bytes: Vec<u8> = body.iter().flat_map(text).collect();
            let index = if address.is_folder() { "index.gmi" } else { "" };
            pages.insert(format!("{}{index}", &address.as_str()[1..]), String::from_utf8(bytes).unwrap());
        }
    }
    pages
}

#[test]
fn the_sample_capsule_comes_out_as_written() {
    let published = published();
    assert_eq!(published.problems, [], "the manual is to be without problems");
    let folder = project("tests/sample");
    let mut wrong = Vec::new();
    for (name, page) in pages(&published) {
        let path = folder.join(&name);
        if fs::read_to_string(&path).unwrap_or_default() != page {
            if std::env::var_os("MAQUIS_BLESS").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, page).unwrap();
            }
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "not as in tests/sample: {wrong:#?}\nMAQUIS_BLESS=1 writes them; then git diff");
}
