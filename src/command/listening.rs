//! The sockets of `serve`: bound before anything else is done, or taken from the service manager, and said, so that a
//! reader can be told where to go.
//!
//! sd_listen_fds(3): a manager that holds the sockets passes them on at each start. Then maquis binds none itself, for
//! in a network of its own nobody would come to one.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use super::{Error, Ports};
use crate::config::{CapsuleSettings, Listen, PORT, Said, Settings};
use crate::notice::{Notice, Notices};
use crate::sandbox::Policy;
use crate::server::{Listener, Speaks, listener};

/// Why the sockets that were passed are not those that are needed.
#[derive(Debug, thiserror::Error)]
pub enum PassedError {
    #[error("socket {number} of those passed is none to accept TCP on: write ListenStream= with a port, and Accept=no")]
    Unfit { number: usize },
    #[error(
        "no socket was passed for {address}: add ListenStream={address} to maquis.socket, or take it out of `listen`"
    )]
    Missing { address: SocketAddr },
    #[error("no socket was passed for Gemini: add ListenStream={PORT} to maquis.socket")]
    NoGemini,
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
    if passed.is_empty() { bind(settings, notices) } else { assign(settings, passed, notices) }
}

fn passed() -> Result<Vec<TcpListener>, PassedError> {
    let mut passed = ListenFd::from_env();
    let count = passed.len();
    let take = |index: usize| {
        let socket = passed.take_tcp_listener(index).ok().flatten();
        let socket = socket.and_then(|socket| listener::adopt(socket).ok().flatten());
        socket.ok_or(PassedError::Unfit { number: index + 1 })
    };
    (0..count).map(take).collect()
}

/// Gives each socket its protocol: Gopher where the settings speak it at that address, else Gemini.
fn assign(settings: &Settings, passed: Vec<TcpListener>, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let gophers: Vec<Vec<SocketAddr>> =
        (0..settings.capsules.len()).map(|index| settings.gopher_addresses(index)).collect();
    let speaks = |socket: &TcpListener| {
        let at = |addresses: &Vec<SocketAddr>| addresses.iter().any(|address| listener::covers(socket, *address));
        gophers.iter().position(at).map_or(Speaks::Gemini, |capsule| Speaks::Gopher { capsule })
    };
    let mut listeners: Vec<Listener> =
        passed.into_iter().map(|socket| Listener { speaks: speaks(&socket), socket }).collect();
    listeners.sort_by_key(|listener| match listener.speaks {
        Speaks::Gemini => 0,
        Speaks::Gopher { capsule } => 1 + capsule,
    });
    let wanted = match &settings.gemini.listen {
        Listen::Written(addresses) => addresses.as_slice(),
        Listen::Default(_) => &[],
    };
    let covered = |address: &SocketAddr| listeners.iter().any(|listener| listener::covers(&listener.socket, *address));
    if let Some(address) = wanted.iter().chain(gophers.iter().flatten()).find(|address| !covered(address)) {
        return Err(PassedError::Missing { address: *address }.into());
    }
    let local = wanted.iter().chain(gophers.iter().flatten()).filter(|address| address.ip().is_loopback());
    for address in local {
        say_where_open(&listeners, *address, notices);
    }
    let port = |speaks: Speaks| {
        let first = listeners.iter().find(|listener| listener.speaks == speaks)?;
        Some(first.socket.local_addr().ok()?.port())
    };
    let ports = Ports {
        gemini: port(Speaks::Gemini).ok_or(PassedError::NoGemini)?,
        gopher: (0..settings.capsules.len()).map(|capsule| port(Speaks::Gopher { capsule })).collect(),
    };
    Ok((listeners, ports))
}

/// Who listens on loopback alone may not know that a socket of the manager lets everybody in.
fn say_where_open(listeners: &[Listener], address: SocketAddr, notices: &Notices) {
    let open = |listener: &&Listener| {
        listener::covers(&listener.socket, address)
            && listener.socket.local_addr().is_ok_and(|bound| bound.ip().is_unspecified())
    };
    if let Some(Ok(bound)) = listeners.iter().find(open).map(|listener| listener.socket.local_addr()) {
        let text = format!(
            "`listen` says {address}, and the socket that was passed is {bound}, open to every network: write \
             ListenStream={address} in maquis.socket"
        );
        notices.say(Notice::Configuration { text });
    }
}

/// What the sandbox must hold: what is written, else wholly wherever others than this machine reach a socket, though
/// it be one that was passed.
pub(super) fn policy(settings: &Settings, listeners: &[Listener]) -> Policy {
    let is_public = |listener: &Listener| !listener.socket.local_addr().is_ok_and(|bound| bound.ip().is_loopback());
    match settings.sandbox_is {
        Said::ByDefault if listeners.iter().any(is_public) => Policy::Require,
        Said::ByDefault | Said::InTheFile => settings.sandbox,
    }
}

/// Binds every address of the settings; gives back the sockets, Gemini's first, and the ports they got.
fn bind(settings: &Settings, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let mut listeners = Vec::new();
    let mut add = |sockets: Vec<TcpListener>, speaks: Speaks| -> Result<Option<u16>, Error> {
        let first = sockets.first().map(TcpListener::local_addr).transpose();
        listeners.extend(sockets.into_iter().map(|socket| Listener { socket, speaks }));
        Ok(first.map_err(Error::io("a socket has no address"))?.map(|address| address.port()))
    };
    let gemini = add(bind_some(&settings.gemini.listen, notices)?, Speaks::Gemini)?;
    let mut ports = Ports { gemini: gemini.unwrap_or(PORT), gopher: Vec::new() };
    for (index, capsule) in settings.capsules.iter().enumerate() {
        let speaks = Speaks::Gopher { capsule: index };
        let mut port = add(bind_all(&capsule.gopher)?, speaks)?;
        if let Some(gopher) = settings.gopher.as_ref().filter(|_| index == 0) {
            port = port.or(add(bind_some(&gopher.listen, notices)?, speaks)?);
        }
        ports.gopher.push(port);
    }
    Ok((listeners, ports))
}

fn bind_some(listen: &Listen, notices: &Notices) -> Result<Vec<TcpListener>, Error> {
    match listen {
        Listen::Written(addresses) => bind_all(addresses),
        Listen::Default(addresses) => Ok(listener::bind_defaults(addresses, notices)?),
    }
}

fn bind_all(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, Error> {
    Ok(addresses.iter().map(|address| listener::bind(*address)).collect::<Result<_, _>>()?)
}

/// Names every address once, however many sockets it is served from.
pub(super) fn announce(settings: &Settings, listeners: &[Listener], notices: &Notices) -> Result<(), Error> {
    let mut said = Vec::new();
    let host = |capsule: &CapsuleSettings| capsule.hosts.first().cloned();
    let mut say = |listener: &Listener, scheme, host: &str| -> Result<(), Error> {
        let notice =
            listener::listening(&listener.socket, scheme, host).map_err(Error::io("a socket has no address"))?;
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
            let socket = TcpListener::bind(bound).unwrap();
            let port = socket.local_addr().unwrap().port();
            let listen = vec![SocketAddr::from(([127, 0, 0, 1], port))];
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
