//! Where a setting stands, so that what is wrong with it can be named: a line of a file, or an option.

use std::ops::Range;
use std::path::PathBuf;

use super::ConfigError;
use crate::read::value::line_at;

/// The place of one setting.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Line {
        path: PathBuf,
        line: u32,
    },
    /// An option or argument of the command line.
    Option(&'static str),
    /// Nobody gave it.
    Default,
}

impl Place {
    pub(super) fn of(path: &std::path::Path, text: &str, span: Range<usize>) -> Place {
        Place::Line { path: path.to_owned(), line: line_at(text, span.start) }
    }

    /// The error that is made of what is wrong here.
    pub(super) fn error(&self, text: impl Into<String>) -> ConfigError {
        let text = text.into();
        match self {
            Place::Line { path, line } => ConfigError::Line { path: path.clone(), line: *line, text },
            Place::Option(name) => ConfigError::Whole(format!("{name}: {text}")),
            Place::Default => ConfigError::Whole(text),
        }
    }
}
