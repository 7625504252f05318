//! A folder served by the program itself, as a user would start it, on a free port of loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use maquis::server::probe::{self, Answer};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// No test waits longer for something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `maquis serve`; it is ended when this is dropped.
pub(crate) struct Served {
    child: Child,
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
    /// Where it speaks Gopher, if it does.
    pub(crate) gopher: Option<SocketAddr>,
    /// The first lines, until the count of posts.
    pub(crate) said: Vec<String>,
    pub(crate) state: Option<TempDir>,
}

/// The program, with a home of its own and nothing of the user's.
pub(crate) fn maquis(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maquis"));
    command.env_clear().env("STATE_DIRECTORY", state).env("HOME", state).stdin(Stdio::null());
    command
}

impl Served {
    /// Serves a folder without any configuration.
    pub(crate) fn folder(folder: &Path) -> Served {
        Served::folder_with(folder, &[])
    }

    /// Serves a folder over Gopher too.
    pub(crate) fn gopherhole(folder: &Path) -> Served {
        Served::folder_with(folder, &["--gopher", "127.0.0.1:0"])
    }

    fn folder_with(folder: &Path, options: &[&str]) -> Served {
        let state = TempDir::new().unwrap();
        let mut command = maquis(state.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(options).arg(folder);
        let mut served = Served::start(command);
        served.state = Some(state);
        served
    }

    /// Starts a command and waits until it serves.
    pub(crate) fn start(mut command: Command) -> Served {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines() {
                    let Ok(line) = line else { return };
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        let mut served = Served {
            child,
            lines,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            gopher: None,
            said: Vec::new(),
            state: None,
        };
        let counted =
            |line: &str| line.chars().next().is_some_and(|first| first.is_ascii_digit()) && line.contains(" post");
        served.said = served.lines_until(counted);
        let port = |scheme: &str| -> Option<u16> {
            let port =
                |line: &String| line.strip_prefix(scheme)?.trim_end_matches('/').rsplit(':').next()?.parse().ok();
            served.said.iter().find_map(port)
        };
        served.gopher = port("gopher://").map(|port| (Ipv4Addr::LOCALHOST, port).into());
        // A socket in the file system has no port.
        let is_elsewhere = served.said.iter().any(|line| line.starts_with("gemini://") && line.contains(" on unix:"));
        let port = port("gemini://").or(is_elsewhere.then_some(0));
        served.address.set_port(port.unwrap_or_else(|| panic!("no address among {:?}", served.said)));
        served
    }

    /// The lines up to and with the first that fits.
    pub(crate) fn lines_until(&self, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing fits among {lines:?}"));
            let last = fits(&line);
            lines.push(line);
            if last {
                return lines;
            }
        }
    }

    /// Waits until each of these words has been said, since the start; the two outputs come in no order.
    pub(crate) fn hear(&self, words: &[&str]) -> Vec<String> {
        let mut lines = self.said.clone();
        let mut missing: Vec<&str> = words.to_vec();
        let latest = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < latest, "not said: {missing:?} among {lines:?}");
            missing.retain(|words| !lines.iter().any(|line| line.contains(words)));
            if missing.is_empty() {
                return lines;
            }
            lines.extend(self.lines_until(|_| true));
        }
    }

    /// What is at a path of `localhost`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_from("localhost", path)
    }

    pub(crate) fn get_from(&self, host: &str, path: &str) -> Answer {
        let url = format!("gemini://{host}{path}");
        probe::fetch(self.address, Some(host), &url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// What a Gopher client gets for a selector.
    pub(crate) fn gopher(&self, selector: &str) -> Vec<u8> {
        let mut tcp = TcpStream::connect(self.gopher.expect("it speaks Gopher")).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp.write_all(format!("{selector}\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        tcp.read_to_end(&mut answer).unwrap();
        answer
    }

    /// The text of a page that must be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert!(answer.head.starts_with("20 "), "{path}: {}", answer.head);
        String::from_utf8(answer.body).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it holds in memory, in KiB: its own pages and shared ones of no file.
    pub(crate) fn memory_kib(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let of = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.split_whitespace().next().unwrap().parse::<usize>().unwrap()
        };
        of("RssAnon:") + of("RssShmem:")
    }

    /// How many files it has open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Runs a command to its end: exit code, standard output, standard error.
pub(crate) fn run(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
