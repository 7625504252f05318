//! What is wrong with an author's file, said so that an editor can jump there.

use serde::{Deserialize, Serialize};

use crate::text::search;

/// One finding, printed as `posts/x.md:3: the date is not of the form YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file, relative to the capsule's source folder; empty where the text names what it is about.
    pub path: String,
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: u32,
    /// What is wrong, and the remedy: lower case, no full stop.
    pub text: String,
    pub kind: Kind,
    /// The column, counted from 1 in characters; 0 where it is not known.
    #[serde(default)]
    pub column: u32,
}

/// A place in a text: the line, and the column where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from 1; 0 for the whole text.
    pub line: u32,
    /// Counted from 1, in characters; 0 where it is not known.
    pub column: u32,
}

/// In a line that is longer, in bytes, nobody looks for a column.
const LONG_LINE: usize = 4 * 1024;

impl Position {
    /// The position of a byte of a text in a line whose number is known.
    pub fn in_line(line: u32, text: &str, offset: usize) -> Position {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let column = |start: usize| u32::try_from(search::characters(&before[start..]) + 1).unwrap_or(0);
        Position { line, column: search::short_line_start(before, LONG_LINE).map_or(0, column) }
    }
}

impl From<u32> for Position {
    fn from(line: u32) -> Position {
        Position { line, column: 0 }
    }
}

/// What a problem is about. The names are those of `check --format json`, and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file or folder cannot be read, or is too large, or no UTF-8.
    Unreadable,
    /// The front matter cannot be read.
    FrontMatter,
    /// A field that decides whether the page is shown cannot be read.
    Visibility,
    /// It is in a format that maquis cannot read.
    Unsupported,
    /// An address is taken, or is none.
    Address,
    /// A file looks private, and is served.
    Private,
    /// A key pair has one.
    Certificate,
    /// The home page leads nowhere.
    Home,
    /// A page is not shown, for a reason that its author may not have had.
    Hidden,
    /// A field of the front matter cannot be read.
    Field,
    /// An older address is taken, or leads nowhere.
    Alias,
    /// A link leads to nothing.
    BrokenLink,
    /// So does a picture.
    BrokenImage,
    /// A link leads to a page that is not shown.
    HiddenLink,
    /// A shortcode or a tag shows nothing.
    Shortcode,
    Footnote,
    /// Markdown that the generator takes for text, by a slip of the author's.
    Markup,
    /// A picture whose metadata cannot be left out.
    Picture,
    /// A file cannot be called so.
    FileName,
    /// A line of `.meta` cannot be read.
    Meta,
    /// A host does not answer, or answers that nothing is there.
    External,
    /// Something in the configuration is allowed, and unlikely to be meant.
    Configuration,
    /// A file looks private; it is not served.
    Withheld,
    /// The name of a host is made of letters that look like others.
    MixedScripts,
    NoTitle,
    NoDate,
    NoAlternative,
    LongLabel,
    /// The words of a page are of another language than readers are told.
    Language,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is not published, or should not be.
    Error,
    /// Something that is published is not as it was meant.
    Warning,
    /// No defect: something that readers would like better.
    Advice,
}

impl Kind {
    pub fn severity(self) -> Severity {
        match self {
            Kind::Unreadable
            | Kind::FrontMatter
            | Kind::Visibility
            | Kind::Unsupported
            | Kind::Address
            | Kind::Private
            | Kind::Certificate => Severity::Error,
            Kind::Home
            | Kind::Hidden
            | Kind::Field
            | Kind::Alias
            | Kind::BrokenLink
            | Kind::BrokenImage
            | Kind::HiddenLink
            | Kind::Shortcode
            | Kind::Footnote
            | Kind::Markup
            | Kind::Picture
            | Kind::FileName
            | Kind::Meta
            | Kind::External => Severity::Warning,
            Kind::Configuration
            | Kind::Withheld
            | Kind::MixedScripts
            | Kind::NoTitle
            | Kind::NoDate
            | Kind::NoAlternative
            | Kind::LongLabel
            | Kind::Language => Severity::Advice,
        }
    }
}

impl Problem {
    /// A problem with a line of a file, or with a place in it.
    pub fn at(kind: Kind, path: &str, place: impl Into<Position>, text: impl Into<String>) -> Problem {
        let Position { line, column } = place.into();
        // What an author's file says goes to a terminal, which must not obey it.
        let shown = |text: String| match text.chars().any(char::is_control) {
            true => text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect(),
            false => text,
        };
        Problem { path: shown(path.to_owned()), line, text: shown(text.into()), kind, column }
    }

    /// A problem with a whole file.
    pub fn whole(kind: Kind, path: &str, text: impl Into<String>) -> Problem {
        Problem::at(kind, path, 0, text)
    }

    /// Whether the same is said, perhaps of another place in the line.
    pub fn says_the_same(&self, other: &Problem) -> bool {
        (&self.path, self.line, &self.text, self.kind) == (&other.path, other.line, &other.text, other.kind)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            _ if self.path.is_empty() => f.write_str(&self.text),
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}: {}", self.path, self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters_and_is_left_out_of_a_line_too_long_to_look_at() {
        let at = |text: &str, offset| Position::in_line(7, text, offset).column;
        assert_eq!((at("", 0), at("a", 1), at("a\nb", 2), at("a\nété b", 7)), (1, 2, 1, 4));
        let long = "x".repeat(LONG_LINE + 9);
        assert_eq!(
            (at(&long, LONG_LINE), at(&long, LONG_LINE + 1), at(&long, usize::MAX)),
            (LONG_LINE as u32 + 1, 0, 0)
        );
    }
}
