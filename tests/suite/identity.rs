//! An identity over the years: extended, replaced by a new key that the old one vouches for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use jiff::civil::Date;
use maquis::server::certificate::continuity::Continuity;
use maquis::server::certificate::renew::{Extension, Renewed, extend, rotate};
use maquis::server::certificate::{self, CertificateError, Fingerprint, Identity, Warning};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run};

pub(crate) const DAY: Date = Date::constant(2030, 6, 1);

pub(crate) fn keys() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys")
}

/// A folder with a pair for `localhost`.
pub(crate) fn with_pair() -> (TempDir, Identity) {
    let folder = TempDir::new().unwrap();
    let made = certificate::load_or_make(folder.path(), "localhost").unwrap().0;
    (folder, made)
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn listing(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

pub(crate) fn refused<T>(result: Result<T, CertificateError>) -> String {
    result.err().expect("it was taken").to_string()
}

#[test]
fn an_extension_keeps_the_key_and_what_was() {
    let (folder, before) = with_pair();
    let before_crt = read(folder.path(), "localhost.crt");
    fs::set_permissions(folder.path().join("localhost.crt"), fs::Permissions::from_mode(0o644)).unwrap();
    let extension = Extension { until: Some(Date::constant(2099, 12, 31)), names: vec!["www.localhost".into()] };
    let Renewed { old, new, kept } = extend(folder.path(), "localhost", &extension).unwrap();
    assert_eq!(old.fingerprints, before.fingerprints);
    assert_eq!(new.fingerprints.public_key, before.fingerprints.public_key);
    assert_ne!(new.fingerprints.certificate, before.fingerprints.certificate);
    assert_eq!(new.names, ["localhost", "www.localhost"]);
    assert_eq!(
        (certificate::date(new.not_before), certificate::date(new.not_after)),
        ("1975-01-01".into(), "2099-12-31".into())
    );
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), before_crt);
    let mode = fs::metadata(folder.path().join("localhost.crt")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o644, "it is as open as the one before");
    // Once more: the names stay, the date goes back to that of a new pair.
    let again = extend(folder.path(), "localhost", &Extension::default()).unwrap().new;
    assert_eq!(again.names, ["localhost", "www.localhost"]);
    assert_eq!(certificate::date(again.not_after), "4096-01-01");
    assert_eq!(listing(folder.path()).len(), 4, "two older certificates");
}

#[test]
fn an_expired_certificate_of_any_age_is_extended() {
    let folder = TempDir::new().unwrap();
    certificate::import(&keys().join("expired-v1.crt"), &keys().join("ec-sec1.key"), "localhost", folder.path())
        .unwrap();
    let now = 1_900_000_000;
    assert!(matches!(
        certificate::load(folder.path(), "localhost").unwrap().warnings(now)[..],
        [Warning::Expired { .. }, ..]
    ));
    let new = extend(folder.path(), "localhost", &Extension::default()).unwrap().new;
    assert_eq!(new.warnings(now), []);
}

#[test]
fn there_must_be_something_to_renew() {
    let folder = TempDir::new().unwrap();
    let error = refused(extend(folder.path(), "localhost", &Extension::default()));
    assert!(error.contains("localhost has no key pair in"), "{error}");
    assert_eq!(refused(rotate(folder.path(), "localhost", DAY)), error);
    assert_eq!(listing(folder.path()), [] as [&str; 0]);
    fs::write(folder.path().join("localhost.crt"), "rubbish").unwrap();
    refused(rotate(folder.path(), "localhost", DAY));
    assert_eq!(listing(folder.path()), ["localhost.crt"], "a broken pair is left alone");
}

/// A statement as openssl sees it: what is said, and each key with its signature.
fn proofs(statement: &str) -> (String, Vec<(String, Vec<u8>)>) {
    let (said, rest) = statement.split_once("\n\n").unwrap();
    let proof = |block: &str| {
        let (key, signature) = block.split_once("-----BEGIN SIGNATURE-----\n").unwrap();
        let base64: String = signature.lines().take_while(|line| !line.starts_with("--")).collect();
        (format!("-----BEGIN PUBLIC KEY-----{key}"), data_encoding::BASE64.decode(base64.as_bytes()).unwrap())
    };
    (format!("{said}\n"), rest.split("-----BEGIN PUBLIC KEY-----").skip(1).take(2).map(proof).collect())
}

/// Whether openssl accepts the signature over these words.
fn openssl_verifies(said: &str, key: &str, signature: &[u8]) -> bool {
    let work = TempDir::new().unwrap();
    for (name, contents) in [("said", said.as_bytes()), ("key.pem", key.as_bytes()), ("signature", signature)] {
        fs::write(work.path().join(name), contents).unwrap();
    }
    let text = Command::new("openssl")
        .args(["pkey", "-pubin", "-in", "key.pem", "-noout", "-text"])
        .current_dir(work.path())
        .output()
        .unwrap();
    let arguments: &[&str] = if String::from_utf8_lossy(&text.stdout).contains("ED25519") {
        &["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "said", "-sigfile", "signature"]
    } else {
        &["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "said"]
    };
    Command::new("openssl")
        .args(arguments)
        .current_dir(work.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

#[test]
fn the_old_key_vouches_for_the_new_one_as_openssl_can_check() {
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        skip!("there is no openssl to check the signatures with");
        return;
    }
    for (crt, key) in [("ec.crt", "ec-sec1.key"), ("ed25519.crt", "ed25519.key"), ("rsa.crt", "rsa-pkcs1.key")] {
        let folder = TempDir::new().unwrap();
        let old = certificate::import(&keys().join(crt), &keys().join(key), "localhost", folder.path()).unwrap();
        let Renewed { new, .. } = rotate(folder.path(), "localhost", DAY).unwrap();
        let Continuity::Said(text) = &new.continuity else { panic!("{:?}", new.continuity) };
        let (said, proofs) = proofs(text);
        let [before, after] = [&old, &new].map(|identity| identity.fingerprints.public_key.hex());
        assert_eq!(
            said,
            format!(
                "Statement of continuity, version 1\nHost: localhost\nDate: 2030-06-01\n\
                 Old public key, SHA-256: {before}\nNew public key, SHA-256: {after}\n\
                 Whoever trusts the old key may trust the new one: both have signed these six lines.\n"
            )
        );
        let [old_proof, new_proof] = &proofs[..] else { panic!("{text}") };
        for (key, signature) in [old_proof, new_proof] {
            assert!(openssl_verifies(&said, key, signature), "{crt}: {text}");
            assert!(!openssl_verifies(&said.replace("2030", "2031"), key, signature), "{crt}: other words");
        }
        let body = |pem: &str| pem.lines().filter(|line| !line.starts_with("--")).collect::<String>();
        let der = |(key, _): &(String, Vec<u8>)| data_encoding::BASE64.decode(body(key).as_bytes()).unwrap();
        assert_eq!(Fingerprint::of(&der(old_proof)), old.fingerprints.public_key);
        assert_eq!(Fingerprint::of(&der(new_proof)), new.fingerprints.public_key);
    }
}

#[test]
fn a_rotation_keeps_the_old_pair_and_a_second_one_continues_the_story() {
    let (folder, first) = with_pair();
    let (key, crt) = (read(folder.path(), "localhost.key"), read(folder.path(), "localhost.crt"));
    let Renewed { new: second, kept, .. } = rotate(folder.path(), "localhost", DAY).unwrap();
    assert_ne!(second.fingerprints.public_key, first.fingerprints.public_key);
    assert_eq!(second.certified.cert.len(), 1, "nothing of the change is left in the chain");
    assert_eq!([fs::read_to_string(&kept[0]).unwrap(), fs::read_to_string(&kept[1]).unwrap()], [key, crt]);
    for name in ["localhost.key", kept[0].file_name().unwrap().to_str().unwrap()] {
        assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let third = rotate(folder.path(), "localhost", DAY).unwrap().new;
    let Continuity::Said(text) = &third.continuity else { panic!("{:?}", third.continuity) };
    let steps: Vec<&str> = text.lines().filter(|line| line.contains("SHA-256: ")).collect();
    let prints = [&second, &third, &first, &second].map(|identity| identity.fingerprints.public_key.hex());
    assert!(steps.iter().zip(&prints).all(|(line, print)| line.ends_with(print)) && steps.len() == 4, "{text}");
    // No file of the work in between is left.
    assert!(listing(folder.path()).iter().all(|name| name.starts_with("localhost.")), "{:?}", listing(folder.path()));
}

#[test]
fn statements_that_lead_to_another_key_are_not_shown() {
    let (folder, _) = with_pair();
    rotate(folder.path(), "localhost", DAY).unwrap();
    let (other, _) = with_pair();
    fs::copy(folder.path().join("localhost.continuity.txt"), other.path().join("localhost.continuity.txt")).unwrap();
    let identity = certificate::load(other.path(), "localhost").unwrap();
    assert!(matches!(identity.continuity, Continuity::OfAnotherKey(_)));
    assert!(matches!(identity.warnings(1_900_000_000)[..], [Warning::Continuity { .. }]));
}

#[test]
fn the_certificate_of_the_key_counts_wherever_it_stands() {
    let folder = TempDir::new().unwrap();
    let both = [fs::read(keys().join("rsa.crt")).unwrap(), fs::read(keys().join("ec.crt")).unwrap()].concat();
    fs::write(folder.path().join("localhost.crt"), both).unwrap();
    fs::copy(keys().join("ec-sec1.key"), folder.path().join("localhost.key")).unwrap();
    fs::set_permissions(folder.path().join("localhost.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let identity = certificate::load(folder.path(), "localhost").unwrap();
    assert_eq!(identity.fingerprints.certificate, Fingerprint::of(&fs::read(keys().join("ec.der.pem")).unwrap()));
    assert_eq!(Fingerprint::of(&identity.certified.cert[0]), identity.fingerprints.certificate, "it is sent first");
}

pub(crate) const FOLDER: &str = "MAQUIS_TEST_IDENTITY";

/// Not a test of its own: the process that the next tests kill.
#[test]
fn rotator_process() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        rotate(Path::new(&folder), "localhost", DAY).unwrap();
    }
}

fn start_rotator(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "identity::rotator_process", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn case_122_a_kill_at_any_moment_of_a_rotation_leaves_a_whole_identity_and_loses_none() {
    const KILLS: u32 = 60;
    let (folder, _) = with_pair();
    let started = Instant::now();
    assert!(start_rotator(folder.path()).wait().unwrap().success());
    let whole = started.elapsed();
    let mut outcomes = [0, 0];
    for round in 0..KILLS {
        let (folder, before) = with_pair();
        let old_key = read(folder.path(), "localhost.key");
        let mut rotator = start_rotator(folder.path());
        // The kills are spread over the time that an undisturbed process took; nothing is waited for.
        std::thread::sleep(whole * round / KILLS);
        rotator.kill().unwrap();
        rotator.wait().unwrap();
        let after = certificate::load(folder.path(), "localhost").unwrap();
        let is_new = after.fingerprints.public_key != before.fingerprints.public_key;
        outcomes[usize::from(is_new)] += 1;
        let kept = format!("localhost.old-{}.key", &before.fingerprints.public_key.hex()[..8]);
        if is_new {
            assert_eq!(read(folder.path(), &kept), old_key, "the old key is kept");
            assert!(matches!(after.continuity, Continuity::Said(_)), "it was vouched for before it was used");
        } else {
            assert_eq!(read(folder.path(), "localhost.key"), old_key);
            // Once more, and it ends where it would have ended.
            let Renewed { new, .. } = rotate(folder.path(), "localhost", DAY).unwrap();
            let Continuity::Said(text) = &new.continuity else { panic!("{:?}", new.continuity) };
            assert_eq!(text.matches("Statement of continuity").count(), 1, "{text}");
            assert_eq!(read(folder.path(), &kept), old_key);
        }
    }
    assert!(outcomes[0] > 0, "some kills came before the change: {outcomes:?}");
}

#[test]
fn two_rotations_at_once_are_one_after_the_other() {
    let (folder, first) = with_pair();
    std::thread::scope(|scope| {
        let rotations: Vec<_> =
            (0..3).map(|_| scope.spawn(|| rotate(folder.path(), "localhost", DAY).unwrap())).collect();
        rotations.into_iter().for_each(|rotation| drop(rotation.join().unwrap()));
    });
    let last = certificate::load(folder.path(), "localhost").unwrap();
    let Continuity::Said(text) = &last.continuity else { panic!("{:?}", last.continuity) };
    let steps: Vec<&str> =
        text.lines().filter_map(|line| line.split_once("SHA-256: ")).map(|(_, print)| print).collect();
    // new, old; new, old; …: each old one is the new one below it.
    let olds: Vec<_> = steps.chunks(2).map(|pair| pair[0]).collect();
    let news: Vec<_> = steps.chunks(2).map(|pair| pair[1]).collect();
    assert_eq!(news.len(), 3, "{text}");
    assert_eq!(olds[..2], news[1..]);
    assert_eq!((news[0], olds[2]), (&*last.fingerprints.public_key.hex(), &*first.fingerprints.public_key.hex()));
}

#[test]
fn a_reader_finds_the_statement_after_a_reload() {
    let blog = folder(&[
        ("capsule/a.md", "# A\n"),
        (
            "config.toml",
            "[[capsule]]\nhosts = [\"localhost\", \"www.localhost\"]\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n",
        ),
    ]);
    let state = TempDir::new().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = maquis(state.path());
        command.args(arguments).current_dir(blog.path());
        command
    };
    let served = Served::start(program(&["serve"]));
    assert!(served.get("/.well-known/continuity.txt").head.starts_with("51"));
    let before = served.get("/a/").fingerprints().unwrap();

    let (code, out, error) = run(program(&["certificate", "rotate"]));
    assert_eq!(code, 78, "{out}{error}");
    assert!(error.contains("which host? name it with --host; there are localhost, www.localhost"), "{error}");
    let (code, out, _) = run(program(&["certificate", "rotate", "--host", "localhost"]));
    assert_eq!(code, 1);
    assert!(out.contains("will warn its reader") && out.contains("Nothing has been changed"), "{out}");
    assert_eq!(listing(&blog.path().join("certs")).len(), 4);

    let (code, out, error) = run(program(&["certificate", "rotate", "--host", "localhost", "--yes"]));
    assert_eq!(code, 0, "{error}");
    assert!(out.contains(&format!("localhost.old-{}.key", &before.public_key.hex()[..8])), "{out}");
    served.signal(Signal::HUP);
    served.lines_until(|line| line == "configuration reloaded");
    let answer = served.get("/.well-known/continuity.txt");
    assert_eq!(answer.head, "20 text/plain; charset=utf-8");
    let text = String::from_utf8(answer.body).unwrap();
    let after = served.get("/a/").fingerprints().unwrap();
    assert!(text.contains(&before.public_key.hex()) && text.contains(&after.public_key.hex()), "{text}");
    assert_ne!(before.public_key, after.public_key);
    // Not a word of it in the sitemap, which is for pages.
    assert!(!served.page("/sitemap.txt").contains("continuity"));
}

#[test]
fn the_record_for_the_name_server_is_the_public_key() {
    let blog = folder(&[
        ("capsule/a.md", "# A\n"),
        (
            "config.toml",
            "[[capsule]]\nhosts = [\"blog.example.org\", \"192.0.2.7\", \"abc.b32.i2p\"]\n[gemini]\nport = 1966\n",
        ),
    ]);
    let state = TempDir::new().unwrap();
    let keys = blog.path().join("certs");
    let identity = certificate::load_or_make(&keys, "blog.example.org").unwrap().0;
    certificate::load_or_make(&keys, "192.0.2.7").unwrap();
    certificate::load_or_make(&keys, "abc.b32.i2p").unwrap();
    let mut command = maquis(state.path());
    command.arg("certificate").current_dir(blog.path());
    let (code, out, _) = run(command);
    assert_eq!(code, 0);
    let record = format!("_1966._tcp.blog.example.org. IN TLSA 3 1 1 {}", identity.fingerprints.public_key.hex());
    let records: Vec<&str> = out.lines().filter(|line| line.contains("TLSA")).collect();
    assert_eq!(records, [format!("  DNS     {record}")], "neither an address nor a hidden service has one: {out}");
}
