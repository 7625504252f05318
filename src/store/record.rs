//! A record of the store as bytes: a head, and what the head gives the lengths of. The first is a text that names the
//! source, so that a store can be read through without asking anything else.

use std::io;

use serde::{Deserialize, Serialize};

use crate::content::source::Stamp;
use crate::site::{Renderings, Stored};

/// How many lengths a record's head has: of the meta text, of the text about links and of each rendering.
pub(super) const LENGTHS: usize = 2 + Renderings::<Stored>::COUNT;
/// A record's head: the lengths, and a checksum of all that follows.
pub(super) const HEAD: usize = 4 * LENGTHS + 8;

/// The text that a record begins with.
#[derive(Serialize, Deserialize)]
pub(super) struct Label<M> {
    pub(super) folder: u64,
    pub(super) path: String,
    pub(super) stamp: Stamp,
    /// Nothing where the source was withdrawn.
    pub(super) meta: Option<M>,
}

/// The bytes of a record, and its lengths.
pub(super) fn made<M: Serialize>(
    label: &Label<M>,
    links: &[u8],
    bodies: &Renderings<Vec<u8>>,
) -> io::Result<(Vec<u8>, [u32; LENGTHS])> {
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
    Ok((record, lengths))
}

/// What a head says.
pub(super) fn lengths(head: &[u8; HEAD]) -> ([u32; LENGTHS], u64) {
    let mut lengths = [0; LENGTHS];
    for (length, bytes) in lengths.iter_mut().zip(head.as_chunks::<4>().0) {
        *length = u32::from_le_bytes(*bytes);
    }
    let sum = head.last_chunk::<8>().copied().unwrap_or_default();
    (lengths, u64::from_le_bytes(sum))
}

/// Tells a torn record from a whole one; a store is read through at each start.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    u64::from(crc32fast::hash(bytes))
}
