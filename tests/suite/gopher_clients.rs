//! The gopherhole in the clients that people use: lynx and curl, Bombadillo and sacc (in a pseudo terminal of `script`).
//!
//! Each is skipped, aloud, where it is not installed; `.ci/run` installs them all.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use maquis::text::width;
use tempfile::TempDir;

use crate::crawl::project;
use crate::served::{Served, maquis, write};

/// No test waits longer for what must be shown.
const PATIENCE: Duration = Duration::from_secs(60);

fn is_installed(name: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    if !found {
        skip!("{name} is not installed");
    }
    found
}

/// What a client of the system says; nothing where it is not installed.
fn client(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    if !is_installed(name) {
        return None;
    }
    let mut command = Command::new(name);
    let output = command.args(arguments).stdin(Stdio::null()).env("HOME", "/nonexistent").output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn lynx(served: &Served, columns: usize, path: &str) -> Option<String> {
    let port = served.gopher.unwrap().port();
    let (wide, url) = (format!("-width={columns}"), format!("gopher://localhost:{port}{path}"));
    let arguments =
        ["-dump", "-nolist", "-nomargins", "-display_charset=utf-8", "-assume_charset=utf-8", wide.as_str(), &url];
    let shown = client("lynx", &arguments).map(|out| String::from_utf8(out).unwrap());
    // Some of its versions show a no-break space as a space.
    shown.map(|shown| shown.replace(['\u{a0}', '\u{202f}'], " "))
}

/// A client at work in a terminal; it ends with the test.
struct Terminal {
    script: Child,
    pieces: mpsc::Receiver<Vec<u8>>,
    seen: Vec<u8>,
    _home: TempDir,
}

impl Terminal {
    /// Opens an item of the gopherhole; nothing where client or terminal is missing.
    fn open(client: &str, served: &Served, columns: usize, path: &str) -> Option<Terminal> {
        if !is_installed(client) || !is_installed("script") {
            return None;
        }
        let home = TempDir::new().unwrap();
        let url = format!("gopher://localhost:{}{path}", served.gopher.unwrap().port());
        let mut script = Command::new("script")
            .args(["-qec", &format!("stty cols {columns} rows 60; exec {client} {url}"), "/dev/null"])
            .env("HOME", home.path())
            .env("TERM", "xterm")
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, pieces) = mpsc::channel();
        let mut out = script.stdout.take().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Terminal { script, pieces, seen: Vec::new(), _home: home })
    }

    /// Waits until a line is shown.
    fn shows(&mut self, line: &str) {
        loop {
            let shown = without_controls(&String::from_utf8_lossy(&self.seen));
            if shown.lines().any(|shown| shown.trim_end() == line) {
                return;
            }
            let piece = self.pieces.recv_timeout(PATIENCE);
            self.seen.extend(piece.unwrap_or_else(|_| panic!("{line:?} is not shown in\n{shown}")));
        }
    }

    fn types(&mut self, keys: &str) {
        self.script.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended = self.script.kill();
        let _status = self.script.wait();
    }
}

/// Terminal output without its sequences (`ESC [ … letter`, `ESC letter`); one that places the cursor ends a line.
fn without_controls(output: &str) -> String {
    let mut text = String::new();
    let mut rest = output.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' if rest.as_str().starts_with('[') => {
                if rest.by_ref().skip(1).find(|c| c.is_ascii_alphabetic()) == Some('H') {
                    text.push('\n');
                }
            }
            '\u{1b}' => drop(rest.next()),
            '\r' => {}
            c => text.push(c),
        }
    }
    text
}

/// A French capsule for a terminal of forty columns.
fn narrow() -> (TempDir, Served) {
    let folder = TempDir::new().unwrap();
    let post = "---\ntitle: Notes, tableau et guillemets\ndate: 2024-06-02\ntags: [mer]\n---\n\
                « L’œuvre », dit-elle, coûte 10\u{202f}000\u{a0}€[^1]\u{202f}; n’est-ce pas\u{202f}? \
                Voir [le manuel](https://x.org/).\n\n\
                | Port | Marée haute | Coefficient |\n|---|---|---|\n| Le Conquet, à la pointe | 05 h 59 | 95 |\n\n\
                [^1]: Une note.\n";
    write(folder.path(), "blog/posts/notes.md", post);
    let config = "[[capsule]]\nsource = 'blog'\nhosts = ['localhost']\nlanguage = 'fr'\ntitle = 'Carnet'\n\
                  [gemini]\nlisten = ['127.0.0.1:0']\n[gopher]\nlisten = ['127.0.0.1:0']\nwidth = 29\n";
    write(folder.path(), "config.toml", config);
    let mut command = maquis(folder.path());
    command.current_dir(folder.path()).arg("serve");
    (folder, Served::start(command))
}

fn sample() -> Served {
    Served::gopherhole(&project("capsule"))
}

#[test]
fn lynx_shows_menus_and_texts() {
    let served = sample();
    let Some(menu) = lynx(&served, 80, "/") else { return };
    assert!(menu.contains("(FILE) 2026-03-08  Why a small web"), "{menu}");
    assert!(menu.contains("(DIR) Archive"), "{menu}");
    let text = lynx(&served, 80, "/0/posts/why-a-small-web.txt").unwrap();
    assert!(text.contains("Why a small web\n==============="), "{text}");
    let links = lynx(&served, 80, "/1/posts/publier-avec-maquis/").unwrap();
    assert!(links.contains("(DIR) [a] manuel"), "{links}");
    for shown in [menu, text, links] {
        assert!(shown.lines().all(|line| width::columns(line) <= 80), "{shown}");
    }
}

#[test]
fn lynx_breaks_nothing_at_forty_columns() {
    let (_folder, served) = narrow();
    let Some(menu) = lynx(&served, 40, "/1/posts/") else { return };
    let title = "(FILE) 2024-06-02  Notes, tableau et\n                   guillemets\n";
    assert!(menu.contains(title), "{menu}");
    let text = lynx(&served, 40, "/0/posts/notes.txt").unwrap();
    assert!(text.contains("* Le Conquet, à la pointe\n  Marée haute : 05 h 59\n"), "{text}");
    assert!(text.contains("« L’œuvre », dit-elle, coûte\n10 000 €[1] ; n’est-ce pas ?\n"), "{text}");
    let links = lynx(&served, 40, "/1/posts/notes/").unwrap();
    for shown in [menu, text, links] {
        assert!(shown.lines().all(|line| width::columns(line) <= 40), "{shown}");
    }
}

#[test]
fn bombadillo_shows_menus_and_texts() {
    let served = sample();
    let Some(mut terminal) = Terminal::open("bombadillo", &served, 80, "/1/posts/") else { return };
    terminal.shows("           ===============");
    terminal.shows("TXT   [9]  2026-03-08  Why a small web");
    let mut terminal = Terminal::open("bombadillo", &served, 80, "/0/posts/why-a-small-web.txt").unwrap();
    terminal.shows("Why a small web");
    terminal.shows("===============");
    let (_folder, served) = narrow();
    let mut terminal = Terminal::open("bombadillo", &served, 40, "/1/posts/").unwrap();
    terminal.shows("TXT   [1]  2024-06-02  Notes, tableau et");
    terminal.shows("                       guillemets");
}

#[test]
fn sacc_shows_menus_and_texts() {
    let served = sample();
    let Some(mut terminal) = Terminal::open("sacc", &served, 80, "/1/posts/why-a-small-web/") else { return };
    terminal.shows("   | ===============");
    terminal.shows("Txt+ Read the text");
    let (_folder, served) = narrow();
    let mut terminal = Terminal::open("sacc", &served, 40, "/1/posts/").unwrap();
    terminal.shows("Txt+ 2024-06-02  Notes, tableau et");
    terminal.shows("   |             guillemets");
    terminal.types("q");
}

#[test]
fn curl_reads_in_the_open_and_over_tls() {
    let served = sample();
    let port = served.gopher.unwrap().port();
    let text = served.gopher("/posts/why-a-small-web.txt");
    for scheme in ["gopher", "gophers"] {
        let url = format!("{scheme}://localhost:{port}/0/posts/why-a-small-web.txt");
        let Some(read) = client("curl", &["--silent", "--show-error", "--insecure", "--ipv4", &url]) else { return };
        assert_eq!(read, text, "{url}");
    }
    let url = format!("gopher://localhost:{port}/I/images/maquis.png");
    let image = client("curl", &["--silent", "--show-error", "--ipv4", &url]).unwrap();
    assert_eq!(image, fs::read(project("capsule/images/maquis.png")).unwrap());
}

#[test]
fn curl_trusts_the_certificate_of_the_capsule_over_tls() {
    let (folder, served) = narrow();
    let certificate = folder.path().join("certs/localhost.crt");
    assert!(Path::new(&certificate).is_file(), "{}", certificate.display());
    let url = format!("gophers://localhost:{}/0/posts/notes.txt", served.gopher.unwrap().port());
    let arguments = ["--silent", "--show-error", "--ipv4", "--cacert", certificate.to_str().unwrap(), url.as_str()];
    let Some(read) = client("curl", &arguments) else { return };
    assert_eq!(read, served.gopher("/posts/notes.txt"));
}
