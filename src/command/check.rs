//! `maquis check`: everything `serve` would read, and what is wrong with it, so that an editor can jump there.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::{Asked, Error, Ports, chain, sources};
use crate::config::{Settings, Surroundings};
use crate::content::Problem;
use crate::publish::{Published, Publisher};
use crate::server::certificate;
use crate::store::Store;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Prints problems on standard output, one a line, and a summary on standard error.
pub fn run(asked: &Asked) -> Result<(), Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let flaws = look_at_certificates(&settings);
    let published = publish(&settings)?;
    let mut out = std::io::stdout().lock();
    let lines =
        settings.warnings.iter().chain(&flaws).cloned().chain(published.problems.iter().map(Problem::to_string));
    for line in lines {
        // Whoever reads us may have read enough.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    for capsule in &published.capsules {
        eprintln!("{}: {} layout, {}", capsule.title, capsule.layout.name(), capsule.pages);
    }
    match published.problems.len() + flaws.len() {
        0 => {
            eprintln!("no problems");
            Ok(())
        }
        count => {
            eprintln!("{}", counted(count, "problem"));
            Err(Error::Found)
        }
    }
}

/// Key pairs that are there must be good; one that is not is made at the first start.
fn look_at_certificates(settings: &Settings) -> Vec<String> {
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
    flaws
}

fn publish(settings: &Settings) -> Result<Published, Error> {
    let ports = Ports::as_configured(settings);
    let mut publisher = Publisher::new(sources(settings, &ports), Store::memory())?;
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
