//! The two pages of HTML a gopherhole has: one that leads on to the web, one that tells a browser where it is.
//!
//! `URL:` selectors are a convention of Gopher clients (`h` items); who does not know it asks us for the selector.

use crate::content::{Item, ItemType};
use crate::site::gopherhole::Gopherhole;

/// Schemes that a page may lead on to.
const SCHEMES: [&str; 14] = [
    "http", "https", "gemini", "gopher", "gophers", "spartan", "finger", "ftp", "mailto", "xmpp", "irc", "ircs",
    "news", "nex",
];

/// Whether this is the first line of HTTP.
pub(super) fn is_request(line: &[u8]) -> bool {
    let known = [&b"GET "[..], b"HEAD ", b"POST ", b"OPTIONS ", b"CONNECT ", b"PUT "];
    known.iter().any(|method| line.starts_with(method)) && line.windows(6).any(|window| window == b" HTTP/")
}

/// A page that leads on to an address, if it is one to lead on to.
pub(super) fn leads_on(url: &str) -> Option<Vec<u8>> {
    let scheme = crate::text::url::scheme(url)?;
    if !SCHEMES.contains(&scheme.as_str()) {
        return None;
    }
    let url = escape(&crate::text::url::escape(url)?);
    let page = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"5;URL={url}\">\n\
         <title>{url}</title></head>\n<body><p>This link leaves the gopherhole:</p>\n\
         <p><a href=\"{url}\">{url}</a></p></body></html>\n"
    );
    Some(page.into_bytes())
}

/// What a web browser hears that came to this port.
pub(super) fn not_the_web(hole: &Gopherhole) -> Vec<u8> {
    let gopher = escape(&hole.gopher.url(&Item { kind: ItemType::Menu, selector: "/".into() }));
    let gemini = escape(&hole.capsule_url);
    let page = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Gopher</title></head>\n\
         <body><p>This is no web site but a gopherhole: open <a href=\"{gopher}\">{gopher}</a> in a Gopher client, \
         or <a href=\"{gemini}\">{gemini}</a> in a Gemini client such as Lagrange.</p></body></html>\n"
    );
    let head = format!(
        "HTTP/1.0 400 This is Gopher\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        page.len()
    );
    (head + &page).into_bytes()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_on_and_breaks_out_of_nothing() {
        let page = String::from_utf8(leads_on("https://x.org/?a=\"><script>'&b").unwrap()).unwrap();
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("href=\"https://x.org/?a=%22%3E%3Cscript%3E&#39;&amp;b\""), "{page}");
        assert_eq!(leads_on("javascript:alert(1)"), None);
        assert_eq!(leads_on("data:text/html,x"), None);
        assert_eq!(leads_on("x"), None);
    }

    #[test]
    fn http_is_known_by_its_first_line() {
        assert!(is_request(b"GET / HTTP/1.1"));
        assert!(!is_request(b"GET /HTTP/"));
        assert!(!is_request(b"/posts/GET HTTP/"));
    }
}
