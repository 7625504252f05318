//! The exchange in memory: from the bytes of a request to the reply, without a socket.
//!
//!     cargo bench --bench exchange

mod report;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use maquis::content::{Address, Language};
use maquis::protocol::{Exchange, Protocol, Step, Verdict};
use maquis::site::{Capsule, Part, Resource, Site};
use report::{line, time};

const REQUESTS: u32 = 10_000;

fn main() {
    for pages in [100, 1_000, 10_000, 100_000] {
        let site = site(pages);
        let exchange = Exchange {
            site: &site,
            server_name: Some("localhost"),
            ports: [1965, 1965],
            capsule: 0,
            verdict: Verdict::Welcome,
        };
        println!("{pages} pages");
        for (what, request) in [
            ("a page", "gemini://localhost/posts/some-page-77/\r\n"),
            ("a page with escapes", "gemini://localhost/posts/%73ome-page-77/\r\n"),
            ("a redirect", "gemini://localhost/posts/some-page-77\r\n"),
            ("nothing there", "gemini://localhost/posts/nothing/\r\n"),
            ("a bad request", "gemini://user@localhost/\r\n"),
        ] {
            line(what, &[(each(request.as_bytes(), &exchange), "ns")]);
        }
    }
}

/// Nanoseconds for one request.
fn each(request: &[u8], exchange: &Exchange<'_>) -> f64 {
    let many: Duration = time(|| {
        let heads = (0..REQUESTS).map(|_| match Protocol::Gemini.step(request, exchange) {
            Step::Reply(reply) => reply.head.len(),
            Step::NeedMore => 0,
        });
        heads.sum::<usize>()
    });
    many.as_secs_f64() * 1e9 / f64::from(REQUESTS)
}

fn site(pages: usize) -> Site {
    let media_type: Arc<str> = "text/gemini; lang=en".into();
    let page = |number: usize| {
        let address = Address::parse(&format!("/posts/some-page-{number}/")).expect("an address");
        let body: Arc<[Part]> = Arc::new([Part::Bytes(Arc::from(&b"# Page\n"[..]))]);
        (address, Resource::Content { media_type: media_type.clone(), body })
    };
    let resources: HashMap<Address, Resource> = (0..pages).map(page).collect();
    let capsule = Capsule {
        hosts: vec!["localhost".into()],
        language: Language::english(),
        not_found: "nothing is here".into(),
        gone: "this page is gone".into(),
        resources,
        gopherhole: None,
        redirects: maquis::content::redirect::Redirects::default(),
    };
    Site { capsules: vec![capsule] }
}
