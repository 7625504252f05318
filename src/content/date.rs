//! A moment as an author wrote it: the day that readers see, and the instant that decides visibility.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A date of front matter. A date without a time is midnight in the capsule's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// The instant; it comes first, so that moments order by it.
    pub instant: Timestamp,
    /// The day as the author wrote it, whatever the zone.
    pub day: Date,
}

/// Where a plain folder has the dates from that its posts do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dates {
    /// From nowhere: such a page is in no list by date.
    #[default]
    Written,
    /// From the file: when it was last modified.
    File,
    /// From git: when it was first committed; from the file where git does not know it yet.
    Git,
}

impl Moment {
    /// An instant, and the day it is in a time zone.
    pub fn of(instant: Timestamp, timezone: &TimeZone) -> Moment {
        Moment { instant, day: timezone.to_datetime(instant).date() }
    }
}
