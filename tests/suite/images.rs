//! Images and other files of the capsule's own: how links speak of them, and what is sent of them.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use maquis::content::picture::{Picture, Piece};
use maquis::publish::{CapsuleSource, Publisher};
use maquis::server::Limits;
use maquis::server::probe;
use maquis::site::{FilePlace, Part, Resource};
use maquis::source::root::{Root, stamp_of};
use maquis::store::Store;

use crate::fixture::{self, Server};
use crate::served::{self, Served, maquis};
use crate::server::{LARGE, ask, asked, with_pages};

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

const POST: &str = "---\ndate: 2020-01-02\n---\n![Port](port.jpg)\n";

/// A segment of a JPEG file.
fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], contents].concat()
}

/// A photograph, of this brightness, as it comes from a camera, and as readers get it.
pub(crate) fn photograph(brightness: u8) -> (Vec<u8>, Vec<u8>) {
    let told = segment(0xE1, &[&b"Exif\0\0"[..], b"48.8584 N", &[b' '; 60_000]].concat());
    let pixels = [segment(0xDB, b"tables"), segment(0xDA, b"scan"), vec![brightness; 2_000], vec![0xFF, 0xD9]].concat();
    let soi = [0xFF, 0xD8];
    ([&soi, &told[..], &pixels, b"a film, 2.2945 E"].concat(), [&soi, &pixels[..]].concat())
}

#[test]
fn a_photograph_does_not_say_where_it_was_taken() {
    let (file, sent) = photograph(7);
    let folder = served::folder(&[("a.md", POST)]);
    fs::write(folder.path().join("port.jpg"), &file).unwrap();
    let served = Served::gopherhole(folder.path());
    assert_eq!(served.get("/port.jpg").head, "20 image/jpeg");
    assert_eq!(served.get("/port.jpg").body, sent);
    assert_eq!(served.gopher("/port.jpg"), sent);
    assert!(served.page("/a/").contains("=> /port.jpg Port (image, 2 kB)\n"), "{}", served.page("/a/"));
    // Another photograph at the same place.
    let (file, sent) = photograph(9);
    fs::write(folder.path().join(".port.jpg"), &file).unwrap();
    fs::rename(folder.path().join(".port.jpg"), folder.path().join("port.jpg")).unwrap();
    served.lines_until(|line| line.starts_with("content changed"));
    assert_eq!(served.get("/port.jpg").body, sent);
}

#[test]
fn a_photograph_is_sent_whole_where_its_author_says_so() {
    let (file, _) = photograph(7);
    let folder = served::folder(&[
        ("config.toml", "[[capsule]]\nmetadata = 'keep'\n[gemini]\nlisten = ['127.0.0.1:0']\n"),
        ("capsule/a.md", POST),
    ]);
    fs::write(folder.path().join("capsule/port.jpg"), &file).unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(folder.path());
    assert_eq!(Served::start(command).get("/port.jpg").body, file);
}

#[test]
fn a_picture_that_cannot_be_read_is_sent_whole_and_named() {
    let folder = served::folder(&[("a.md", POST), ("port.jpg", "GIF89a"), ("lost.png", "version https://git-lfs")]);
    let mut publisher = publisher(folder.path());
    for _ in 0..2 {
        let published = publisher.publish(Timestamp::now(), &|_, _| {}).unwrap();
        let said: Vec<String> = published.problems.iter().map(ToString::to_string).collect();
        let about =
            |name: &str| said.iter().filter(|text| text.contains(name) && text.contains("neither a JPEG")).count();
        assert_eq!((about("port.jpg:"), about("lost.png:")), (1, 1), "{said:?}");
    }
    let served = Served::folder(folder.path());
    assert_eq!(served.get("/port.jpg").body, b"GIF89a");
}

/// A server of one large picture, of which all is known, and its folder.
fn server_of_picture() -> (tempfile::TempDir, Server) {
    let source = tempfile::tempdir().unwrap();
    fs::File::create(source.path().join("large.jpg")).unwrap().set_len(LARGE as u64).unwrap();
    let stamp = stamp_of(&Root::open(source.path()).unwrap().file("large.jpg").unwrap()).unwrap();
    let pieces = [Piece::Made(b"made".as_slice().into()), Piece::File(16..LARGE as u64)].into();
    let picture = Some(Arc::new(Picture { stamp, pieces }));
    let part = Part::File(FilePlace { capsule: 0, path: "large.jpg".into(), picture });
    let pages = vec![("/large.jpg", vec![part])];
    let snapshot = with_pages(pages, fixture::Store::new(), source.path(), Limits::default());
    (source, Server::start(snapshot))
}

/// As an editor does that writes in place.
fn write_into(source: &Path, offset: u64) {
    let file = OpenOptions::new().write(true).open(source.join("large.jpg")).unwrap();
    file.write_all_at(b"48.8584 N", offset).unwrap();
}

#[test]
fn of_a_picture_that_has_changed_nothing_is_sent_before_it_was_looked_into() {
    let (source, server) = server_of_picture();
    let answer = ask(&server, "/large.jpg");
    assert_eq!((answer.body.len(), answer.closed_cleanly), (4 + LARGE - 16, true));
    assert!(answer.body.starts_with(b"made\0"));
    write_into(source.path(), 100);
    let answer = ask(&server, "/large.jpg");
    assert_eq!((&answer.head[..2], answer.body.len()), ("40", 0));
}

#[test]
fn of_a_picture_that_changes_while_it_is_sent_nothing_new_is_sent() {
    let (source, server) = server_of_picture();
    let mut tls = asked(&server, "/large.jpg");
    tls.read_exact(&mut [0; 4]).unwrap();
    write_into(source.path(), LARGE as u64 - 100);
    let answer = probe::read_answer(tls).unwrap();
    assert!(answer.bytes.len() < LARGE && !answer.closed_cleanly);
    assert!(answer.bytes.iter().all(|byte| *byte != b'N'), "what the reader got is of the state that is known");
}
