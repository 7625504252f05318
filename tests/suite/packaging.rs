//! The units: how much of the machine they leave to the program, by systemd's own measure.

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
            None => eprintln!("skipped: systemd-analyze is not there to measure {unit}"),
        }
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
    assert_eq!(beside(&own, &activated), ["RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"]);
    assert_eq!(
        beside(&activated, &own),
        ["PrivateNetwork=yes", "IPAddressDeny=any", "RestrictAddressFamilies=AF_UNIX"]
    );
}
