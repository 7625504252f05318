//! What is packed beside the program: how much of the machine the units leave to it, by systemd's own measure; the
//! start of the container; what a release must say first.

use std::path::Path;
use std::process::Command;

fn packaging() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

/// The overall exposure, or nothing where systemd is not there to measure it.
fn exposure(unit: &str) -> Option<f64> {
    let mut command = Command::new("systemd-analyze");
    let output = command.args(["security", "--no-pager", "--offline=yes"]).arg(packaging().join(unit)).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let overall = text.lines().find_map(|line| line.split_once("Overall exposure level for maquis.service: "));
    overall?.1.split_whitespace().next()?.parse().ok()
}

#[test]
fn the_units_leave_little_of_the_machine() {
    for (unit, most) in [("maquis.service", 1.5), ("activated/maquis.service", 0.3)] {
        match exposure(unit) {
            Some(exposure) => assert!(exposure <= most, "{unit}: {exposure}"),
            None => skip!("systemd-analyze is not there to measure {unit}"),
        }
    }
}

/// A slip in a unit is a line in systemd's journal that nobody reads.
#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    for unit in ["maquis.service", "activated/maquis.service", "activated/maquis.socket"] {
        let mut command = Command::new("systemd-analyze");
        let Ok(output) = command.args(["verify", "--man=no"]).arg(packaging().join(unit)).output() else {
            skip!("systemd-analyze is not there to verify {unit}");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        // The machine's own units are looked at too, and the program need not be installed.
        let wrong: Vec<&str> =
            said.lines().filter(|line| line.contains("maquis") && !line.contains("is not executable")).collect();
        assert_eq!(wrong, [""; 0], "{unit}");
    }
}

#[test]
fn the_units_differ_in_nothing_but_the_network() {
    let lines = |unit: &str| {
        let text = std::fs::read_to_string(packaging().join(unit)).unwrap();
        let service = text.split("[Service]").nth(1).unwrap().split("[Install]").next().unwrap().to_owned();
        service.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (own, activated) = (lines("maquis.service"), lines("activated/maquis.service"));
    let beside =
        |one: &[String], other: &[String]| one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>();
    // The folder of sockets is the service's where it makes them, and must outlive it where systemd does.
    let folder = ["RuntimeDirectory=maquis", "RuntimeDirectoryMode=0750"];
    let families = "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX";
    assert_eq!(beside(&own, &activated), [folder.as_slice(), &[families]].concat());
    assert_eq!(
        beside(&activated, &own),
        ["PrivateNetwork=yes", "IPAddressDeny=any", "RestrictAddressFamilies=AF_UNIX"]
    );
}

/// The start of the container, with a `maquis` that only says how it was called.
fn container(mounts: &str, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let stand_in = folder.path().join("maquis");
    std::fs::write(&stand_in, "#!/bin/sh\necho \"called: $*\"\n").unwrap();
    std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.path().join("mounts"), mounts).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let mut command = Command::new("/bin/sh");
    command.arg(packaging().join("container.sh")).args(arguments).env_clear().env("PATH", path);
    command.env("MOUNTS", folder.path().join("mounts")).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_container_without_a_volume_for_its_identity_does_not_start() {
    let volume = "36 35 98:0 /vol /var/lib/maquis rw,noatime master:1 - ext4 /dev/root rw\n";
    let (code, said) = container("1 1 0:1 / / rw - overlay overlay rw\n", &[("MAQUIS_HOST", "a.org")], &[]);
    assert!(code == 78 && said.contains("would die with this container") && said.contains("-v maquis-state"), "{said}");
    // Mounted elsewhere, it is no volume here.
    let elsewhere = "36 35 98:0 /var/lib/maquis /backup rw - ext4 /dev/root rw\n";
    assert_eq!(container(elsewhere, &[("MAQUIS_HOST", "a.org")], &[]).0, 78);
    let (code, said) = container(volume, &[], &[]);
    assert!(code == 78 && said.contains("-e MAQUIS_HOST="), "{said}");
    let (code, said) = container(volume, &[("MAQUIS_HOST", "a.org")], &[]);
    assert_eq!((code, said.as_str()), (0, "called: serve /srv/maquis --host a.org\n"));
    let (code, said) = container("", &[], &["certificate"]);
    assert_eq!((code, said.as_str()), (0, "called: certificate\n"));
}

/// A release of a tree with this security.txt, where building only says that it was asked for.
fn release(security: &str) -> (i32, String) {
    use std::os::unix::fs::PermissionsExt;
    let tree = tempfile::tempdir().unwrap();
    for folder in [".well-known", "packaging"] {
        std::fs::create_dir(tree.path().join(folder)).unwrap();
    }
    std::fs::write(tree.path().join(".well-known/security.txt"), security).unwrap();
    let script = tree.path().join("packaging/release.sh");
    std::fs::copy(packaging().join("release.sh"), &script).unwrap();
    let stand_in = tree.path().join("packaging/build.sh");
    std::fs::write(&stand_in, "#!/bin/sh\necho \"built: $*\"\n").unwrap();
    std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new("/bin/sh").arg(script).arg("--quiet").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_release_says_whom_to_tell_of_a_fault() {
    let project = std::fs::read_to_string(packaging().join("../.well-known/security.txt")).unwrap();
    let filled = project.replace("#Contact: mailto:", "Contact: mailto:ada@example.org");
    let filled = filled.replace("#Policy: https:", "Policy: https://example.org/SECURITY.md");
    let expires = project.lines().find(|line| line.starts_with("Expires: ")).unwrap();
    let ended = filled.replace(expires, "Expires: 2026-01-01T00:00:00Z");
    let held = filled.replace(expires, "Expires: 9999-01-01T00:00:00Z");
    assert_eq!(release(&held), (0, "built: --quiet\n".to_owned()));
    for (security, reason) in [
        (ended, "it held until 2026-01-01T00:00:00Z: see whether Contact is still right"),
        (held.replace("Expires: 9999", "Expires: soon 9999"), "no Expires: write the day"),
        (held.replace("Contact: mailto:ada@example.org", "#Contact: mailto:"), "no Contact: write where"),
        (held.replace("Contact: mailto:ada@example.org", "Contact: mailto:"), "no Contact: write where"),
        (held.replace("Policy: https://example.org/SECURITY.md", "#Policy: https:"), "no Policy: write the https://"),
    ] {
        let (code, said) = release(&security);
        assert_eq!(code, 78, "{said}");
        assert!(said.contains(&format!(".well-known/security.txt: {reason}")) && !said.contains("built"), "{said}");
    }
}
