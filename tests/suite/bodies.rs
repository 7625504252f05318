//! What a reply carries, as a reader gets it over TLS: bytes, stored pages and files, whole or with the reason why not.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use maquis::server::Limits;
use maquis::server::probe;
use maquis::site::Part;

use crate::fixture::{Server, Store, file};
use crate::server::{LARGE, ask, asked, pattern, with_large_file, with_pages};

#[test]
fn bodies_of_every_kind_and_size_arrive_whole() {
    let source = tempfile::tempdir().unwrap();
    let mut store = Store::new();
    let sizes = [0, 1, 4096, 16 << 10, (64 << 10) - 32, 64 << 10, (64 << 10) + 1, 1_000_003];
    let mut pages = Vec::new();
    let mut paths = Vec::new();
    store.add(b"something before");
    for size in sizes {
        fs::write(source.path().join(format!("{size}.bin")), pattern(size)).unwrap();
        let kinds = [
            ("bytes", Part::Bytes(pattern(size).into())),
            ("stored", store.add(&pattern(size))),
            ("file", file(&format!("{size}.bin"))),
        ];
        for (kind, part) in kinds {
            paths.push((format!("/{kind}/{size}"), size));
            pages.push((format!("/{kind}/{size}"), vec![part]));
        }
    }
    let parts = vec![Part::Bytes(pattern(70_000).into()), store.add(&pattern(3)), file("1000003.bin"), file("1.bin")];
    pages.push(("/parts".into(), parts));
    let pages = pages.iter_mut().map(|(path, parts)| (path.as_str(), std::mem::take(parts))).collect();
    let server = Server::start(with_pages(pages, store, source.path(), Limits::default()));
    for (path, size) in paths {
        let answer = ask(&server, &path);
        assert_eq!(answer.head, "20 application/octet-stream", "{path}");
        assert!(answer.body == pattern(size), "{path}");
        assert!(answer.closed_cleanly, "{path}");
    }
    let expected = [pattern(70_000), pattern(3), pattern(1_000_003), pattern(1)].concat();
    assert!(ask(&server, "/parts").body == expected);
}

#[test]
fn case_072_074_075_and_076_what_is_no_file_is_not_found() {
    let source = tempfile::tempdir().unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), source.path().join("outside")).unwrap();
    std::os::unix::fs::symlink("loop", source.path().join("loop")).unwrap();
    fs::create_dir(source.path().join("folder")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        source.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    let names = ["missing", "outside", "loop", "folder", "pipe", "../x"];
    let paths = names.map(|name| format!("/f/{}", name.trim_start_matches("../")));
    let pages = paths.iter().zip(names).map(|(path, name)| (path.as_str(), vec![file(name)])).collect();
    let server = Server::start(with_pages(pages, Store::new(), source.path(), Limits::default()));
    for path in paths {
        let answer = ask(&server, &path);
        assert_eq!((answer.head.as_str(), answer.body.len()), ("51 nothing is here", 0), "{path}");
        assert!(answer.closed_cleanly, "{path}");
    }
}

#[test]
fn a_page_that_the_store_cannot_give_is_a_temporary_failure() {
    let place = Part::Stored(maquis::site::Stored { offset: 1 << 40, len: 10 });
    let server =
        Server::start(with_pages(vec![("/lost", vec![place])], Store::new(), Path::new("."), Limits::default()));
    let answer = ask(&server, "/lost");
    assert_eq!(answer.bytes, b"40\r\n");
    assert!(answer.closed_cleanly);
}

#[test]
fn case_080_a_file_that_shrinks_while_it_is_sent_ends_without_close_notify() {
    let (source, server) = with_large_file(Limits::default());
    let mut tls = asked(&server, "/large");
    let mut begun = [0; 1000];
    tls.read_exact(&mut begun).unwrap();
    OpenOptions::new().write(true).open(source.path().join("large")).unwrap().set_len(0).unwrap();
    let answer = probe::read_answer(tls).unwrap();
    assert!(answer.bytes.len() < LARGE && !answer.closed_cleanly);
}

#[test]
fn case_081_a_file_that_grows_while_it_is_sent_keeps_the_size_it_had() {
    let (source, server) = with_large_file(Limits::default());
    let mut tls = asked(&server, "/large");
    let mut begun = [0; 4];
    tls.read_exact(&mut begun).unwrap();
    OpenOptions::new().append(true).open(source.path().join("large")).unwrap().write_all(b"more").unwrap();
    let answer = probe::read_answer(tls).unwrap();
    assert_eq!(answer.body.len(), LARGE);
    assert!(answer.closed_cleanly);
}
