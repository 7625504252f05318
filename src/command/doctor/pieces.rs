//! The author's own pieces: the configuration and the key pairs.

use std::os::unix::fs::MetadataExt;

use jiff::Timestamp;

use super::finding::{Finding, Section};
use crate::command::certificate::hosts;
use crate::command::{Asked, chain};
use crate::config::Settings;
use crate::server::certificate::{self, Warning};

pub(super) fn configuration(asked: &Asked, settings: &Settings) -> Section {
    let mut section = Section::new("configuration");
    let (capsules, names) = (settings.capsules.len(), hosts(settings).join(", "));
    let whose = if capsules == 1 { "one capsule".to_owned() } else { format!("{capsules} capsules") };
    let file = match &asked.source {
        Some(_) => "none is needed for a folder".to_owned(),
        None => "it can be used".to_owned(),
    };
    section.add(Finding::Good(format!("{file}: {whose}, {names}")));
    for warning in &settings.warnings {
        section.add(Finding::Note(warning.clone()));
    }
    section
}

pub(super) fn certificates(settings: &Settings) -> Section {
    let mut section = Section::new("certificates");
    let folder = &settings.gemini.certificates;
    let now = Timestamp::now().as_second();
    match std::fs::metadata(folder) {
        Ok(metadata) if metadata.mode() & 0o022 != 0 => section.add(Finding::bad(
            format!("{} can be written by others (mode {:04o})", folder.display(), metadata.mode() & 0o7777),
            format!("chmod go-w {}", folder.display()),
        )),
        Ok(_) | Err(_) => {}
    }
    for host in hosts(settings) {
        if !certificate::is_there(folder, &host) {
            section.add(Finding::Note(format!("{host} has no key pair yet: it is made at the first start")));
            continue;
        }
        match certificate::load(folder, &host) {
            Ok(identity) => {
                let flaws = identity.warnings(now);
                if flaws.is_empty() {
                    let until = certificate::date(identity.not_after);
                    section.add(Finding::Good(format!(
                        "{host}: key and certificate belong together, valid until {until}"
                    )));
                }
                flaws.iter().for_each(|flaw| section.add(flawed(&host, flaw)));
            }
            Err(error) => {
                let error = chain(&error);
                let (what, remedy) = error.split_once(": ").unwrap_or((&error, "put it back from a copy"));
                section.add(Finding::bad(what, remedy));
            }
        }
    }
    section
}

fn flawed(host: &str, flaw: &Warning) -> Finding {
    let text = flaw.to_string();
    match flaw {
        Warning::Expired { .. } | Warning::Soon { .. } => {
            Finding::bad(text, format!("maquis certificate extend --host {host} (the key stays the same)"))
        }
        Warning::NotYetValid { .. } => Finding::bad(text, "set the clock: timedatectl set-ntp true"),
        Warning::OtherName { .. } => {
            Finding::bad(text, format!("maquis certificate extend --host {host} (the key stays the same)"))
        }
        Warning::Continuity { .. } | Warning::Address { .. } => Finding::Note(text),
    }
}
