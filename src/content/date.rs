//! A moment as an author wrote it: the day that readers see, and the instant that decides visibility.

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
