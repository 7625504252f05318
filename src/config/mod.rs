//! The configuration: as written ([`written`]), and as meant ([`Settings`]).
//!
//! A file or the command line in, parsed types out: what is wrong is found here, with its line and the remedy,
//! before anything is bound or read. Nobody below `command` knows these types; each layer gets the small
//! struct it declares. The key names and their defaults are in the `config.toml` at the top of the repository.

mod capsule;
mod check;
mod conversion;
mod file;
mod foreign;
mod host;
mod limits;
mod meant;
mod misplaced;
mod place;
mod speaking;
#[cfg(test)]
mod tests;
mod words;
pub mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::content::files::FileRule;
use crate::content::gopher::Posts;
use crate::content::masthead::{Licence, OwnWords, Web};
use crate::content::picture::Metadata;
use crate::content::redirect::Redirects;
use crate::content::{Dates, Language};
use crate::read::conversion::Conversion;
use crate::render::style::Style;
use crate::sandbox::Policy;
use crate::server::Limits;
use crate::server::endpoint::Endpoint;
use crate::source::Layout;
use crate::text::charset::Charset;

/// The file that is read where none is named.
pub const FILE: &str = "config.toml";
pub use crate::protocol::gemini::PORT;

/// All that was configured, valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// One or more.
    pub capsules: Vec<CapsuleSettings>,
    pub gemini: Gemini,
    /// Where Gopher is spoken too.
    pub gopher: Option<Gopher>,
    pub limits: Limits,
    /// How posts are read and shown.
    pub conversion: Arc<Conversion>,
    pub style: Style,
    pub sandbox: Policy,
    pub sandbox_is: Said,
    pub reads: Reads,
    /// Whom to become when started as root.
    pub user: Option<String>,
    /// What is allowed and yet unlikely to be meant; one line each.
    pub warnings: Vec<String>,
}

/// One capsule: its folder, its names, and what the author says of it. What is not said, the generator's
/// configuration or a default decides.
#[derive(Clone, Debug, PartialEq)]
pub struct CapsuleSettings {
    /// Absolute.
    pub source: PathBuf,
    /// The path in it of the file that says all this, where it lies there.
    pub configuration: Option<String>,
    pub layout: Option<Layout>,
    /// Lower case, A-labels, IPv6 without brackets; the first is canonical. Never empty.
    pub hosts: Vec<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub language: Option<Language>,
    pub web: Option<Web>,
    pub timezone: Option<TimeZone>,
    pub contact: Option<String>,
    pub licence: Option<Licence>,
    /// For the capsule's own language and for others.
    pub words: Vec<OwnWords>,
    /// Gemtext above and below every page that maquis writes.
    pub header: Option<String>,
    pub footer: Option<String>,
    /// The folder of the posts, and the pattern of their addresses, for layouts that do not say so themselves.
    pub content: Option<String>,
    pub addresses: Option<String>,
    /// Of pages in a plain folder that say none.
    pub dates: Dates,
    /// How files are sent, where their names do not say it.
    pub files: Vec<FileRule>,
    /// Of pictures.
    pub metadata: Metadata,
    pub redirects: Redirects,
    /// Where it alone is served over Gopher.
    pub gopher: Vec<Endpoint>,
}

/// How Gemini is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Gemini {
    pub listen: Listen,
    /// Absolute.
    pub certificates: PathBuf,
    /// The port readers use, when it is not the bound one.
    pub port: Option<u16>,
}

/// How Gopher is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Gopher {
    /// Where the first capsule is served; empty where it has addresses of its own and no others are named.
    pub listen: Listen,
    /// The name and the port of items, where they are not the first host and the bound port.
    pub host: Option<String>,
    pub port: Option<u16>,
    pub posts: Posts,
    pub charset: Charset,
    /// In display columns.
    pub width: usize,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// Written down: each address must bind.
    Written(Vec<Endpoint>),
    /// Loopback where every host is this machine, else everywhere; IPv6 is left out where there is none.
    Default(Vec<Endpoint>),
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    InTheFile,
    ByDefault,
}

/// Whether reads of pages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    NotCounted,
    /// By page and day, in tens, once the day is over.
    Counted,
}

/// What the command line says; it wins over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub hosts: Vec<String>,
    pub listen: Vec<Endpoint>,
    /// Where to speak Gopher.
    pub gopher: Vec<Endpoint>,
    pub certificates: Option<PathBuf>,
}

/// What the configuration takes from the process around it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub home: Option<PathBuf>,
    /// Where the page store and, without a configuration, the key pairs are kept.
    pub state: Option<PathBuf>,
    /// The user who runs.
    pub user: u32,
}

/// Why there are no [`Settings`]; `main` exits with [`ConfigError::EXIT_CODE`].
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no {}; {remedy}", path.display())]
    Missing { path: PathBuf, remedy: String },
    #[error("{} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} {why}", path.display())]
    Refused { path: PathBuf, why: String },
    #[error("{} is {generator}'s configuration, not maquis's; to serve this blog: maquis serve {}", path.display(), folder.display())]
    Foreign { path: PathBuf, generator: &'static str, folder: PathBuf },
    #[error("{}:{line}: {text}", path.display())]
    Line { path: PathBuf, line: u32, text: String },
    /// The command line's, or of no single line.
    #[error("{0}")]
    Whole(String),
}

impl ConfigError {
    /// `EX_CONFIG` of sysexits.h.
    pub const EXIT_CODE: u8 = 78;
}

/// A host name or address as the configuration takes it, in the form in which it is compared.
pub fn host_name(text: &str) -> Result<String, String> {
    host::parse(text)
}

impl Settings {
    /// Where a capsule is served over Gopher: at its own addresses, and the first at the shared ones too.
    pub fn gopher_endpoints(&self, capsule: usize) -> Vec<Endpoint> {
        let own = self.capsules.get(capsule).map(|capsule| capsule.gopher.clone()).unwrap_or_default();
        let shared = self.gopher.as_ref().filter(|_| capsule == 0).map(|gopher| gopher.listen.endpoints().to_vec());
        own.into_iter().chain(shared.unwrap_or_default()).collect()
    }

    /// The source folder that a path lies in, if it does: what is there is published.
    pub fn source_around(&self, path: &Path) -> Option<&Path> {
        let resolved = check::resolve(&std::path::absolute(path).ok()?);
        let mut sources = self.capsules.iter().map(|capsule| capsule.source.as_path());
        sources.find(|source| resolved.starts_with(check::resolve(source)))
    }

    /// Reads and checks a configuration file and the folders it names.
    pub fn load(path: &Path, overrides: &Overrides, around: &Surroundings) -> Result<Settings, ConfigError> {
        let text = file::read(path, around)?;
        let mut draft = meant::from_file(path, &text, overrides)?;
        check::folders(&draft, around)?;
        let own = check::resolve(path);
        for capsule in &mut draft.settings.capsules {
            let inside = own.strip_prefix(check::resolve(&capsule.source)).ok();
            capsule.configuration = inside.and_then(Path::to_str).map(str::to_owned);
        }
        draft.settings.warnings.extend(draft.settings.capsules.iter().filter_map(misplaced::warning));
        Ok(draft.settings)
    }

    /// A folder served without any configuration; its key pairs are kept under the state folder.
    pub fn for_folder(source: &Path, overrides: &Overrides, around: &Surroundings) -> Result<Settings, ConfigError> {
        let mut draft = meant::for_folder(source, overrides, around)?;
        check::folders(&draft, around)?;
        draft.settings.warnings.extend(draft.settings.capsules.iter().filter_map(misplaced::warning));
        Ok(draft.settings)
    }
}

impl Surroundings {
    /// As they are for this process.
    pub fn here() -> Surroundings {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = variable("HOME").map(PathBuf::from);
        // systemd gives a list where a unit has several state folders.
        let given = variable("STATE_DIRECTORY")
            .and_then(|folders| std::env::split_paths(&folders).next())
            .filter(|folder| folder.is_absolute());
        let xdg = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
        let user_state = xdg.or_else(|| home.as_ref().map(|home| home.join(".local/state")));
        let state = given.or_else(|| user_state.map(|folder| folder.join("maquis")));
        Surroundings { home, state, user: rustix::process::geteuid().as_raw() }
    }

    /// What surrounds the process once it has become another user.
    pub fn of_user(self, user: u32, home: PathBuf) -> Surroundings {
        // Given by the service manager, it is meant for whoever runs; all else was root's own.
        let given = std::env::var_os("STATE_DIRECTORY").filter(|folder| !folder.is_empty());
        let state = if given.is_some() { self.state } else { Some(home.join(".local/state/maquis")) };
        Surroundings { home: Some(home), state, user }
    }

    /// The state folder, or what to do where nothing names one.
    pub fn state_folder(&self) -> Result<&Path, ConfigError> {
        let remedy = "no folder to keep key pairs and pages in; set STATE_DIRECTORY, XDG_STATE_HOME or HOME";
        self.state.as_deref().ok_or_else(|| ConfigError::Whole(remedy.to_owned()))
    }
}

impl Listen {
    /// The places, whichever way they came about.
    pub fn endpoints(&self) -> &[Endpoint] {
        match self {
            Listen::Written(endpoints) | Listen::Default(endpoints) => endpoints,
        }
    }
}
