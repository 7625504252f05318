//! An identity that is taken home and brought back, or brought along from another server: whole, and over nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use maquis::server::certificate;
use maquis::server::certificate::bundle::Bundle;
use maquis::server::certificate::renew::rotate;
use tempfile::TempDir;

use crate::identity::{DAY, FOLDER, keys, listing, read, refused, with_pair};
use crate::served::{folder, maquis, run};

#[test]
fn an_exported_identity_is_whole_and_comes_back_the_same() {
    let (home, _) = with_pair();
    certificate::load_or_make(home.path(), "blog.example.org").unwrap();
    // DER, as another server left it.
    fs::copy(keys().join("ec.der.pem"), home.path().join("der.example.crt")).unwrap();
    fs::copy(keys().join("ec.key.der"), home.path().join("der.example.key")).unwrap();
    fs::set_permissions(home.path().join("der.example.key"), fs::Permissions::from_mode(0o600)).unwrap();
    rotate(home.path(), "localhost", DAY).unwrap();
    fs::write(home.path().join("notes.txt"), "not ours").unwrap();
    let hosts: Vec<String> = ["localhost", "blog.example.org", "der.example", "later.example"].map(String::from).into();
    let bundle = Bundle::of(home.path(), &hosts).unwrap();
    assert_eq!(bundle.hosts, hosts[..3]);
    let elsewhere = TempDir::new().unwrap();
    let file = elsewhere.path().join("identity.toml");
    bundle.write(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(refused(bundle.write(&file)).contains("is there already and is not replaced"));
    assert_eq!(listing(elsewhere.path()), ["identity.toml"]);

    let away = TempDir::new().unwrap();
    let read_back = Bundle::parse(&file, &fs::read_to_string(&file).unwrap()).unwrap();
    let restored = read_back.restore(away.path()).unwrap();
    assert_eq!((restored.written.len(), restored.same.len()), (9, 0), "{:?}", restored.written);
    for host in &hosts[..3] {
        let [before, after] = [home.path(), away.path()].map(|folder| certificate::load(folder, host).unwrap());
        assert_eq!((before.fingerprints, before.continuity), (after.fingerprints, after.continuity), "{host}");
        assert_eq!(fs::metadata(away.path().join(format!("{host}.key"))).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Twice does no harm; and openssl reads a key out of it as it is.
    assert_eq!(read_back.restore(away.path()).unwrap().written, [] as [&str; 0]);
}

#[test]
fn a_host_may_be_named_like_what_is_kept_from_before() {
    let home = TempDir::new().unwrap();
    let hosts = ["a", "a.old-b.org"].map(str::to_owned);
    for host in &hosts {
        certificate::load_or_make(home.path(), host).unwrap();
        rotate(home.path(), host, DAY).unwrap();
    }
    let path = Path::new("identity.toml");
    let alone = Bundle::parse(path, &Bundle::of(home.path(), &hosts[..1]).unwrap().to_text()).unwrap();
    assert_eq!(alone.hosts, hosts[..1]);
    assert!(!alone.to_text().contains("b.org"));
    let both = Bundle::parse(path, &Bundle::of(home.path(), &hosts).unwrap().to_text()).unwrap();
    assert_eq!(both.hosts, hosts);
    let away = TempDir::new().unwrap();
    both.restore(away.path()).unwrap();
    assert_eq!(listing(away.path()), listing(home.path()));
}

#[test]
fn an_import_replaces_nothing_and_writes_nothing_where_it_would() {
    let (home, _) = with_pair();
    certificate::load_or_make(home.path(), "a.example").unwrap();
    let bundle = Bundle::of(home.path(), &["localhost".into(), "a.example".into()]).unwrap();
    let (away, other) = with_pair();
    assert!(refused(bundle.restore(away.path())).contains("localhost.crt is there already"));
    assert_eq!(listing(away.path()), ["localhost.crt", "localhost.key"]);
    assert_eq!(certificate::load(away.path(), "localhost").unwrap().fingerprints, other.fingerprints);
}

#[test]
fn what_is_no_identity_is_refused_with_its_reason() {
    let (home, _) = with_pair();
    let text = Bundle::of(home.path(), &["localhost".into()]).unwrap().to_text();
    let (other, _) = with_pair();
    let foreign_key = read(other.path(), "localhost.key");
    let path = Path::new("identity.toml");
    let own_key = read(home.path(), "localhost.key");
    for (text, said) in [
        (String::new(), "identity.toml is no identity that maquis has exported"),
        ("hello".into(), "is no identity that maquis has exported"),
        ("maquis_identity = 1\n[files]\n".into(), "it holds no key pair"),
        (text.replace("maquis_identity = 1", "maquis_identity = 2"), "it has form 2, and this maquis reads form 1"),
        (text.replace("\"localhost.key\"", "\"../localhost.key\""), "`../localhost.key` is no file of an identity"),
        (text.replace("\"localhost.crt\"", "\"localhost.toml\""), "`localhost.toml` is no file of an identity"),
        (text.replace("\"localhost.crt\"", "\"else.crt\""), "the certificate of localhost is missing"),
        (text.replace(&own_key, &foreign_key), "do not belong together"),
        (text.replace(&own_key, &own_key[..100]), "identity.toml/localhost.key is cut off before its end"),
    ] {
        let error = refused(Bundle::parse(path, &text));
        assert!(error.contains(said), "{said:?} was expected, not {error:?}");
    }
}

const IMPORT: &str = "MAQUIS_TEST_IMPORT";

/// Not a test of its own: the process that the next test kills.
#[test]
fn importer_process() {
    let (Some(folder), Some(file)) = (std::env::var_os(FOLDER), std::env::var_os(IMPORT)) else { return };
    let text = fs::read_to_string(&file).unwrap();
    Bundle::parse(Path::new(&file), &text).unwrap().restore(Path::new(&folder)).unwrap();
}

#[test]
fn a_kill_at_any_moment_of_an_import_makes_no_other_key() {
    const KILLS: u32 = 40;
    let (home, before) = with_pair();
    let file = home.path().join("identity.toml");
    Bundle::of(home.path(), &["localhost".into()]).unwrap().write(&file).unwrap();
    let start = |folder: &Path| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "identity_carried::importer_process", "--test-threads=1"])
            .env(FOLDER, folder)
            .env(IMPORT, &file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let folder = TempDir::new().unwrap();
    let started = Instant::now();
    assert!(start(folder.path()).wait().unwrap().success());
    let whole = started.elapsed();
    for round in 0..KILLS {
        let folder = TempDir::new().unwrap();
        let mut importer = start(folder.path());
        // Spread over the time that an undisturbed process took.
        std::thread::sleep(whole * round / KILLS);
        importer.kill().unwrap();
        importer.wait().unwrap();
        let had_begun = folder.path().join("localhost.crt").exists();
        match certificate::load_or_make(folder.path(), "localhost") {
            Ok((after, _)) if had_begun => assert_eq!(after.fingerprints, before.fingerprints),
            Ok(_) => {}
            Err(error) => {
                assert!(error.to_string().contains("put the key back"), "{error}");
                let text = fs::read_to_string(&file).unwrap();
                Bundle::parse(&file, &text).unwrap().restore(folder.path()).unwrap();
                assert_eq!(certificate::load(folder.path(), "localhost").unwrap().fingerprints, before.fingerprints);
            }
        }
    }
}

#[test]
fn the_identity_goes_home_and_back_by_command() {
    let blog = folder(&[("capsule/a.md", "# A\n"), ("config.toml", "")]);
    let state = TempDir::new().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = maquis(state.path());
        command.args(arguments).current_dir(blog.path());
        run(command)
    };
    let (code, _, error) = program(&["identity", "export", "home.toml"]);
    assert_eq!(code, 1);
    assert!(error.contains("localhost has no key pair"), "{error}");
    let made = certificate::load_or_make(&blog.path().join("certs"), "localhost").unwrap().0;
    let (code, out, error) = program(&["identity", "export", "home.toml"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.contains("home.toml holds the identity of localhost"), "{out}");
    let (code, _, error) = program(&["identity", "export", "capsule/home.toml"]);
    assert_eq!(code, 1);
    assert!(error.contains("would be published, for it lies in the source folder"), "{error}");
    assert_eq!(listing(&blog.path().join("capsule")), ["a.md"]);
    let (code, piped, _) = program(&["identity", "export", "-"]);
    assert_eq!((code, &*piped), (0, &*read(blog.path(), "home.toml")));
    fs::remove_dir_all(blog.path().join("certs")).unwrap();
    let (code, out, error) = program(&["identity", "import", "home.toml"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.contains(&made.fingerprints.public_key.hex()), "{out}");
    let (code, _, error) = program(&["identity", "import", "nothing.toml"]);
    assert_eq!(code, 1);
    assert!(error.contains("nothing.toml cannot be read"), "{error}");
}
