//! `maquis doctor`: whether everything around a capsule is as it should be, on this machine, now; for each thing a
//! sentence, and a remedy where one is needed. Then it visits the capsule as a reader would, if it runs.
//!
//! It changes nothing and tells nobody; the name server is asked for the hosts of the configuration, and for nothing
//! else.

mod finding;
mod machine;
mod names;
mod pieces;
mod privacy;
mod unit;
mod visit;

use std::path::Path;

use jiff::Timestamp;

use self::finding::{Finding, Section};
use self::unit::Unit;
use super::{Asked, Error, Ports, sources};
use crate::config::{Settings, Surroundings};
use crate::publish::{Published, Publisher};
use crate::store::Store;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Whether the capsule can be served, and is.
    Health,
    /// What on this machine watches beside maquis, which does not.
    Privacy,
}

/// Looks, and says what was found.
pub fn run(asked: &Asked, look: Look) -> Result<(), Error> {
    let root = Path::new("/");
    let sections = match look {
        Look::Privacy => privacy::sections(root),
        Look::Health => health(asked, root)?,
    };
    let mut bad = 0;
    for section in sections.iter().filter(|section| !section.findings.is_empty()) {
        say!("{}", section.name);
        section.findings.iter().for_each(Finding::print);
        bad += section.findings.iter().filter(|finding| finding.is_bad()).count();
    }
    match (bad, look) {
        (0, Look::Health) => say!("\nAll is well, as far as can be seen from inside."),
        (0, Look::Privacy) => say!("\nNothing was found that keeps readers' traces."),
        (1, _) => say!("\nOne thing to mend."),
        (count, _) => say!("\n{count} things to mend."),
    }
    if bad == 0 { Ok(()) } else { Err(Error::Found) }
}

fn health(asked: &Asked, root: &Path) -> Result<Vec<Section>, Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let unit = Unit::find(root);
    let around = as_served(asked, around, unit.as_ref());
    let mut sections = vec![
        pieces::configuration(asked, &settings),
        pieces::certificates(&settings),
        names::section(&settings),
        machine::sandbox(&settings, asked, &around),
        machine::resources(&settings, &around),
        machine::service(&settings, unit.as_ref()),
    ];
    let (texts, published) = texts(&settings);
    sections.insert(1, texts);
    if let Some(published) = &published {
        sections.push(visit::section(&settings, published));
    }
    Ok(sections)
}

/// What surrounds the server: the state folder that systemd gives it, and not that of whoever asks.
fn as_served(asked: &Asked, around: Surroundings, unit: Option<&Unit>) -> Surroundings {
    let own = unit.filter(|unit| unit.serves(asked)).and_then(Unit::state_folder);
    match std::env::var_os("STATE_DIRECTORY") {
        Some(_) => around,
        None => Surroundings { state: own.or(around.state), ..around },
    }
}

/// The sources, read as `serve` would.
fn texts(settings: &Settings) -> (Section, Option<Published>) {
    let mut section = Section::new("texts");
    let publisher = Publisher::new(sources(settings, &Ports::as_configured(settings)), Store::memory());
    let published = publisher.and_then(|mut publisher| publisher.publish(Timestamp::now(), &|_, _| {}));
    let published = match published {
        Ok(published) => published,
        Err(error) => {
            let error = Error::from(error);
            section.add(Finding::bad(super::chain(&error), "mend that first: nothing can be served without texts"));
            return (section, None);
        }
    };
    for capsule in &published.capsules {
        section.add(Finding::Good(format!("{}: {} layout, {}", capsule.title, capsule.layout.name(), capsule.pages)));
    }
    match published.problems.len() {
        0 => {}
        1 => section.add(Finding::Note("one problem in the texts: maquis check names it".into())),
        count => section.add(Finding::Note(format!("{count} problems in the texts: maquis check names them"))),
    }
    (section, Some(published))
}
