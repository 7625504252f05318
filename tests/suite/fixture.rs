//! A small fixed site and a server for it on loopback.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use maquis::content::gopher::Posts;
use maquis::content::redirect::{PathPattern, Patterns, Redirect, Redirects};
use maquis::content::{Address, Gopher, Language};
use maquis::notice::{Notice, Notices};
use maquis::server::{self, Limits, Listener, Snapshot, Speaks, bind, certificate, tls};
use maquis::site::gopherhole::Gopherhole;
use maquis::site::{Body, Capsule, FilePlace, Part, Permanence, Resource, Site, Stored};
use maquis::source::root::Root;
use maquis::store::Pages;
use maquis::text::charset::Charset;
use tokio::sync::{oneshot, watch};

/// The site of the wire transcripts; `tests/wire/README.md` lists it.
pub(crate) fn site() -> Site {
    let long = format!("/long/{}", "x".repeat(1030));
    let pages = [
        ("/", "text/gemini; lang=en", "# Home\n"),
        ("/a.txt", "text/plain; charset=utf-8", "hello\n"),
        ("/dir/", "text/gemini; lang=en", "# Folder\n"),
        ("/été/", "text/gemini; lang=fr", "# Été\n"),
        ("/both/", "text/gemini; lang=\"en,fr\"", "# Both\n"),
        ("/.well-known/x", "text/plain", "known\n"),
        ("/50%25.txt", "text/plain", "half\n"),
        ("/robots.txt", "text/plain", "User-agent: *\n"),
        ("/photo.jpg", "image/jpeg", "JPEG"),
        ("/atom.xml", "application/atom+xml", "<feed/>"),
        ("/empty", "application/octet-stream", ""),
    ];
    let mut resources: HashMap<Address, Resource> =
        pages.into_iter().map(|(path, media_type, text)| (address(path), content(media_type, bytes(text)))).collect();
    let moves = [
        ("/new-place/", "/dir/", Permanence::Temporary),
        ("/summer/", "/été/", Permanence::Permanent),
        ("/to-long", &long, Permanence::Permanent),
    ];
    for (from, to, permanence) in moves {
        resources.insert(address(from), Resource::Moved { to: address(to), permanence });
    }
    resources.insert(address("/deleted/"), Resource::Gone);
    let first = Capsule {
        hosts: ["localhost", "capsule.example", "xn--mnchen-3ya.example", "192.0.2.7", "2001:db8::7"]
            .map(str::to_owned)
            .into(),
        language: Language::english(),
        not_found: "nothing is here".into(),
        gone: "this page is gone".into(),
        resources,
        redirects: Redirects::default(),
        gopherhole: Some(gopherhole()),
    };
    let other = Capsule {
        hosts: vec!["other.example".into()],
        language: Language::parse("fr").unwrap(),
        not_found: "rien n'est ici".into(),
        gone: "cette page n'est plus".into(),
        resources: HashMap::from([(Address::root(), content("text/gemini; lang=fr", bytes("# Autre\n")))]),
        redirects: Redirects::default(),
        gopherhole: None,
    };
    Site { capsules: vec![first, other] }
}

/// The gopherhole of the first capsule.
fn gopherhole() -> Gopherhole {
    let pages = [
        ("/", "iHome\tTITLE\tnull.host\t1\r\n.\r\n"),
        ("/dir/", "iFolder\tTITLE\tnull.host\t1\r\n.\r\n"),
        ("/a.txt", "hello\r\n"),
        ("/été.txt", "été\r\n"),
        ("/50%25.txt", "half\r\n"),
        ("/caps.txt", "CAPS\r\n"),
        ("/a.gmi", "# Hello\n"),
        ("/as-menu/", "iText.\t\tnull.host\t1\r\n1Home\t/\tlocalhost\t7070\r\n.\r\n"),
    ];
    let photo: Body = Arc::new([Part::Bytes((*b"\xff\xd8\x00\r\n.\r\n\x1b").into())]);
    Gopherhole {
        gopher: Gopher { host: "localhost".into(), port: 7070, posts: Posts::Text, charset: Charset::Utf8, width: 70 },
        language: Language::english(),
        not_found: bytes("3nothing is here\t\terror.host\t1\r\n.\r\n"),
        gone: bytes("3this page is gone\t\terror.host\t1\r\n.\r\n"),
        redirects: Redirects {
            moved: vec![Redirect::parse("/old/{name}", "/{name}").unwrap()],
            gone: Patterns(vec![PathPattern::parse("/drafts/*").unwrap()]),
        },
        resources: pages
            .into_iter()
            .map(|(path, text)| (address(path), bytes(text)))
            .chain([(address("/photo.jpg"), photo)])
            .collect(),
        capsule_url: "gemini://localhost/".into(),
    }
}

pub(crate) fn address(path: &str) -> Address {
    Address::parse(path).unwrap()
}

pub(crate) fn content(media_type: &str, body: Body) -> Resource {
    Resource::Content { media_type: media_type.into(), body }
}

pub(crate) fn bytes(text: &str) -> Body {
    Arc::new([Part::Bytes(text.as_bytes().into())])
}

pub(crate) fn file(path: &str) -> Part {
    Part::File(FilePlace { capsule: 0, path: path.into(), picture: None })
}

/// A store in a file, as the program has it.
pub(crate) struct Store {
    file: File,
    len: u64,
}

impl Store {
    pub(crate) fn new() -> Store {
        Store { file: tempfile::tempfile().unwrap(), len: 0 }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) -> Part {
        self.file.write_all(bytes).unwrap();
        let place = Stored { offset: self.len, len: bytes.len().try_into().unwrap() };
        self.len += bytes.len() as u64;
        Part::Stored(place)
    }
}

/// Everything a server needs, with a new key pair for each host.
pub(crate) fn snapshot(site: Site, store: Store, source: &Path, limits: Limits) -> Snapshot {
    let folder = tempfile::tempdir().unwrap();
    let identities: Vec<_> = ["localhost", "capsule.example", "other.example"]
        .map(|host| certificate::load_or_make(folder.path(), host).unwrap().0)
        .into();
    Snapshot {
        site,
        pages: Pages::new(store.file),
        roots: vec![Arc::new(Root::open(source).unwrap())],
        tls: tls::config(&identities).unwrap(),
        limits,
        advertised_port: Some(1965),
        counting: None,
    }
}

/// A server at work; it stops when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Where it speaks Gopher.
    pub(crate) gopher: SocketAddr,
    pub(crate) snapshots: watch::Sender<Arc<Snapshot>>,
    pub(crate) notices: Receiver<Notice>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(snapshot: Snapshot) -> Server {
        let [gemini, gopher] = [(); 2].map(|()| bind::bind(&"127.0.0.1:0".parse().unwrap()).unwrap());
        let (address, gopher_address) = (gemini.address().unwrap(), gopher.address().unwrap());
        let listeners = vec![
            Listener { socket: gemini, speaks: Speaks::Gemini },
            Listener { socket: gopher, speaks: Speaks::Gopher { capsule: 0 } },
        ];
        let (snapshots, newest) = watch::channel(Arc::new(snapshot));
        let (stop, stopped) = oneshot::channel::<()>();
        let (say, notices) = Notices::collected();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let stopped = async {
                let _stopped = stopped.await;
            };
            runtime.block_on(server::run(listeners, newest, stopped, say, Arc::default())).unwrap();
        });
        Server { address, gopher: gopher_address, snapshots, notices, stop: Some(stop), thread: Some(thread) }
    }

    /// The fixed site with these limits.
    pub(crate) fn with(limits: Limits) -> Server {
        Server::start(snapshot(site(), Store::new(), Path::new("."), limits))
    }

    /// Asks it to stop, without waiting.
    pub(crate) fn ask_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) fn wait(&mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
