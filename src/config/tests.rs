//! What is written, what is meant, and what is said where it is wrong.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::read::conversion::{Shortcode, Trackers};
use crate::render::style::{Emphasis, Links};

pub(super) fn around() -> Surroundings {
    Surroundings { home: Some("/home/nobody-here".into()), state: Some("/var/lib/maquis".into()), user: user() }
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A folder with `config.toml` and, in it, the folders `capsule` and `other`.
pub(super) struct House(tempfile::TempDir);

impl House {
    pub(super) fn new(text: &str) -> House {
        let folder = tempfile::tempdir().unwrap();
        for name in ["capsule", "other", "other/inner"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join(FILE), text).unwrap();
        House(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn load(&self) -> Result<Settings, ConfigError> {
        Settings::load(&self.path(FILE), &Overrides::default(), &around())
    }

    /// The message without the path of the temporary folder.
    pub(super) fn message(&self) -> String {
        let folder = format!("{}/", self.0.path().display());
        self.load().unwrap_err().to_string().replace(&folder, "")
    }
}

pub(super) fn message(text: &str) -> String {
    House::new(text).message()
}

pub(super) fn load(text: &str) -> Settings {
    House::new(text).load().unwrap()
}

#[test]
fn an_empty_file_is_the_defaults() {
    let house = House::new("");
    let settings = house.load().unwrap();
    let capsule = &settings.capsules[0];
    assert_eq!((settings.capsules.len(), capsule.hosts.as_slice()), (1, &["localhost".to_owned()][..]));
    assert_eq!(capsule.source, house.path("capsule"));
    assert_eq!(settings.gemini.certificates, house.path("certs"));
    assert_eq!(settings.limits, Limits::default());
    let loopback = ["127.0.0.1:1965".parse().unwrap(), "[::1]:1965".parse().unwrap()];
    assert_eq!(settings.gemini.listen, Listen::Default(loopback.to_vec()));
}

#[test]
fn every_key_is_understood() {
    let settings = load(
        r#"
        [[capsule]]
        source = "capsule"
        layout = "hugo"
        hosts = ["Example.ORG", "été.example"]
        title = "Carnet"
        author = "Ada"
        language = "fr"
        web = "https://Blog.Example.org/carnet"
        timezone = "Europe/Paris"
        contact = "mailto:ada@example.org"
        [[capsule]]
        source = "other"
        layout = "plain"
        dates = "git"
        hosts = ["localhost"]
        [gemini]
        listen = ["127.0.0.1:0", "[::1]:0"]
        certificates = "/etc/maquis/certs"
        port = 1966
        [limits]
        handshake = "200ms"
        request = "1m"
        reply = "1h"
        close = "1s"
        grace = "3 s"
        connections = 12
        [conversion]
        links = "section"
        notes = "section"
        emphasis = "markers"
        typography = false
        wiki_links = true
        trackers = "keep"
        parameters = ["from"]
        instead = { "WWW.YouTube.com" = "yewtu.be" }
        [shortcodes]
        photo = { image = "src", label = 1 }
        [shortcodes.box]
        inner = true
        "#,
    );
    let [first, second] = settings.capsules.as_slice() else { unreachable!("two were written") };
    assert_eq!(first.hosts, ["example.org", "xn--t-9fab.example"]);
    assert_eq!((first.layout, second.layout), (Some(Layout::Hugo), Some(Layout::Plain)));
    assert_eq!((first.dates, second.dates), (Dates::Written, Dates::Git));
    let web = first.web.as_ref().unwrap();
    assert_eq!((web.authority.as_str(), web.path.as_str()), ("blog.example.org", "/carnet/"));
    assert_eq!(web.origin, "https://blog.example.org");
    assert_eq!(first.timezone.as_ref().unwrap().iana_name(), Some("Europe/Paris"));
    assert_eq!(first.language.as_ref().unwrap().as_str(), "fr");
    assert_eq!(settings.gemini.listen.endpoints().len(), 2);
    assert_eq!((settings.gemini.port, settings.limits.connections), (Some(1966), 12));
    assert_eq!(settings.limits.handshake, std::time::Duration::from_millis(200));
    assert_eq!((settings.style.links, settings.style.emphasis), (Links::Section, Emphasis::Markers));
    let conversion = &settings.conversion;
    assert_eq!((conversion.wiki_links, conversion.smart, conversion.emoji), (true, Some(false), None));
    assert_eq!(conversion.outgoing.trackers, Trackers::Kept);
    assert_eq!(conversion.outgoing.hosts["www.youtube.com"], "yewtu.be");
    assert_eq!(conversion.shortcodes["photo"], Shortcode::Image("src".into(), Some("1".into())));
    assert_eq!(conversion.shortcodes["box"], Shortcode::Inner);
    assert!(settings.warnings.is_empty());
}

#[test]
fn case_106_an_unknown_key_names_the_nearest() {
    for (text, expected) in [
        ("\n[[capsule]]\nsorce = 'x'", "config.toml:3: unknown key `sorce`; did you mean `source`?"),
        ("[[capsule]]\nhost = ['x']", "config.toml:2: unknown key `host`; did you mean `hosts`?"),
        ("[[capsule]]\nLanguage = 'x'", "config.toml:2: unknown key `Language`; did you mean `language`?"),
        ("[limits]\nconections = 3", "config.toml:2: unknown key `conections`; did you mean `connections`?"),
        ("[limit]\nconnections = 3", "config.toml:1: unknown key `limit`; did you mean `limits`?"),
        ("title = 'x'", "config.toml:1: `title` belongs below [[capsule]]"),
        ("titel = 'x'", "config.toml:1: unknown key `titel`; did you mean `title`, below [[capsule]]?"),
        ("[gemini]\ntitel = 'x'", "config.toml:2: unknown key `titel`; did you mean `title`, below [[capsule]]?"),
        ("[gemini]\nport_ = 3", "config.toml:2: unknown key `port_`; did you mean `port`?"),
        ("[[capsule]]\nlisten = []", "config.toml:2: `listen` belongs below [gemini]"),
        ("[capsule]\nsource = 'x'", "config.toml:1: a capsule is one of several; write [[capsule]] with two brackets"),
        ("gemini = 3", "config.toml:1: `gemini` is a table; write [gemini] and its keys below"),
        (
            "[gemini]\nquux = 3",
            "config.toml:2: unknown key `quux`; the keys of [gemini] are listen, certificates, port",
        ),
        (
            "[spartan]\n",
            "config.toml:1: unknown key `spartan`; the keys of the file are sandbox, user, capsule, gemini, gopher, limits, conversion, shortcodes, counts",
        ),
        ("[gopher]\ncharsets = 3", "config.toml:2: unknown key `charsets`; did you mean `charset`?"),
        ("[shortcodes.x]\nimag = 'src'", "config.toml:2: unknown key `imag`; did you mean `image`?"),
        ("[shortcodes]\nx = 3", "config.toml:1: a shortcode is a table; write name = { image = \"src\" }"),
    ] {
        assert_eq!(message(text), expected);
    }
}

#[test]
fn a_bad_value_names_its_line_and_a_good_one() {
    for (text, expected) in [
        ("[conversion]\nlinks = 'all'", "config.toml:2: `all` is none of \"block\", \"section\" and \"end\""),
        (
            "[conversion]\ninstead = { 'x.org' = 'a b' }",
            "config.toml:2: `a b` is not a host name, such as `example.org`",
        ),
        (
            "[shortcodes]\nx = { image = 'a', drop = true }",
            "config.toml:2: the shortcode `x` can become one thing only; write one of image, link, text, inner and drop",
        ),
        ("[[capsule]]\nhosts = ['a b']", "config.toml:2: `a b` is not a host name, such as `example.org`"),
        ("[[capsule]]\nhosts = []", "config.toml:2: `hosts` is empty; name at least one, such as `localhost`"),
        ("[[capsule]]\nhosts = 'a'", "config.toml:2: wrong kind of value: string \"a\", expected a list in brackets"),
        (
            "[[capsule]]\nlayout = 'gatsby'",
            "config.toml:2: `gatsby` is no layout; use one of plain, hugo, zola, jekyll, pelican, eleventy, astro, or leave the key out",
        ),
        (
            "[[capsule]]\naddresses = '/blog/{year}/'",
            "config.toml:2: `/blog/{year}/` is no pattern of addresses such as `/blog/{id}/`; it may hold {id}, {slug}, {folder}, {year}, {month}, {day}",
        ),
        (
            "[[capsule]]\ncontent = '../other'",
            "config.toml:2: `../other` is not a folder in the source; write it from there on, such as `src/posts`",
        ),
        (
            "[[capsule]]\n[[capsule.redirect]]\nfrom = '/a/{x}'\nto = '/a/b'",
            "config.toml:2: it leads to `/a/b`, which it would redirect again",
        ),
        ("[[capsule]]\ndates = 'mtime'", "config.toml:2: `mtime` is none of \"written\", \"file\" and \"git\""),
        ("[[capsule]]\nmetadata = 'no'", "config.toml:2: `no` is neither \"remove\" nor \"keep\""),
        (
            "[[capsule]]\nlicence = 'https://x.org/by'",
            "config.toml:2: `https://x.org/by` has no name; write it after the address, such as `https://x.org/by CC BY 4.0`",
        ),
        ("[[capsule]]\nlicense = 'x'", "config.toml:2: unknown key `license`; did you mean `licence`?"),
        (
            "[[capsule]]\nwords = { archives = 'x' }",
            "config.toml:2: maquis has no word `archives`; did you mean `archive`?",
        ),
        (
            "[[capsule]]\n[capsule.words.fr]\nhome = ''",
            "config.toml:2: the word `home` must be one line with something in it, of at most 1000 bytes",
        ),
        (
            "[[capsule]]\n[capsule.words.f-]\nhome = 'x'",
            "config.toml:2: `f-` is not a language such as `fr` or `pt-BR`",
        ),
        (
            "[[capsule]]\nwords = { home = 1 }",
            "config.toml:2: a word is text; write archive = \"Journal\", or the words of a language in a table",
        ),
        (
            "[[capsule]]\nfiles = [{ match = '*.x' }]",
            "config.toml:2: it says nothing of these files; give them a `type` or a `language`",
        ),
        (
            "[[capsule]]\nfiles = [{ match = '*.x', type = 'text' }]",
            "config.toml:2: `text` is no media type such as `text/plain; charset=utf-8`",
        ),
        (
            "[[capsule]]\nfiles = [{ match = '[', language = 'fr' }]",
            "config.toml:2: `[` is no pattern of files; write `*.txt`, `docs/*` or `docs/**`",
        ),
        ("[[capsule]]\ngone = ['old']", "config.toml:2: `old` does not begin with `/`"),
        ("[[capsule]]\nlanguage = 'f r'", "config.toml:2: `f r` is not a language such as `fr`, `en` or `pt-BR`"),
        (
            "[[capsule]]\ntimezone = 'Pari'",
            "config.toml:2: `Pari` is not a time zone this system knows, such as `Europe/Paris` or `UTC`",
        ),
        (
            "[[capsule]]\nweb = 'blog.example.org'",
            "config.toml:2: `blog.example.org` is not a web address such as `https://blog.example.org`",
        ),
        ("[gopher]\nwidth = 27", "config.toml:2: 27 columns are too few or too many; write 28 to 100"),
        ("[gopher]\nposts = 'gemtext'", "config.toml:2: `gemtext` is no form of posts; use \"text\" or \"menu\""),
        (
            "[gopher]\ncharset = 'utf-16'",
            "config.toml:2: `utf-16` is no charset; use \"utf-8\", \"latin-1\" or \"ascii\"",
        ),
        (
            "[[capsule]]\ngopher = ['localhost']",
            "config.toml:2: `localhost` is not an address with a port, such as `127.0.0.1:1965` or `[::]:1965`, nor a socket \
             such as `unix:/run/maquis/gemini.sock`",
        ),
        ("[[capsule]]\ncontact = 'me@a.org'", "config.toml:2: `me@a.org` is not a link; write mailto:me@a.org"),
        ("[[capsule]]\ntitle = ' '", "config.toml:2: it must be one line with something in it; else leave the key out"),
        (
            "[gemini]\nlisten = [\n'127.0.0.1:1965',\n'localhost']",
            "config.toml:4: `localhost` is not an address with a port, such as `127.0.0.1:1965` or `[::]:1965`, nor a socket \
             such as `unix:/run/maquis/gemini.sock`",
        ),
        ("[gemini]\nport = 0", "config.toml:2: 0 is not a port; ports are 1 to 65535"),
        ("[limits]\nrequest = '10'", "config.toml:2: `10` is not a time such as \"5s\" or \"200ms\", up to \"1h\""),
        ("[limits]\nrequest = 10", "config.toml:2: wrong kind of value: integer `10`, expected a string"),
        ("[limits]\nconnections = 0", "config.toml:2: 0 connections cannot be kept; write 1 to 1000000"),
        ("[[capsule]]\ntitle = ", "config.toml:2: string values must be quoted, expected literal string"),
    ] {
        assert_eq!(message(text), expected);
    }
}

#[test]
fn case_109_a_file_others_can_write_is_refused() {
    let house = House::new("");
    std::fs::set_permissions(house.path(FILE), std::fs::Permissions::from_mode(0o646)).unwrap();
    assert!(house.message().starts_with("config.toml can be written by everybody"));
    std::fs::set_permissions(house.path(FILE), std::fs::Permissions::from_mode(0o664)).unwrap();
    assert!(house.load().is_ok());

    // Whoever owns the file, another user runs; only root's files are trusted by all.
    let stranger = Surroundings { user: user() + 1, ..around() };
    let result = Settings::load(&house.path(FILE), &Overrides::default(), &stranger);
    match user() {
        0 => assert!(result.is_ok()),
        _ => assert!(result.unwrap_err().to_string().contains("neither to root nor to you")),
    }
    if user() == 0 {
        std::os::unix::fs::chown(house.path(FILE), Some(12_345), None).unwrap();
        assert!(house.message().starts_with("config.toml belongs to user 12345, neither to root nor to you"));
    }
}

#[test]
fn case_111_what_is_no_file_is_refused_without_waiting() {
    let house = House::new("");
    std::fs::remove_file(house.path(FILE)).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, house.path(FILE), mode).unwrap();
    assert_eq!(house.message(), "config.toml is not a regular file; name the configuration file itself");
    std::fs::remove_file(house.path(FILE)).unwrap();
    std::fs::create_dir(house.path(FILE)).unwrap();
    assert!(house.message().contains("is not a regular file"));
    std::fs::remove_dir(house.path(FILE)).unwrap();
    std::fs::write(house.path(FILE), b"\xff").unwrap();
    assert_eq!(house.message(), "config.toml is not UTF-8; save it as UTF-8");
}

#[test]
fn options_win_over_the_file() {
    let house = House::new("[[capsule]]\nhosts = ['a.org']\n[gemini]\nlisten = ['127.0.0.1:1965']\n");
    let overrides = Overrides {
        hosts: vec!["B.org".into()],
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        gopher: vec!["127.0.0.1:7070".parse().unwrap()],
        certificates: Some("/keys".into()),
    };
    let settings = Settings::load(&house.path(FILE), &overrides, &around()).unwrap();
    assert_eq!(settings.capsules[0].hosts, ["b.org"]);
    assert_eq!(settings.gemini.listen, Listen::Written(overrides.listen.clone()));
    assert_eq!(settings.gemini.certificates, Path::new("/keys"));

    let two = House::new("[[capsule]]\nhosts = ['a.org']\n[[capsule]]\nsource = 'other'\nhosts = ['b.org']\n");
    let error = Settings::load(&two.path(FILE), &overrides, &around()).unwrap_err().to_string();
    assert_eq!(error, "--host: the configuration has several capsules; name their hosts in it");
}

#[test]
fn a_folder_needs_no_configuration() {
    let house = House::new("");
    let serve = |hosts: &[&str]| {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let overrides = Overrides { hosts, ..Overrides::default() };
        Settings::for_folder(&house.path("capsule"), &overrides, &around())
    };
    let settings = serve(&[]).unwrap();
    assert_eq!(settings.capsules[0].hosts, ["localhost"]);
    assert_eq!(settings.gemini.certificates, Path::new("/var/lib/maquis/certificates"));
    let everywhere = ["0.0.0.0:1965".parse().unwrap(), "[::]:1965".parse().unwrap()];
    assert_eq!(serve(&["a.org"]).unwrap().gemini.listen, Listen::Default(everywhere.to_vec()));
    assert_eq!(
        serve(&["a/b"]).unwrap_err().to_string(),
        "--host: `a/b` is an address; write the name only, such as `example.org`"
    );
    assert_eq!(serve(&["192.0.2.1"]).unwrap().warnings.len(), 1);
    assert!(serve(&["127.0.0.1", "::1"]).unwrap().warnings.is_empty());
    let missing = Settings::for_folder(&house.path("nowhere"), &Overrides::default(), &around());
    assert!(missing.unwrap_err().to_string().starts_with("SOURCE: the source folder"));
}
