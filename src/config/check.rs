//! What the folders of a configuration must be: there, apart from each other, and not the whole machine.

use std::io;
use std::path::{Path, PathBuf};

use super::meant::Draft;
use super::{ConfigError, Settings, Surroundings, misplaced};
use crate::server::endpoint::Endpoint;

/// Looks at every folder, as the file system resolves it.
pub(super) fn folders(draft: &Draft, around: &Surroundings) -> Result<(), ConfigError> {
    let mut sources: Vec<PathBuf> = Vec::new();
    for (capsule, place) in draft.settings.capsules.iter().zip(&draft.sources) {
        let source = source(&capsule.source, around).map_err(|text| place.error(text))?;
        if let Some(other) = sources.iter().find(|other| source.starts_with(other) || other.starts_with(&source)) {
            let (source, other) = (source.display(), other.display());
            return Err(place.error(format!(
                "the source folders {source} and {other} overlap; give each capsule a folder of its own"
            )));
        }
        sources.push(source);
    }
    let certificates = &draft.settings.gemini.certificates;
    let resolved = resolve(certificates);
    match sources.iter().find(|source| resolved.starts_with(source)) {
        Some(source) => Err(draft.certificates.error(format!(
            "the certificates {} are inside the source folder {}, which is published; keep keys outside of it: \
             set `certificates` to a folder beside it",
            certificates.display(),
            source.display()
        ))),
        None => state(around, &sources).and_then(|()| sockets(&draft.settings, &sources)),
    }
}

/// The state folder holds every version of every post that was ever good.
fn state(around: &Surroundings, sources: &[PathBuf]) -> Result<(), ConfigError> {
    let Some(folder) = &around.state else { return Ok(()) };
    let resolved = resolve(folder);
    match sources.iter().find(|source| resolved.starts_with(source)) {
        Some(source) => Err(ConfigError::Whole(format!(
            "the state folder {} is inside the source folder {}, which is published; set STATE_DIRECTORY to a folder \
             outside of it",
            folder.display(),
            source.display()
        ))),
        None => Ok(()),
    }
}

/// The source folders are only read.
fn sockets(settings: &Settings, sources: &[PathBuf]) -> Result<(), ConfigError> {
    let gopher = (0..settings.capsules.len()).flat_map(|capsule| settings.gopher_endpoints(capsule));
    for endpoint in gopher.chain(settings.gemini.listen.endpoints().iter().cloned()) {
        let Endpoint::Unix(path) = &endpoint else { continue };
        if let Some(source) = sources.iter().find(|source| resolve(path).starts_with(source)) {
            return Err(ConfigError::Whole(format!(
                "the socket {endpoint} is inside the source folder {}; give it a folder of its own, such as /run/maquis",
                source.display()
            )));
        }
    }
    Ok(())
}

fn source(path: &Path, around: &Surroundings) -> Result<PathBuf, String> {
    let shown = path.display();
    let source = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("the source folder {shown} does not exist; create it or correct the path"),
        _ => misplaced::unreadable(path, &error),
    })?;
    if !source.is_dir() {
        return Err(format!("the source {shown} is not a folder; name the folder it is in"));
    }
    if source.parent().is_none() {
        return Err("the source / is the whole machine; name the blog's own folder".to_owned());
    }
    let home = around.home.as_ref().map(|home| resolve(home)).filter(|home| home.parent().is_some());
    if home.is_some_and(|home| home.starts_with(&source)) {
        return Err(format!("the source {shown} holds your home folder; name the blog's own folder in it"));
    }
    Ok(source)
}

/// The path with symbolic links resolved, as far as it exists.
pub(super) fn resolve(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    match found {
        Some((ancestor, resolved)) => path.strip_prefix(ancestor).map_or(resolved.clone(), |rest| resolved.join(rest)),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{House, around, load, message};
    use super::super::{FILE, Overrides};
    use super::*;

    #[test]
    fn case_107_hosts_and_folders_are_distinct() {
        let two = "[[capsule]]\nhosts = ['a.org']\n[[capsule]]\nsource = 'other'\nhosts = ['b.org', 'A.org.']\n";
        assert_eq!(message(two), "config.toml:5: the host `a.org` is given twice; each name leads to one capsule");
        let nested =
            "[[capsule]]\nsource='other/inner'\nhosts = ['a.org']\n[[capsule]]\nsource = 'other'\nhosts = ['b.org']\n";
        assert!(message(nested).starts_with("config.toml:5: the source folders other"));
        let same = "[[capsule]]\nhosts = ['a.org']\n[[capsule]]\nsource = 'other/../capsule/.'\nhosts = ['b.org']\n";
        assert!(message(same).contains("overlap"));
        assert_eq!(
            message("[[capsule]]\nsource = '/'"),
            "config.toml:2: the source / is the whole machine; name the blog's own folder"
        );

        let house = House::new("[[capsule]]\nsource = 'other'\n");
        let at_home = |home: &str| {
            let around = Surroundings { home: Some(house.path(home)), ..around() };
            Settings::load(&house.path(FILE), &Overrides::default(), &around)
        };
        assert!(at_home("other").unwrap_err().to_string().contains("holds your home folder"));
        assert!(at_home("other/inner").unwrap_err().to_string().contains("holds your home folder"));
        assert!(at_home("capsule").is_ok());
    }

    #[test]
    fn case_107_a_link_does_not_hide_an_overlap() {
        let house =
            House::new("[[capsule]]\nsource='link'\nhosts=['a.org']\n[[capsule]]\nsource='other'\nhosts=['b.org']\n");
        std::os::unix::fs::symlink(house.path("other/inner"), house.path("link")).unwrap();
        assert!(house.message().contains("overlap"));
    }

    #[test]
    fn case_108_keys_stay_outside_of_what_is_published() {
        let text = message("[[capsule]]\nsource = 'capsule'\n[gemini]\ncertificates = 'capsule/certs'\n");
        assert!(
            text.starts_with("config.toml:4: the certificates capsule/certs are inside the source folder"),
            "{text}"
        );
        assert!(message("[[capsule]]\nsource = '.'\n").contains("are inside the source folder"));
    }

    #[test]
    fn the_state_folder_stays_outside_of_what_is_published() {
        let house = House::new("[[capsule]]\nsource = 'capsule'\n");
        let around = Surroundings { state: Some(house.path("capsule/state")), ..around() };
        let refused = Settings::load(&house.path(FILE), &Overrides::default(), &around).unwrap_err().to_string();
        assert!(refused.contains("the state folder") && refused.contains("set STATE_DIRECTORY"), "{refused}");
    }

    #[test]
    fn a_missing_source_names_the_remedy() {
        assert_eq!(
            message("\n[[capsule]]\nsource = 'nowhere'"),
            "config.toml:3: the source folder nowhere does not exist; create it or correct the path"
        );
        assert_eq!(
            message("[[capsule]]\nsource = 'config.toml'"),
            "config.toml:2: the source config.toml is not a folder; name the folder it is in"
        );
    }

    #[test]
    fn a_configuration_inside_its_source_is_known_there() {
        assert_eq!(
            load("[[capsule]]\nsource = \".\"\n[gemini]\ncertificates = \"../keys-elsewhere\"").capsules[0]
                .configuration
                .as_deref(),
            Some(FILE)
        );
        assert_eq!(load("").capsules[0].configuration, None);
    }

    #[test]
    fn no_socket_is_made_in_what_is_published() {
        let text = message("[gemini]\nlisten = ['127.0.0.1:1965', 'unix:capsule/run/gemini.sock']\n");
        assert!(text.starts_with("the socket unix:capsule/run/gemini.sock is inside the source folder"), "{text}");
        load("[gemini]\nlisten = ['unix:gemini.sock']\n");
    }
}
