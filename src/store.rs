//! The page store: renderings in one file of the state folder, so that memory holds an index and not the blog.
//!
//! A file of records, only ever appended to; a record is a head (lengths and a checksum), its meta text, a text about
//! its links that is seldom asked for, and its renderings. The first record names what the renderings were made with;
//! where that differs, or a record is torn, the rest is dropped and made anew. A file with too much waste is written
//! again beside the old one, which lives on for the snapshots that read it; where the disk has no room for that and is
//! full, it is given back the waste.

mod pages;
mod record;
mod waste;

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::record::{HEAD, LENGTHS, Label, checksum, lengths};
use self::waste::Waste;
use crate::content::source::Stamp;
use crate::site::{Renderings, Stored};
pub use pages::Pages;

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

    /// Where its record is.
    fn record(&self) -> Range<u64> {
        let start = self.meta.offset - HEAD as u64;
        start..start + self.len()
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
    waste: Waste,
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
            pages: Pages::memory(),
            place: Place::Memory,
            fingerprint: 0,
            end: 0,
            in_vain: 0,
            index: HashMap::new(),
            waste: Waste::default(),
        }
    }

    fn empty(pages: Pages, place: Place, fingerprint: u64) -> io::Result<Store> {
        let mut store =
            Store { pages, place, fingerprint, end: 0, in_vain: 0, index: HashMap::new(), waste: Waste::default() };
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
            waste: Waste::default(),
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
        if sum == waste::GIVEN_BACK {
            self.waste.was_given(self.end..next);
            return Some(next);
        }
        bytes.resize(usize::try_from(record).ok()?, 0);
        self.pages.read_at(self.end + HEAD as u64, bytes).ok()?;
        if checksum(bytes) != sum {
            return None;
        }
        let label: Label<serde::de::IgnoredAny> = serde_json::from_slice(bytes.get(..lengths[0] as usize)?).ok()?;
        let key = (label.folder, label.path.into());
        let before = match label.meta {
            Some(_) => self.index.insert(key, self.place(lengths, label.stamp)),
            None => self.index.remove(&key),
        };
        self.waste.extend(before.as_ref().map(Entry::record));
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
        let before = self.index.insert((folder, path.into()), entry);
        self.waste.extend(before.as_ref().map(Entry::record));
        Ok(entry.bodies)
    }

    /// Forgets a source that was withdrawn, so that no earlier version of it comes back, at the next start either.
    pub fn withdraw(&mut self, folder: u64, path: &str, stamp: Stamp) -> io::Result<()> {
        let key = (folder, path.into());
        if self.index.contains_key(&key) {
            let label: Label<()> = Label { folder, path: path.to_owned(), stamp, meta: None };
            self.append(&label, &[], &Renderings::default())?;
            let before = self.index.remove(&key);
            self.waste.extend(before.as_ref().map(Entry::record));
        }
        Ok(())
    }

    fn append<M: Serialize>(
        &mut self,
        label: &Label<M>,
        links: &[u8],
        bodies: &Renderings<Vec<u8>>,
    ) -> io::Result<Entry> {
        let (record, lengths) = record::made(label, links, bodies)?;
        if let Err(error) = self.write(&record) {
            // A disk that our own waste has filled has room again.
            let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            if !full || !self.waste.give_back(&self.pages) {
                return Err(error);
            }
            self.write(&record)?;
        }
        let entry = self.place(lengths, label.stamp);
        self.end += record.len() as u64;
        Ok(entry)
    }

    fn write(&self, record: &[u8]) -> io::Result<()> {
        self.pages.write(self.end, record).inspect_err(|_| {
            // What was written of it takes room that others may need.
            let _still_there = self.pages.truncate(self.end);
        })
    }

    /// Forgets all sources but these, for later starts too, and writes the file again where too much of it is waste. A
    /// disk without room for a second file is no reason to keep a post from its readers: the first one goes on.
    pub fn keep(&mut self, sources: &HashSet<(u64, &str)>) -> Kept {
        let dropped: Vec<(Key, Stamp)> = (self.index.iter())
            .filter(|((folder, path), _)| !sources.contains(&(*folder, path)))
            .map(|(key, entry)| (key.clone(), entry.stamp))
            .collect();
        for ((folder, path), stamp) in dropped {
            // What cannot be written now is tried again the next time.
            let _no_room = self.withdraw(folder, &path, stamp);
        }
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
            Place::Memory => (Pages::memory(), None),
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

    /// A reading end. What is replaced from now on stays for as long as it is in use.
    pub fn pages(&mut self) -> Pages {
        let (pages, lease) = self.pages.let_out();
        self.waste.let_out(lease);
        pages
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

#[cfg(test)]
mod tests;
