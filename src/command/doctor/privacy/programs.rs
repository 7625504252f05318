//! Programs beside maquis that may write down who reads: proxies in front of it, what measures, logs, a firewall.

use std::fs;
use std::path::Path;

use super::nginx::{self, Nginx};
use super::text;
use crate::command::doctor::finding::{Finding, Section};

/// Programs that stand in front of servers, and what each has to be told to forget.
const PROXIES: [(&str, &str); 8] = [
    ("nginx", "access_log off; in the stream block, and error_log at no level below notice"),
    ("haproxy", "no `log` line for this listener, option dontlog-normal"),
    ("stunnel", "debug = 3 or lower, or no output"),
    ("stunnel4", "debug = 3 or lower, or no output"),
    ("traefik", "no accessLog"),
    ("caddy", "no log directive"),
    ("envoy", "no access_log"),
    ("sslh-select", "no --verbose"),
];

/// Programs that measure, record or report.
const WATCHERS: [(&str, &str); 12] = [
    ("auditd", "records system calls, connections among them if a rule asks for it: auditctl -l"),
    ("netdata", "measures connections and sends what it is told to"),
    ("datadog-agent", "reports this machine to a company"),
    ("agent", "may be the agent of Datadog, which reports this machine to a company"),
    ("zabbix_agentd", "reports this machine to a server of somebody's"),
    ("telegraf", "reports what it measures"),
    ("collectd", "keeps what it measures"),
    ("node_exporter", "publishes measures; it knows no addresses"),
    ("vnstatd", "counts traffic; it knows no addresses"),
    ("ntopng", "writes down who connects"),
    ("suricata", "writes down who connects"),
    ("tcpdump", "copies traffic, now"),
];

/// What other programs write down.
pub(super) fn section(root: &Path) -> Section {
    let mut section = Section::new("other programs");
    let running = running(root);
    let runs = |name: &str| running.iter().any(|running| running == name);
    for (name, remedy) in PROXIES.iter().filter(|(name, _)| runs(name)) {
        section.add(proxy(root, name, remedy));
    }
    for (name, what) in WATCHERS.iter().filter(|(name, _)| runs(name)) {
        section.add(Finding::Note(format!("{name} runs here: it {what}")));
    }
    if runs("rsyslogd") || runs("syslog-ng") {
        section.add(Finding::Note(
            "a syslog daemon writes down what other servers print; maquis prints nothing of readers".into(),
        ));
    }
    if root.join("var/log/journal").is_dir() {
        section.add(Finding::Note(
            "the journal is kept across starts (/var/log/journal); maquis prints nothing of readers, others may".into(),
        ));
    }
    section.findings.extend(firewall(&text(root, "etc/ufw/ufw.conf")));
    if running.is_empty() {
        section.add(Finding::Note(
            "which programs run cannot be seen from here, for this system has no /proc: look at them yourself (ps ax), for a proxy \
             that logs or what measures connections"
                .into(),
        ));
    }
    if section.findings.is_empty() {
        section.add(Finding::Good("none that is known to keep traces of readers".into()));
    }
    section
}

fn proxy(root: &Path, name: &str, remedy: &str) -> Finding {
    let logs = match name {
        "nginx" => match nginx::judge(root) {
            Nginx::PassesNobody => {
                return Finding::Note(
                    "nginx runs here, and passes nobody on to maquis, as far as its configuration can be read".into(),
                );
            }
            Nginx::Silent => false,
            Nginx::Logs => true,
        },
        "haproxy" => text(root, "etc/haproxy/haproxy.cfg").lines().any(|line| line.trim_start().starts_with("log ")),
        _ => false,
    };
    if logs {
        let what = "where it passes readers on to maquis, it writes down who they are";
        Finding::bad(format!("{name} runs here and keeps a log: {what}"), remedy)
    } else {
        Finding::Note(format!("{name} runs here; where it passes readers on to maquis, see that it has {remedy}"))
    }
}

/// What ufw writes down, where it is switched on.
fn firewall(settings: &str) -> Option<Finding> {
    let value = |key: &str| settings.lines().rev().find_map(|line| line.trim().strip_prefix(key)).map(str::trim);
    if value("ENABLED=").is_none_or(|enabled| enabled.eq_ignore_ascii_case("no")) {
        return None;
    }
    Some(match value("LOGLEVEL=")? {
        "off" => Finding::Good("the firewall (ufw) keeps no log".into()),
        "low" => Finding::Note(
            "the firewall (ufw) writes down who it turns away, not who it lets in; to end that: ufw logging off".into(),
        ),
        level => Finding::bad(
            format!("the firewall (ufw) writes down who connects (logging {level})"),
            "sudo ufw logging off",
        ),
    })
}

/// The names of all programs that run.
fn running(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("proc")).into_iter().flatten().flatten();
    let is_process = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let processes = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_process));
    processes
        .filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}
