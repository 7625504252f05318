//! The records of a store that have been replaced, and what is done with them on a disk that is full: the file stays as
//! long as it is, and the disk is given back what lies in them.
//!
//! A snapshot may read what was replaced after it was made. So each reading end that is let out is watched, and only
//! what was replaced before the oldest of those in use is given back.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Weak;

use super::{HEAD, Pages};

/// In the place of a checksum, which is never so large: the lengths hold, and nothing else of the record is there.
pub(super) const GIVEN_BACK: u64 = u64::MAX;

/// What has been replaced, between the reading ends that were let out: the newest last.
#[derive(Default)]
pub(super) struct Waste {
    /// Nobody reads these.
    free: Vec<Range<u64>>,
    /// These the disk has back already.
    given: Vec<Range<u64>>,
    /// Each reading end, and what was replaced since.
    read: VecDeque<(Weak<()>, Vec<Range<u64>>)>,
}

impl Waste {
    /// A reading end begins to be used.
    pub(super) fn let_out(&mut self, lease: Weak<()>) {
        self.sort_out();
        // Of one that was never used, nothing need be told apart.
        if let Some((_, since)) = self.read.pop_back_if(|(lease, _)| lease.strong_count() == 0) {
            self.extend(since);
        }
        self.read.push_back((lease, Vec::new()));
    }

    pub(super) fn extend(&mut self, replaced: impl IntoIterator<Item = Range<u64>>) {
        match self.read.back_mut() {
            Some((_, since)) => since.extend(replaced),
            None => self.free.extend(replaced),
        }
    }

    /// Takes what the reading ends that are gone have left; it may still be read by an older one.
    fn sort_out(&mut self) {
        while let Some((_, since)) = self.read.pop_front_if(|(lease, _)| lease.strong_count() == 0) {
            self.free.extend(since);
        }
    }

    /// What was given back in another run.
    pub(super) fn was_given(&mut self, record: Range<u64>) {
        self.given.push(record);
    }

    /// Gives the disk back what it can; whether that was anything. What lies side by side becomes one record, so that
    /// no block is kept for each of those that were.
    pub(super) fn give_back(&mut self, pages: &Pages) -> bool {
        self.sort_out();
        let mut pieces: Vec<(Range<u64>, State)> = self.given.drain(..).map(|range| (range, State::Given)).collect();
        pieces.extend(self.free.drain(..).map(|range| (range, State::Free)));
        pieces.sort_by_key(|(range, _)| range.start);
        let mut given = false;
        for run in pieces.chunk_by(|(one, _), (next, _)| one.end == next.start) {
            let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { continue };
            let whole = first.start..last.end;
            let has_new = run.iter().any(|(_, state)| *state == State::Free);
            if has_new && give_one_back(pages, &whole).is_ok() {
                given = true;
                self.given.push(whole);
            } else {
                // What was free is tried no more before the next start.
                let before = run.iter().filter(|(_, state)| *state == State::Given);
                self.given.extend(before.map(|(range, _)| range.clone()));
            }
        }
        given
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Given,
}

/// Marked first: a record without its bytes would end the reading of the file at the next start.
fn give_one_back(pages: &Pages, record: &Range<u64>) -> io::Result<()> {
    let body = record.start + HEAD as u64..record.end;
    pages.mark(record.start, &head(body.end - body.start))?;
    pages.give_back(&body)
}

/// The head of a record of which nothing else is there; its lengths may be any that have this sum.
fn head(mut length: u64) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    for bytes in head[..HEAD - 8].as_chunks_mut::<4>().0 {
        let part = u32::try_from(length).unwrap_or(u32::MAX);
        *bytes = part.to_le_bytes();
        length -= u64::from(part);
    }
    head[HEAD - 8..].copy_from_slice(&GIVEN_BACK.to_le_bytes());
    head
}
