//! What is wrong with an author's file, said so that an editor can jump there.

use serde::{Deserialize, Serialize};

/// One finding, printed as `posts/x.md:3: the date is not of the form YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file, relative to the capsule's source folder.
    pub path: String,
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: u32,
    /// What is wrong, and the remedy: lower case, no full stop.
    pub text: String,
}

impl Problem {
    /// A problem with a line of a file.
    pub fn at(path: &str, line: u32, text: impl Into<String>) -> Problem {
        // What an author's file says goes to a terminal, which must not obey it.
        let shown = |text: String| match text.chars().any(char::is_control) {
            true => text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect(),
            false => text,
        };
        Problem { path: shown(path.to_owned()), line, text: shown(text.into()) }
    }

    /// A problem with a whole file.
    pub fn whole(path: &str, text: impl Into<String>) -> Problem {
        Problem::at(path, 0, text)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}: {}", self.path, self.text),
        }
    }
}
