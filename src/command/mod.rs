//! The subcommands, one file each: they join the rooms of the house and talk to the person at the terminal.

/// A line for the person at the terminal, by [`say`].
macro_rules! say {
    ($($text:tt)*) => { $crate::command::say(format_args!($($text)*)) };
}

pub mod build;
pub mod certificate;
pub mod check;
pub mod convert;
pub mod counts;
pub mod doctor;
pub mod explain;
mod fixed;
mod identities;
pub mod identity;
pub mod listening;
mod manager;
pub mod new;
pub mod privilege;
pub mod serve;

use std::fmt::Arguments;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{CapsuleSettings, ConfigError, FILE, Overrides, PORT, Settings, Surroundings};
use crate::content::{Gopher, gopher};
use crate::publish::{CapsuleSource, Proofreading, PublishError};
use crate::sandbox::SandboxError;
use crate::server::bind::BindError;
use crate::server::certificate::CertificateError;
use crate::server::endpoint::Endpoint;
use crate::server::tls::TlsError;

/// Why a command cannot do what was asked; `main` prints it with its causes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Privilege(#[from] privilege::PrivilegeError),
    #[error(transparent)]
    Passed(#[from] listening::PassedError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    New(#[from] new::NewError),
    #[error(transparent)]
    Build(#[from] build::BuildError),
    #[error("{what}")]
    Io { what: String, source: io::Error },
    /// What is wrong has been said; only the exit code is left to give.
    #[error("problems were found")]
    Found,
}

impl Error {
    /// 78 for a configuration that cannot be used (`EX_CONFIG` of sysexits.h), else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Config(_) => ConfigError::EXIT_CODE,
            Error::Privilege(error) if error.is_configured() => ConfigError::EXIT_CODE,
            Error::Passed(error) if error.is_configured() => ConfigError::EXIT_CODE,
            Error::Publish(_)
            | Error::Bind(_)
            | Error::Privilege(_)
            | Error::Passed(_)
            | Error::Certificate(_)
            | Error::Tls(_)
            | Error::Sandbox(_)
            | Error::New(_)
            | Error::Build(_)
            | Error::Io { .. }
            | Error::Found => 1,
        }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { what: what.into(), source }
    }
}

/// Where the settings of `serve`, `check` and `certificate` come from.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// A folder to serve without any configuration.
    pub source: Option<PathBuf>,
    /// The configuration file, where it is not `config.toml` here.
    pub config: Option<PathBuf>,
    pub overrides: Overrides,
}

impl Asked {
    /// The folder of the configuration, which editors replace files in.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        let file = match (&self.source, &self.config) {
            (Some(_), None) => return None,
            (_, config) => std::path::absolute(config.as_deref().unwrap_or(Path::new(FILE))).ok()?,
        };
        file.parent().map(Path::to_owned)
    }

    /// Reads the settings, at start and at every reload.
    pub fn settings(&self, around: &Surroundings) -> Result<Settings, ConfigError> {
        match (&self.source, &self.config) {
            (Some(source), None) => Settings::for_folder(source, &self.overrides, around),
            (None, config) => Settings::load(config.as_deref().unwrap_or(Path::new(FILE)), &self.overrides, around),
            (Some(_), Some(_)) => Err(ConfigError::Whole(
                "both a folder and a configuration are named; the configuration says which folder to serve, so leave one out".into(),
            )),
        }
    }
}

/// The ports readers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) gemini: u16,
    /// Of each capsule that is served over Gopher.
    pub(crate) gopher: Vec<Option<u16>>,
}

impl Ports {
    /// What the settings say before anything is bound.
    fn as_configured(settings: &Settings) -> Ports {
        let gopher = |capsule| {
            let endpoints = settings.gopher_endpoints(capsule);
            readers_port(endpoints.iter().map(Endpoint::port), gopher::PORT)
        };
        let gemini =
            settings.gemini.listen.endpoints().iter().map(|endpoint| endpoint.port().filter(|port| *port != 0));
        Ports {
            gemini: readers_port(gemini, PORT).unwrap_or(PORT),
            gopher: (0..settings.capsules.len()).map(gopher).collect(),
        }
    }
}

/// The port that readers use, of sockets with these: the first that there is. To a socket in the file system they are
/// led by somebody else, from the port that is usual. None where there is no socket at all.
fn readers_port(ports: impl Iterator<Item = Option<u16>>, usual: u16) -> Option<u16> {
    let ports: Vec<Option<u16>> = ports.collect();
    (!ports.is_empty()).then(|| ports.into_iter().flatten().next().unwrap_or(usual))
}

/// What publishing needs of the settings.
pub(crate) fn sources(settings: &Settings, ports: &Ports) -> Vec<CapsuleSource> {
    let source = |(index, capsule): (usize, &CapsuleSettings)| CapsuleSource {
        folder: capsule.source.clone(),
        configuration: capsule.configuration.clone(),
        layout: capsule.layout,
        hosts: capsule.hosts.clone(),
        port: settings.gemini.port.unwrap_or(ports.gemini),
        title: capsule.title.clone(),
        author: capsule.author.clone(),
        language: capsule.language.clone(),
        web: capsule.web.clone(),
        timezone: capsule.timezone.clone(),
        contact: capsule.contact.clone(),
        header: capsule.header.clone(),
        footer: capsule.footer.clone(),
        content: capsule.content.clone(),
        addresses: capsule.addresses.clone(),
        dates: capsule.dates,
        metadata: capsule.metadata,
        files: capsule.files.clone(),
        licence: capsule.licence.clone(),
        words: capsule.words.clone(),
        redirects: capsule.redirects.clone(),
        gopher: items(settings, capsule, ports.gopher.get(index).copied().flatten()),
        proof: Proofreading::No,
        conversion: Arc::clone(&settings.conversion),
        style: settings.style,
        continuity: None,
    };
    settings.capsules.iter().enumerate().map(source).collect()
}

/// What a capsule's items say: its own name and port where it has addresses of its own, else the advertised ones.
fn items(settings: &Settings, capsule: &CapsuleSettings, bound: Option<u16>) -> Option<Gopher> {
    let (gopher, bound) = (settings.gopher.as_ref()?, bound?);
    let shared = capsule.gopher.is_empty();
    let host = gopher.host.clone().filter(|_| shared).or_else(|| capsule.hosts.first().cloned())?;
    let port = gopher.port.filter(|_| shared).unwrap_or(bound);
    Some(Gopher { host, port, posts: gopher.posts, charset: gopher.charset, width: gopher.width })
}

/// Prints a line; whoever has closed the pipe (`| head`) has read enough, and what a command does goes on.
pub(crate) fn say(text: Arguments<'_>) {
    let _closed = writeln!(io::stdout().lock(), "{text}");
}

/// An error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
