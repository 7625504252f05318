//! How fast each prefix asks: a token bucket for every prefix lately seen, in a table of fixed size.
//!
//! A bucket is one number, the instant at which it is full again (the generic cell rate algorithm). A full bucket and
//! no bucket are the same, so nothing has to be swept, and where a row of the table has no room the bucket nearest to
//! full makes it: whoever asks most is remembered longest. Prefixes are known by a keyed hash only (SipHash), in memory
//! only; each generation has a random key of its own, and none of it is older than two generations.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use crate::protocol::Verdict;

/// How long a generation collects; a bucket is gone after one more at the latest.
pub(in crate::server) const GENERATION: Duration = Duration::from_secs(600);

/// A row is searched from end to end; the hash chooses the row.
const ROW: usize = 8;
const ROWS: usize = 1024;

/// How fast one prefix may ask.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    pub(super) per_second: u32,
    /// Requests that may come at once.
    pub(super) burst: u32,
}

/// The buckets of two generations.
pub(super) struct Buckets {
    born: Instant,
    /// How many generations there were before the young one.
    number: u64,
    young: Generation,
    old: Generation,
}

#[derive(Default)]
struct Generation {
    key: RandomState,
    table: Table,
}

/// A prefix as the two generations know it that there are at one time.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    number: u64,
    young: u64,
    old: u64,
}

/// A hash, and the nanoseconds from the beginning until the bucket is full again. All zero: no bucket.
#[derive(Clone, Copy, Default)]
struct Bucket {
    prefix: u64,
    full_at: u64,
}

/// Empty until the first bucket is put in.
#[derive(Default)]
struct Table(Vec<Bucket>);

impl Buckets {
    pub(super) fn new() -> Buckets {
        Buckets { born: Instant::now(), number: 0, young: Generation::default(), old: Generation::default() }
    }

    /// What is kept of a prefix from here on.
    pub(super) fn mark(&self, prefix: &[u8]) -> Mark {
        // Zero stands for no bucket.
        let hash = |generation: &Generation| generation.key.hash_one(prefix).max(1);
        Mark { number: self.number, young: hash(&self.young), old: hash(&self.old) }
    }

    /// Takes a token from the prefix's bucket, or says how long to stay away. A refusal costs nothing: who waits as
    /// long as told is welcome.
    pub(super) fn take(&mut self, mark: Mark, rate: Rate, now: Instant) -> Verdict {
        let now = nanoseconds(now.saturating_duration_since(self.born));
        let token = 1_000_000_000 / u64::from(rate.per_second.max(1));
        // Full but for one token: what a bucket may lack so that a request still finds one.
        let most = token * u64::from(rate.burst.max(1) - 1);
        let (young, old) = self.known(mark);
        let full_at = self.young.full_at(young).or_else(|| self.old.full_at(old)).unwrap_or(0);
        let lacking = full_at.saturating_sub(now);
        if lacking > most {
            let seconds = (lacking - most).div_ceil(1_000_000_000);
            return Verdict::SlowDown { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) };
        }
        let full_at = now + lacking + token;
        match (young, old) {
            (Some(prefix), _) => self.young.table.put(Bucket { prefix, full_at }),
            (None, Some(prefix)) => self.old.table.put(Bucket { prefix, full_at }),
            (None, None) => {}
        }
        Verdict::Welcome
    }

    /// By which hash each generation knows a prefix that was marked then: one that came since does not.
    fn known(&self, mark: Mark) -> (Option<u64>, Option<u64>) {
        match self.number - mark.number {
            0 => (Some(mark.young), Some(mark.old)),
            1 => (None, Some(mark.young)),
            _ => (None, None),
        }
    }

    /// The generation of ten minutes ago is forgotten, and a new one begins.
    pub(super) fn forget_the_old(&mut self) {
        self.old = std::mem::take(&mut self.young);
        self.number += 1;
    }
}

impl Generation {
    fn full_at(&self, prefix: Option<u64>) -> Option<u64> {
        self.table.full_at(prefix?)
    }
}

impl Table {
    fn full_at(&self, prefix: u64) -> Option<u64> {
        let row = self.0.get(row_of(prefix))?;
        row.iter().find(|bucket| bucket.prefix == prefix).map(|bucket| bucket.full_at)
    }

    fn put(&mut self, new: Bucket) {
        if self.0.is_empty() {
            self.0 = vec![Bucket::default(); ROW * ROWS];
        }
        let row = &mut self.0[row_of(new.prefix)];
        let own = row.iter().position(|bucket| bucket.prefix == new.prefix);
        let fullest = || row.iter().enumerate().min_by_key(|(_, bucket)| bucket.full_at).map(|(place, _)| place);
        if let Some(place) = own.or_else(fullest) {
            row[place] = new;
        }
    }
}

fn row_of(prefix: u64) -> std::ops::Range<usize> {
    let start = usize::try_from(prefix % ROWS as u64).unwrap_or(0) * ROW;
    start..start + ROW
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 20, burst: 60 };

    /// A connection of its own, and its request.
    fn take(buckets: &mut Buckets, prefix: u64, rate: Rate, now: Instant) -> Verdict {
        let mark = buckets.mark(&prefix.to_be_bytes());
        buckets.take(mark, rate, now)
    }

    fn welcomes(buckets: &mut Buckets, prefix: u64, rate: Rate, now: Instant) -> usize {
        std::iter::from_fn(|| (take(buckets, prefix, rate, now) == Verdict::Welcome).then_some(())).count()
    }

    #[test]
    fn a_burst_is_welcome_and_then_twenty_in_a_second() {
        let mut buckets = Buckets::new();
        let start = Instant::now();
        assert_eq!(welcomes(&mut buckets, 7, RATE, start), 60);
        assert_eq!(welcomes(&mut buckets, 8, RATE, start), 60, "another prefix has a bucket of its own");
        assert_eq!(welcomes(&mut buckets, 7, RATE, start + Duration::from_secs(1)), 20);
        assert_eq!(welcomes(&mut buckets, 7, RATE, start + Duration::from_secs(3600)), 60);
    }

    #[test]
    fn who_waits_as_long_as_told_is_welcome() {
        let mut buckets = Buckets::new();
        let mut now = Instant::now();
        for rate in [RATE, Rate { per_second: 1, burst: 5 }, Rate { per_second: 1, burst: 1 }] {
            now += Duration::from_secs(60);
            welcomes(&mut buckets, 7, rate, now);
            let Verdict::SlowDown { seconds } = take(&mut buckets, 7, rate, now) else { panic!("the bucket is empty") };
            assert_eq!(seconds, 1);
            now += Duration::from_secs(1);
            assert!(take(&mut buckets, 7, rate, now) == Verdict::Welcome);
        }
    }

    #[test]
    fn a_bucket_outlives_one_change_of_generations_and_not_two() {
        let mut buckets = Buckets::new();
        let start = Instant::now();
        welcomes(&mut buckets, 7, RATE, start);
        buckets.forget_the_old();
        assert!(take(&mut buckets, 7, RATE, start) != Verdict::Welcome);
        buckets.forget_the_old();
        assert_eq!(welcomes(&mut buckets, 7, RATE, start), 60);
    }

    #[test]
    fn each_generation_has_a_key_of_its_own_and_a_request_is_counted_across_the_change() {
        let mut buckets = Buckets::new();
        let start = Instant::now();
        let before = buckets.mark(b"7");
        buckets.forget_the_old();
        let after = buckets.mark(b"7");
        assert_eq!(before.young, after.old, "one generation is shared");
        assert!(before.young != after.young && before.old != after.young);
        // Who was let in before the change asks after it, and is known to who comes then.
        assert_eq!((0..100).filter(|_| buckets.take(before, RATE, start) == Verdict::Welcome).count(), 60);
        assert!(buckets.take(after, RATE, start) != Verdict::Welcome);
        buckets.forget_the_old();
        assert!(buckets.take(before, RATE, start) == Verdict::Welcome, "nobody is known for longer");
    }

    #[test]
    fn a_flood_of_prefixes_does_not_make_the_table_forget_who_asks_most() {
        let mut buckets = Buckets::new();
        let start = Instant::now();
        welcomes(&mut buckets, 7, RATE, start);
        for prefix in 1000..200_000 {
            take(&mut buckets, prefix, RATE, start);
        }
        assert!(take(&mut buckets, 7, RATE, start) != Verdict::Welcome);
        assert_eq!(buckets.young.table.0.len(), ROW * ROWS);
    }
}
