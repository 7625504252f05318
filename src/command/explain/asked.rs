//! What was asked: a URL, a path of the first capsule, or a file of a source folder; each becomes a request.

use std::path::Path;

use fluent_uri::Uri;

use super::Scene;
use crate::config::PORT;
use crate::content::address::percent_decode;
use crate::protocol::Protocol;
use crate::server::endpoint::Endpoint;
use crate::text::url;

/// A request as a reader's client would make it.
pub(super) struct Question {
    pub(super) url: String,
    pub(super) protocol: Protocol,
    /// The URI of Gemini, the selector of Gopher.
    pub(super) request: String,
    /// The port that it comes in on.
    pub(super) port: u16,
    /// The capsule that is meant, where one is.
    pub(super) capsule: Option<usize>,
}

const GOPHER_PORT: u16 = 70;

impl Question {
    /// Reads what was typed, or says what is wrong with it.
    pub(super) fn of(what: &str, scene: &Scene<'_>) -> Result<Question, String> {
        let typed = match url::scheme(what) {
            Some(_) => what.to_owned(),
            None if what.starts_with('/') && !Path::new(what).exists() => {
                let plans = scene.plans.first().ok_or("there is no capsule")?;
                let authority = plans.shown.masthead.url(&crate::content::Address::root());
                format!("{}{what}", authority.trim_end_matches('/'))
            }
            None => url_of_file(what, scene)?,
        };
        // As a client does: what cannot stand in a URL is encoded.
        let url = url::escape(&typed).unwrap_or(typed);
        match url::scheme(&url).as_deref() {
            Some("gopher" | "gophers") => gopher(url, scene),
            // Of another scheme, or of none, a server of Gemini has its own opinion.
            Some(_) | None => Ok(gemini(url, scene)),
        }
    }
}

fn gemini(url: String, scene: &Scene<'_>) -> Question {
    let parsed = Uri::parse(url.as_str()).ok();
    let authority = parsed.as_ref().and_then(Uri::authority);
    let host = authority.as_ref().and_then(|authority| crate::config::host_name(authority.host()).ok());
    let listened = scene.settings.gemini.listen.endpoints().iter().filter_map(Endpoint::port);
    let asked = authority.as_ref().and_then(|authority| authority.port_to_u16().ok().flatten()).unwrap_or(PORT);
    // Port 0 stands for any.
    let port = listened.into_iter().find(|port| *port == asked).unwrap_or(PORT);
    let hosts = &scene.published.site.capsules;
    let capsule = host.and_then(|host| hosts.iter().position(|capsule| capsule.hosts.contains(&host)));
    Question { request: url.clone(), url, protocol: Protocol::Gemini, port, capsule }
}

/// RFC 4266: `gopher://host:port/` type selector.
fn gopher(url: String, scene: &Scene<'_>) -> Result<Question, String> {
    let wrong = || "this is no Gopher address, such as gopher://blog.example.org/0/posts/x.txt".to_owned();
    let parsed = Uri::parse(url.as_str()).map_err(|_| wrong())?;
    let authority = parsed.authority().ok_or_else(wrong)?;
    let port = authority.port_to_u16().ok().flatten().unwrap_or(GOPHER_PORT);
    let host = crate::config::host_name(authority.host()).map_err(|_| wrong())?;
    let after_type = parsed.path().as_str().strip_prefix('/').unwrap_or_default().chars().skip(1).collect::<String>();
    let selector = percent_decode(&after_type).ok_or_else(wrong)?;
    let selector = if selector.starts_with('/') { selector } else { format!("/{selector}") };
    let of_host = |host: &String| {
        let advertised = scene.settings.gopher.as_ref().and_then(|gopher| gopher.host.as_ref()) == Some(host);
        let named = scene.published.site.capsules.iter().position(|capsule| capsule.hosts.contains(host));
        named.or(advertised.then_some(0))
    };
    let capsule = of_host(&host).ok_or_else(|| format!("no capsule here has the name {host}"))?;
    Ok(Question { url: url.clone(), protocol: Protocol::Gopher, request: selector, port, capsule: Some(capsule) })
}

/// The address that a source has, or would have if it were shown.
fn url_of_file(what: &str, scene: &Scene<'_>) -> Result<String, String> {
    let absolute = std::path::absolute(what).map_err(|error| error.to_string())?;
    for (plans, capsule) in scene.plans.iter().zip(&scene.settings.capsules) {
        let beneath = absolute.strip_prefix(&capsule.source).ok().and_then(Path::to_str);
        for source in beneath.into_iter().chain([what]) {
            let page = plans.shown.pages.iter().chain(&plans.all.pages).find(|page| page.source == source);
            let file = plans.shown.files.iter().find(|file| file.source == source);
            let address = page.map(|page| &page.address).or_else(|| file.map(|file| &file.address));
            if let Some(address) = address {
                return Ok(plans.shown.masthead.url(address));
            }
            // Some generators give their drafts no address at all.
            if let Some(hidden) = plans.hidden(source) {
                return Err(format!("this file is not published: it is {}", hidden.reason()));
            }
        }
    }
    match absolute.exists() {
        true => {
            Err("this file is not published: it is in no source folder, its name begins with a dot or an underscore, \
                     or nothing links to it"
                .to_owned())
        }
        false => Err("there is no such file; name an address (gemini://…), a path (/posts/) or a file".to_owned()),
    }
}
