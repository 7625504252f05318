//! `maquis build`: the capsule as a tree of files, byte for byte what `serve` would send, for hosting elsewhere.
//!
//! With several capsules there is a folder for each, called by its first host; where Gopher is on, `gemini/` and
//! `gopher/` part the two. What a host of files must be told is in `.meta` and `.redirects` ([`crate::site::tree`]).

mod folder;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use self::folder::Fresh;
use super::{Asked, Error, Ports, check, identities, sources};
use crate::config::{Settings, Surroundings};
use crate::content::problem::Severity;
use crate::publish::{Copying, Published, Publisher, shown};
use crate::site::tree::{self, Leaf, Tree};
use crate::source::walk;
use crate::store::Store;

/// Why nothing can be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{folder} was not made by maquis build and is not empty; name a new folder, or an empty one", folder = shown(.folder))]
    Foreign { folder: PathBuf },
    #[error("{path} is a file; name a folder", path = shown(.path))]
    File { path: PathBuf },
    #[error("{folder} is not there; make it first, or correct its name", folder = shown(.folder))]
    NoParent { folder: PathBuf },
    #[error("{folder} cannot be written; name another folder, or let this user write it", folder = shown(.folder))]
    Unwritable {
        folder: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("it would stand in the source folder {source_folder} and be published with it; name a folder beside that", source_folder = shown(.source_folder))]
    InSource { source_folder: PathBuf },
    #[error("the source folder {source_folder} is in it, and would be replaced; name another folder", source_folder = shown(.source_folder))]
    AroundSource { source_folder: PathBuf },
    #[error(
        "nothing was built, and what was there stays: {pages} would be missing; mend what is named above, or take it out"
    )]
    Broken { pages: String },
    #[error("another build is writing there; wait until it is done")]
    Busy,
    #[error("{target} cannot be replaced, and stays as it was; name a folder that can be renamed", target = shown(.target))]
    Swap {
        target: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("{what} cannot be read or written", what = shown(.what))]
    Io {
        what: PathBuf,
        #[source]
        error: io::Error,
    },
}

/// Builds, and says what came of it. What cannot be a file is named, and makes the exit status 1.
pub fn run(asked: &Asked, target: &Path) -> Result<(), Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let folders: Vec<PathBuf> = settings.capsules.iter().map(|capsule| capsule.source.clone()).collect();
    let fresh = Fresh::beside(target, &folders)?;
    settings.warnings.iter().for_each(|warning| eprintln!("{warning}"));
    if settings.capsules.iter().any(|capsule| capsule.hosts.iter().all(|host| host == "localhost")) {
        eprintln!("feeds and sitemap are written for localhost; say where it will be: --host, or `hosts`");
    }
    let published = publish(&settings)?;
    whole(&published)?;
    let mut left_out = Vec::new();
    let mut count = 0;
    for (place, tree) in trees(&published) {
        left_out.extend(tree.left_out.iter().map(|(address, why)| (address.to_string(), why.clone())));
        for (path, leaf) in &tree.files {
            match write(&fresh, &place.join(path), leaf, &published)? {
                Written::Whole => count += 1,
                Written::Not(why) => left_out.push((format!("/{path}"), walk::unreadable(&why))),
            }
        }
    }
    fresh.swap()?;
    println!("{}: {}, {}", shown(target), published.tally(), check::counted(count, "file"));
    left_out.iter().for_each(|(what, why)| eprintln!("{what} is left out: {why}"));
    if let Some(next) = published.next_change {
        let zone = jiff::tz::TimeZone::system();
        eprintln!(
            "build again after {}: a page appears or expires then",
            next.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M %Z")
        );
    }
    ended(&published, left_out.len())
}

/// A build has no last good version of a page that cannot be read; what is hosted elsewhere must not lose it for that.
fn whole(published: &Published) -> Result<(), BuildError> {
    if published.lost == 0 {
        return Ok(());
    }
    let errors = published.problems.iter().filter(|problem| problem.kind.severity() == Severity::Error);
    errors.for_each(|problem| eprintln!("{problem}"));
    let pages = if published.lost == 1 { "a page".to_owned() } else { check::counted(published.lost, "page") };
    Err(BuildError::Broken { pages })
}

/// What is wrong with texts that are there, and what could not be a file, is said.
fn ended(published: &Published, left_out: usize) -> Result<(), Error> {
    match published.problems.len() {
        0 => {}
        1 => eprintln!("one problem in the texts: maquis check names it"),
        count => eprintln!("{count} problems in the texts: maquis check names them"),
    }
    if left_out == 0 { Ok(()) } else { Err(Error::Found) }
}

/// The texts as they are now, with what vouches for the keys that are here.
fn publish(settings: &Settings) -> Result<Published, Error> {
    let sources =
        identities::vouch(sources(settings, &Ports::as_configured(settings)), &identities::statements(settings));
    let mut publisher = Publisher::new(sources, Store::memory())?;
    check::with_progress(&mut publisher)
}

/// The trees of all capsules, each with its place in the build.
fn trees(published: &Published) -> Vec<(PathBuf, Tree<'_>)> {
    let capsules = &published.site.capsules;
    let parted = capsules.iter().any(|capsule| capsule.gopherhole.is_some());
    let mut trees = Vec::new();
    for capsule in capsules {
        let host = capsule.hosts.first().filter(|_| capsules.len() > 1).map_or("", String::as_str);
        let place = |protocol: &str| Path::new(if parted { protocol } else { "" }).join(host);
        trees.push((place("gemini"), tree::of_capsule(capsule)));
        trees.extend(capsule.gopherhole.as_ref().map(|hole| (place("gopher"), tree::of_gopherhole(hole))));
    }
    trees
}

/// What came of a file.
enum Written {
    Whole,
    /// What should be in it cannot be read.
    Not(io::Error),
}

fn write(fresh: &Fresh, path: &Path, leaf: &Leaf<'_>, published: &Published) -> Result<Written, Error> {
    let failed = |error| BuildError::Io { what: path.to_owned(), error };
    let mut file = BufWriter::new(fresh.file(path).map_err(failed)?);
    let copied = match leaf {
        Leaf::Body(body) => published.write_body(body, &mut file),
        Leaf::Text(text) => file.write_all(text.as_bytes()).map_err(Copying::To),
    };
    match copied.and_then(|()| file.flush().map_err(Copying::To)) {
        Ok(()) => Ok(Written::Whole),
        Err(Copying::To(error)) => Err(failed(error).into()),
        Err(Copying::From(error)) => {
            fresh.without(path).map_err(failed)?;
            Ok(Written::Not(error))
        }
    }
}
