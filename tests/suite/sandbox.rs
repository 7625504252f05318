//! The sandbox, tried from inside a process that enters it and seen from outside a server that has.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use maquis::notice::Notices;
use maquis::sandbox::{self, Needs, Policy};
use maquis::server::bind::bind;
use maquis::server::probe::{self, Answer};
use maquis::server::{self, Limits, Listener, Speaks};
use maquis::site::Body;
use rustix::process::{DumpableBehavior, dumpable_behavior};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use tokio::sync::watch;

use crate::fixture::{Store, address, content, file, site, snapshot};
use crate::served::{Served, folder};

const POLICY: &str = "MAQUIS_TEST_SANDBOX";

/// Not a test of its own: a process that enters the sandbox and says what it finds open.
#[test]
fn confined_process() {
    let Some(policy) = std::env::var_os(POLICY) else { return };
    let scratch = std::env::var_os("MAQUIS_TEST_SCRATCH").unwrap();
    let (policy, without_landlock) = match policy.to_str().unwrap() {
        "off" => (Policy::Off, false),
        "prefer" => (Policy::Prefer, false),
        "require" => (Policy::Require, false),
        _ => (Policy::Require, true),
    };
    if without_landlock {
        deny_landlock();
    }
    let inside = std::path::PathBuf::from(scratch);
    // A file of its own, as the keys are.
    let own = tempfile::NamedTempFile::new().unwrap();
    let needs = Needs { read: Vec::new(), write: vec![inside.clone()] };
    match sandbox::enter(policy, &needs) {
        Ok(confinement) => println!("\nopen: {}", confinement.open().join(", ")),
        Err(error) => println!("\nrefused: {error}"),
    }
    let said = |held: bool| if held { "refused" } else { "possible" };
    println!("write inside: {}", said(fs::write(inside.join("file"), "x").is_err()));
    println!("read outside: {}", said(fs::read("/etc/passwd").is_err()));
    println!("write outside: {}", said(fs::write("/tmp/maquis-test-outside", "x").is_err()));
    println!("change mode: {}", said(fs::set_permissions(own.path(), Permissions::from_mode(0o644)).is_err()));
    let now = FileTimes::new().set_modified(std::time::SystemTime::now());
    println!("change times: {}", said(own.as_file().set_times(now).is_err()));
    println!("connect: {}", said(std::net::UdpSocket::bind("127.0.0.1:0").is_err()));
    println!("program: {}", said(Command::new("/bin/true").status().is_err()));
    println!("dumps: {}", said(dumpable_behavior() == Ok(DumpableBehavior::NotDumpable)));
    let _left = fs::remove_file("/tmp/maquis-test-outside");
}

/// As on a kernel without Landlock.
fn deny_landlock() {
    let rules: BTreeMap<i64, _> = [libc::SYS_landlock_create_ruleset].map(|call| (call, Vec::new())).into();
    let absent = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, absent, architecture).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    rustix::thread::set_no_new_privs(true).unwrap();
    apply_filter(&program).unwrap();
}

fn tried(policy: &str) -> Vec<String> {
    let scratch = tempfile::TempDir::new().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sandbox::confined_process", "--nocapture", "--test-threads", "1"])
        .env(POLICY, policy)
        .env("MAQUIS_TEST_SCRATCH", scratch.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| line.contains(": ") && !line.starts_with("test ")).map(str::to_owned).collect()
}

#[test]
fn what_is_possible_without_it_is_refused_with_it() {
    let possible = [
        "open: other files can be read, other files can be written, programs can be started, sockets can be made",
        "write inside: possible",
        "read outside: possible",
        "write outside: possible",
        "change mode: possible",
        "change times: possible",
        "connect: possible",
        "program: possible",
        "dumps: possible",
    ];
    assert_eq!(tried("off"), possible);
    if rustix::fs::stat("/sys/kernel/security/landlock").is_err() && !tried("require")[0].starts_with("open: ") {
        skip!("this kernel has no Landlock");
        return;
    }
    let refused = [
        "open: ",
        "write inside: possible",
        "read outside: refused",
        "write outside: refused",
        "change mode: refused",
        "change times: refused",
        "connect: refused",
        "program: refused",
        "dumps: refused",
    ];
    assert_eq!(tried("prefer"), refused);
    assert_eq!(tried("require"), refused);
}

#[test]
fn it_refuses_to_serve_where_the_kernel_does_not_confine() {
    let lines = tried("require without landlock");
    assert!(lines[0].starts_with("refused: the sandbox does not hold: other files can be read"), "{lines:?}");
    assert!(lines[0].contains("sandbox = \"prefer\""), "{lines:?}");
}

#[test]
fn every_thread_of_a_running_server_is_confined() {
    let blog = folder(&[("a.md", "# A\n")]);
    let served = Served::folder(blog.path());
    assert!(served.page("/a/").starts_with("# A"));
    let mut threads = 0;
    for thread in fs::read_dir(format!("/proc/{}/task", served.id())).unwrap() {
        let status = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"] {
            assert!(status.contains(line), "{line}\n{status}");
        }
        threads += 1;
    }
    assert!(threads > 1);
    let limits = fs::read_to_string(format!("/proc/{}/limits", served.id())).unwrap();
    let dumps = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(dumps.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "a crash writes nothing to disk");
}

const ROOTED: &str = "MAQUIS_TEST_ROOTED";

/// Not a test of its own: a server in whose site every check of ours has failed: `/etc/passwd` is a page of it, and the
/// whole machine its source. It says where it listens, and serves until its standard input ends.
#[test]
fn rooted_process() {
    let Some(policy) = std::env::var_os(ROOTED) else { return };
    let mut site = site();
    let body: Body = Arc::new([file("etc/passwd")]);
    site.capsules[0].resources.insert(address("/etc/passwd"), content("text/plain", body));
    let snapshot = snapshot(site, Store::new(), Path::new("/"), Limits::default());
    let socket = bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    println!("\nlistens at {}", socket.address().unwrap());
    let policy = if policy == "off" { Policy::Off } else { Policy::Require };
    let needs = Needs { read: vec![env!("CARGO_MANIFEST_DIR").into()], write: Vec::new() };
    sandbox::enter(policy, &needs).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (notices, _said) = Notices::collected();
    let (_snapshots, newest) = watch::channel(Arc::new(snapshot));
    let listeners = vec![Listener { socket, speaks: Speaks::Gemini }];
    let ended = async {
        let read = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
        let _end = read.await;
    };
    runtime.block_on(server::run(listeners, newest, ended, notices, Arc::default())).unwrap();
}

/// What such a server gives a reader, over TLS.
fn asked_for_passwd(policy: &str) -> Answer {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sandbox::rooted_process", "--nocapture", "--test-threads", "1"])
        .env(ROOTED, policy)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let at = lines.find_map(|line| line.strip_prefix("listens at ")?.parse().ok()).unwrap();
    let answer = probe::fetch(at, Some("localhost"), "gemini://localhost/etc/passwd").unwrap();
    let above = probe::fetch(at, Some("localhost"), "gemini://localhost/../../etc/passwd").unwrap();
    assert!(above.head.starts_with("59 "), "{}", above.head);
    drop(child.stdin.take());
    assert!(lines.any(|line| line.contains("test result: ok")));
    assert!(child.wait().unwrap().success());
    answer
}

#[test]
fn where_every_check_of_ours_has_failed_the_kernel_refuses() {
    let open = asked_for_passwd("off");
    assert!(open.head.starts_with("20 ") && open.body.starts_with(b"root:"), "the control: {}", open.head);
    let confined = asked_for_passwd("require");
    assert!(confined.head.starts_with("51 ") && confined.body.is_empty(), "{}", confined.head);
}

const WITHOUT: &str = "MAQUIS_TEST_WITHOUT_OPENAT2";

/// The tests of links, pipes and races, which must hold whichever way files are opened.
const OF_FILES: &str = "faults::files::";

/// Not a test of its own: a process on a kernel without `openat2`, as far as it and its children can see.
#[test]
fn process_without_openat2() {
    if std::env::var_os(WITHOUT).is_none() {
        return;
    }
    let rules: BTreeMap<i64, _> = [libc::SYS_openat2].map(|call| (call, Vec::new())).into();
    let absent = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, absent, architecture).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    // A filter that a user without privileges sets needs this, and what is confined then is of no matter to it.
    rustix::thread::set_no_new_privs(true).unwrap();
    apply_filter(&program).unwrap();
    let none = rustix::fs::openat2(
        rustix::fs::CWD,
        ".",
        rustix::fs::OFlags::PATH,
        rustix::fs::Mode::empty(),
        rustix::fs::ResolveFlags::empty(),
    );
    assert_eq!(none.unwrap_err(), rustix::io::Errno::NOSYS, "the control: it is not there");
    let status = Command::new(std::env::current_exe().unwrap()).arg(OF_FILES).env_remove(WITHOUT).status().unwrap();
    assert!(status.success(), "with openat2 missing");
}

#[test]
fn case_070_to_088_hold_where_the_kernel_has_no_openat2() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sandbox::process_without_openat2", "--nocapture", "--test-threads", "1"])
        .env(WITHOUT, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("case_071_a_link_inside_the_folder_is_followed ... ok"), "{said}");
}
