//! Whether the names of the hosts lead to this machine: the name server is asked, and what it says is compared with
//! the addresses of the interfaces and with where maquis listens.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

use nix::ifaddrs::getifaddrs;

use super::finding::{Finding, Section};
use crate::command::certificate::{hosts, port};
use crate::config::Settings;
use crate::server::certificate::is_in_dns;
use crate::server::endpoint::Endpoint;

/// How long the name server may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn section(settings: &Settings) -> Section {
    let mut section = Section::new("names");
    let mine = addresses();
    let listened: Vec<SocketAddr> = settings.gemini.listen.endpoints().iter().filter_map(Endpoint::net).collect();
    for host in hosts(settings) {
        if !is_in_dns(&host) {
            continue;
        }
        match resolve(&host, port(settings)) {
            Answer::Late => section.add(Finding::bad(
                format!("the name server says nothing of {host} within {} seconds", PATIENCE.as_secs()),
                "look at /etc/resolv.conf, then ask again",
            )),
            Answer::Unknown => section.add(Finding::bad(
                format!("{host} has no address: readers cannot find it"),
                "add an A record, and an AAAA record for IPv6, where the name is registered",
            )),
            Answer::Known(found) => {
                judge(&host, &found, &mine, &listened).into_iter().for_each(|finding| section.add(finding))
            }
        }
    }
    section
}

enum Answer {
    Known(Vec<IpAddr>),
    Unknown,
    Late,
}

fn resolve(host: &str, port: u16) -> Answer {
    let (sender, answer) = mpsc::channel();
    let name = host.to_owned();
    // The library's own patience is longer, and cannot be told.
    std::thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        let _late = sender.send(found.map(|found| found.map(|address| address.ip()).collect::<Vec<_>>()));
    });
    match answer.recv_timeout(PATIENCE) {
        Ok(Ok(found)) if !found.is_empty() => Answer::Known(found),
        Ok(_) => Answer::Unknown,
        Err(_) => Answer::Late,
    }
}

/// The addresses of this machine.
fn addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    interfaces
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
        })
        .collect()
}

/// What to say of a name with these addresses, on a machine with those.
fn judge(host: &str, found: &[IpAddr], mine: &[IpAddr], listened: &[SocketAddr]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = found.to_vec();
    found.sort();
    found.dedup();
    for address in &found {
        if mine.contains(address) {
            let answered = listened.iter().any(|listened| {
                listened.ip() == *address || listened.ip().is_unspecified() && listened.is_ipv4() == address.is_ipv4()
            });
            findings.push(match answered {
                true => Finding::Good(format!("{host} leads here: {address}")),
                // Nobody writes that by accident: it is the default for local names alone.
                false if listened.iter().all(|listened| listened.ip().is_loopback()) => Finding::Note(format!(
                    "{host} leads here, to {address}; maquis listens within this machine alone, so that another program, \
                     such as a proxy, has to take readers in there"
                )),
                false => Finding::bad(
                    format!("{host} leads here, to {address}, and maquis does not listen there"),
                    format!("add {} to `listen`, or remove the record", SocketAddr::new(*address, crate::config::PORT)),
                ),
            });
        } else if mine.iter().any(|mine| is_public(*mine) && mine.is_ipv4() == address.is_ipv4()) {
            let public: Vec<String> = mine.iter().filter(|mine| is_public(**mine)).map(IpAddr::to_string).collect();
            findings.push(Finding::bad(
                format!("{host} leads to {address}, which is no address of this machine"),
                format!("correct the record: this machine has {}", public.join(", ")),
            ));
        } else {
            findings.push(Finding::Note(format!(
                "{host} leads to {address}; this machine has only addresses of a network of its own, so that one must be \
                 of a router that passes the port on"
            )));
        }
    }
    let public_v6 = mine.iter().any(|mine| mine.is_ipv6() && is_public(*mine));
    if public_v6 && found.iter().all(IpAddr::is_ipv4) && listened.iter().any(SocketAddr::is_ipv6) {
        findings.push(Finding::Note(format!(
            "{host} has no AAAA record, and this machine has IPv6: readers who have nothing else cannot come"
        )));
    }
    findings
}

/// Whether an address can be one that the world knows.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified() || shared)
        }
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback() || address.is_unicast_link_local() || address.is_unique_local() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(found: &[&str], mine: &[&str], listened: &[&str]) -> Vec<String> {
        let ips = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        let listened: Vec<SocketAddr> = listened.iter().map(|text| text.parse().unwrap()).collect();
        judge("a.example", &ips(found), &ips(mine), &listened)
            .into_iter()
            .map(|finding| match finding {
                Finding::Good(text) => format!("good {text}"),
                Finding::Note(text) => format!("note {text}"),
                Finding::Bad { what, remedy } => format!("bad {what} → {remedy}"),
            })
            .collect()
    }

    #[test]
    fn a_name_leads_here_or_elsewhere_or_to_a_router() {
        let everywhere = ["0.0.0.0:1965", "[::]:1965"];
        let (here, private) = (["127.0.0.1", "192.0.2.7", "2001:db8::7"], ["127.0.0.1", "10.0.0.2"]);
        assert_eq!(said(&["192.0.2.7", "2001:db8::7"], &here, &everywhere).len(), 2);
        assert!(said(&["192.0.2.7", "2001:db8::7"], &here, &everywhere).iter().all(|line| line.starts_with("good ")));
        assert_eq!(
            said(&["192.0.2.8"], &here, &["0.0.0.0:1965"]),
            [
                "bad a.example leads to 192.0.2.8, which is no address of this machine → correct the record: this machine has 192.0.2.7, 2001:db8::7"
            ]
        );
        assert!(
            said(&["192.0.2.8"], &private, &everywhere)[0]
                .starts_with("note a.example leads to 192.0.2.8; this machine has only")
        );
        assert_eq!(
            said(&["2001:db8::7"], &here, &["0.0.0.0:1965"]),
            [
                "bad a.example leads here, to 2001:db8::7, and maquis does not listen there → add [2001:db8::7]:1965 to `listen`, or remove the record"
            ]
        );
        assert!(said(&["192.0.2.7"], &here, &everywhere)[1].contains("has no AAAA record"));
        // A socket in the file system is no address at all.
        for within in [&[][..], &["127.0.0.1:1965"]] {
            let text = &said(&["192.0.2.7"], &here, within)[0];
            assert!(text.starts_with("note a.example leads here, to 192.0.2.7; maquis listens within"), "{text}");
        }
    }
}
