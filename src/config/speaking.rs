//! `[gemini]` and `[gopher]`: where each is spoken, and how.

use std::net::SocketAddr;

use toml::Spanned;

use super::meant::{Context, absolute};
use super::{CapsuleSettings, ConfigError, Gemini, Gopher, Listen, Overrides, PORT, host, written};
use crate::content::gopher::{self, Posts};
use crate::text::charset::Charset;

/// Gopher where nothing more is said of it.
pub(super) fn speaking_gopher(listen: Listen) -> Gopher {
    Gopher {
        listen,
        host: None,
        port: None,
        posts: Posts::default(),
        charset: Charset::default(),
        width: gopher::WIDTH,
    }
}

/// What is given, else what is written, else what the hosts suggest.
pub(super) fn listen(
    written: Option<Vec<SocketAddr>>,
    given: &[SocketAddr],
    capsules: &[CapsuleSettings],
    port: u16,
) -> Listen {
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

impl Context<'_> {
    pub(super) fn gemini(
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
    pub(super) fn gopher(
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

    pub(super) fn addresses(&self, list: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<SocketAddr>, ConfigError> {
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
