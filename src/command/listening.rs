//! The sockets of `serve`: bound before anything else is done, or taken from the service manager, and said, so that a
//! reader can be told where to go.
//!
//! sd_listen_fds(3): a manager that holds the sockets passes them on at each start. Then maquis binds none itself, for
//! in a network of its own nobody would come to one.

use listenfd::ListenFd;

use super::{Error, Ports, readers_port};
use crate::config::{CapsuleSettings, Listen, PORT, Said, Settings};
use crate::content::gopher;
use crate::notice::{Notice, Notices};
use crate::sandbox::Policy;
use crate::server::bind::{self, bind, bind_defaults};
use crate::server::endpoint::Endpoint;
use crate::server::socket::Socket;
use crate::server::{Listener, Speaks};

/// Why the sockets that were passed are not those that are needed.
#[derive(Debug, thiserror::Error)]
pub enum PassedError {
    #[error(
        "socket {number} of those passed is none to accept connections on: write ListenStream= with a port or a path, and \
         Accept=no"
    )]
    Unfit { number: usize },
    #[error(
        "no socket was passed for {endpoint}: add ListenStream={} to maquis.socket, or take it out of `listen`",
        stream(endpoint)
    )]
    Missing { endpoint: Endpoint },
    #[error("no socket was passed for Gemini: add ListenStream={PORT} to maquis.socket")]
    NoGemini,
}

/// As systemd.socket(5) wants it.
fn stream(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Net(address) => address.to_string(),
        Endpoint::Unix(path) => path.display().to_string(),
    }
}

impl PassedError {
    /// Whether only an edit mends it: starting again does not.
    pub(super) fn is_configured(&self) -> bool {
        match self {
            PassedError::Missing { .. } | PassedError::NoGemini => true,
            PassedError::Unfit { .. } => false,
        }
    }
}

/// Takes the sockets that were passed, or binds every address of the settings.
pub(super) fn open(settings: &Settings, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let passed = passed()?;
    if passed.is_empty() { bind_all(settings, notices) } else { assign(settings, passed, notices) }
}

fn passed() -> Result<Vec<Socket>, PassedError> {
    let mut passed = ListenFd::from_env();
    let count = passed.len();
    let take = |index: usize| {
        let socket = match passed.take_tcp_listener(index).ok().flatten() {
            Some(socket) => Some(Socket::Tcp(socket)),
            None => passed.take_unix_listener(index).ok().flatten().map(Socket::Unix),
        };
        let socket = socket.and_then(|socket| socket.adopt().ok().flatten());
        socket.ok_or(PassedError::Unfit { number: index + 1 })
    };
    (0..count).map(take).collect()
}

/// Gives each socket its protocol: Gopher where the settings speak it at that place, else Gemini.
fn assign(settings: &Settings, passed: Vec<Socket>, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let gophers: Vec<Vec<Endpoint>> =
        (0..settings.capsules.len()).map(|index| settings.gopher_endpoints(index)).collect();
    let speaks = |socket: &Socket| {
        let at = |endpoints: &Vec<Endpoint>| endpoints.iter().any(|endpoint| socket.covers(endpoint));
        gophers.iter().position(at).map_or(Speaks::Gemini, |capsule| Speaks::Gopher { capsule })
    };
    let mut listeners: Vec<Listener> =
        passed.into_iter().map(|socket| Listener { speaks: speaks(&socket), socket }).collect();
    listeners.sort_by_key(|listener| match listener.speaks {
        Speaks::Gemini => 0,
        Speaks::Gopher { capsule } => 1 + capsule,
    });
    let wanted = match &settings.gemini.listen {
        Listen::Written(endpoints) => endpoints.as_slice(),
        Listen::Default(_) => &[],
    };
    let wanted = || wanted.iter().chain(gophers.iter().flatten());
    if let Some(missing) = wanted().find(|endpoint| !listeners.iter().any(|listener| listener.socket.covers(endpoint)))
    {
        return Err(PassedError::Missing { endpoint: missing.clone() }.into());
    }
    for endpoint in wanted().filter(|endpoint| endpoint.is_local()) {
        say_where_open(&listeners, endpoint, notices);
    }
    let ports = ports(settings, &listeners).ok_or(PassedError::NoGemini)?;
    Ok((listeners, ports))
}

/// The ports that readers use; none where nothing speaks Gemini.
fn ports(settings: &Settings, listeners: &[Listener]) -> Option<Ports> {
    let port = |speaks: Speaks, usual: u16| {
        let own = listeners.iter().filter(|listener| listener.speaks == speaks);
        readers_port(own.map(|listener| listener.socket.address().map(|address| address.port())), usual)
    };
    Some(Ports {
        gemini: port(Speaks::Gemini, PORT)?,
        gopher: (0..settings.capsules.len()).map(|capsule| port(Speaks::Gopher { capsule }, gopher::PORT)).collect(),
    })
}

/// Who listens on loopback alone may not know that a socket of the manager lets everybody in.
fn say_where_open(listeners: &[Listener], endpoint: &Endpoint, notices: &Notices) {
    let covering = listeners.iter().filter(|listener| listener.socket.covers(endpoint));
    let mut open =
        covering.filter_map(|listener| listener.socket.address()).filter(|bound| bound.ip().is_unspecified());
    if let Some(bound) = open.next() {
        let text = format!(
            "`listen` says {endpoint}, and the socket that was passed is {bound}, open to every network: write \
             ListenStream={endpoint} in maquis.socket"
        );
        notices.say(Notice::Configuration { text });
    }
}

/// What the sandbox must hold: what is written, else wholly wherever others than this machine reach a socket, though
/// it be one that was passed.
pub(super) fn policy(settings: &Settings, listeners: &[Listener]) -> Policy {
    match settings.sandbox_is {
        Said::ByDefault if listeners.iter().any(|listener| !listener.socket.is_local()) => Policy::Require,
        Said::ByDefault | Said::InTheFile => settings.sandbox,
    }
}

/// Binds every place of the settings; gives back the sockets, Gemini's first, and the ports readers use.
fn bind_all(settings: &Settings, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let mut listeners = Vec::new();
    let mut add = |sockets: Vec<Socket>, speaks: Speaks| {
        listeners.extend(sockets.into_iter().map(|socket| Listener { socket, speaks }));
    };
    add(bind_some(&settings.gemini.listen, notices)?, Speaks::Gemini);
    for (index, capsule) in settings.capsules.iter().enumerate() {
        let speaks = Speaks::Gopher { capsule: index };
        add(bind_each(&capsule.gopher)?, speaks);
        if let Some(gopher) = settings.gopher.as_ref().filter(|_| index == 0) {
            add(bind_some(&gopher.listen, notices)?, speaks);
        }
    }
    let ports = ports(settings, &listeners).unwrap_or(Ports { gemini: PORT, gopher: Vec::new() });
    Ok((listeners, ports))
}

fn bind_some(listen: &Listen, notices: &Notices) -> Result<Vec<Socket>, Error> {
    match listen {
        Listen::Written(endpoints) => bind_each(endpoints),
        Listen::Default(endpoints) => Ok(bind_defaults(endpoints, notices)?),
    }
}

fn bind_each(endpoints: &[Endpoint]) -> Result<Vec<Socket>, Error> {
    Ok(endpoints.iter().map(bind).collect::<Result<_, _>>()?)
}

/// Names every address once, however many sockets it is served from.
pub(super) fn announce(settings: &Settings, listeners: &[Listener], notices: &Notices) -> Result<(), Error> {
    let mut said = Vec::new();
    let host = |capsule: &CapsuleSettings| capsule.hosts.first().cloned();
    let mut say = |listener: &Listener, scheme, host: &str| -> Result<(), Error> {
        let notice = bind::listening(&listener.socket, scheme, host).map_err(Error::io("a socket has no address"))?;
        if !said.contains(&notice) {
            notices.say(notice.clone());
            said.push(notice);
        }
        Ok(())
    };
    for host in settings.capsules.iter().filter_map(host) {
        for listener in listeners.iter().filter(|listener| listener.speaks == Speaks::Gemini) {
            say(listener, "gemini", &host)?;
        }
    }
    for listener in listeners {
        if let Speaks::Gopher { capsule } = listener.speaks
            && let Some(host) = settings.capsules.get(capsule).and_then(host)
        {
            say(listener, "gopher", &host)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, Surroundings};

    #[test]
    fn a_socket_that_is_open_to_all_is_told_from_the_loopback_that_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings { home: None, state: Some("/nonexistent".into()), user: 0 };
        for (bound, expected) in [("0.0.0.0:0", Policy::Require), ("127.0.0.1:0", Policy::Prefer)] {
            let socket = bind(&bound.parse().unwrap()).unwrap();
            let port = socket.address().unwrap().port();
            let listen = vec![Endpoint::Net(([127, 0, 0, 1], port).into())];
            let overrides = Overrides { listen, ..Overrides::default() };
            let settings = Settings::for_folder(folder.path(), &overrides, &around).unwrap();
            let (notices, said) = Notices::collected();
            let (listeners, _) = assign(&settings, vec![socket], &notices).unwrap();
            assert_eq!(policy(&settings, &listeners), expected);
            let said: Vec<String> = said.try_iter().map(|notice| notice.to_string()).collect();
            match expected {
                Policy::Require => assert!(said[0].contains("open to every network: write ListenStream=127.0.0.1:")),
                Policy::Prefer | Policy::Off => assert_eq!(said, [""; 0]),
            }
        }
    }
}
