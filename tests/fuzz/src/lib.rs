//! What the fuzz targets share: a small site, and what must hold of every reply and of every page.

use std::collections::HashMap;
use std::sync::Arc;

use maquis::content::{Address, Language};
use maquis::protocol::{Exchange, Protocol, Reply, Step, Verdict};
use maquis::site::{Capsule, Part, Permanence, Resource, Site};

/// A capsule with a page, a folder and a redirect.
pub fn site() -> Site {
    let address = |path: &str| Address::parse(path).expect("an address");
    let page = |text: &str| {
        let body: Arc<[Part]> = Arc::new([Part::Bytes(Arc::from(text.as_bytes()))]);
        Resource::Content { media_type: "text/gemini; lang=en".into(), body }
    };
    let resources = HashMap::from([
        (address("/"), page("# Home\n")),
        (address("/a.txt"), page("hello\n")),
        (address("/dir/"), page("# Folder\n")),
        (address("/été/"), page("# Été\n")),
        (address("/old"), Resource::Moved { to: address("/dir/"), permanence: Permanence::Permanent }),
        (address("/deleted/"), Resource::Gone),
    ]);
    let capsule = Capsule {
        hosts: vec!["localhost".into(), "xn--mnchen-3ya.example".into(), "192.0.2.7".into(), "2001:db8::7".into()],
        language: Language::english(),
        not_found: "nothing is here".into(),
        gone: "this page is gone".into(),
        resources,
    };
    Site { capsules: vec![capsule] }
}

/// One step of a protocol, its reply looked at.
pub fn step(protocol: Protocol, site: &Site, name: Option<&str>, input: &[u8]) -> Option<Reply> {
    let exchange = Exchange { site, server_name: name, ports: [1965, 7800], verdict: Verdict::Welcome };
    match protocol.step(input, &exchange) {
        Step::NeedMore => {
            assert!(input.len() < protocol.limit(), "more than the limit is asked for");
            None
        }
        Step::Reply(reply) => {
            let line = reply.head.strip_suffix("\r\n").expect("a head is a line");
            assert!(!line.contains(char::is_control) && line.len() <= 1027, "{line:?}");
            Some(reply)
        }
    }
}

/// What every page of gemtext is: whole lines, closed fences, links with an address and nothing in it that is none.
pub fn assert_gemtext(gemtext: &str) {
    let mut inside = false;
    for line in gemtext.lines() {
        assert!(!line.contains(|c: char| c.is_control() && !(inside && c == '\t')), "{line:?}");
        if line.starts_with("```") {
            assert!(!inside || line == "```", "text after a closing fence: {line:?}");
            inside = !inside;
        } else if let Some(link) = line.strip_prefix("=>").filter(|_| !inside) {
            let address = link.split_whitespace().next().expect("a link has an address");
            assert!(link.starts_with(' ') && !address.contains('\\'), "{line:?}");
        }
    }
    assert!(!inside, "an open fence");
}
