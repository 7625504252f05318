//! Visiting the capsule as a reader would, over every protocol and on every socket, if it runs: what comes back is
//! compared, byte by byte, with what the sources make of it now.

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::time::Duration;

use super::finding::{Finding, Section};
use crate::config::Settings;
use crate::content::Address;
use crate::protocol::{Exchange, Protocol, Reply, Step, Verdict};
use crate::publish::Published;
use crate::server::certificate;
use crate::server::endpoint::Endpoint;
use crate::server::probe::{self, dial::dial};
use crate::site::{Part, Resource};

/// How many addresses of each capsule are asked for on each socket: fewer than a burst of the limits.
const VISITS: usize = 12;
/// The longest file that is compared.
const MOST_BYTES: usize = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Addresses of every kind, spread over the first capsule, and one that is not there.
fn worth_a_visit(published: &Published) -> Vec<String> {
    let Some(capsule) = published.site.capsules.first() else { return Vec::new() };
    let is_content = |resource: &Resource| matches!(resource, Resource::Content { .. } | Resource::Moved { .. });
    let mut all: Vec<&Address> =
        capsule.resources.iter().filter(|(_, resource)| is_content(resource)).map(|(address, _)| address).collect();
    all.sort();
    let step = all.len().div_ceil(VISITS).max(1);
    let spread = all.into_iter().step_by(step).map(Address::encoded);
    ["/".to_owned(), "/maquis-doctor-was-here".to_owned()].into_iter().chain(spread).collect()
}

pub(super) fn section(settings: &Settings, published: &Published) -> Section {
    let mut section = Section::new("visit");
    let paths = &worth_a_visit(published);
    let mut visited = 0;
    for endpoint in settings.gemini.listen.endpoints() {
        visited += usize::from(gemini(endpoint, settings, published, paths, &mut section));
    }
    for index in 0..settings.capsules.len() {
        for endpoint in settings.gopher_endpoints(index) {
            visited += usize::from(gopher(&endpoint, index, published, paths, &mut section));
        }
    }
    let public = settings.gemini.listen.endpoints().iter().any(|endpoint| !endpoint.is_local());
    if visited > 0 && public {
        section.add(Finding::Note(
            "whether a firewall lets others in cannot be seen from inside: visit it from another network too".into(),
        ));
    }
    section
}

/// Whether anybody answers; what is said of a socket on which nobody does.
fn answers(endpoint: &Endpoint, section: &mut Section) -> bool {
    if endpoint.port() == Some(0) {
        let chosen = "the system chooses the port at each start, so it is not visited";
        section.add(Finding::Note(format!("{endpoint}: {chosen}")));
        return false;
    }
    let everywhere = endpoint.net().filter(|address| address.ip().is_unspecified());
    match (dial(endpoint, PATIENCE), endpoint) {
        (Ok(_), _) => return true,
        (Err(error), _) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
            section.add(Finding::Note(format!("{endpoint}: nobody listens; maquis is not running, or not there")));
        }
        // On a machine without IPv6 its address is left out.
        (Err(_), _) if everywhere.is_some_and(|address| address.is_ipv6()) => {}
        (Err(error), Endpoint::Net(_)) => section.add(Finding::bad(
            format!("{endpoint} cannot be reached: {error}"),
            "see what filters it: nft list ruleset",
        )),
        // Its folder is closed to others, which is as it should be.
        (Err(error), Endpoint::Unix(_)) => section.add(Finding::Note(format!(
            "{endpoint} cannot be reached by you: {error}; as the user who serves, for instance: sudo -u maquis maquis doctor"
        ))),
    }
    false
}

fn gemini(
    endpoint: &Endpoint,
    settings: &Settings,
    published: &Published,
    paths: &[String],
    section: &mut Section,
) -> bool {
    if !answers(endpoint, section) {
        return false;
    }
    let at = format!("gemini, {endpoint}");
    for (index, capsule) in settings.capsules.iter().enumerate() {
        // The addresses worth a visit are those of the first; every home is visited.
        let paths = if index == 0 { paths } else { &paths[..paths.len().min(1)] };
        for host in &capsule.hosts {
            let mut counted = 0;
            for path in if host == &capsule.hosts[0] { paths } else { &paths[..paths.len().min(1)] } {
                match visit(endpoint, host, path, settings, published) {
                    Ok(()) => counted += 1,
                    Err(finding) => {
                        let (what, remedy) = finding;
                        section.add(Finding::bad(format!("{at}: {host}{path}: {what}"), remedy));
                        return true;
                    }
                }
            }
            section.add(Finding::Good(format!(
                "{at}: {host} answers, byte for byte as it should ({})",
                addresses(counted)
            )));
        }
    }
    true
}

fn addresses(count: usize) -> String {
    if count == 1 { "one address".to_owned() } else { format!("{count} addresses") }
}

type Complaint = (String, &'static str);

const RESTART: &str =
    "ask again in a moment; if it stays, the server runs with an older state: systemctl restart maquis";

fn visit(
    endpoint: &Endpoint,
    host: &str,
    path: &str,
    settings: &Settings,
    published: &Published,
) -> Result<(), Complaint> {
    let shown = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let url = format!("gemini://{shown}{path}");
    let no_gemini =
        |error: io::Error| (format!("no answer of a Gemini server ({error})"), "see what listens there: ss -ltnp");
    let name = host.parse::<IpAddr>().is_err().then_some(host);
    let answer =
        dial(endpoint, PATIENCE).and_then(|stream| probe::fetch_over(stream, name, &url)).map_err(no_gemini)?;
    if !answer.closed_cleanly {
        return Err(("the answer breaks off".to_owned(), "see whether something stands between: a proxy, a firewall"));
    }
    if let Ok(identity) = certificate::load(&settings.gemini.certificates, host)
        && answer.fingerprints() != Some(identity.fingerprints)
    {
        return Err(("it shows another certificate than the one in the folder".to_owned(), "systemctl reload maquis"));
    }
    let port = endpoint.port().unwrap_or(Protocol::Gemini.port());
    let ports = [port, settings.gemini.port.unwrap_or(port)];
    let exchange = Exchange { site: &published.site, server_name: None, ports, capsule: 0, verdict: Verdict::Welcome };
    let expected = expected(Protocol::Gemini, &format!("{url}\r\n"), &exchange);
    match expected {
        Some(reply) if reply.head.trim_end() != answer.head => {
            Err((format!("the answer is `{}`, and should be `{}`", answer.head, reply.head.trim_end()), RESTART))
        }
        Some(reply) if !is_body(&reply, published, &answer.body) => {
            Err(("the bytes are not what the texts make of it now".to_owned(), RESTART))
        }
        Some(_) | None => Ok(()),
    }
}

fn gopher(endpoint: &Endpoint, capsule: usize, published: &Published, paths: &[String], section: &mut Section) -> bool {
    if !answers(endpoint, section) {
        return false;
    }
    let at = format!("gopher, {endpoint}");
    let exchange = Exchange {
        site: &published.site,
        server_name: None,
        ports: [endpoint.port().unwrap_or(Protocol::Gopher.port()); 2],
        capsule,
        verdict: Verdict::Welcome,
    };
    let paths = if capsule == 0 { paths } else { &paths[..paths.len().min(1)] };
    for path in paths {
        let request = format!("{path}\r\n");
        let complaint = match ask(endpoint, &request) {
            Ok(answer) => match expected(Protocol::Gopher, &request, &exchange) {
                Some(reply) if !is_body(&reply, published, &answer) => {
                    Some(("the bytes are not what the texts make of it now".to_owned(), RESTART))
                }
                Some(_) | None => None,
            },
            Err(error) => Some((format!("no answer ({error})"), "see what listens there: ss -ltnp")),
        };
        if let Some((what, remedy)) = complaint {
            section.add(Finding::bad(format!("{at}: {path}: {what}"), remedy));
            return true;
        }
    }
    section.add(Finding::Good(format!("{at}: answers, byte for byte as it should ({})", addresses(paths.len()))));
    true
}

fn ask(endpoint: &Endpoint, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = dial(endpoint, PATIENCE)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES as u64).read_to_end(&mut answer)?;
    Ok(answer)
}

fn expected(protocol: Protocol, request: &str, exchange: &Exchange<'_>) -> Option<Reply> {
    match protocol.step(request.as_bytes(), exchange) {
        Step::Reply(reply) => Some(reply),
        Step::NeedMore => None,
    }
}

/// Whether these are the bytes of a reply; one that cannot be read here is not judged.
fn is_body(reply: &Reply, published: &Published, bytes: &[u8]) -> bool {
    let mut whole = Vec::new();
    for part in reply.body.iter().flat_map(|body| body.iter()) {
        match part {
            Part::Bytes(bytes) => whole.extend_from_slice(bytes),
            Part::Stored(place) => {
                let mut page = vec![0; place.len as usize];
                if published.pages.read(*place, &mut page).is_err() {
                    return true;
                }
                whole.append(&mut page);
            }
            // Of a picture not all is sent, and a file may be large: these are not judged.
            Part::File(file) if file.picture.is_some() => return true,
            Part::File(file) => match published.roots.get(file.capsule).map(|root| root.read(&file.path, MOST_BYTES)) {
                Some(Ok(mut contents)) if contents.len() < MOST_BYTES => whole.append(&mut contents),
                Some(_) | None => return true,
            },
        }
    }
    whole == bytes
}
