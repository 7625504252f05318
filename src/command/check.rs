//! `maquis check`: everything `serve` would read, and what is wrong with it, so that an editor can jump there; and what
//! a proof-reader would say beside that.

mod external;
mod report;

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

pub use self::report::Format;
use super::{Asked, Error, Ports, chain, sources};
use crate::config::{Settings, Surroundings};
use crate::content::Problem;
use crate::content::problem::{Kind, Severity};
use crate::publish::{Proofreading, Published, Publisher};
use crate::server::certificate;
use crate::store::Store;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far the proof-reader goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No network is asked for anything.
    Here,
    /// The hosts that links lead to are asked.
    OtherHosts,
}

/// Prints problems on standard output, and a summary on standard error. Advice alone is no failure.
pub fn run(asked: &Asked, format: Format, reach: Reach) -> Result<(), Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let published = publish(&settings)?;
    let mut problems = published.problems.clone();
    problems.extend(look_at_certificates(&settings));
    problems.extend(settings.warnings.iter().map(|text| Problem::whole(Kind::Configuration, "", text)));
    problems.extend(published.proof.advice.iter().cloned());
    if reach == Reach::OtherHosts {
        problems.extend(ask_others(&settings, &published));
    }
    let advice = problems.iter().filter(|problem| problem.kind.severity() == Severity::Advice).count();
    let defects = problems.len() - advice;
    let mut out = std::io::stdout().lock();
    for line in report::lines(problems, format) {
        // Whoever reads us may have read enough.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    for capsule in &published.capsules {
        eprintln!("{}: {} layout, {}", capsule.title, capsule.layout.name(), capsule.pages);
    }
    eprintln!("{}", report::summary(defects, advice));
    if defects == 0 { Ok(()) } else { Err(Error::Found) }
}

/// Asks whether the links that leave the capsules lead somewhere; before, says whom.
fn ask_others(settings: &Settings, published: &Published) -> Vec<Problem> {
    let own = settings.capsules.iter().flat_map(|capsule| &capsule.hosts).map(String::as_str).collect();
    let questions = external::Questions::of(&published.proof.leaving, &own);
    let names = questions.names();
    if names.is_empty() {
        eprintln!("no link leads to another host: nobody is asked");
        return Vec::new();
    }
    let count = if names.len() == 1 { "one host".to_owned() } else { counted(names.len(), "host") };
    eprintln!("asking {count}, which will see the address of this machine: {}", names.join(", "));
    let outcome = questions.ask();
    if outcome.unasked > 0 {
        eprintln!("{} were not asked for: there was no more time", counted(outcome.unasked, "link"));
    }
    outcome.problems
}

/// Key pairs that are there must be good; one that is not is made at the first start.
fn look_at_certificates(settings: &Settings) -> Vec<Problem> {
    let now = Timestamp::now().as_second();
    let folder = &settings.gemini.certificates;
    let mut flaws = Vec::new();
    for host in settings.capsules.iter().flat_map(|capsule| &capsule.hosts) {
        if !certificate::is_there(folder, host) {
            continue;
        }
        match certificate::load(folder, host) {
            Ok(identity) => flaws.extend(identity.warnings(now).iter().map(ToString::to_string)),
            Err(error) => flaws.push(chain(&error)),
        }
    }
    flaws.into_iter().map(|text| Problem::whole(Kind::Certificate, "", text)).collect()
}

fn publish(settings: &Settings) -> Result<Published, Error> {
    let ports = Ports::as_configured(settings);
    let mut sources = sources(settings, &ports);
    sources.iter_mut().for_each(|source| source.proof = Proofreading::Yes);
    let mut publisher = Publisher::new(sources, Store::memory())?;
    with_progress(&mut publisher)
}

/// Publishes what is there now, under the eyes of the author where that takes long.
pub(super) fn with_progress(publisher: &mut Publisher) -> Result<Published, Error> {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} pages");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let start = std::time::Instant::now();
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        if bar.is_hidden() && start.elapsed() > PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    };
    let published = publisher.publish(Timestamp::now(), &progress);
    bar.finish_and_clear();
    Ok(published?)
}

pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
