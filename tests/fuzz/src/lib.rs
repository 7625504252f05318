//! What the fuzz targets share: a small site, and what must hold of every reply and of every page.

use std::collections::HashMap;
use std::sync::Arc;

use maquis::content::gopher::Posts;
use maquis::content::redirect::{PathPattern, Patterns, Redirect, Redirects};
use maquis::content::{Address, Gopher, Language};
use maquis::protocol::{Exchange, Protocol, Reply, Step, Verdict};
use maquis::site::gopherhole::Gopherhole;
use maquis::site::{Body, Capsule, Part, Permanence, Resource, Site};
use maquis::text::charset::Charset;

/// A capsule with a page, a folder and a redirect.
pub fn site() -> Site {
    let address = |path: &str| Address::parse(path).expect("an address");
    let page = |text: &str| Resource::Content { media_type: "text/gemini; lang=en".into(), body: bytes(text) };
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
        gopherhole: Some(gopherhole()),
        redirects: Redirects::default(),
    };
    Site { capsules: vec![capsule] }
}

fn gopherhole() -> Gopherhole {
    let pages = [("/", "iHome\tTITLE\tnull.host\t1\r\n.\r\n"), ("/a.txt", "hello\r\n"), ("/été.txt", "été\r\n")];
    let address = |path: &str| Address::parse(path).expect("an address");
    Gopherhole {
        gopher: Gopher { host: "localhost".into(), port: 7070, posts: Posts::Text, charset: Charset::Utf8, width: 70 },
        language: Language::english(),
        not_found: bytes("3nothing is here\t\terror.host\t1\r\n.\r\n"),
        gone: bytes("3this page is gone\t\terror.host\t1\r\n.\r\n"),
        redirects: Redirects {
            moved: vec![Redirect::parse("/old/{*rest}", "/{rest}").expect("a rule")],
            gone: Patterns(vec![PathPattern::parse("/drafts/*").expect("a pattern")]),
        },
        resources: pages.into_iter().map(|(path, text)| (address(path), bytes(text))).collect(),
        capsule_url: "gemini://localhost/".into(),
    }
}

fn bytes(text: &str) -> Body {
    Arc::new([Part::Bytes(text.as_bytes().into())])
}

/// One step of a protocol, its reply looked at.
pub fn step(protocol: Protocol, site: &Site, name: Option<&str>, input: &[u8]) -> Option<Reply> {
    let exchange =
        Exchange { site, server_name: name, ports: [1965, 7800], capsule: 0, verdict: Verdict::Welcome };
    match protocol.step(input, &exchange) {
        Step::NeedMore => {
            assert!(input.len() < protocol.limit(), "more than the limit is asked for");
            None
        }
        Step::Reply(reply) => {
            match protocol {
                Protocol::Gemini => assert_head(&reply.head),
                Protocol::Gopher => assert_menus(&reply),
            }
            Some(reply)
        }
    }
}

fn assert_head(head: &str) {
    let line = head.strip_suffix("\r\n").expect("a head is a line");
    assert!(!line.contains(char::is_control) && line.len() <= 1027, "{line:?}");
}

/// Whatever a client sent: each line ends as it should, and nothing of it is a line of its own.
fn assert_menus(reply: &Reply) {
    assert!(reply.head.is_empty() || reply.head.ends_with('\n'), "{:?}", reply.head);
    for part in reply.body.iter().flat_map(|body| body.iter()) {
        if let Part::Bytes(bytes) = part {
            let text = String::from_utf8_lossy(bytes);
            assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
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
