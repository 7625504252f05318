//! From what is written to what is meant: every value parsed, every default filled in.
//!
//! The file system is not touched here; [`super::check`] looks at the folders afterwards.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::capsule::bare;
use super::place::Place;
use super::speaking::{listen, speaking_gopher};
use super::{
    CapsuleSettings, ConfigError, Gemini, Gopher, Listen, Overrides, PORT, Reads, Said, Settings, Surroundings, host,
    written,
};
use crate::render::style::Style;
use crate::sandbox::Policy;
use crate::server::Limits;

/// Settings whose folders are not yet looked at.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    /// Where each capsule's source was named.
    pub(super) sources: Vec<Place>,
    pub(super) certificates: Place,
}

/// A file's settings, relative paths starting at the file's folder.
pub(super) fn from_file(path: &Path, text: &str, overrides: &Overrides) -> Result<Draft, ConfigError> {
    let written = written::parse(path, text)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    let context = Context { path, text, folder };
    let mut capsules = written.capsule;
    if capsules.is_empty() {
        capsules.push(written::Capsule::default());
    }
    if capsules.len() > 1 && !overrides.hosts.is_empty() {
        let text = "the configuration has several capsules; name their hosts in it";
        return Err(Place::Option("--host").error(text));
    }
    let (mut names, mut sources, mut settings) = (Vec::new(), Vec::new(), Vec::new());
    for capsule in &capsules {
        sources.push(context.place(capsule.source.as_ref()));
        let hosts = context.hosts(capsule, overrides)?;
        settings.push(context.capsule(capsule, &hosts)?);
        names.extend(hosts);
    }
    let warnings = distinct(&names)?;
    let gemini = context.gemini(&written.gemini, overrides, &settings)?;
    let gopher = context.gopher(written.gopher.as_ref(), overrides, &settings)?;
    let certificates = match overrides.certificates {
        Some(_) => Place::Option("--certificates"),
        None => context.place(written.gemini.certificates.as_ref()),
    };
    let limits = context.limits(&written.limits)?;
    let sandbox = context.parsed(written.sandbox.as_ref(), |text| policy(text))?;
    let sandbox_is = if sandbox.is_some() { Said::InTheFile } else { Said::ByDefault };
    let sandbox = sandbox.unwrap_or_else(|| default_policy(&gemini, gopher.as_ref(), &settings));
    let reads = if written.counts.reads { Reads::Counted } else { Reads::NotCounted };
    let user = context.parsed(written.user.as_ref(), |text| user(text))?;
    let conversion = context.conversion(&written.conversion, &written.shortcodes)?;
    let style = context.style(&written.conversion)?;
    let settings = Settings {
        capsules: settings,
        gemini,
        gopher,
        limits,
        conversion,
        style,
        sandbox,
        sandbox_is,
        reads,
        user,
        warnings,
    };
    Ok(Draft { settings, sources, certificates })
}

/// A folder's settings where there is no file.
pub(super) fn for_folder(source: &Path, overrides: &Overrides, around: &Surroundings) -> Result<Draft, ConfigError> {
    let hosts = given_hosts(overrides)?.unwrap_or_else(default_hosts);
    let warnings = distinct(&hosts)?;
    let capsule = bare(absolute(source)?, hosts.into_iter().map(|(name, _)| name).collect());
    let (certificates, place) = match &overrides.certificates {
        Some(folder) => (absolute(folder)?, Place::Option("--certificates")),
        None => (around.state_folder()?.join("certificates"), Place::Default),
    };
    let listen = listen(None, &overrides.listen, std::slice::from_ref(&capsule), PORT);
    let gemini = Gemini { listen, certificates, port: None };
    let gopher = (!overrides.gopher.is_empty()).then(|| speaking_gopher(Listen::Written(overrides.gopher.clone())));
    let sandbox = default_policy(&gemini, gopher.as_ref(), std::slice::from_ref(&capsule));
    let settings = Settings {
        capsules: vec![capsule],
        gemini,
        gopher,
        limits: Limits::default(),
        conversion: Arc::default(),
        style: Style::default(),
        sandbox,
        sandbox_is: Said::ByDefault,
        reads: Reads::NotCounted,
        user: None,
        warnings,
    };
    Ok(Draft { settings, sources: vec![Place::Option("SOURCE")], certificates: place })
}

/// Whoever can be reached from outside must be confined.
fn default_policy(gemini: &Gemini, gopher: Option<&Gopher>, capsules: &[CapsuleSettings]) -> Policy {
    let gopher = gopher.map_or(&[][..], |gopher| gopher.listen.endpoints());
    let own = capsules.iter().flat_map(|capsule| &capsule.gopher);
    let public = gemini.listen.endpoints().iter().chain(gopher).chain(own).any(|endpoint| !endpoint.is_local());
    if public { Policy::Require } else { Policy::Prefer }
}

fn policy(text: &str) -> Result<Policy, String> {
    match text {
        "require" => Ok(Policy::Require),
        "prefer" => Ok(Policy::Prefer),
        "off" => Ok(Policy::Off),
        _ => Err(format!("`{text}` is none of \"require\", \"prefer\" and \"off\"")),
    }
}

fn user(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name {
        "" => Err("no user is named; leave `user` out to serve as whoever starts maquis".to_owned()),
        "root" => Err("`user = \"root\"` gives up nothing; name a user without privileges".to_owned()),
        _ => Ok(name.to_owned()),
    }
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, ConfigError> {
    std::path::absolute(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// A name, and where it was given.
pub(super) type Host = (String, Place);

fn default_hosts() -> Vec<Host> {
    vec![("localhost".to_owned(), Place::Default)]
}

fn given_hosts(overrides: &Overrides) -> Result<Option<Vec<Host>>, ConfigError> {
    let place = Place::Option("--host");
    let parse = |name: &String| match host::parse(name) {
        Ok(name) => Ok((name, place.clone())),
        Err(text) => Err(place.error(text)),
    };
    let hosts = overrides.hosts.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok((!hosts.is_empty()).then_some(hosts))
}

/// No host may stand twice; one that is an IP address is named in a warning.
fn distinct(hosts: &[Host]) -> Result<Vec<String>, ConfigError> {
    for (index, (name, place)) in hosts.iter().enumerate() {
        if hosts[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(place.error(format!("the host `{name}` is given twice; each name leads to one capsule")));
        }
    }
    let public = hosts.iter().filter(|(name, _)| host::address(name).is_some() && !host::is_local(name));
    Ok(public
        .map(|(name, _)| format!("the host {name} is an IP address; few readers' software asks for one"))
        .collect())
}

/// The file that is being understood.
pub(super) struct Context<'a> {
    path: &'a Path,
    text: &'a str,
    /// Where relative paths start.
    pub(super) folder: PathBuf,
}

impl Context<'_> {
    pub(super) fn place<T>(&self, value: Option<&Spanned<T>>) -> Place {
        value.map_or(Place::Default, |value| Place::of(self.path, self.text, value.span()))
    }

    /// A value parsed; where it is wrong, its line is named.
    pub(super) fn parsed<T, R>(
        &self,
        value: Option<&Spanned<T>>,
        parse: impl Fn(&T) -> Result<R, String>,
    ) -> Result<Option<R>, ConfigError> {
        let parse_here =
            |value: &Spanned<T>| parse(value.get_ref()).map_err(|text| self.place(Some(value)).error(text));
        value.map(parse_here).transpose()
    }

    /// A path, with what the author left out.
    pub(super) fn folder(&self, value: Option<&Spanned<String>>, default: &str) -> Result<PathBuf, ConfigError> {
        let parse = |text: &String| match text.trim().is_empty() {
            true => Err("the path is empty; name a folder".to_owned()),
            false => Ok(self.folder.join(text)),
        };
        let path = self.parsed(value, parse)?.unwrap_or_else(|| self.folder.join(default));
        absolute(&path)
    }

    fn hosts(&self, capsule: &written::Capsule, overrides: &Overrides) -> Result<Vec<Host>, ConfigError> {
        if let Some(given) = given_hosts(overrides)? {
            return Ok(given);
        }
        let Some(list) = &capsule.hosts else { return Ok(default_hosts()) };
        if list.get_ref().is_empty() {
            return Err(self.place(Some(list)).error("`hosts` is empty; name at least one, such as `localhost`"));
        }
        let parse = |name: &Spanned<String>| {
            let place = self.place(Some(name));
            host::parse(name.get_ref()).map_err(|text| place.error(text)).map(|host| (host, place.clone()))
        };
        list.get_ref().iter().map(parse).collect()
    }
}
