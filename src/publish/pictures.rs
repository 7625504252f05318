//! The pictures of a capsule: each is looked into once, and what is to be sent of it is kept in the store.
//!
//! One at a time, so that memory holds one of them; [`picture::MAX_SIZE`] bounds it. A picture that cannot be read is
//! served whole, and named.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::content::picture::{Picture, Piece, is_known};
use crate::content::problem::Kind;
use crate::content::source::Stamp;
use crate::content::{Plan, Problem, Source};
use crate::read::picture::{self, Unread};
use crate::source::{Root, walk};
use crate::store::{Found, Store};

/// The state that no file is in: a picture nobody could look into is not sent, whatever it holds.
const UNSEEN: Stamp = Stamp { size: u64::MAX, modified: 0, inode: 0 };

/// What is kept of a picture.
#[derive(Serialize, Deserialize)]
enum Kept {
    Pieces(Vec<Piece>),
    /// Why there are none.
    Unread(String),
}

/// The pictures among a plan's files, by their source; a file that is not here is served as it is.
#[derive(Default)]
pub(super) struct Pictures {
    pub(super) by_source: HashMap<String, Arc<Picture>>,
    pub(super) problems: Vec<Problem>,
    /// The sources of all that were looked into, whatever came of it.
    pub(super) known: Vec<String>,
}

impl Pictures {
    /// Looks into those that changed. `files` are the sources of the plan's files, `folder` their key in the store.
    pub(super) fn of(
        plan: &Plan,
        files: &[Source],
        root: &Root,
        folder: u64,
        store: &mut Store,
    ) -> io::Result<Pictures> {
        let stamps: HashMap<&str, Stamp> = files.iter().map(|file| (file.path.as_str(), file.stamp)).collect();
        let mut pictures = Pictures::default();
        for path in plan.files.iter().map(|file| &file.source).filter(|path| is_known(path)) {
            let Some(&stamp) = stamps.get(path.as_str()) else { continue };
            let found: Option<Found<Kept>> = store.get(folder, path);
            let (stamp, kept) = match found.filter(|found| found.stamp == stamp) {
                Some(found) => (stamp, found.meta),
                None => match look_into(root, path, stamp) {
                    Ok((stamp, kept)) => {
                        store.put(folder, path, stamp, (&kept, &()), &Default::default())?;
                        (stamp, kept)
                    }
                    Err(error) => {
                        let text = format!("{}; until then it is not sent", walk::unreadable(&error));
                        pictures.problems.push(Problem::whole(Kind::Unreadable, path, text));
                        pictures.known.push(path.clone());
                        pictures.take(path, UNSEEN, Kept::Pieces(Vec::new()));
                        continue;
                    }
                },
            };
            pictures.known.push(path.clone());
            pictures.take(path, stamp, kept);
        }
        Ok(pictures)
    }

    fn take(&mut self, path: &str, stamp: Stamp, kept: Kept) {
        match kept {
            Kept::Pieces(pieces) => {
                self.by_source.insert(path.to_owned(), Arc::new(Picture { stamp, pieces: pieces.into() }));
            }
            Kept::Unread(why) => {
                let text = "so it is served with whatever it tells of place, time and person; export it anew";
                self.problems.push(Problem::whole(Kind::Picture, path, format!("{why}, {text}")));
            }
        }
    }

    /// Lets the plan know how much is sent of each.
    pub(super) fn measure(&self, plan: &mut Plan) {
        for file in &mut plan.files {
            if let Some(picture) = self.by_source.get(&file.source).filter(|picture| picture.stamp != UNSEEN) {
                file.length = picture.length();
            }
        }
    }
}

/// What a file is made of, and the state it was in before it was read: should it change meanwhile, the server sees it.
fn look_into(root: &Root, path: &str, known: Stamp) -> io::Result<(Stamp, Kept)> {
    if known.size > picture::MAX_SIZE as u64 {
        return Ok((known, Kept::Unread(Unread::Size.to_string())));
    }
    let (bytes, stamp) = root.read_stamped(path, picture::MAX_SIZE)?;
    let kept = picture::pieces(bytes).map_or_else(|why| Kept::Unread(why.to_string()), Kept::Pieces);
    Ok((stamp, kept))
}
