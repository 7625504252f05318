//! Images and other files of the capsule's own: how links speak of them, and what is sent of them.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use maquis::publish::{CapsuleSource, Publisher};
use maquis::site::{Part, Resource};
use maquis::store::Store;

use crate::served;

/// The gemtext of a page as it is published now.
fn page(publisher: &mut Publisher, address: &str) -> String {
    let published = publisher.publish(Timestamp::now(), &|_, _| {}).unwrap();
    let resource = published.site.capsules[0].resources.get(address);
    let Some(Resource::Content { body, .. }) = resource else { panic!("{address} is not there") };
    let mut text = Vec::new();
    for part in body.iter() {
        match part {
            Part::Bytes(bytes) => text.extend_from_slice(bytes),
            Part::Stored(place) => {
                let mut bytes = vec![0; place.len as usize];
                published.pages.read(*place, &mut bytes).unwrap();
                text.extend(bytes);
            }
            Part::File(_) => panic!("a page is no file"),
        }
    }
    String::from_utf8(text).unwrap()
}

fn publisher(folder: &Path) -> Publisher {
    let source = CapsuleSource::new(folder.to_owned(), vec!["localhost".into()], 1965);
    Publisher::new(vec![source], Store::memory()).unwrap()
}

#[test]
fn a_file_that_changed_changes_the_pages_that_name_it() {
    let post = "---\nlang: fr\n---\n![Le port](port.gif)\n\n[Le plan](plan.pdf)\n";
    let folder = served::folder(&[("a.md", post), ("plan.pdf", &"x".repeat(1_500_000))]);
    fs::write(folder.path().join("port.gif"), vec![b'x'; 83_700]).unwrap();
    let mut publisher = publisher(folder.path());
    let before = page(&mut publisher, "/a/");
    assert!(before.contains("=> /port.gif Le port (image, 84\u{a0}ko)\n"), "{before}");
    assert!(before.contains("=> /plan.pdf Le plan (1,5\u{a0}Mo)\n"), "{before}");
    fs::write(folder.path().join("port.gif"), b"small").unwrap();
    let after = page(&mut publisher, "/a/");
    assert!(after.contains("=> /port.gif Le port (image, 5\u{a0}o)\n"), "{after}");
}
