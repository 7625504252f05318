//! The sockets of `serve`: bound before anything else is done, and said, so that a reader can be told where to go.

use std::net::{SocketAddr, TcpListener};

use super::{Error, Ports};
use crate::config::{CapsuleSettings, Listen, Settings};
use crate::notice::Notices;
use crate::server::{Listener, Speaks, listener};

/// Binds every address of the settings; gives back the sockets, Gemini's first, and the ports they got.
pub(super) fn bind(settings: &Settings, notices: &Notices) -> Result<(Vec<Listener>, Ports), Error> {
    let mut listeners = Vec::new();
    let mut add = |sockets: Vec<TcpListener>, speaks: Speaks| -> Result<Option<u16>, Error> {
        let first = sockets.first().map(TcpListener::local_addr).transpose();
        listeners.extend(sockets.into_iter().map(|socket| Listener { socket, speaks }));
        Ok(first.map_err(Error::io("a socket has no address"))?.map(|address| address.port()))
    };
    let gemini = add(bind_some(&settings.gemini.listen, notices)?, Speaks::Gemini)?;
    let mut ports = Ports { gemini: gemini.unwrap_or(crate::config::PORT), gopher: Vec::new() };
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
