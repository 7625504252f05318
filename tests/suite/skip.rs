//! What is left out on this machine, said once and where it is seen: the harness keeps back what a test that passes
//! prints, but not what goes to standard error directly.

use std::collections::HashSet;
use std::fmt::Arguments;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

pub(crate) fn say(why: Arguments<'_>) {
    static SAID: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let line = format!("skipped: {why}");
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.get_or_insert_default().insert(line.clone()) {
        let _closed = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// Says why a test does not test what it is for.
macro_rules! skip {
    ($($why:tt)*) => { $crate::skip::say(format_args!($($why)*)) };
}
