//! `maquis convert`: one post from Markdown to gemtext or plain text, on standard output.
//!
//! Without its neighbours, but for what it includes of them: links stay as they are written.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::Error;
use crate::content::document::{Exceeded, MAX_SOURCE, Target};
use crate::content::problem::Kind;
use crate::content::{Head, Language, Problem};
use crate::publish::Around;
use crate::read::front_matter::{self, Flavour};
use crate::read::include;
use crate::read::markdown::{self, Dialect, Generator, Reference, Source};
use crate::read::place::Place;
use crate::read::smart;
use crate::read::title;
use crate::render::style::Style;
use crate::render::{gemtext, plaintext};
use crate::text::charset::Charset;
use crate::text::url;

/// What to convert to.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    Gemtext,
    /// Filled to so many columns.
    Text {
        width: usize,
    },
}

/// Whose Markdown a post is written in.
pub enum Written {
    /// As a generator's, as it comes.
    For(Generator),
    /// As the blog's around it.
    In(Box<Around>),
}

impl Written {
    /// As asked for; else as the blog around the file is, if there is one.
    fn of(file: Option<&Path>, asked: Option<Generator>) -> Written {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let around = |file: &Path| Around::of(file, home.as_deref());
        match (asked, file.and_then(around)) {
            (Some(generator), _) => Written::For(generator),
            (None, Some(around)) => Written::In(Box::new(around)),
            (None, None) => Written::For(Generator::Plain),
        }
    }

    fn flavour(&self) -> Flavour {
        match self {
            Written::In(around) => around.flavour(),
            Written::For(Generator::Jekyll) => Flavour::Jekyll,
            Written::For(Generator::Pelican) => Flavour::Pelican,
            Written::For(
                Generator::Plain | Generator::Hugo | Generator::Zola | Generator::Eleventy | Generator::Astro,
            ) => Flavour::Usual,
        }
    }

    fn language(&self) -> Language {
        match self {
            Written::In(around) => around.language().clone(),
            Written::For(_) => Language::english(),
        }
    }

    /// A body with what it includes of the blog around it.
    fn include(&self, body: &str, dialect: &Dialect) -> Option<include::Body> {
        match self {
            Written::In(around) => around.include(body, dialect),
            Written::For(_) => None,
        }
    }

    fn dialect(&self, language: Language) -> Dialect {
        match self {
            Written::In(around) => around.dialect(language),
            Written::For(generator) => Dialect::usual(*generator, language),
        }
    }
}

/// What problems do to the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problems {
    AreTold,
    Fail,
}

/// Reads a file, or standard input for `-` or nothing, and writes what it becomes. Problems go to standard error.
pub fn run(
    file: Option<&Path>,
    format: Format,
    strictness: Problems,
    asked: Option<Generator>,
    language: Option<&Language>,
) -> Result<(), Error> {
    let file = file.filter(|path| *path != Path::new("-"));
    let name = file.map_or("standard input".to_owned(), |path| path.display().to_string());
    let cannot = |what: &str| Error::io(format!("{name}: {what}"));
    let mut bytes = Vec::new();
    let limit = MAX_SOURCE as u64 + 1;
    match file {
        Some(path) => std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
        None => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
    }
    .map_err(cannot("it cannot be read"))?;
    let (converted, problems) = match convert(&name, bytes, format, &Written::of(file, asked), language) {
        Ok(converted) => converted,
        Err(problem) => {
            eprintln!("{problem}");
            return Err(Error::Found);
        }
    };
    for problem in &problems {
        eprintln!("{problem}");
    }
    match std::io::stdout().lock().write_all(converted.as_bytes()) {
        // `maquis convert x.md | head` has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(cannot("the result cannot be written")),
    }?;
    match strictness {
        Problems::Fail if !problems.is_empty() => Err(Error::Found),
        Problems::Fail | Problems::AreTold => Ok(()),
    }
}

/// What a Markdown file becomes, and what is wrong with it.
pub fn convert(
    name: &str,
    bytes: Vec<u8>,
    format: Format,
    written: &Written,
    language: Option<&Language>,
) -> Result<(String, Vec<Problem>), Problem> {
    let text = String::from_utf8(bytes)
        .map_err(|_| Problem::whole(Kind::Unreadable, name, "it is not UTF-8; save it as UTF-8"))?;
    let (front, body_start, mut problems) = front_matter::read(name, &text, &TimeZone::system(), written.flavour())?;
    let place = Place::of(name, &[]);
    let language =
        front.language.clone().or(language.cloned()).or(place.language).unwrap_or_else(|| written.language());
    let dialect = written.dialect(language.clone());
    let heading = markdown::first_heading(text.get(body_start..).unwrap_or(""), &dialect);
    let plain = |title: &str| smart::line(&title::plain(title), &dialect).into_owned();
    let head = Head {
        title: front.title.as_deref().map(plain).or(heading).unwrap_or_default(),
        subtitle: front.subtitle.as_deref().map(plain),
        date: front.date,
        updated: front.updated,
        authors: front.authors,
        tags: front.tags,
        language,
    };
    let broken = |exceeded: Exceeded| Problem::whole(Kind::Unreadable, name, exceeded.to_string());
    let source = Source { path: name, text: &text, body_start };
    let including = written.include(text.get(body_start..).unwrap_or(""), &dialect);
    let mut links = |reference: &Reference<'_>| as_written(reference.destination);
    let reading = markdown::read_with(&source, including.as_ref(), &dialect, &mut links).map_err(broken)?;
    let input_len = including.map_or(text.len(), |body| body_start + body.len());
    let converted = match format {
        Format::Gemtext => gemtext::document(&head, &reading.document, &gemtext::Options::inside(input_len)),
        Format::Text { width } => {
            let address = &|target: &Target| plaintext::address(target);
            let options = plaintext::Options {
                input_len,
                width,
                charset: Charset::Utf8,
                address,
                style: Style::default(),
                menu: None,
            };
            plaintext::document(&head, &reading.document, &options).map(|text| text.text)
        }
    };
    problems.extend(reading.problems);
    Ok((converted.map_err(broken)?, problems))
}

fn as_written(destination: &str) -> Target {
    let refused = matches!(url::scheme(destination).as_deref(), Some("javascript" | "data" | "vbscript"));
    match url::escape(destination) {
        Some(url) if !refused && !destination.is_empty() && !destination.starts_with('#') => {
            Target::Elsewhere(url.into())
        }
        _ => Target::Nowhere,
    }
}
