//! Whether nginx writes down whom it passes on: its configuration, as far as it is about streams, for nothing else of it
//! can carry Gemini or Gopher.
//!
//! ngx_stream_log_module: nothing is logged unless `access_log` says so. ngx_core_module: from the level `info` down,
//! `error_log` names every client.

use std::fs;
use std::path::{Path, PathBuf};

/// How deep files may include one another, and how much is read of them all.
const DEPTH: usize = 8;
const MOST_BYTES: usize = 4 << 20;

/// What nginx does with readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nginx {
    /// Nothing says that it passes on anybody.
    PassesNobody,
    Silent,
    Logs,
}

/// What the configuration beneath a root says.
pub(super) fn judge(root: &Path) -> Nginx {
    let mut words = Vec::new();
    read(root, "/etc/nginx/nginx.conf", DEPTH, &mut words);
    let (mut blocks, mut directive, mut found) = (Vec::new(), Vec::<&str>::new(), Nginx::PassesNobody);
    for word in words.iter().map(String::as_str) {
        match word {
            "{" => {
                blocks.push(directive.first().copied().unwrap_or_default());
                directive.clear();
            }
            "}" => {
                blocks.pop();
                directive.clear();
            }
            ";" => {
                match (blocks.first().copied(), directive.as_slice()) {
                    (None | Some("stream"), ["error_log", rest @ ..]) if is_talkative(rest) => return Nginx::Logs,
                    (Some("stream"), ["access_log", "off", ..]) => {}
                    (Some("stream"), ["access_log", ..]) => return Nginx::Logs,
                    (Some("stream"), ["proxy_pass", ..]) => found = Nginx::Silent,
                    _ => {}
                }
                directive.clear();
            }
            word => directive.push(word),
        }
    }
    found
}

fn is_talkative(arguments: &[&str]) -> bool {
    arguments.iter().any(|level| matches!(*level, "info" | "debug"))
}

/// The words of a file, and of those that it includes in their places.
fn read(root: &Path, path: &str, depth: usize, words: &mut Vec<String>) {
    for file in files(root, path) {
        let Ok(text) = fs::read_to_string(file) else { continue };
        if depth == 0 || text.len() > MOST_BYTES || words.len() > MOST_BYTES {
            return;
        }
        let mut own = split(&text).into_iter();
        while let Some(word) = own.next() {
            match word.as_str() {
                "include" => {
                    let path = own.next().unwrap_or_default();
                    let path = if path.starts_with('/') { path } else { format!("/etc/nginx/{path}") };
                    read(root, &path, depth - 1, words);
                    // The semicolon after it.
                    own.next();
                }
                _ => words.push(word),
            }
        }
    }
}

/// The files of a path that may have one star in its last part.
fn files(root: &Path, path: &str) -> Vec<PathBuf> {
    let path = root.join(path.trim_start_matches('/'));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((before, after)) = name.split_once('*') else { return vec![path] };
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(before) && name.ends_with(after)
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(fits).collect();
    files.sort();
    files
}

/// Words, braces and semicolons; comments are none.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.push(letter),
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') if word.is_empty() => {
                letters.by_ref().find(|letter| *letter == '\n');
            }
            (None, '{' | '}' | ';') => {
                words.extend([std::mem::take(&mut word), letter.to_string()]);
            }
            (None, letter) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None, letter) => word.push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(files: &[(&str, &str)]) -> Nginx {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join("etc/nginx").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        judge(root.path())
    }

    const STREAM: &str = "stream { server { listen 1965; proxy_pass 127.0.0.1:1966; } }\n";

    #[test]
    fn only_what_a_stream_logs_is_about_readers() {
        assert_eq!(judged(&[]), Nginx::PassesNobody);
        let web = "http { access_log /var/log/nginx/access.log; server { location / { proxy_pass http://[::1]; } } }\n";
        assert_eq!(judged(&[("nginx.conf", web)]), Nginx::PassesNobody);
        assert_eq!(judged(&[("nginx.conf", &(web.to_owned() + STREAM))]), Nginx::Silent);
        let log = STREAM.replace("server {", "access_log /var/log/nginx/stream.log basic; server {");
        assert_eq!(judged(&[("nginx.conf", &log)]), Nginx::Logs);
        assert_eq!(judged(&[("nginx.conf", &log.replace("/var/log/nginx/stream.log basic", "off"))]), Nginx::Silent);
        assert_eq!(judged(&[("nginx.conf", &format!("error_log /x.log info;\n{STREAM}"))]), Nginx::Logs);
        assert_eq!(judged(&[("nginx.conf", &format!("error_log /x.log;\n{STREAM}"))]), Nginx::Silent);
    }

    #[test]
    fn a_comment_says_nothing_and_an_included_file_all() {
        let main = "stream {\n  # access_log off;\n  include conf.d/*.stream;\n}\n";
        let server = "server { proxy_pass \"127.0.0.1:1966\"; access_log /x; }";
        assert_eq!(judged(&[("nginx.conf", main), ("conf.d/a.stream", server)]), Nginx::Logs);
        assert_eq!(judged(&[("nginx.conf", main), ("conf.d/a.conf", server)]), Nginx::PassesNobody);
        let hidden = server.replace("access_log", "# access_log").replace("; #", ";\n#") + "\n}";
        assert_eq!(judged(&[("nginx.conf", main), ("conf.d/a.stream", &hidden)]), Nginx::Silent);
        assert_eq!(judged(&[("nginx.conf", "include nginx.conf; stream { proxy_pass x; }")]), Nginx::Silent);
    }
}
