//! The page store: renderings in one file of the state folder, so that memory holds an index and not the blog.
//!
//! A file of records, only ever appended to; a record is a head (lengths and a checksum), its meta text, a text about
//! its links that is seldom asked for, and its renderings. The first record names what the renderings were made with; where that differs, or a record is torn,
//! the rest is dropped and made anew. A file with too much waste is written again beside the old one, which
//! lives on for the snapshots that read it.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, IoSliceMut};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use rustix::fs::FlockOperation;
use rustix::io::ReadWriteFlags;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::content::source::Stamp;
use crate::site::{Renderings, Stored};

/// How many lengths a record's head has: of the meta text, of the text about links and of each rendering.
const LENGTHS: usize = 2 + Renderings::<Stored>::COUNT;
/// A record's head: the lengths, and a checksum of all that follows.
const HEAD: usize = 4 * LENGTHS + 8;
/// The first bytes of a store; changes with the format.
const MAGIC: &str = "maquis page store 4\n";
/// A store is not written again for less waste than this, in bytes.
const WASTE: u64 = 4 * 1024 * 1024;

/// A source: what stands for its folder, whatever place in the configuration that has, and the path in it.
type Key = (u64, Box<str>);

/// Where a source's renderings are.
#[derive(Clone, Copy)]
struct Entry {
    stamp: Stamp,
    meta: Stored,
    links: Stored,
    bodies: Renderings<Stored>,
}

impl Entry {
    /// The bytes of its record.
    fn len(&self) -> u64 {
        let bodies: u64 = self.bodies.iter().map(|body| u64::from(body.len)).sum();
        HEAD as u64 + u64::from(self.meta.len) + u64::from(self.links.len) + bodies
    }
}

/// The writing end. One process has it; readers hold [`Pages`].
pub struct Store {
    pages: Pages,
    place: Place,
    fingerprint: u64,
    end: u64,
    /// The waste with which it could not be written again; that is not tried for less than twice as much.
    in_vain: u64,
    index: HashMap<Key, Entry>,
}

/// Where a store's file is.
#[derive(Clone)]
enum Place {
    Memory,
    /// It has lost its name, because another process has the store of that name.
    Nameless(PathBuf),
    Named(PathBuf),
}

/// A file beside a path that is gone with the process.
fn nameless(path: &Path) -> io::Result<File> {
    let beside = path.with_extension(std::process::id().to_string());
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    std::fs::remove_file(&beside)?;
    Ok(file)
}

/// What was stored for a source.
pub struct Found<M> {
    pub stamp: Stamp,
    pub meta: M,
    pub bodies: Renderings<Stored>,
}

#[derive(Serialize, serde::Deserialize)]
struct Label<M> {
    folder: u64,
    path: String,
    stamp: Stamp,
    /// Nothing where the source was withdrawn.
    meta: Option<M>,
}

impl Store {
    /// Opens the store of a state folder, or makes it. `fingerprint` stands for all that renderings depend on
    /// beside their sources; another process that has the store already leaves us one without a name.
    pub fn open(path: &Path, fingerprint: u64) -> io::Result<Store> {
        let open =
            |path: &Path| OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = open(path)?;
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let file = nameless(path)?;
            return Store::empty(Pages::new(file), Place::Nameless(path.to_owned()), fingerprint);
        }
        let pages = Pages::new(file);
        match Store::scan(&pages, path, fingerprint)? {
            Some(store) => Ok(store),
            None => Store::empty(pages, Place::Named(path.to_owned()), fingerprint),
        }
    }

    /// A store in memory, for checking and for tests.
    pub fn memory() -> Store {
        Store {
            pages: Pages(Arc::new(Backing::Memory(RwLock::new(Vec::new())))),
            place: Place::Memory,
            fingerprint: 0,
            end: 0,
            in_vain: 0,
            index: HashMap::new(),
        }
    }

    fn empty(pages: Pages, place: Place, fingerprint: u64) -> io::Result<Store> {
        let mut store = Store { pages, place, fingerprint, end: 0, in_vain: 0, index: HashMap::new() };
        store.pages.truncate(0)?;
        let first = format!("{MAGIC}{fingerprint:016x}\n");
        store.pages.write(0, first.as_bytes())?;
        store.end = first.len() as u64;
        Ok(store)
    }

    /// Reads what is in the file; `None` where it was made with something else.
    fn scan(pages: &Pages, path: &Path, fingerprint: u64) -> io::Result<Option<Store>> {
        let first = format!("{MAGIC}{fingerprint:016x}\n");
        let mut begins = vec![0; first.len()];
        if pages.read_at(0, &mut begins).is_err() || begins != first.as_bytes() {
            return Ok(None);
        }
        let mut store = Store {
            pages: pages.clone(),
            place: Place::Named(path.to_owned()),
            fingerprint,
            end: first.len() as u64,
            in_vain: 0,
            index: HashMap::new(),
        };
        let (length, mut bytes) = (pages.length()?, Vec::new());
        while let Some(next) = store.scan_record(length, &mut bytes) {
            store.end = next;
        }
        // A record torn by a crash, and all after it.
        pages.truncate(store.end)?;
        Ok(Some(store))
    }

    /// Takes the record at the end into the index, if it is whole; `bytes` is room to read it into.
    fn scan_record(&mut self, length: u64, bytes: &mut Vec<u8>) -> Option<u64> {
        let mut head = [0; HEAD];
        self.pages.read_at(self.end, &mut head).ok()?;
        let (lengths, sum) = lengths(&head);
        let record = lengths.iter().map(|&length| u64::from(length)).sum::<u64>();
        let next = self.end.checked_add(HEAD as u64 + record)?;
        if next > length {
            return None;
        }
        bytes.resize(usize::try_from(record).ok()?, 0);
        self.pages.read_at(self.end + HEAD as u64, bytes).ok()?;
        if checksum(bytes) != sum {
            return None;
        }
        let label: Label<serde::de::IgnoredAny> = serde_json::from_slice(bytes.get(..lengths[0] as usize)?).ok()?;
        let key = (label.folder, label.path.into());
        match label.meta {
            Some(_) => drop(self.index.insert(key, self.place(lengths, label.stamp))),
            None => drop(self.index.remove(&key)),
        }
        Some(next)
    }

    /// The places in a record that begins at the end.
    fn place(&self, lengths: [u32; LENGTHS], stamp: Stamp) -> Entry {
        let mut offset = self.end + HEAD as u64;
        let [meta, links, bodies @ ..] = lengths.map(|len| {
            let place = Stored { offset, len };
            offset += u64::from(len);
            place
        });
        Entry { stamp, meta, links, bodies: Renderings::from(bodies) }
    }

    /// What was stored last for a source, whether or not the source has changed since.
    pub fn get<M: DeserializeOwned>(&self, folder: u64, path: &str) -> Option<Found<M>> {
        let entry = self.index.get(&(folder, path.into()))?;
        let mut bytes = vec![0; entry.meta.len as usize];
        self.pages.read(entry.meta, &mut bytes).ok()?;
        let label: Label<M> = serde_json::from_slice(&bytes).ok()?;
        Some(Found { stamp: entry.stamp, meta: label.meta?, bodies: entry.bodies })
    }

    /// What was stored of a source's links.
    pub fn links<L: DeserializeOwned>(&self, folder: u64, path: &str) -> Option<L> {
        let entry = self.index.get(&(folder, path.into()))?;
        let mut bytes = vec![0; entry.links.len as usize];
        self.pages.read(entry.links, &mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Stores a source's renderings, and what must be known to use them again.
    pub fn put<M: Serialize, L: Serialize>(
        &mut self,
        folder: u64,
        path: &str,
        stamp: Stamp,
        (meta, links): (&M, &L),
        bodies: &Renderings<Vec<u8>>,
    ) -> io::Result<Renderings<Stored>> {
        let label = Label { folder, path: path.to_owned(), stamp, meta: Some(meta) };
        let entry = self.append(&label, &serde_json::to_vec(links)?, bodies)?;
        self.index.insert((folder, path.into()), entry);
        Ok(entry.bodies)
    }

    /// Forgets a source that was withdrawn, so that no earlier version of it comes back, at the next start either.
    pub fn withdraw(&mut self, folder: u64, path: &str, stamp: Stamp) -> io::Result<()> {
        if self.index.remove(&(folder, path.into())).is_some() {
            let label: Label<()> = Label { folder, path: path.to_owned(), stamp, meta: None };
            self.append(&label, &[], &Renderings::default())?;
        }
        Ok(())
    }

    fn append<M: Serialize>(
        &mut self,
        label: &Label<M>,
        links: &[u8],
        bodies: &Renderings<Vec<u8>>,
    ) -> io::Result<Entry> {
        let meta = serde_json::to_vec(label)?;
        let mut record = vec![0; HEAD];
        let mut lengths = [0; LENGTHS];
        let texts = [meta.as_slice(), links].into_iter().chain(bodies.iter().map(Vec::as_slice));
        for (length, bytes) in lengths.iter_mut().zip(texts) {
            let too_large = |_| io::Error::new(io::ErrorKind::FileTooLarge, "a rendering is larger than 4 GiB");
            *length = u32::try_from(bytes.len()).map_err(too_large)?;
            record.extend_from_slice(bytes);
        }
        let sum = checksum(&record[HEAD..]);
        for (place, length) in record.chunks_exact_mut(4).zip(lengths) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        record[HEAD - 8..HEAD].copy_from_slice(&sum.to_le_bytes());
        if let Err(error) = self.pages.write(self.end, &record) {
            // What was written of it takes room that others may need.
            let _still_there = self.pages.truncate(self.end);
            return Err(error);
        }
        let entry = self.place(lengths, label.stamp);
        self.end += record.len() as u64;
        Ok(entry)
    }

    /// Forgets all sources but these, and writes the file again where too much of it is waste. A disk without room for
    /// a second file is no reason to keep a post from its readers: the first one goes on.
    pub fn keep(&mut self, sources: &HashSet<(u64, &str)>) -> Kept {
        self.index.retain(|(folder, path), _| sources.contains(&(*folder, path)));
        let live: u64 = self.index.values().map(Entry::len).sum();
        let waste = self.end.saturating_sub(live);
        if waste < WASTE.max(live).max(self.in_vain.saturating_mul(2)) {
            return Kept::InPlace;
        }
        if self.compact().is_ok() {
            return Kept::Moved;
        }
        self.in_vain = waste;
        Kept::InPlace
    }

    /// Writes the live records into a new file, which takes the old one's name when it is whole.
    fn compact(&mut self) -> io::Result<()> {
        let (pages, beside) = match &self.place {
            Place::Memory => (Pages(Arc::new(Backing::Memory(RwLock::new(Vec::new())))), None),
            Place::Nameless(path) => (Pages::new(nameless(path)?), None),
            Place::Named(path) => {
                let beside = path.with_extension("new");
                let _left_by_a_crash = std::fs::remove_file(&beside);
                let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&beside)?;
                rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
                (Pages::new(file), Some((beside, path.clone())))
            }
        };
        let fresh = match (self.copy(pages), beside) {
            (Ok(fresh), Some((beside, path))) => std::fs::rename(beside, path).map(|()| fresh),
            (Err(error), Some((beside, _))) => {
                let _left_there = std::fs::remove_file(beside);
                Err(error)
            }
            (copied, None) => copied,
        };
        *self = fresh?;
        Ok(())
    }

    /// The live records in another file.
    fn copy(&self, pages: Pages) -> io::Result<Store> {
        let mut fresh = Store::empty(pages, self.place.clone(), self.fingerprint)?;
        let mut keys: Vec<&Key> = self.index.keys().collect();
        keys.sort();
        for key in keys {
            let entry = self.index[key];
            let mut record = vec![0; usize::try_from(entry.len()).map_err(io::Error::other)?];
            self.pages.read_at(entry.meta.offset - HEAD as u64, &mut record)?;
            fresh.pages.write(fresh.end, &record)?;
            let [gemtext, text, menu, linked] = entry.bodies.map(|body| body.len).into_array();
            let lengths = [entry.meta.len, entry.links.len, gemtext, text, menu, linked];
            let moved = fresh.place(lengths, entry.stamp);
            fresh.index.insert(key.clone(), moved);
            fresh.end += record.len() as u64;
        }
        Ok(fresh)
    }

    /// Where a source's renderings are.
    pub fn bodies(&self, folder: u64, path: &str) -> Option<Renderings<Stored>> {
        self.index.get(&(folder, path.into())).map(|entry| entry.bodies)
    }

    /// The reading end.
    pub fn pages(&self) -> Pages {
        self.pages.clone()
    }
}

/// Whether places given before still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    InPlace,
    Moved,
}

/// Stands for the program that renders: its version and, while it is being worked on, the very file.
pub fn fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    let program = std::env::current_exe().and_then(std::fs::metadata);
    if let Ok(program) = program {
        (program.len(), program.modified().ok()).hash(&mut hasher);
    }
    hasher.finish()
}

/// Fills the buffer from a file if the kernel has all of it in memory; whether it had.
pub fn read_at_hand(file: &File, offset: u64, into: &mut [u8]) -> bool {
    let len = into.len();
    let read = rustix::io::preadv2(file, &mut [IoSliceMut::new(into)], offset, ReadWriteFlags::NOWAIT);
    read == Ok(len)
}

fn lengths(head: &[u8; HEAD]) -> ([u32; LENGTHS], u64) {
    let mut lengths = [0; LENGTHS];
    for (length, bytes) in lengths.iter_mut().zip(head.as_chunks::<4>().0) {
        *length = u32::from_le_bytes(*bytes);
    }
    let sum = head.last_chunk::<8>().copied().unwrap_or_default();
    (lengths, u64::from_le_bytes(sum))
}

/// Tells a torn record from a whole one; a store is read through at each start.
fn checksum(bytes: &[u8]) -> u64 {
    u64::from(crc32fast::hash(bytes))
}

/// A reading end of a store, kept by a snapshot for as long as it is in use.
#[derive(Clone)]
pub struct Pages(Arc<Backing>);

enum Backing {
    File(File),
    Memory(RwLock<Vec<u8>>),
}

impl Pages {
    /// The reading end of a file of renderings.
    pub fn new(file: File) -> Pages {
        Pages(Arc::new(Backing::File(file)))
    }

    /// The bytes at a place, put into `into`, whose length is the place's or less.
    pub fn read(&self, place: Stored, into: &mut [u8]) -> io::Result<()> {
        self.read_at(place.offset, into)
    }

    /// Bytes from an offset on.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        match &*self.0 {
            Backing::File(file) => file.read_exact_at(into, offset),
            Backing::Memory(bytes) => {
                let bytes = bytes.read().map_err(|_| io::Error::other("the store in memory is broken"))?;
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let piece = bytes.get(start..).and_then(|rest| rest.get(..into.len()));
                into.copy_from_slice(piece.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }

    /// Bytes from an offset on, if they can be had without waiting for a disk; whether they could.
    pub fn read_at_hand(&self, offset: u64, into: &mut [u8]) -> bool {
        match &*self.0 {
            Backing::File(file) => read_at_hand(file, offset, into),
            Backing::Memory(_) => self.read_at(offset, into).is_ok(),
        }
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match &*self.0 {
            Backing::File(file) => file.write_all_at(bytes, offset),
            Backing::Memory(memory) => {
                let mut memory = memory.write().map_err(|_| io::Error::other("the store in memory is broken"))?;
                memory.truncate(usize::try_from(offset).unwrap_or(usize::MAX));
                memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        match &*self.0 {
            Backing::File(file) => file.set_len(length),
            Backing::Memory(memory) => {
                let mut memory = memory.write().map_err(|_| io::Error::other("the store in memory is broken"))?;
                memory.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                Ok(())
            }
        }
    }

    fn length(&self) -> io::Result<u64> {
        match &*self.0 {
            Backing::File(file) => Ok(file.metadata()?.len()),
            Backing::Memory(memory) => Ok(memory.read().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { size: 3, modified: 1, inode: 2 };

    fn body(store: &Store, path: &str) -> Option<String> {
        let place = store.bodies(0, path)?.gemtext;
        let mut bytes = vec![0; place.len as usize];
        store.pages().read(place, &mut bytes).unwrap();
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
        assert_eq!(
            (found.stamp, found.meta.as_str(), body(&store, "a.md").as_deref()),
            (STAMP, "meta", Some("second"))
        );
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
}
