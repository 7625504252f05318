//! Key files: made once and complete, read in every form, and never replaced whatever is wrong with them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use maquis::server::certificate::{self, CertificateError, Fingerprint, Identity, Origin, Warning};

const NOW: i64 = 1_800_000_000;

fn keys() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys")
}

/// A folder in which `localhost` has these two files.
fn folder_with(certificate: &[u8], key: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("localhost.crt"), certificate).unwrap();
    write_key(folder.path(), key);
    folder
}

fn write_key(folder: &Path, key: &[u8]) {
    let path = folder.join("localhost.key");
    fs::write(&path, key).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(keys().join(name)).unwrap()
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn refused(result: Result<(Identity, Origin), CertificateError>) -> CertificateError {
    match result {
        Ok(_) => panic!("a broken pair was taken"),
        Err(error) => error,
    }
}

#[test]
fn a_pair_is_made_once_for_exactly_one_name() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("certs");
    let (made, origin) = certificate::load_or_make(&folder, "capsule.example").unwrap();
    assert_eq!(origin, Origin::Made);
    assert_eq!(listing(&folder), ["capsule.example.crt", "capsule.example.key"]);
    assert_eq!(fs::metadata(folder.join("capsule.example.key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(made.names, ["capsule.example"]);
    assert_eq!(certificate::date(made.not_before), "1975-01-01");
    assert_eq!(certificate::date(made.not_after), "4096-01-01");
    assert_eq!(made.warnings(NOW), []);

    let (again, origin) = certificate::load_or_make(&folder, "capsule.example").unwrap();
    assert_eq!(origin, Origin::Found);
    assert_eq!(again.fingerprints, made.fingerprints);
    let other = certificate::load_or_make(&folder, "other.example").unwrap().0;
    assert_ne!(other.fingerprints.public_key, made.fingerprints.public_key);
}

#[test]
fn an_address_gets_its_name_and_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for host in ["192.0.2.7", "2001:db8::7"] {
        let (identity, _) = certificate::load_or_make(folder.path(), host).unwrap();
        assert_eq!(identity.names, [host]);
        assert_eq!(identity.warnings(NOW), [Warning::Address { host: host.into() }]);
    }
}

#[test]
fn a_host_cannot_lead_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    for host in ["", "../x", "a/b", ".hidden", "a\nb"] {
        let error = refused(certificate::load_or_make(folder.path(), host));
        assert!(matches!(error, CertificateError::HostName { .. }), "{error}");
    }
    assert_eq!(listing(folder.path()), [] as [&str; 0]);
}

#[test]
fn a_lost_certificate_is_made_again_from_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let before = certificate::load_or_make(folder.path(), "localhost").unwrap().0;
    fs::remove_file(folder.path().join("localhost.crt")).unwrap();
    let (after, origin) = certificate::load_or_make(folder.path(), "localhost").unwrap();
    assert_eq!(origin, Origin::CertificateMade);
    assert_eq!(after.fingerprints.public_key, before.fingerprints.public_key);
}

#[test]
fn a_lost_key_is_an_error_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("localhost.crt"), fixture("ec.crt")).unwrap();
    let error = refused(certificate::load_or_make(folder.path(), "localhost"));
    assert!(error.to_string().contains("localhost.key is not: put the key back"), "{error}");
    assert_eq!(listing(folder.path()), ["localhost.crt"]);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = folder_with(&fixture("ec.crt"), &fixture("ec-sec1.key"));
    let key = folder.path().join("localhost.key");
    for (mode, taken) in [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        match certificate::load_or_make(folder.path(), "localhost") {
            Ok(_) => assert!(taken, "{mode:o} was taken"),
            Err(error) => {
                assert!(!taken, "{mode:o}: {error}");
                let said = format!("{0} can be read by others (mode {mode:04o}): chmod 600 {0}", key.display());
                assert_eq!(error.to_string(), said);
            }
        }
    }
}

#[test]
fn every_usual_form_is_read() {
    let crlf = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes();
    let chain = [fixture("ec.crt"), fixture("rsa.crt")].concat();
    let commented = [b"Bag Attributes\n  friendlyName: x\n".as_slice(), &fixture("ec.crt")].concat();
    let pairs = [
        ("SEC1", fixture("ec.crt"), fixture("ec-sec1.key")),
        ("PKCS#1", fixture("rsa.crt"), fixture("rsa-pkcs1.key")),
        ("Ed25519, PKCS#8", fixture("ed25519.crt"), fixture("ed25519.key")),
        ("DER named .pem", fixture("ec.der.pem"), fixture("ec.key.der")),
        ("Windows line ends", crlf(fixture("ec.crt")), crlf(fixture("ec-sec1.key"))),
        ("a chain", chain, fixture("ec-sec1.key")),
        ("text around it", commented, fixture("ec-sec1.key")),
        ("version 1", fixture("expired-v1.crt"), fixture("ec-sec1.key")),
    ];
    for (form, certificate, key) in pairs {
        let folder = folder_with(&certificate, &key);
        let identity = certificate::load(folder.path(), "localhost");
        assert!(identity.is_ok(), "{form}: {}", identity.err().unwrap());
    }
}

#[test]
fn a_chain_is_sent_whole_and_known_by_its_first() {
    let folder = folder_with(&[fixture("ec.crt"), fixture("rsa.crt")].concat(), &fixture("ec-sec1.key"));
    let identity = certificate::load(folder.path(), "localhost").unwrap();
    assert_eq!(identity.certified.cert.len(), 2);
    assert_eq!(identity.fingerprints.certificate, Fingerprint::of(&fixture("ec.der.pem")));
}

#[test]
fn case_113_what_is_wrong_with_a_file_is_said_and_the_file_is_left_alone() {
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let rubbish = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("MII", "M!!").into_bytes();
    let (crt, key) = (|| fixture("ec.crt"), || fixture("ec-sec1.key"));
    let cases: Vec<(Vec<u8>, Vec<u8>, &str)> = vec![
        (b"".to_vec(), key(), "localhost.crt is empty"),
        (crt(), b" \n".to_vec(), "localhost.key is empty"),
        (half(crt()), key(), "localhost.crt is cut off before its end"),
        (crt(), key()[..200].to_vec(), "localhost.key is cut off before its end"),
        (half(fixture("ec.der.pem")), key(), "localhost.crt is cut off before its end"),
        (crt(), half(fixture("ec.key.der")), "localhost.key is cut off before its end"),
        (rubbish(crt()), key(), "localhost.crt is damaged"),
        (b"\x30\x03\x02\x01\x01".to_vec(), key(), "localhost.crt is damaged"),
        (key(), key(), "localhost.crt holds no certificate"),
        (b"hello".to_vec(), key(), "localhost.crt holds no certificate"),
        (crt(), crt(), "localhost.key holds no private key"),
        (crt(), b"hello".to_vec(), "localhost.key holds no private key"),
        (crt(), fixture("encrypted.key"), "localhost.key is encrypted"),
        (crt(), fixture("encrypted.key.der"), "localhost.key is encrypted"),
        (crt(), fixture("encrypted-old.key"), "localhost.key is encrypted"),
        (crt(), fixture("openssh.key"), "localhost.key is an OpenSSH key"),
        (crt(), fixture("unsupported.key"), "localhost.key is a key of a kind that TLS cannot use"),
        (fixture("rsa.crt"), key(), "localhost.key do not belong together"),
    ];
    for (certificate, key, said) in cases {
        let folder = folder_with(&certificate, &key);
        let error = refused(certificate::load_or_make(folder.path(), "localhost")).to_string();
        assert!(error.contains(said), "{said:?} was expected, not {error:?}");
        assert!(!error.contains('\n') && error.contains(':'), "{error:?} is one line with a remedy");
        assert_eq!(fs::read(folder.path().join("localhost.crt")).unwrap(), certificate);
        assert_eq!(fs::read(folder.path().join("localhost.key")).unwrap(), key);
    }
}

#[test]
fn case_114_flaws_that_do_not_stop_it_are_warnings() {
    let folder = folder_with(&fixture("expired-v1.crt"), &fixture("ec-sec1.key"));
    let identity = certificate::load(folder.path(), "localhost").unwrap();
    let said: Vec<String> = identity.warnings(NOW).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "the certificate of localhost expired on 2026-11-24: some clients refuse it; extend it with the same key: maquis certificate extend --host localhost"
        ]
    );
    let before = identity.warnings(0);
    assert_eq!(before, [Warning::NotYetValid { host: "localhost".into(), date: "2026-11-24".into() }]);
    let folder = folder_with(&fixture("ec.crt"), &fixture("ec-sec1.key"));
    let other = certificate::load(folder.path(), "localhost").unwrap();
    let names = "capsule.example, *.capsule.example".into();
    assert_eq!(other.warnings(NOW), [Warning::OtherName { host: "localhost".into(), names }]);
}

#[test]
fn fingerprints_are_what_openssl_shows() {
    // openssl x509 -in ec.crt -noout -fingerprint -sha256
    // openssl x509 -in ec.crt -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256
    let expected = fs::read_to_string(keys().join("ec.fingerprints")).unwrap();
    let folder = folder_with(&fixture("ec.crt"), &fixture("ec-sec1.key"));
    let found = certificate::load(folder.path(), "localhost").unwrap().fingerprints;
    let lines = format!("{}\n{}\n{}\n", found.certificate.colons(), found.public_key.hex(), found.public_key.base64());
    assert_eq!(lines, expected);
}

#[test]
fn an_identity_is_brought_along_whatever_its_form() {
    let keys = keys();
    for (crt, key) in [("ec.der.pem", "ec.key.der"), ("ec.crt", "ec-sec1.key")] {
        let folder = tempfile::tempdir().unwrap();
        let imported =
            certificate::import(&keys.join(crt), &keys.join(key), "blog.capsule.example", folder.path()).unwrap();
        assert_eq!(imported.warnings(NOW), [], "the wildcard covers it");
        let (loaded, origin) = certificate::load_or_make(folder.path(), "blog.capsule.example").unwrap();
        assert_eq!((loaded.fingerprints, origin), (imported.fingerprints, Origin::Found));
        assert_eq!(loaded.fingerprints.certificate, Fingerprint::of(&fixture("ec.der.pem")));
    }
}

#[test]
fn an_import_replaces_nothing_and_can_be_repeated_after_a_kill() {
    let keys = keys();
    let import = |name: &str, folder: &Path| {
        let (crt, key) =
            (keys.join(format!("{name}.crt")), format!("{name}{}", if name == "ec" { "-sec1" } else { "" }));
        certificate::import(&crt, &keys.join(format!("{key}.key")), "localhost", folder)
    };
    let folder = tempfile::tempdir().unwrap();
    let made = certificate::load_or_make(folder.path(), "localhost").unwrap().0;
    let error = import("ec", folder.path()).err().unwrap();
    assert!(error.to_string().contains("is there already and is not replaced"), "{error}");
    assert_eq!(certificate::load(folder.path(), "localhost").unwrap().fingerprints, made.fingerprints);
    // Only the key was placed when the kill came.
    let folder = tempfile::tempdir().unwrap();
    import("ec", folder.path()).unwrap();
    fs::remove_file(folder.path().join("localhost.crt")).unwrap();
    let error = import("ed25519", folder.path()).err().unwrap();
    assert!(error.to_string().contains("localhost.key is there already"), "{error}");
    import("ec", folder.path()).unwrap();
}

#[test]
fn case_116_two_makers_on_an_empty_folder_agree_on_one_pair() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let made: Vec<_> = std::thread::scope(|scope| {
            let maker = || certificate::load_or_make(folder.path(), "localhost").unwrap().0.fingerprints;
            let makers: Vec<_> = (0..4).map(|_| scope.spawn(maker)).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(made.iter().all(|one| *one == made[0]), "{made:?}");
    }
}

const FOLDER: &str = "MAQUIS_TEST_FOLDER";

/// Not a test of its own: the process that the next test kills.
#[test]
fn maker_process() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        certificate::load_or_make(Path::new(&folder), "localhost").unwrap();
    }
}

fn start_maker(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "certificates::maker_process", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn case_115_a_kill_at_any_moment_leaves_no_key_or_a_whole_one() {
    const KILLS: u32 = 60;
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    assert!(start_maker(folder.path()).wait().unwrap().success());
    let whole = started.elapsed();
    for round in 0..KILLS {
        let folder = tempfile::tempdir().unwrap();
        let mut maker = start_maker(folder.path());
        // The kills are spread over the time that an undisturbed process took; nothing is waited for.
        std::thread::sleep(whole * round / KILLS);
        maker.kill().unwrap();
        maker.wait().unwrap();
        let key = fs::read(folder.path().join("localhost.key")).ok();
        let (_, origin) = certificate::load_or_make(folder.path(), "localhost").unwrap();
        match key {
            None => assert_eq!(origin, Origin::Made),
            Some(key) => {
                assert_ne!(origin, Origin::Made);
                assert_eq!(fs::read(folder.path().join("localhost.key")).unwrap(), key, "the key was kept");
            }
        }
        let kept: Vec<_> = listing(folder.path()).into_iter().filter(|name| !name.starts_with('.')).collect();
        assert_eq!(kept, ["localhost.crt", "localhost.key"]);
    }
}

#[test]
fn what_a_killed_maker_left_is_swept_up() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".localhost.key.new"), "half a key").unwrap();
    fs::write(folder.path().join(".localhost.crt.new"), "").unwrap();
    certificate::load_or_make(folder.path(), "localhost").unwrap();
    assert_eq!(listing(folder.path()), ["localhost.crt", "localhost.key"]);
}
