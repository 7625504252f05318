//! D. The file system beneath a source folder.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use maquis::server::Limits;
use maquis::server::probe::{self, Versions};
use maquis::source::root::Root;
use rustix::fs::{AtFlags, CWD, FileType, Mode, RenameFlags};

use crate::fixture::{Server, Store, file};
use crate::served::{Served, folder, write};
use crate::server::{LARGE, ask, asked, with_large_file, with_pages};

/// A user who owns nothing here.
const NOBODY: u32 = 65_534;

/// How often a race is run: `MAQUIS_TEST_TRIES=100000` for the catalogue's number.
fn tries() -> usize {
    std::env::var("MAQUIS_TEST_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(10_000)
}

/// A good post, so that there is something to serve.
fn blog(files: &[(&str, &str)]) -> tempfile::TempDir {
    let blog = folder(&[("post.md", "# Post\n")]);
    files.iter().for_each(|(path, text)| write(blog.path(), path, text));
    blog
}

fn not_there(served: &Served, path: &str) {
    let answer = served.get(path);
    assert_eq!(
        (&answer.head[..3], answer.body.len(), answer.closed_cleanly),
        ("51 ", 0, true),
        "{path}: {}",
        answer.head
    );
}

#[test]
fn case_070_a_link_out_of_the_folder_is_not_followed() {
    let outside = folder(&[("secret.txt", "secret"), ("secret.md", "# Secret\n")]);
    let blog = blog(&[]);
    symlink("/etc/passwd", blog.path().join("passwd.txt")).unwrap();
    symlink(outside.path().join("secret.txt"), blog.path().join("secret.txt")).unwrap();
    symlink(outside.path().join("secret.md"), blog.path().join("secret.md")).unwrap();
    symlink(outside.path(), blog.path().join("folder")).unwrap();
    symlink("../../../../../../../../etc/passwd", blog.path().join("up.txt")).unwrap();
    let served = Served::folder(blog.path());
    for path in ["/passwd.txt", "/secret.txt", "/secret/", "/folder/secret.txt", "/folder/secret/", "/up.txt"] {
        not_there(&served, path);
    }
    assert!(served.page("/post/").starts_with("# Post\n"));
}

#[test]
fn case_071_a_link_inside_the_folder_is_followed() {
    let blog = blog(&[("files/a.txt", "text"), ("words/b.md", "# B\n")]);
    symlink("files/a.txt", blog.path().join("linked.txt")).unwrap();
    symlink("words/b.md", blog.path().join("linked.md")).unwrap();
    let served = Served::folder(blog.path());
    assert_eq!(served.page("/linked.txt"), "text");
    assert!(served.page("/linked/").starts_with("# B\n"));
}

#[test]
fn case_072_a_loop_of_links_ends() {
    let blog = blog(&[("in/a.md", "# A\n")]);
    symlink("loop.txt", blog.path().join("loop.txt")).unwrap();
    symlink("..", blog.path().join("in/up")).unwrap();
    symlink(".", blog.path().join("self")).unwrap();
    let served = Served::folder(blog.path());
    not_there(&served, "/loop.txt");
    assert!(served.page("/in/a/").starts_with("# A\n"));
}

/// A name that is now a good file, now a link out of the folder: swapped as fast as can be while it is opened.
fn race(swapped: &str, opened: &str, tries: usize) -> [usize; 2] {
    let outside = folder(&[("x.txt", "secret")]);
    let blog = folder(&[("good/x.txt", "good"), ("x.txt", "good")]);
    let there = blog.path().join(swapped);
    let beside = blog.path().join("beside");
    symlink(if swapped == opened { outside.path().join("x.txt") } else { outside.path().to_owned() }, &beside).unwrap();
    let root = Root::open(blog.path()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, &beside, CWD, &there, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let mut seen = [0, 0];
        for _ in 0..tries {
            match root.file(opened) {
                Ok(mut file) => {
                    let mut text = String::new();
                    file.read_to_string(&mut text).unwrap();
                    assert_eq!(text, "good", "something from outside was opened");
                    seen[0] += 1;
                }
                Err(_) => seen[1] += 1,
            }
        }
        done.store(true, Ordering::Relaxed);
        seen
    })
}

#[test]
fn case_073_a_race_of_links_never_leads_out() {
    for (swapped, opened) in [("x.txt", "x.txt"), ("good", "good/x.txt")] {
        let mut seen = race(swapped, opened, tries());
        // The race was one: both states were met, however slow the machine.
        while seen.contains(&0) {
            seen = race(swapped, opened, tries());
        }
    }
}

#[test]
fn case_074_a_magic_link_leads_nowhere() {
    let blog = blog(&[]);
    symlink("/proc/self/environ", blog.path().join("environ.txt")).unwrap();
    symlink("/proc/self/root/etc/passwd", blog.path().join("root.txt")).unwrap();
    symlink("/proc/self/cwd", blog.path().join("here")).unwrap();
    let served = Served::folder(blog.path());
    for path in ["/environ.txt", "/root.txt", "/here", "/here/Cargo.toml"] {
        not_there(&served, path);
    }
}

#[test]
fn case_075_and_076_pipes_sockets_devices_and_folders_are_no_pages() {
    let blog = blog(&[("folder.gmi/inner.txt", "inner"), ("posts/index.gmi/x.txt", "x")]);
    let fifo = |name: &str| {
        rustix::fs::mknodat(CWD, blog.path().join(name), FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    };
    fifo("index.gmi");
    fifo("pipe.md");
    fifo("pipe.txt");
    let _socket = std::os::unix::net::UnixListener::bind(blog.path().join("socket.gmi")).unwrap();
    let device = blog.path().join("zero.txt");
    let mode = Mode::from_raw_mode(0o644);
    if rustix::fs::mknodat(CWD, device, FileType::CharacterDevice, mode, rustix::fs::makedev(1, 5)).is_err() {
        skip!("a device can be made by root only");
    }
    // Nothing blocks: not the start, and no request.
    let served = Served::folder(blog.path());
    for path in ["/index.gmi", "/pipe.txt", "/pipe/", "/pipe.md", "/socket.gmi", "/socket/", "/zero.txt", "/folder.gmi"]
    {
        let answer = served.get(path);
        assert!(!answer.head.starts_with("20 ") || path == "/folder.gmi", "{path}: {}", answer.head);
    }
    assert_eq!(served.page("/folder.gmi/inner.txt"), "inner");
    assert!(served.page("/").contains("/post/"), "home is made where there is none");
}

/// Serves as a user who owns nothing; `None`, aloud, where we are not root and cannot become one.
fn served_by_nobody(blog: &Path) -> Option<Served> {
    if !rustix::process::geteuid().is_root() {
        skip!("only root can start a process as another user");
        return None;
    }
    let state = tempfile::TempDir::new().unwrap();
    chown(state.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    for folder in [blog, state.path()] {
        let mut mode = fs::metadata(folder).unwrap().permissions();
        mode.set_mode(mode.mode() | 0o755);
        fs::set_permissions(folder, mode).unwrap();
    }
    // A copy where everybody can reach it: the build's folder may be closed to others.
    let program = state.path().join("maquis");
    fs::copy(env!("CARGO_BIN_EXE_maquis"), &program).unwrap();
    let mut command = std::process::Command::new(program);
    command.env_clear().env("STATE_DIRECTORY", state.path()).args(["serve", "--listen", "127.0.0.1:0"]).arg(blog);
    command.uid(NOBODY).gid(NOBODY);
    let mut served = Served::start(command);
    served.state = Some(state);
    Some(served)
}

#[test]
fn case_077_and_078_what_may_not_be_read_is_not_there() {
    let blog =
        blog(&[("closed.txt", "secret"), ("closed.md", "# Secret\n"), ("shut/a.txt", "secret"), ("open.txt", "open")]);
    let private = folder(&[("private.txt", "secret")]);
    let private = private.path().join("private.txt");
    fs::set_permissions(&private, Permissions::from_mode(0o600)).unwrap();
    if rustix::fs::linkat(CWD, &private, CWD, blog.path().join("hard.txt"), AtFlags::empty()).is_err() {
        skip!("no hard link between these folders");
    }
    for name in ["closed.txt", "closed.md", "shut"] {
        fs::set_permissions(blog.path().join(name), Permissions::from_mode(0o000)).unwrap();
    }
    let Some(served) = served_by_nobody(blog.path()) else { return };
    for path in ["/hard.txt", "/closed.txt", "/closed/", "/closed.md", "/shut/a.txt"] {
        not_there(&served, path);
    }
    assert_eq!(served.page("/open.txt"), "open");
    served.hear(&["closed.md: it cannot be read: let the user who runs maquis read it (chmod o+r)"]);
}

#[test]
fn case_078_a_folder_that_cannot_be_entered_for_a_moment_withdraws_nothing() {
    let blog = blog(&[("posts/a.md", "# A\n"), ("posts/b.md", "# B\n")]);
    let Some(served) = served_by_nobody(blog.path()) else { return };
    // Its names can still be read.
    fs::set_permissions(blog.path().join("posts"), Permissions::from_mode(0o744)).unwrap();
    let said = served.lines_until(|line| line.contains("the old state serves on")).pop().unwrap();
    assert!(said.contains("posts: it cannot be read; let the user who runs maquis read it (chmod o+rx)"), "{said}");
    assert!(served.page("/posts/a/").starts_with("# A") && served.page("/atom.xml").contains("<feed"));
    fs::set_permissions(blog.path().join("posts"), Permissions::from_mode(0o755)).unwrap();
    write(blog.path(), "posts/c.md", "# C\n");
    served.lines_until(|line| line.starts_with("content changed"));
    assert!(served.page("/posts/c/").starts_with("# C") && served.page("/posts/b/").starts_with("# B"));
}

#[test]
fn case_078_a_picture_that_could_not_be_read_is_not_sent_unseen() {
    let (file, sent) = crate::images::photograph(7);
    let blog = blog(&[]);
    let path = blog.path().join("port.jpg");
    fs::write(&path, &file).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    let Some(served) = served_by_nobody(blog.path()) else { return };
    assert!(!served.get("/port.jpg").head.starts_with("20 "));
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    // From now on it can be opened, and nobody has looked into it yet.
    let latest = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let answer = served.get("/port.jpg");
        if answer.head.starts_with("20 ") {
            assert!(answer.body == sent, "it is sent with what it tells");
            return;
        }
        assert!(std::time::Instant::now() < latest, "it is looked into at last: {}", answer.head);
    }
}

#[test]
fn case_079_a_file_deleted_while_it_is_sent_arrives_whole() {
    let (source, server) = with_large_file(Limits::default());
    let mut tls = asked(&server, "/large");
    tls.read_exact(&mut [0; 4]).unwrap();
    fs::remove_file(source.path().join("large")).unwrap();
    let answer = probe::read_answer(tls).unwrap();
    assert_eq!((answer.body.len(), answer.closed_cleanly), (LARGE, true));
    assert!(ask(&server, "/large").head.starts_with("51 "));
}

#[test]
fn case_083_and_084_names_that_cannot_stand_in_a_line_are_left_out_and_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let blog = blog(&[("after\n=> gemini:evil.example x.md", "# Newline\n"), ("tab\tname.md", "# Tab\n")]);
    fs::write(blog.path().join(OsStr::from_bytes(b"caf\xe9.md")), "# Latin\n").unwrap();
    let served = Served::folder(blog.path());
    let said = served.hear(&["after\\n=>", "tab\\tname", "is not UTF-8; rename the file"]);
    assert!(!said.iter().any(|line| line.starts_with("=>")), "a name broke its line: {said:?}");
    let home = served.page("/");
    assert!(home.contains("/post/") && !home.contains("evil.example") && !home.contains("Latin"), "{home}");
}

#[test]
fn case_086_four_gibibytes_are_streamed_in_flat_memory() {
    let blog = blog(&[]);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(blog.path().join("big.bin"))
        .unwrap()
        .set_len(4 << 30)
        .unwrap();
    let served = Served::folder(blog.path());
    served.page("/post/");
    let before = served.memory_kib();
    let config = probe::config(Versions::Any).unwrap();
    let mut tls = probe::connect(served.address, Some("localhost"), config).unwrap();
    tls.write_all(b"gemini://localhost/big.bin\r\n").unwrap();
    let mut piece = vec![0; 1 << 20];
    for _ in 0..128 {
        tls.read_exact(&mut piece).unwrap();
    }
    let grown = served.memory_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB more for one reader");
}

#[test]
fn case_087_names_that_differ_in_case_are_two() {
    let blog =
        blog(&[("Words.txt", "upper"), ("words.txt", "lower"), ("Other.md", "# Upper\n"), ("other.gmi", "# Lower\n")]);
    if fs::read_to_string(blog.path().join("words.txt")).unwrap()
        != fs::read_to_string(blog.path().join("Words.txt")).unwrap()
    {
        let served = Served::folder(blog.path());
        assert_eq!((served.page("/Words.txt").as_str(), served.page("/words.txt").as_str()), ("upper", "lower"));
    } else {
        skip!("this file system does not tell them apart");
    }
}

#[test]
fn case_088_a_folder_replaced_by_a_link_is_not_followed() {
    let secret = folder(&[("post.md", "# Secret\n"), ("secret.txt", "secret")]);
    let parent = folder(&[("blog/post.md", "# Post\n"), ("blog/a.txt", "here")]);
    let blog = parent.path().join("blog");
    let served = Served::folder(&blog);
    fs::rename(&blog, parent.path().join("moved")).unwrap();
    symlink(secret.path(), &blog).unwrap();
    served.signal(rustix::process::Signal::HUP);
    served.lines_until(|line| line.contains("reload"));
    not_there(&served, "/secret.txt");
    assert_eq!(served.page("/a.txt"), "here");
    assert!(served.page("/post/").starts_with("# Post\n"));
}

#[test]
fn a_post_that_is_replaced_by_a_link_while_it_is_served_keeps_out_what_is_outside() {
    let outside = folder(&[("secret.md", "# Secret\n")]);
    let blog = blog(&[("other.md", "# Other\n")]);
    let served = Served::folder(blog.path());
    fs::remove_file(blog.path().join("post.md")).unwrap();
    symlink(outside.path().join("secret.md"), blog.path().join("post.md")).unwrap();
    served.lines_until(|line| line.starts_with("content changed"));
    let answer = served.get("/post/");
    assert!(!String::from_utf8_lossy(&answer.body).contains("Secret"), "{}", answer.head);
}

#[test]
fn a_file_beneath_a_folder_that_becomes_a_link_is_not_found() {
    let source = folder(&[("d/x.txt", "good")]);
    let outside = folder(&[("x.txt", "secret")]);
    let server =
        Server::start(with_pages(vec![("/x", vec![file("d/x.txt")])], Store::new(), source.path(), Limits::default()));
    assert_eq!(ask(&server, "/x").body, b"good");
    fs::rename(source.path().join("d"), source.path().join("e")).unwrap();
    symlink(outside.path(), source.path().join("d")).unwrap();
    assert!(ask(&server, "/x").head.starts_with("51 "));
}

#[test]
fn posts_that_are_written_without_end_are_published_all_the_same() {
    let blog = blog(&[]);
    let served = Served::folder(blog.path());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // One that is known and one that nobody has seen finished.
        for name in ["post.md", "new.md"] {
            let (done, path) = (&done, blog.path().join(name));
            scope.spawn(move || {
                let mut post = OpenOptions::new().append(true).create(true).open(path).unwrap();
                post.write_all(b"# Post\n\n").unwrap();
                // A bound of its own, for the day this fails.
                for line in 0..60_000 {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    post.write_all(format!("Line {line}.\n\n").as_bytes()).unwrap();
                    // The rhythm of a writer, and less than a post may hold.
                    std::thread::sleep(std::time::Duration::from_micros(500));
                }
            });
        }
        for change in 0..3 {
            let said = served.lines_until(|line| line.starts_with("content changed"));
            assert!(!said.iter().any(|line| line.contains("being written")), "{said:?}");
            let new = served.get("/new/");
            assert!(new.head.starts_with("20 "), "{change}: {}", new.head);
            for page in [new.body, served.get("/post/").body] {
                assert!(String::from_utf8(page).unwrap().contains("\nLine 0.\n"), "{change}");
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    write(blog.path(), "new.md", "# The last words\n");
    served.lines_until(|_| served.page("/new/").contains("last words"));
}

/// Every file of a folder, and what is in it.
fn contents(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut folders = vec![folder.to_owned()];
    let mut contents = std::collections::BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                contents.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    contents
}

#[test]
fn case_121_131_and_132_an_upload_is_refused_and_leaves_nothing_behind() {
    let blog = blog(&[("a.txt", "here"), ("index.gmi", "# Home\n=> /archive/ All\n")]);
    let served = Served::folder(blog.path());
    let before = contents(blog.path());
    let places = ["a.txt", "new.gmi", "index.gmi", "robots.txt", ".git/config", "config.toml", "../outside"];
    let sizes = ["5", "0", "-1", "9223372036854775808", "5;size=6", "", "5;mime=text/plain%0d%0a;token=secret"];
    for (place, size) in places.iter().flat_map(|place| sizes.map(|size| (place, size))) {
        let request = format!("titan://localhost/{place};size={size}\r\nhello");
        let answer = probe::send(served.address, Some("localhost"), request.as_bytes()).unwrap();
        assert!(answer.head.starts_with("53 ") || answer.head.starts_with("59 "), "{request}: {}", answer.head);
        assert!(answer.closed_cleanly && answer.body.is_empty());
    }
    assert_eq!(contents(blog.path()), before);
    assert_eq!(served.page("/a.txt"), "here");
    served.signal(rustix::process::Signal::TERM);
    assert_eq!(served.lines_until(|line| line == "stopping"), ["stopping"], "nothing is said of readers");
}

#[test]
fn case_128_and_129_a_program_among_the_pages_is_a_file() {
    let blog = blog(&[]);
    let ran = blog.path().join("ran");
    let program = format!("#!/bin/sh\ntouch {}\nprintf '20 text/gemini\\r\\nran\\n'\n", ran.display());
    for name in ["cgi-bin/run", "cgi-bin/run.cgi", "run.sh"] {
        write(blog.path(), name, &program);
        fs::set_permissions(blog.path().join(name), Permissions::from_mode(0o755)).unwrap();
    }
    let served = Served::folder(blog.path());
    for path in ["/cgi-bin/run", "/cgi-bin/run.cgi", "/cgi-bin/run.cgi?a=b%0aLD_PRELOAD=x", "/run.sh", "/run.sh/more"] {
        let answer = served.get(path);
        assert!(answer.head.starts_with("51 ") || answer.body == program.as_bytes(), "{path}: {}", answer.head);
    }
    assert!(!ran.exists());
}

/// A file system on which everything waits until this is dropped: nobody answers what the kernel asks of it.
struct Hanging {
    at: PathBuf,
    answering: Child,
}

impl Hanging {
    /// `None`, aloud, where it cannot be mounted.
    fn over(at: &Path) -> Option<Hanging> {
        let mount = "exec 9<>/dev/fuse && mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 hanging \"$0\" \
                     && echo mounted && read -r never";
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", mount]).arg(at).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut answering = shell.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(answering.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said.trim() == "mounted" {
            return Some(Hanging { at: at.to_owned(), answering });
        }
        answering.wait().unwrap();
        skip!("no file system that hangs can be mounted here");
        None
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        // Whoever waits is told that there is nobody.
        let _ended = (self.answering.kill(), self.answering.wait());
        let _unmounted = std::process::Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

#[test]
fn case_089_a_file_system_that_hangs_keeps_its_own_files_and_nothing_else() {
    let house = folder(&[
        (
            "config.toml",
            "[[capsule]]\nsource = \"one\"\nhosts = [\"one.example\"]\n[[capsule]]\nsource = \"two\"\n\
             hosts = [\"two.example\"]\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n",
        ),
        ("one/a.md", "# A\n"),
        ("one/a.bin", "a"),
        ("two/b.md", "# B\n"),
        ("two/b.bin", "b"),
        ("two/far/slow.bin", "slow"),
    ]);
    let state = tempfile::TempDir::new().unwrap();
    let mut command = crate::served::maquis(state.path());
    command.arg("serve").current_dir(house.path());
    let served = Served::start(command);
    assert_eq!(served.get_from("two.example", "/far/slow.bin").body, b"slow");
    let Some(hanging) = Hanging::over(&house.path().join("two/far")) else { return };
    let mut waiting: Vec<_> = (0..24)
        .map(|_| {
            let config = probe::config(Versions::Any).unwrap();
            let mut tls = probe::connect(served.address, Some("two.example"), config).unwrap();
            tls.write_all(b"gemini://two.example/far/slow.bin\r\n").unwrap();
            tls
        })
        .collect();
    for (host, path, expected) in [
        ("one.example", "/a/", "# A"),
        ("one.example", "/a.bin", "a"),
        ("two.example", "/b/", "# B"),
        ("two.example", "/b.bin", "b"),
    ] {
        for _ in 0..8 {
            assert!(served.get_from(host, path).body.starts_with(expected.as_bytes()), "{host}{path}");
        }
    }
    for tls in &mut waiting {
        tls.sock.set_nonblocking(true).unwrap();
        assert_eq!(tls.read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "it hangs");
        tls.sock.set_nonblocking(false).unwrap();
    }
    drop(hanging);
    for tls in waiting {
        let answer = probe::read_answer(tls).unwrap();
        assert!(!answer.head.starts_with("20 ") && answer.closed_cleanly, "{}", answer.head);
    }
    assert_eq!(served.get_from("two.example", "/far/slow.bin").body, b"slow", "it is as it was");
}
