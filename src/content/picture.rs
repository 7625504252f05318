//! A picture as it is sent: which bytes of its file, and the few that stand in the place of others.
//!
//! Made by `read::picture` when the capsule is built, kept by the store, followed by `server` when somebody asks.
//! What a camera or an editor wrote into the file about place, time and person is in none of the pieces.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::source::Stamp;

/// What is sent of a picture's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The state of the file that the pieces are of; of any other state nothing is known.
    pub stamp: Stamp,
    /// In their order.
    pub pieces: Box<[Piece]>,
}

/// A piece of what is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// These bytes of the file.
    File(Range<u64>),
    /// Bytes that are not in it: a length that changed, a turn that has to be told.
    Made(Box<[u8]>),
}

impl Picture {
    /// How many bytes are sent.
    pub fn length(&self) -> u64 {
        let length = |piece: &Piece| match piece {
            Piece::File(range) => range.end.saturating_sub(range.start),
            Piece::Made(bytes) => bytes.len() as u64,
        };
        self.pieces.iter().map(length).sum()
    }
}

/// What becomes of what a picture's file tells beside the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metadata {
    /// It is left out.
    #[default]
    Remove,
    /// The file is sent as it is.
    Keep,
}

/// Whether a file is called a picture of a kind whose metadata can be left out.
pub fn is_known(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "jpe" | "jfif" | "png" | "apng" | "webp")
}
