//! Where to listen, as the operator says it: an address with a port, or a socket in the file system.
//!
//! `127.0.0.1:1965`, `[::]:1965`, or `unix:/run/maquis/gemini.sock`, in the form that Tor and nginx use too (unix(7),
//! sockaddr_un). It is our own place and never a peer's.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The longest path of a socket, in bytes: `sun_path` has 108, the last of them zero.
const LONGEST_PATH: usize = 107;

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Net(SocketAddr),
    /// The file that is made for it.
    Unix(PathBuf),
}

impl Endpoint {
    /// A socket's path begins at this folder, where it is not absolute.
    pub fn within(self, folder: &Path) -> Result<Endpoint, String> {
        let path = match self {
            Endpoint::Net(_) => return Ok(self),
            Endpoint::Unix(path) => folder.join(path),
        };
        match path.as_os_str().len() {
            length if length > LONGEST_PATH => Err(format!(
                "`unix:{}` is too long for a socket: {length} bytes, and the system allows {LONGEST_PATH}",
                path.display()
            )),
            _ => Ok(Endpoint::Unix(path)),
        }
    }

    /// The address, where it is one of a network.
    pub fn net(&self) -> Option<SocketAddr> {
        match self {
            Endpoint::Net(address) => Some(*address),
            Endpoint::Unix(_) => None,
        }
    }

    /// The port; a socket in the file system has none.
    pub fn port(&self) -> Option<u16> {
        self.net().map(|address| address.port())
    }

    /// Whether only programs of this machine reach it.
    pub fn is_local(&self) -> bool {
        self.net().is_none_or(|address| address.ip().is_loopback())
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        Endpoint::Net(address)
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let text = text.trim();
        let Some(path) = text.strip_prefix("unix:") else {
            return text.parse().map(Endpoint::Net).map_err(|_| {
                format!(
                    "`{text}` is not an address with a port, such as `127.0.0.1:1965` or `[::]:1965`, nor a socket such \
                     as `unix:/run/maquis/gemini.sock`"
                )
            });
        };
        match path {
            "" => Err("`unix:` names no socket; write its path, such as `unix:/run/maquis/gemini.sock`".to_owned()),
            _ if path.starts_with('@') => {
                Err(format!("`{text}` has no file, so that anybody could take its name; write a path"))
            }
            _ if path.ends_with('/') || path.contains('\0') => {
                Err(format!("`{text}` is no socket's path, such as `unix:/run/maquis/gemini.sock`"))
            }
            _ => Ok(Endpoint::Unix(path.into())),
        }
    }
}

/// As it is written.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Net(address) => write!(f, "{address}"),
            Endpoint::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_shown() {
        for text in ["127.0.0.1:1965", "[::1]:0", "unix:/run/maquis/gemini.sock", "unix:gemini.sock"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        let local = |text: &str| text.parse::<Endpoint>().unwrap().is_local();
        assert!(local("unix:x") && local("[::1]:70") && !local("0.0.0.0:1965"));
    }

    #[test]
    fn what_is_no_place_to_listen_is_refused() {
        for (text, words) in [
            ("localhost", "is not an address with a port"),
            ("/run/maquis/gemini.sock", "nor a socket such as `unix:/run/maquis/gemini.sock`"),
            ("unix:", "names no socket"),
            ("unix:@maquis", "anybody could take its name"),
            ("unix:/run/maquis/", "is no socket's path"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_path_begins_at_a_folder_and_fits_into_an_address() {
        let within = |text: &str| text.parse::<Endpoint>().unwrap().within(Path::new("/srv/maquis"));
        assert_eq!(within("unix:run/g.sock"), Ok(Endpoint::Unix("/srv/maquis/run/g.sock".into())));
        assert_eq!(within("unix:/run/g.sock"), Ok(Endpoint::Unix("/run/g.sock".into())));
        assert!(within(&format!("unix:/{}", "x".repeat(LONGEST_PATH - 1))).is_ok());
        let error = within(&format!("unix:/{}", "x".repeat(LONGEST_PATH))).unwrap_err();
        assert!(error.ends_with("is too long for a socket: 108 bytes, and the system allows 107"), "{error}");
    }
}
