//! The sockets of `serve`: bound before anything else is done, or taken from the service manager, and said, so that a
//! reader can be told where to go.
//!
//! sd_listen_fds(3): a manager that holds the sockets passes them on at each start. Then maquis binds none itself, for
//! in a network of its own nobody would come to one.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use super::{Error, Ports};
use crate::config::{CapsuleSettings, Listen, PORT, Settings};
use crate::notice::Notices;
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

/// Takes the sockets that were passed, or binds every address of the settings.
pub(super) fn open(settings: &Settings, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let passed = passed()?;
    if passed.is_empty() { bind(settings, notices) } else { assign(settings, passed) }
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
fn assign(settings: &Settings, passed: Vec<TcpListener>) -> Result<(Vec<Listener>, Ports), Error> {
    let gophers: Vec<Vec<SocketAddr>> = (0..settings.capsules.len()).map(|index| gopher(settings, index)).collect();
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

/// Where a capsule is served over Gopher.
fn gopher(settings: &Settings, capsule: usize) -> Vec<SocketAddr> {
    let own = settings.capsules.get(capsule).map(|capsule| capsule.gopher.clone()).unwrap_or_default();
    let shared = settings.gopher.as_ref().filter(|_| capsule == 0).map(|gopher| gopher.listen.addresses().to_vec());
    own.into_iter().chain(shared.unwrap_or_default()).collect()
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
