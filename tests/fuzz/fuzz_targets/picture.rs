//! Any bytes as a picture: refused, or sent in pieces that are in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::content::picture::Piece;
use maquis::read::picture::pieces;

fuzz_target!(|bytes: &[u8]| {
    for piece in pieces(bytes.to_vec()).unwrap_or_default() {
        if let Piece::File(range) = piece {
            assert!(range.start <= range.end && range.end <= bytes.len() as u64, "{range:?} of {}", bytes.len());
        }
    }
});
