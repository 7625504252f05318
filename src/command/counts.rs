//! `maquis counts`: how often pages were read, where the configuration has them counted; and, while serving, the hand
//! that writes a day down when it is over.
//!
//! The file is text, a line for each page and day: the date, the count, the URL, with tabs between.

use std::collections::BTreeMap;
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
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    if is_torn(&mut file)? {
        lines.insert(0, '\n');
    }
    file.write_all(lines.as_bytes())
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
