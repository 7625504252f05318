//! When each file of a folder was first committed, asked of git: the one program that maquis ever starts, and only
//! where the configuration says `dates = "git"`.
//!
//! It is asked once, when the folder is opened: before the sandbox, which lets no program start. A file that has been
//! moved as it was keeps its first date. <https://git-scm.com/docs/git-log>

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use jiff::tz::TimeZone;

use crate::content::Moment;
use crate::read::date;

/// What a folder's own configuration of git may not do to us: start programs, ask other hosts, answer something else.
const QUIET: [&str; 6] = [
    "core.fsmonitor=false",
    "core.pager=cat",
    "log.follow=false",
    "log.showRoot=true",
    "log.showSignature=false",
    "protocol.allow=never",
];
/// Set in the hooks that git calls, where they are about another folder or another moment.
const OF_HOOKS: [&str; 8] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
];
/// Before the date of each commit.
const COMMIT: char = '\u{1}';

/// Why git's dates cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("git is not installed; install it, or write dates = \"file\"")]
    NoGit,
    #[error("git cannot be started")]
    Start(#[source] io::Error),
    #[error("it is in no git repository; write dates = \"file\", or git init and commit the posts")]
    NoRepository,
    #[error("its repository belongs to another user; as root: git config --system --add safe.directory {folder:?}")]
    Owner { folder: String },
    #[error("its history was fetched in part, so that its dates would be wrong; git fetch --unshallow")]
    Shallow,
    #[error("git says: {0}")]
    Git(String),
}

/// The moment of the first commit, by path beneath the folder.
#[derive(Default)]
pub struct History(HashMap<String, Moment>);

impl History {
    /// Asks git. A repository without a commit has no dates.
    pub fn of(folder: &Path) -> Result<History, HistoryError> {
        let shallow = ask(folder, &["rev-parse", "--is-shallow-repository"])?;
        if shallow.starts_with(b"true") {
            return Err(HistoryError::Shallow);
        }
        if ask(folder, &["rev-list", "--all", "--max-count=1"])?.is_empty() {
            return Ok(History::default());
        }
        // Texts that were moved and mended; where not all of them were fetched, those that were moved as they were.
        let log = log(folder, "-M80%").or_else(|_| log(folder, "-M100%"))?;
        Ok(History(first_dates(&log)))
    }

    /// When a file was first committed.
    pub fn first(&self, path: &str) -> Option<Moment> {
        self.0.get(path).copied()
    }
}

fn log(folder: &Path, moved: &str) -> Result<Vec<u8>, HistoryError> {
    let format = format!("--format={COMMIT}%aI");
    let what = ["--name-status", "--diff-filter=AR", "--no-color", "--relative", moved, "-z", &format];
    ask(folder, &[&["log", "--reverse", "--topo-order"], &what[..], &["--", "."]].concat())
}

fn ask(folder: &Path, question: &[&str]) -> Result<Vec<u8>, HistoryError> {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).arg("--no-optional-locks");
    for setting in QUIET {
        git.args(["-c", setting]);
    }
    for name in OF_HOOKS {
        git.env_remove(name);
    }
    // In the language that its messages are looked through in; and it neither asks anybody nor fetches anything.
    git.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    let Output { status, stdout, stderr } = git.args(question).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => HistoryError::NoGit,
        _ => HistoryError::Start(error),
    })?;
    if status.success() { Ok(stdout) } else { Err(said(folder, &String::from_utf8_lossy(&stderr))) }
}

fn said(folder: &Path, stderr: &str) -> HistoryError {
    if let Some((_, rest)) = stderr.split_once("dubious ownership in repository at '") {
        // The folder may be a part of what git means.
        let top = rest.split_once("'\n").map_or_else(|| folder.display().to_string(), |(top, _)| top.to_owned());
        return HistoryError::Owner { folder: top };
    }
    if stderr.contains("not a git repository") {
        return HistoryError::NoRepository;
    }
    let line = stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing, and ends with an error");
    HistoryError::Git(line.chars().filter(|letter| !letter.is_control()).collect())
}

/// What `git log -z --name-status` says of the oldest commit first.
///
/// ```text
/// log    = *( COMMIT date NUL *change )
/// change = [LF] "A" NUL path NUL / [LF] "R" percent NUL old NUL new NUL
/// ```
fn first_dates(log: &[u8]) -> HashMap<String, Moment> {
    let mut dates: HashMap<String, Moment> = HashMap::new();
    let mut here = None;
    let mut words = log.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word));
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('\n');
        if let Some(date) = word.strip_prefix(COMMIT) {
            here = date::parse(date, &TimeZone::UTC);
            continue;
        }
        let Some(path) = words.next().filter(|_| !word.is_empty()) else { continue };
        match word.chars().next() {
            // What was deleted and comes back has the date it had.
            Some('A') => {
                if let Some(here) = here {
                    dates.entry(path.into_owned()).or_insert(here);
                }
            }
            Some('R') => {
                let known = dates.remove(&*path).or(here);
                if let (Some(to), Some(known)) = (words.next(), known) {
                    dates.insert(to.into_owned(), known);
                }
            }
            Some(_) | None => {}
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(log: &str) -> Vec<(String, String)> {
        let mut days: Vec<_> =
            first_dates(log.as_bytes()).into_iter().map(|(path, moment)| (path, moment.day.to_string())).collect();
        days.sort();
        days
    }

    fn day(path: &str, day: &str) -> (String, String) {
        (path.to_owned(), day.to_owned())
    }

    #[test]
    fn the_first_commit_counts_and_follows_a_text_that_moves() {
        let log = "\u{1}2020-01-01T23:30:00-05:00\0\nA\0a.md\0A\0b \u{e9}.md\0\
            \u{1}2021-01-02T00:00:00Z\0\nR096\0a.md\0posts/a.md\0\
            \u{1}2022-01-03T00:00:00Z\0\nA\0a.md\0\
            \u{1}2023-01-04T00:00:00Z\0\nA\0b \u{e9}.md\0R100\0from/elsewhere.md\0c.md\0";
        let expected = [
            day("a.md", "2022-01-03"),
            day("b \u{e9}.md", "2020-01-01"),
            day("c.md", "2023-01-04"),
            day("posts/a.md", "2020-01-01"),
        ];
        assert_eq!(days(log), expected);
    }

    #[test]
    fn whose_repository_it_is_is_said_with_the_folder_that_git_means() {
        let stderr = "fatal: detected dubious ownership in repository at '/srv/it's blog'\nTo add an exception";
        let error = said(Path::new("/srv/it's blog/notes"), stderr).to_string();
        assert!(error.ends_with("safe.directory \"/srv/it's blog\""), "{error}");
    }

    #[test]
    fn whatever_git_says_is_read() {
        for log in ["", "\0", "\u{1}", "\u{1}soon\0A\0x.md\0", "A\0", "R\0a\0"] {
            assert_eq!(days(log), [], "{log:?}");
        }
    }
}
