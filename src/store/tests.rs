//! A store keeps what was put, drops what is torn, and goes on where it cannot be written again.

use super::*;

const STAMP: Stamp = Stamp { size: 3, modified: 1, inode: 2 };

fn body(store: &Store, path: &str) -> Option<String> {
    let place = store.bodies(0, path)?.gemtext;
    let mut bytes = vec![0; place.len as usize];
    store.pages.read(place, &mut bytes).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

fn of(text: &str) -> Renderings<Vec<u8>> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Renderings { gemtext: bytes(text), text: bytes("text"), menu: bytes(""), linked: bytes("linked") }
}

#[test]
fn every_rendering_has_its_place() {
    let mut store = Store::memory();
    let places = store.put(0, "a.md", STAMP, (&"meta", &()), &of("gemtext")).unwrap();
    let read = |place: &Stored| {
        let mut bytes = vec![0; place.len as usize];
        store.pages().read(*place, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(places.iter().map(read).collect::<Vec<_>>(), ["gemtext", "text", "", "linked"]);
}

#[test]
fn a_store_opened_again_has_what_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("first")).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("second")).unwrap();
    drop(store);
    let store = Store::open(&path, 7).unwrap();
    let found: Found<String> = store.get(0, "a.md").unwrap();
    assert_eq!((found.stamp, found.meta.as_str(), body(&store, "a.md").as_deref()), (STAMP, "meta", Some("second")));
}

#[test]
fn what_is_deleted_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("x")).unwrap();
    store.keep(&HashSet::new());
    drop(store);
    assert_eq!(body(&Store::open(&path, 7).unwrap(), "a.md"), None);
}

#[test]
fn what_is_withdrawn_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("x")).unwrap();
    store.withdraw(0, "a.md", STAMP).unwrap();
    assert_eq!(body(&store, "a.md"), None);
    drop(store);
    assert_eq!(body(&Store::open(&path, 7).unwrap(), "a.md"), None);
}

#[test]
fn other_ingredients_make_another_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    Store::open(&path, 7).unwrap().put(0, "a.md", STAMP, (&"meta", &()), &of("x")).unwrap();
    assert_eq!(body(&Store::open(&path, 8).unwrap(), "a.md"), None);
}

#[test]
fn a_torn_record_costs_itself_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("whole")).unwrap();
    store.put(0, "b.md", STAMP, (&"meta", &()), &of("torn")).unwrap();
    drop(store);
    let length = std::fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 2).unwrap();
    let mut store = Store::open(&path, 7).unwrap();
    assert_eq!((body(&store, "a.md").as_deref(), body(&store, "b.md")), (Some("whole"), None));
    store.put(0, "c.md", STAMP, (&"meta", &()), &of("after")).unwrap();
    assert_eq!(body(&store, "c.md").as_deref(), Some("after"));
}

#[test]
fn a_second_process_gets_a_store_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut first = Store::open(&path, 7).unwrap();
    first.put(0, "a.md", STAMP, (&"meta", &()), &of("x")).unwrap();
    let mut second = Store::open(&path, 7).unwrap();
    second.put(0, "a.md", STAMP, (&"meta", &()), &of("y")).unwrap();
    assert_eq!(body(&first, "a.md").as_deref(), Some("x"));
    assert_eq!(body(&second, "a.md").as_deref(), Some("y"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn waste_is_dropped_and_old_readers_keep_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    let large = vec![b'x'; WASTE as usize];
    let old = store
        .put(0, "a.md", STAMP, (&"meta", &()), &Renderings { gemtext: large.clone(), ..Renderings::default() })
        .unwrap()
        .gemtext;
    let reader = store.pages();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("small")).unwrap();
    assert_eq!(store.keep(&HashSet::from([(0, "a.md")])), Kept::Moved);
    assert!(std::fs::metadata(&path).unwrap().len() < 1024);
    assert_eq!(body(&store, "a.md").as_deref(), Some("small"));
    let mut bytes = vec![0; old.len as usize];
    reader.read(old, &mut bytes).unwrap();
    assert_eq!(bytes, large);
}

#[test]
fn a_store_that_cannot_be_written_again_goes_on_and_is_once_that_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    let large = || Renderings { gemtext: vec![b'x'; 2 * WASTE as usize], ..Renderings::default() };
    let keeps = HashSet::from([(0, "a.md")]);
    store.put(0, "a.md", STAMP, (&"meta", &()), &large()).unwrap();
    // What is in the way of the second file.
    let in_the_way = path.with_extension("new");
    std::fs::create_dir(&in_the_way).unwrap();
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("small")).unwrap();
    assert_eq!(store.keep(&keeps), Kept::InPlace);
    assert_eq!(body(&store, "a.md").as_deref(), Some("small"));
    std::fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(store.keep(&keeps), Kept::InPlace, "not at every change");
    for _ in 0..2 {
        store.put(0, "a.md", STAMP, (&"meta", &()), &large()).unwrap();
    }
    store.put(0, "a.md", STAMP, (&"meta", &()), &of("last")).unwrap();
    assert_eq!(store.keep(&keeps), Kept::Moved);
    assert_eq!(body(&store, "a.md").as_deref(), Some("last"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_disk_is_given_back_what_nobody_reads_any_more() {
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    let text = |letter: &str| of(&letter.repeat(64 * 1024));
    let on_disk = || std::fs::metadata(&path).unwrap().blocks() * 512;
    let read = |pages: &Pages, place: Stored| {
        let mut bytes = vec![0; place.len as usize];
        pages.read(place, &mut bytes).unwrap();
        bytes[0]
    };
    let first = store.put(0, "a.md", STAMP, (&"meta", &()), &text("1")).unwrap().gemtext;
    let (slow, unused) = (store.pages(), store.pages());
    drop(unused);
    let second = store.put(0, "a.md", STAMP, (&"meta", &()), &text("2")).unwrap().gemtext;
    let quick = store.pages();
    store.put(0, "a.md", STAMP, (&"meta", &()), &text("3")).unwrap();
    let before = on_disk();
    assert!(!store.waste.give_back(&store.pages), "the first is being read");
    assert_eq!((read(&slow, first), read(&quick, second)), (b'1', b'2'));
    drop(slow);
    assert!(store.waste.give_back(&store.pages), "the first is read by nobody");
    assert_eq!(read(&quick, second), b'2');
    assert!(on_disk() <= before - 56 * 1024, "{} of {before}", on_disk());
    assert!(!store.waste.give_back(&store.pages), "once");
    drop((store, quick));
    // What is left of it is passed over, and what was replaced in another run nobody reads.
    let mut store = Store::open(&path, 7).unwrap();
    assert_eq!(body(&store, "a.md").unwrap(), "3".repeat(64 * 1024));
    assert!(store.waste.give_back(&store.pages));
    store.put(0, "b.md", STAMP, (&"meta", &()), &of("after")).unwrap();
    drop(store);
    let store = Store::open(&path, 7).unwrap();
    assert_eq!(body(&store, "a.md").unwrap(), "3".repeat(64 * 1024));
    assert_eq!(body(&store, "b.md").as_deref(), Some("after"));
}

#[test]
fn what_is_given_back_keeps_no_block_for_each_record() {
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages");
    let mut store = Store::open(&path, 7).unwrap();
    store.put(0, "first.md", STAMP, (&"meta", &()), &of("first")).unwrap();
    for round in 0..40 {
        store.put(0, "a.md", STAMP, (&"meta", &()), &of(&"x".repeat(5_000))).unwrap();
        store.put(0, "b.md", STAMP, (&"meta", &()), &of(&format!("round {round}"))).unwrap();
        store.waste.give_back(&store.pages);
        if round % 10 == 9 {
            drop(store);
            store = Store::open(&path, 7).unwrap();
        }
    }
    let known = std::fs::metadata(&path).unwrap();
    assert!(known.len() > 200_000 && known.blocks() * 512 <= 40_000, "{} of {}", known.blocks() * 512, known.len());
    assert_eq!(body(&store, "first.md").as_deref(), Some("first"));
    assert_eq!(body(&store, "b.md").as_deref(), Some("round 39"));
}
