//! `[gemini]` and `[gopher]`: where each is spoken, and how.

use std::net::SocketAddr;

use toml::Spanned;

use super::meant::{Context, absolute};
use super::{CapsuleSettings, ConfigError, Gemini, Gopher, Listen, Overrides, PORT, host, written};
use crate::content::gopher::{self, Posts};
use crate::server::endpoint::Endpoint;
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
    written: Option<Vec<Endpoint>>,
    given: &[Endpoint],
    capsules: &[CapsuleSettings],
    port: u16,
) -> Listen {
    match (given, written) {
        ([], Some(written)) => Listen::Written(written),
        ([], None) => {
            let local = capsules.iter().flat_map(|capsule| &capsule.hosts).all(|name| host::is_local(name));
            let texts = if local { ["127.0.0.1", "::1"] } else { ["0.0.0.0", "::"] };
            let addresses = texts.iter().filter_map(|text| text.parse().ok());
            Listen::Default(addresses.map(|address| SocketAddr::new(address, port).into()).collect())
        }
        (given, _) => Listen::Written(given.to_vec()),
    }
}

/// Whether one is every address of its family and the other is among them: no system binds both.
fn overlap(one: &Endpoint, other: &Endpoint) -> bool {
    let (Some(one), Some(other)) = (one.net(), other.net()) else { return false };
    let same = one.is_ipv4() == other.is_ipv4() && one.port() == other.port() && one.port() != 0;
    same && one.ip().is_unspecified() != other.ip().is_unspecified()
}

fn is_everywhere(endpoint: &Endpoint) -> bool {
    endpoint.net().is_some_and(|address| address.ip().is_unspecified())
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
        let addresses = written.listen.as_ref().map(|list| self.endpoints(list)).transpose()?;
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
        let named = written.listen.as_ref().map(|list| self.endpoints(list)).transpose()?;
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

    /// Each place once, and none within another.
    pub(super) fn endpoints(&self, list: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Endpoint>, ConfigError> {
        if list.get_ref().is_empty() {
            return Err(self.place(Some(list)).error("`listen` is empty; name an address, or leave the key out"));
        }
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for text in list.get_ref() {
            let wrong = |words: String| self.place(Some(text)).error(words);
            let endpoint: Endpoint = text.get_ref().parse().map_err(wrong)?;
            let endpoint = endpoint.within(&self.folder).map_err(wrong)?;
            if endpoint.port() != Some(0) && endpoints.contains(&endpoint) {
                return Err(wrong(format!("`{endpoint}` is given twice; remove one")));
            }
            if let Some(other) = endpoints.iter().find(|other| overlap(&endpoint, other)) {
                let (part, whole) = if is_everywhere(&endpoint) { (other, &endpoint) } else { (&endpoint, other) };
                return Err(wrong(format!("`{part}` is included in `{whole}`; remove one")));
            }
            endpoints.push(endpoint);
        }
        Ok(endpoints)
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

#[cfg(test)]
mod tests {
    use super::super::tests::{House, load, message};
    use super::*;
    use crate::sandbox::Policy;

    #[test]
    fn gopher_is_spoken_where_something_says_so() {
        let gopher = |text: &str| load(text).gopher;
        assert_eq!(gopher(""), None);
        let settings = gopher("[gopher]\nposts = 'menu'\ncharset = 'Latin-1'\nwidth = 100\nport = 70\n").unwrap();
        let loopback = ["127.0.0.1:70".parse().unwrap(), "[::1]:70".parse().unwrap()];
        assert_eq!(settings.listen, Listen::Default(loopback.to_vec()));
        assert_eq!((settings.charset, settings.width, settings.port), (Charset::Latin1, 100, Some(70)));
        // A capsule with addresses of its own needs no others.
        assert_eq!(gopher("[[capsule]]\ngopher = ['127.0.0.1:7070']\n").unwrap().listen.endpoints(), []);
    }

    #[test]
    fn every_address_and_one_of_them_cannot_both_be_listened_on() {
        let listen = |addresses: &str| format!("[gemini]\nlisten = [{addresses}]");
        assert_eq!(
            message(&listen(r#""127.0.0.1:1965", "0.0.0.0:1965""#)),
            "config.toml:2: `127.0.0.1:1965` is included in `0.0.0.0:1965`; remove one"
        );
        assert_eq!(
            message(&listen(r#""[::]:1965", "[::1]:1965""#)),
            "config.toml:2: `[::1]:1965` is included in `[::]:1965`; remove one"
        );
        for apart in
            [r#""0.0.0.0:1965", "[::]:1965""#, r#""127.0.0.1:1966", "0.0.0.0:1965""#, r#""127.0.0.1:0", "0.0.0.0:0""#]
        {
            load(&listen(apart));
        }
    }

    #[test]
    fn a_socket_in_the_file_system_begins_at_the_folder_of_the_file_and_is_as_local_as_loopback() {
        let house = House::new("[[capsule]]\nhosts = ['abc.onion']\n[gemini]\nlisten = ['unix:gemini.sock']\n");
        let settings = house.load().unwrap();
        assert_eq!(settings.gemini.listen, Listen::Written(vec![Endpoint::Unix(house.path("gemini.sock"))]));
        assert_eq!(settings.sandbox, Policy::Prefer);
        let both = load("[[capsule]]\nhosts = ['a.org']\n[gemini]\nlisten = ['0.0.0.0:1965', 'unix:/run/m/g.sock']\n");
        assert_eq!(both.sandbox, Policy::Require);
        let own = load("[[capsule]]\ngopher = ['unix:/run/m/gopher.sock']\n");
        assert_eq!(own.gopher_endpoints(0), [Endpoint::Unix("/run/m/gopher.sock".into())]);
    }

    #[test]
    fn what_is_no_socket_is_named_with_its_line() {
        for (text, words) in [
            ("'unix:'", "config.toml:2: `unix:` names no socket; write its path, such as"),
            ("'unix:@maquis'", "config.toml:2: `unix:@maquis` has no file, so that anybody could take its name"),
            ("'unix:/run/maquis/'", "config.toml:2: `unix:/run/maquis/` is no socket's path"),
            ("'unix:/a', 'unix:/a'", "config.toml:2: `unix:/a` is given twice; remove one"),
        ] {
            let text = message(&format!("[gemini]\nlisten = [{text}]\n"));
            assert!(text.starts_with(words), "{text}");
        }
        let text = message(&format!("[gemini]\nlisten = ['unix:/{}']\n", "x".repeat(200)));
        assert!(text.ends_with("is too long for a socket: 201 bytes, and the system allows 107"), "{text}");
    }
}
