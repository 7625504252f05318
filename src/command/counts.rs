//! `maquis counts`: how often pages were read, where the configuration has them counted; and, while serving, the hand
//! that writes a day down when it is over.
//!
//! The file is text, a line for each page and day: the date, the count, the URL, with tabs between.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Error;
use crate::config::Surroundings;
use crate::server::counts::{Counts, Day};

/// The longest wait for the end of a day, so that a clock put forward or back is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// So many days are kept: a year, for each summer to be compared with the one before.
const DAYS: usize = 366;
/// The longest bar, in columns.
const BAR: usize = 40;

/// Where counts are kept: beside the pages, in the only folder that can be written.
pub(super) fn file(store_folder: &Path) -> PathBuf {
    store_folder.join("counts")
}

/// Writes every day down when it is over, for as long as maquis serves.
pub(super) async fn keep(counts: Arc<Counts>, file: PathBuf) {
    loop {
        for day in counts.released(today()) {
            // A disk that is full loses a day of counts, and nothing else.
            let _written = write(&file, &day);
        }
        tokio::time::sleep(until_midnight().min(LONGEST_WAIT)).await;
    }
}

fn until_midnight() -> Duration {
    let now = TimeZone::UTC.to_datetime(Timestamp::now());
    let gone = u64::from(now.hour().unsigned_abs()) * 3600
        + u64::from(now.minute().unsigned_abs()) * 60
        + u64::from(now.second().unsigned_abs());
    Duration::from_secs((24 * 3600_u64).saturating_sub(gone))
}

fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

fn write(file: &Path, day: &Day) -> std::io::Result<()> {
    let mut lines: String = day.reads.iter().map(|(page, count)| format!("{}\t{count}\t{page}\n", day.date)).collect();
    let mut kept = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    if is_torn(&mut kept)? {
        lines.insert(0, '\n');
    }
    kept.write_all(lines.as_bytes())?;
    forget_the_old(file)
}

/// Leaves the last [`DAYS`]. Those that have counts are numbered, not those of the calendar: a clock that is wrong for a
/// day must not drop them all.
fn forget_the_old(file: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(file)?;
    let reads: Vec<(Date, u64, &str)> = text.lines().filter_map(line).collect();
    let days: BTreeSet<Date> = reads.iter().map(|(date, ..)| *date).collect();
    let Some(first) = days.len().checked_sub(DAYS + 1).and_then(|last| days.into_iter().nth(last + 1)) else {
        return Ok(());
    };
    let kept = reads.iter().filter(|(date, ..)| *date >= first);
    let text: String = kept.map(|(date, count, page)| format!("{date}\t{count}\t{page}\n")).collect();
    let new = file.with_extension("new");
    let mut written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    written.write_all(text.as_bytes())?;
    std::fs::rename(new, file)
}

/// Whether a full disk has cut off the last line: the next must not be glued to it.
fn is_torn(file: &mut File) -> std::io::Result<bool> {
    let mut last = [0];
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// How counts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Lines,
    Chart,
}

/// Prints what has been counted.
pub fn run(state: Option<&Path>, shown: Shown) -> Result<(), Error> {
    let around = Surroundings::here();
    let state = match state {
        Some(state) => state,
        None => around.state_folder()?,
    };
    let file = file(&state.join("store"));
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!(
                "nothing is counted yet in {}: with `reads = true` below [counts], a day is there when it is over; a \
                 service keeps it in its own state folder (--state /var/lib/maquis)",
                state.display()
            );
            return Ok(());
        }
        Err(error) => return Err(Error::io(format!("{} cannot be read", file.display()))(error)),
    };
    let reads: Vec<(Date, u64, &str)> = text.lines().filter_map(line).collect();
    let text = match shown {
        Shown::Lines => lines(&reads),
        Shown::Chart => chart(&reads),
    };
    if !text.is_empty() {
        say!("{}", text.trim_end_matches('\n'));
    }
    Ok(())
}

/// A line of the file; one that was cut off by a full disk is none.
fn line(line: &str) -> Option<(Date, u64, &str)> {
    let mut fields = line.split('\t');
    let (date, count, page) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?, fields.next()?);
    (fields.next().is_none() && !page.contains(char::is_control)).then_some((date, count, page))
}

/// By day, the newest last, and within a day the most read first.
fn lines(reads: &[(Date, u64, &str)]) -> String {
    let mut by_day: BTreeMap<Date, Vec<(u64, &str)>> = BTreeMap::new();
    reads.iter().for_each(|(date, count, page)| by_day.entry(*date).or_default().push((*count, page)));
    let mut text = String::new();
    for (date, mut pages) in by_day {
        pages.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        text.push_str(&format!("{date}\n"));
        pages.iter().for_each(|(count, page)| text.push_str(&format!("{count:>8}  {page}\n")));
    }
    text
}

/// A bar for each day, then one for each page.
fn chart(reads: &[(Date, u64, &str)]) -> String {
    let (mut days, mut pages) = (BTreeMap::<String, u64>::new(), BTreeMap::<String, u64>::new());
    for (date, count, page) in reads {
        *days.entry(date.to_string()).or_default() += count;
        *pages.entry((*page).to_owned()).or_default() += count;
    }
    let mut pages: Vec<_> = pages.into_iter().collect();
    pages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    format!("{}\n{}", bars(days), bars(pages))
}

fn bars(counts: impl IntoIterator<Item = (String, u64)>) -> String {
    let counts: Vec<(String, u64)> = counts.into_iter().collect();
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let bar = |count: u64| {
        let length = count.saturating_mul(BAR as u64).div_ceil(most);
        "█".repeat(usize::try_from(length).unwrap_or(BAR))
    };
    counts.iter().map(|(name, count)| format!("{count:>8}  {:<BAR$}  {name}\n", bar(*count))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    const TEXT: &str = "2030-06-02\t20\tgemini://a.example/b/\n2030-06-01\t120\tgemini://a.example/\n\
                        2030-06-01\t10\tgemini://a.example/b/\n2030-06-02\t4";

    #[test]
    fn days_and_pages_are_told_in_order() {
        let reads: Vec<_> = TEXT.lines().filter_map(line).collect();
        assert_eq!(
            lines(&reads),
            "2030-06-01\n     120  gemini://a.example/\n      10  gemini://a.example/b/\n\
             2030-06-02\n      20  gemini://a.example/b/\n"
        );
        let chart = chart(&reads);
        let widths: Vec<usize> = chart.lines().map(|line| line.matches('█').count()).collect();
        assert_eq!(widths, [40, 7, 0, 40, 10], "{chart}");
    }

    #[test]
    fn a_day_is_written_once_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let day = |date: &str| Day { date: date.parse().unwrap(), reads: vec![("gemini://a/".into(), 10)] };
        write(&file, &day("2030-06-01")).unwrap();
        write(&file, &day("2030-06-02")).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, "2030-06-01\t10\tgemini://a/\n2030-06-02\t10\tgemini://a/\n");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_year_is_kept_and_no_day_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let first: Date = "2030-01-01".parse().unwrap();
        let date = |number: usize| first.checked_add((number as i64).days()).unwrap();
        let day = |date: Date| Day { date, reads: vec![("gemini://a/".into(), 10), ("gemini://b/".into(), 20)] };
        let dates = || {
            let text = std::fs::read_to_string(&file).unwrap();
            let days: BTreeSet<Date> = text.lines().filter_map(line).map(|(date, ..)| date).collect();
            (days.len(), *days.first().unwrap(), text.lines().count())
        };
        (0..DAYS).for_each(|number| write(&file, &day(date(number))).unwrap());
        assert_eq!(dates(), (DAYS, first, 2 * DAYS));
        write(&file, &day(date(DAYS))).unwrap();
        assert_eq!(dates(), (DAYS, date(1), 2 * DAYS));
        write(&file, &day("2099-01-01".parse().unwrap())).unwrap();
        assert_eq!(dates(), (DAYS, date(2), 2 * DAYS), "a clock that is wrong for a day costs a day");
        assert!(!file.with_extension("new").exists());
    }

    #[test]
    fn a_line_that_a_full_disk_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "2030-06-02\t40\tgemini://a/b").unwrap();
        let reads = vec![("gemini://a/".into(), 10)];
        write(&file, &Day { date: "2030-06-03".parse().unwrap(), reads }).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let last = text.lines().filter_map(line).next_back();
        assert_eq!(last, Some(("2030-06-03".parse().unwrap(), 10, "gemini://a/")));
        // What an earlier version has glued together is no page's count.
        assert_eq!(line("2030-06-02\t40\tgemini://a/b2030-06-03\t10\tgemini://a/"), None);
    }
}
