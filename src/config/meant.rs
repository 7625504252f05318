//! From what is written to what is meant: every value parsed, every default filled in.
//!
//! The file system is not touched here; [`super::check`] looks at the folders afterwards.

use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fluent_uri::Iri;
use jiff::tz::TimeZone;
use toml::Spanned;

use super::place::Place;
use super::{
    CapsuleSettings, ConfigError, Gemini, Gopher, Layout, Listen, Overrides, PORT, Reads, Said, Settings, Surroundings,
    host, written,
};
use crate::content::files::{FilePattern, FileRule, Manner, MediaType};
use crate::content::gopher::Posts;
use crate::content::masthead::{Licence, Web};
use crate::content::picture::Metadata;
use crate::content::redirect::{PathPattern, Redirect, Redirects};
use crate::content::{Address, Dates, Language, address, gopher};
use crate::read::agate::is_media_type;
use crate::read::pattern;
use crate::render::style::Style;
use crate::sandbox::Policy;
use crate::server::{Exempt, Limits};
use crate::text::charset::Charset;
use crate::text::url;

/// The longest time a limit may give.
const MAX_LIMIT: Duration = Duration::from_secs(3600);
/// The most connections that may be allowed.
const MAX_CONNECTIONS: usize = 1_000_000;
/// The most requests that may be allowed a prefix, in a second or at once.
const MAX_PACE: u32 = 1_000_000;

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
    let gopher = gopher.map_or(&[][..], |gopher| gopher.listen.addresses());
    let own = capsules.iter().flat_map(|capsule| &capsule.gopher);
    let public = gemini.listen.addresses().iter().chain(gopher).chain(own).any(|address| !address.ip().is_loopback());
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

fn bare(source: PathBuf, hosts: Vec<String>) -> CapsuleSettings {
    CapsuleSettings {
        source,
        configuration: None,
        hosts,
        layout: None,
        title: None,
        author: None,
        language: None,
        web: None,
        timezone: None,
        contact: None,
        licence: None,
        words: Vec::new(),
        header: None,
        footer: None,
        content: None,
        addresses: None,
        dates: Dates::default(),
        files: Vec::new(),
        metadata: Metadata::default(),
        redirects: Redirects::default(),
        gopher: Vec::new(),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, ConfigError> {
    std::path::absolute(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

type Host = (String, Place);

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

fn speaking_gopher(listen: Listen) -> Gopher {
    Gopher {
        listen,
        host: None,
        port: None,
        posts: Posts::default(),
        charset: Charset::default(),
        width: gopher::WIDTH,
    }
}

fn listen(written: Option<Vec<SocketAddr>>, given: &[SocketAddr], capsules: &[CapsuleSettings], port: u16) -> Listen {
    match (given, written) {
        ([], Some(written)) => Listen::Written(written),
        ([], None) => {
            let local = capsules.iter().flat_map(|capsule| &capsule.hosts).all(|name| host::is_local(name));
            let texts = if local { ["127.0.0.1", "::1"] } else { ["0.0.0.0", "::"] };
            let addresses = texts.iter().filter_map(|text| text.parse().ok());
            Listen::Default(addresses.map(|address| SocketAddr::new(address, port)).collect())
        }
        (given, _) => Listen::Written(given.to_vec()),
    }
}

/// Whether one is every address of its family and the other is among them: no system binds both.
fn overlap(one: &SocketAddr, other: &SocketAddr) -> bool {
    let same = one.is_ipv4() == other.is_ipv4() && one.port() == other.port() && one.port() != 0;
    same && one.ip().is_unspecified() != other.ip().is_unspecified()
}

/// The file that is being understood.
pub(super) struct Context<'a> {
    path: &'a Path,
    text: &'a str,
    /// Where relative paths start.
    folder: PathBuf,
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
    fn folder(&self, value: Option<&Spanned<String>>, default: &str) -> Result<PathBuf, ConfigError> {
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

    fn capsule(&self, written: &written::Capsule, hosts: &[Host]) -> Result<CapsuleSettings, ConfigError> {
        Ok(CapsuleSettings {
            source: self.folder(written.source.as_ref(), "capsule")?,
            configuration: None,
            layout: self.parsed(written.layout.as_ref(), |text| layout(text))?,
            hosts: hosts.iter().map(|(name, _)| name.clone()).collect(),
            title: self.parsed(written.title.as_ref(), |text| line(text))?,
            author: self.parsed(written.author.as_ref(), |text| line(text))?,
            language: self.parsed(written.language.as_ref(), |text| language(text))?,
            web: self.parsed(written.web.as_ref(), |text| web(text))?,
            timezone: self.parsed(written.timezone.as_ref(), |text| timezone(text))?,
            contact: self.parsed(written.contact.as_ref(), |text| contact(text))?,
            licence: self.parsed(written.licence.as_ref(), |text| licence(text))?,
            words: self.words(&written.words)?,
            header: self.parsed(written.header.as_ref(), |text| lines(text))?,
            footer: self.parsed(written.footer.as_ref(), |text| lines(text))?,
            content: self.parsed(written.content.as_ref(), |text| beneath(text))?,
            addresses: self.parsed(written.addresses.as_ref(), |text| addresses(text))?,
            dates: self.parsed(written.dates.as_ref(), |text| dates(text))?.unwrap_or_default(),
            files: self.files(written)?,
            metadata: self.parsed(written.metadata.as_ref(), |text| metadata(text))?.unwrap_or_default(),
            redirects: self.redirects(written)?,
            gopher: written.gopher.as_ref().map(|list| self.addresses(list)).transpose()?.unwrap_or_default(),
        })
    }

    fn redirects(&self, written: &written::Capsule) -> Result<Redirects, ConfigError> {
        let mut redirects = Redirects::default();
        for rule in &written.redirect {
            let read = self.parsed(Some(rule), |rule| Redirect::parse(&rule.from, &rule.to))?;
            redirects.moved.extend(read);
        }
        for text in &written.gone {
            redirects.gone.0.extend(self.parsed(Some(text), |text| PathPattern::parse(text))?);
        }
        Ok(redirects)
    }

    fn files(&self, written: &written::Capsule) -> Result<Vec<FileRule>, ConfigError> {
        let rules = written.files.iter().map(|rule| self.parsed(Some(rule), file_rule));
        Ok(rules.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn gemini(
        &self,
        written: &written::Gemini,
        overrides: &Overrides,
        capsules: &[CapsuleSettings],
    ) -> Result<Gemini, ConfigError> {
        let certificates = match &overrides.certificates {
            Some(folder) => absolute(folder)?,
            None => self.folder(written.certificates.as_ref(), "certs")?,
        };
        let addresses = written.listen.as_ref().map(|list| self.addresses(list)).transpose()?;
        Ok(Gemini {
            listen: listen(addresses, &overrides.listen, capsules, PORT),
            certificates,
            port: self.parsed(written.port.as_ref(), |number| port(*number))?,
        })
    }

    /// Spoken where the file or the command line says so, or a capsule has addresses for it.
    fn gopher(
        &self,
        written: Option<&written::Gopher>,
        overrides: &Overrides,
        capsules: &[CapsuleSettings],
    ) -> Result<Option<Gopher>, ConfigError> {
        let own = capsules.iter().any(|capsule| !capsule.gopher.is_empty());
        let default = written::Gopher::default();
        let written = match written {
            None if overrides.gopher.is_empty() && !own => return Ok(None),
            None => &default,
            Some(written) => written,
        };
        let named = written.listen.as_ref().map(|list| self.addresses(list)).transpose()?;
        // Addresses of its own are enough for the first capsule.
        let none = || capsules.first().is_some_and(|capsule| !capsule.gopher.is_empty()).then(Vec::new);
        let listen = listen(named.or_else(none), &overrides.gopher, capsules, gopher::PORT);
        Ok(Some(Gopher {
            host: self.parsed(written.host.as_ref(), |text| host::parse(text))?,
            port: self.parsed(written.port.as_ref(), |number| port(*number))?,
            posts: self.parsed(written.posts.as_ref(), |text| posts(text))?.unwrap_or_default(),
            charset: self.parsed(written.charset.as_ref(), |text| charset(text))?.unwrap_or_default(),
            width: self.parsed(written.width.as_ref(), |number| columns(*number))?.unwrap_or(gopher::WIDTH),
            ..speaking_gopher(listen)
        }))
    }

    fn addresses(&self, list: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<SocketAddr>, ConfigError> {
        if list.get_ref().is_empty() {
            return Err(self.place(Some(list)).error("`listen` is empty; name an address, or leave the key out"));
        }
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for text in list.get_ref() {
            let address = text.get_ref().parse::<SocketAddr>().map_err(|_| {
                let wrong = format!(
                    "`{}` is not an address with a port, such as `127.0.0.1:1965` or `[::]:1965`",
                    text.get_ref()
                );
                self.place(Some(text)).error(wrong)
            })?;
            if address.port() != 0 && addresses.contains(&address) {
                return Err(self.place(Some(text)).error(format!("`{address}` is given twice; remove one")));
            }
            if let Some(other) = addresses.iter().find(|other| overlap(&address, other)) {
                let (part, whole) = if address.ip().is_unspecified() { (other, &address) } else { (&address, other) };
                let wrong = format!("`{part}` is included in `{whole}`; remove one");
                return Err(self.place(Some(text)).error(wrong));
            }
            addresses.push(address);
        }
        Ok(addresses)
    }

    fn limits(&self, written: &written::Limits) -> Result<Limits, ConfigError> {
        let defaults = Limits::default();
        let time = |value: &Option<Spanned<String>>, default: Duration| {
            self.parsed(value.as_ref(), |text| duration(text)).map(|given| given.unwrap_or(default))
        };
        let count = |value: &Option<Spanned<i64>>, default: usize, what: &str| {
            self.parsed(value.as_ref(), |number| count(*number, what)).map(|given| given.unwrap_or(default))
        };
        let pace = |value: &Option<Spanned<i64>>, default: u32, what: &str| {
            self.parsed(value.as_ref(), |number| pace(*number, what)).map(|given| given.unwrap_or(default))
        };
        let exempt = written.exempt.as_ref().map(|list| self.exempt(list.get_ref())).transpose()?;
        Ok(Limits {
            handshake: time(&written.handshake, defaults.handshake)?,
            request: time(&written.request, defaults.request)?,
            reply: time(&written.reply, defaults.reply)?,
            close: time(&written.close, defaults.close)?,
            grace: time(&written.grace, defaults.grace)?,
            connections: count(&written.connections, defaults.connections, "connections")?,
            connections_per_prefix: count(
                &written.connections_per_prefix,
                defaults.connections_per_prefix,
                "connections",
            )?,
            handshakes_per_prefix: count(&written.handshakes_per_prefix, defaults.handshakes_per_prefix, "handshakes")?,
            requests_per_second: pace(&written.requests_per_second, defaults.requests_per_second, "requests")?,
            burst: pace(&written.burst, defaults.burst, "requests")?,
            exempt: exempt.unwrap_or(defaults.exempt),
        })
    }

    fn exempt(&self, list: &[Spanned<String>]) -> Result<Vec<Exempt>, ConfigError> {
        let parse = |text: &Spanned<String>| match text.get_ref().as_str() {
            "loopback" => Ok(Exempt::Loopback),
            other => {
                let wrong = format!("`{other}` cannot be exempt; write \"loopback\", or an empty list");
                Err(self.place(Some(text)).error(wrong))
            }
        };
        list.iter().map(parse).collect()
    }
}

fn layout(text: &str) -> Result<Layout, String> {
    let known = Layout::ALL.into_iter().find(|layout| layout.name().eq_ignore_ascii_case(text.trim()));
    known.ok_or_else(|| {
        let names = Layout::ALL.map(|layout| layout.name().to_ascii_lowercase()).join(", ");
        format!("`{text}` is no layout; use one of {names}, or leave the key out")
    })
}

/// Lines of gemtext.
fn lines(text: &str) -> Result<String, String> {
    let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    match text.trim().is_empty() || text.contains(odd) || text.contains("```") {
        true => Err("it must be one or more lines of gemtext without ```; else leave the key out".to_owned()),
        false => Ok(format!("{}\n", text.trim_end())),
    }
}

/// A folder in the source folder.
fn beneath(text: &str) -> Result<String, String> {
    let path = Path::new(text.trim());
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    match inside && !text.trim().is_empty() {
        true => Ok(text.trim().to_owned()),
        false => Err(format!("`{text}` is not a folder in the source; write it from there on, such as `src/posts`")),
    }
}

/// `/blog/{id}/`
fn addresses(text: &str) -> Result<String, String> {
    let text = text.trim();
    let tokens = pattern::TOKENS.map(|name| format!("{{{name}}}"));
    let bare = tokens.iter().fold(text.to_owned(), |text, token| text.replace(token.as_str(), ""));
    let tells_apart = text.contains("{id}") || text.contains("{slug}");
    match text.starts_with('/') && tells_apart && !bare.contains(['{', '}']) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{text}` is no pattern of addresses such as `/blog/{{id}}/`; it may hold {}",
            tokens.join(", ")
        )),
    }
}

fn dates(text: &str) -> Result<Dates, String> {
    match text.trim() {
        "written" => Ok(Dates::Written),
        "file" => Ok(Dates::File),
        "git" => Ok(Dates::Git),
        _ => Err(format!("`{text}` is none of \"written\", \"file\" and \"git\"")),
    }
}

fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.is_empty() || text.chars().any(char::is_control) {
        true => Err("it must be one line with something in it; else leave the key out".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| format!("`{text}` is not a language such as `fr`, `en` or `pt-BR`"))
}

fn timezone(text: &str) -> Result<TimeZone, String> {
    let remedy = "is not a time zone this system knows, such as `Europe/Paris` or `UTC`";
    TimeZone::get(text.trim()).map_err(|_| format!("`{text}` {remedy}"))
}

/// `https://x.org/blog/`: scheme, host, and the folder the blog stands in.
fn web(text: &str) -> Result<Web, String> {
    let wrong = || format!("`{text}` is not a web address such as `https://blog.example.org`");
    let address = Iri::parse(text.trim()).map_err(|_| wrong())?;
    let scheme = address.scheme().as_str().to_ascii_lowercase();
    let authority = address.authority().ok_or_else(wrong)?;
    let bare = authority.userinfo().is_none() && address.query().is_none() && address.fragment().is_none();
    if !bare || !matches!(scheme.as_str(), "http" | "https") {
        return Err(wrong());
    }
    let name = host::parse(authority.host()).map_err(|_| wrong())?;
    let authority = match authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty()) {
        Some(port) => format!("{name}:{}", port.parse::<u16>().map_err(|_| wrong())?),
        None => name,
    };
    let decoded = address::percent_decode(address.path().as_str()).ok_or_else(wrong)?;
    let path = Address::parse(&decoded).map_err(|_| wrong())?.as_folder();
    Ok(Web { origin: format!("{scheme}://{authority}"), authority, path })
}

/// A name, after an address where there is one.
fn licence(text: &str) -> Result<Licence, String> {
    let text = line(text)?;
    match text.split_once(' ').filter(|(url, _)| url::scheme(url).is_some()) {
        Some((url, name)) => Ok(Licence { name: name.trim().to_owned(), url: Some(url.to_owned()) }),
        None if url::scheme(&text).is_some() && !text.contains(' ') => {
            Err(format!("`{text}` has no name; write it after the address, such as `{text} CC BY 4.0`"))
        }
        None => Ok(Licence { name: text, url: None }),
    }
}

fn file_rule(written: &written::FileRule) -> Result<FileRule, String> {
    let media_type = written.media_type.as_deref().map(|text| match is_media_type(text.trim()) {
        true => Ok(MediaType::Whole(text.trim().to_owned())),
        false => Err(format!("`{text}` is no media type such as `text/plain; charset=utf-8`")),
    });
    let language = written.language.as_deref().map(language).transpose()?;
    if media_type.is_none() && language.is_none() {
        return Err("it says nothing of these files; give them a `type` or a `language`".to_owned());
    }
    let manner = Manner { media_type: media_type.transpose()?, language, head: None };
    Ok(FileRule { pattern: FilePattern::parse(&written.pattern)?, manner })
}

fn metadata(text: &str) -> Result<Metadata, String> {
    match text.trim() {
        "remove" => Ok(Metadata::Remove),
        "keep" => Ok(Metadata::Keep),
        _ => Err(format!("`{text}` is neither \"remove\" nor \"keep\"")),
    }
}

fn contact(text: &str) -> Result<String, String> {
    let text = line(text)?;
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let lead = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let link = lead && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    match (link && !text.contains(' '), text.contains('@')) {
        (true, _) => Ok(text),
        (false, true) => Err(format!("`{text}` is not a link; write mailto:{}", text.replace(' ', ""))),
        (false, false) => Err(format!("`{text}` is not a link, such as `mailto:me@example.org`")),
    }
}

fn port(number: i64) -> Result<u16, String> {
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("{number} is not a port; ports are 1 to 65535"))
}

fn posts(text: &str) -> Result<Posts, String> {
    match text.trim() {
        "text" => Ok(Posts::Text),
        "menu" => Ok(Posts::Menu),
        _ => Err(format!("`{text}` is no form of posts; use \"text\" or \"menu\"")),
    }
}

fn charset(text: &str) -> Result<Charset, String> {
    Charset::parse(text).ok_or_else(|| format!("`{text}` is no charset; use \"utf-8\", \"latin-1\" or \"ascii\""))
}

fn columns(number: i64) -> Result<usize, String> {
    let (least, most) = (gopher::MIN_WIDTH, gopher::MAX_WIDTH);
    let width = usize::try_from(number).ok().filter(|width| (least..=most).contains(width));
    width.ok_or_else(|| format!("{number} columns are too few or too many; write {least} to {most}"))
}

fn count(number: i64, what: &str) -> Result<usize, String> {
    let count = usize::try_from(number).ok().filter(|count| (1..=MAX_CONNECTIONS).contains(count));
    count.ok_or_else(|| format!("{number} {what} cannot be kept; write 1 to {MAX_CONNECTIONS}"))
}

fn pace(number: i64, what: &str) -> Result<u32, String> {
    let pace = u32::try_from(number).ok().filter(|pace| (1..=MAX_PACE).contains(pace));
    pace.ok_or_else(|| format!("{number} {what} cannot be allowed; write 1 to {MAX_PACE}"))
}

/// `"200ms"`, `"5s"`, `"2m"`, `"1h"`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as \"5s\" or \"200ms\", up to \"1h\"");
    let trimmed = text.trim();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = trimmed.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit.trim_start() {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" | "min" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    let duration = Duration::from_millis(milliseconds.ok_or_else(wrong)?);
    if duration.is_zero() || duration > MAX_LIMIT { Err(wrong()) } else { Ok(duration) }
}
