//! `maquis serve`: from settings to a running server, and everything that changes while it runs.
//!
//! Start-up is a straight line: configuration, sockets, the user who runs, certificates, folders and store, sandbox, content,
//! runtime. A change of the sources makes a new snapshot; SIGHUP reads configuration and certificates again.

mod events;
mod renewal;
mod running;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use self::running::Serving;
use super::identities::{Identities, Keys};
use super::manager::Manager;
use super::{Asked, Error, listening, privilege, sources};
use crate::config::{Settings, Surroundings};
use crate::memory;
use crate::notice::{Notice, Notices, Printer};
use crate::publish::Publisher;
use crate::sandbox::{self, Needs, Policy};
use crate::server::Listener;
use crate::store;
use crate::store::Store;

/// Serves until SIGINT or SIGTERM.
pub fn run(asked: Asked) -> Result<(), Error> {
    let (notices, waiting) = Notices::waiting();
    let (serving, listeners) = match prepare(asked, &notices) {
        Ok(prepared) => prepared,
        Err(error) => {
            // What was said on the way here is true still: a key pair that was made, say.
            waiting.flush();
            return Err(error);
        }
    };
    let printing = waiting.start().map_err(Error::io("no thread can be started"))?;
    notices.take_over_panics();
    drop(notices);
    let ended = serving.go(listeners);
    finish(printing);
    ended
}

/// Everything up to the sandbox, on the one thread there is.
fn prepare(asked: Asked, notices: &Notices) -> Result<(Serving, Vec<Listener>), Error> {
    let around = Surroundings::here();
    let settings = asked.settings(&around)?;
    let (listeners, ports) = listening::open(&settings, notices)?;
    listening::announce(&settings, &listeners, notices)?;
    let manager = Manager::connect()?;
    let around = privilege::give_up_root(&settings, &listeners, around, notices)?;
    let identities = Identities::load(&settings, notices, Keys::Make)?;
    let store = open_store(&around)?;
    let publisher = Publisher::new(identities.vouch(sources(&settings, &ports)), store)?;
    let policy = listening::policy(&settings, &listeners);
    confine(policy, &needs(&settings, &asked, &around)?, notices)?;
    memory::give_back_from_now_on();
    let serving = Serving {
        asked,
        around,
        settings,
        publisher: Some(publisher),
        identities,
        ports,
        state: 0,
        replaced: Vec::new(),
        notices: notices.clone(),
        manager,
        status: String::new(),
        counts: Arc::default(),
        failing: None,
    };
    Ok((serving, listeners))
}

/// The page store has a folder of its own, the only one that stays writable.
fn store_folder(around: &Surroundings) -> Result<PathBuf, Error> {
    Ok(around.state_folder()?.join("store"))
}

/// What serving takes of the file system.
fn needs(settings: &Settings, asked: &Asked, around: &Surroundings) -> Result<Needs, Error> {
    let mut read: Vec<PathBuf> = settings.capsules.iter().map(|capsule| capsule.source.clone()).collect();
    read.push(settings.gemini.certificates.clone());
    read.extend(asked.config_folder());
    Ok(Needs { read, write: vec![store_folder(around)?] })
}

/// Enters the sandbox; what it leaves open is said.
fn confine(policy: Policy, needs: &Needs, notices: &Notices) -> Result<(), Error> {
    let confinement = sandbox::enter(policy, needs)?;
    match policy {
        Policy::Off => notices.say(Notice::Unconfined { what: "everything, because sandbox = \"off\"".into() }),
        Policy::Require | Policy::Prefer if confinement.open().is_empty() => {}
        Policy::Require | Policy::Prefer => notices.say(Notice::Unconfined { what: confinement.said() }),
    }
    Ok(())
}

fn open_store(around: &Surroundings) -> Result<Store, Error> {
    let folder = store_folder(around)?;
    let cannot = || {
        Error::io(format!(
            "{}: the page store cannot be kept there; let the user who runs maquis write it",
            folder.display()
        ))
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(cannot())?;
    Store::open(&folder.join("pages"), store::fingerprint()).map_err(cannot())
}

fn finish(printing: Printer) {
    // The hook holds notices; printing ends when the last is gone.
    let _hook = std::panic::take_hook();
    printing.finish();
}

fn lost() -> Error {
    Error::Io {
        what: "publishing ended in a fault of maquis's own; please report it".into(),
        source: std::io::Error::other("a panic"),
    }
}
