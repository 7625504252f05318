//! The records of a store that have been replaced, and what is done with them on a disk that is full: the file stays as
//! long as it is, and the disk is given back what lies in them.
//!
//! A snapshot may read what was replaced after it was made. So each reading end that is let out is watched, and only
//! what was replaced before the oldest of those in use is given back.

use std::collections::VecDeque;
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

    /// Gives the disk back what it can; whether that was anything.
    pub(super) fn give_back(&mut self, pages: &Pages) -> bool {
        self.sort_out();
        let mut given = false;
        for record in self.free.drain(..) {
            // Marked first: a record without its bytes would end the reading of the file at the next start.
            let body = record.start + HEAD as u64..record.end;
            let sum = record.start + HEAD as u64 - 8;
            given |= !body.is_empty()
                && pages.mark(sum, &GIVEN_BACK.to_le_bytes()).is_ok()
                && pages.give_back(&body).is_ok();
        }
        given
    }
}
