//! Which files Hugo reads, and where they stand in the content: `module.mounts`, `ignoreFiles`, `disableLanguages`.
//!
//! <https://gohugo.io/configuration/module/#mounts>.

use globset::{GlobBuilder, GlobMatcher};
use regex_automata::meta::Regex;

use crate::content::Language;
use crate::read::value::{Value, ValueError};

/// A folder that stands in the content; neither path has a slash at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub folder: String,
    /// Its place in the content.
    pub target: String,
    /// The language of everything in it, where that is not the blog's default.
    pub language: Option<Language>,
}

/// What of the files is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Sieve {
    /// `ignoreFiles`.
    pub(super) ignored: Vec<Regex>,
    /// By the folder of a mount.
    pub(super) mounts: Vec<(String, Filter)>,
}

/// `includeFiles`, `excludeFiles` and `disableLanguages` for a mount.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    included: Vec<GlobMatcher>,
    excluded: Vec<GlobMatcher>,
    whole: bool,
}

impl Mount {
    pub(super) fn whole(folder: &str) -> Mount {
        Mount { folder: trim(folder), target: String::new(), language: None }
    }
}

impl Filter {
    pub(super) fn drops(&self, path: &str) -> bool {
        let any = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(path));
        self.whole || any(&self.excluded) || (!self.included.is_empty() && !any(&self.included))
    }
}

pub(super) fn disabled(value: &Value) -> Vec<Language> {
    let listed = value.get("disableLanguages").map(|list| list.items().iter().filter_map(Value::text).collect());
    let listed: Vec<String> = listed.unwrap_or_default();
    let map = value.get("languages").and_then(Value::map);
    let off = map.into_iter().flat_map(|map| map.iter()).filter_map(|(tag, settings)| {
        let is_off = settings.get("disabled").and_then(Value::bool).unwrap_or(false);
        is_off.then(|| tag.to_owned())
    });
    listed
        .iter()
        .flat_map(|tags| tags.split_whitespace())
        .map(str::to_owned)
        .chain(off)
        .filter_map(|tag| Language::parse(&tag))
        .collect()
}

/// What cannot be understood hides files no more, so it stops the capsule as it stops Hugo.
pub(super) fn sieve(value: &Value, disabled: &[Language]) -> Result<Sieve, ValueError> {
    let broken = |what: &str, pattern: &str| ValueError {
        line: 1,
        column: 0,
        message: format!("`{what}` holds `{pattern}`, which cannot be understood; correct it"),
    };
    let texts = |value: Option<&Value>| -> Vec<String> {
        value.map(|list| list.items().iter().filter_map(Value::text).collect()).unwrap_or_default()
    };
    let ignored = texts(value.get("ignoreFiles"));
    let ignored = ignored.iter().map(|pattern| Regex::new(pattern).map_err(|_| broken("ignoreFiles", pattern)));
    let mut sieve = Sieve { ignored: ignored.collect::<Result<_, _>>()?, mounts: Vec::new() };
    let glob = |what: &str, pattern: &str| {
        let glob = GlobBuilder::new(pattern.trim().trim_start_matches('/'));
        let glob = { glob }.literal_separator(true).case_insensitive(true).build();
        glob.map(|glob| glob.compile_matcher()).map_err(|_| broken(what, pattern))
    };
    for mount in value.get("module.mounts").map(Value::items).unwrap_or_default() {
        let Some(folder) = mount.get("source").and_then(Value::text) else { continue };
        let mut filter = Filter::default();
        for pattern in texts(mount.get("includeFiles")) {
            filter.included.push(glob("includeFiles", &pattern)?);
        }
        for pattern in texts(mount.get("excludeFiles")) {
            filter.excluded.push(glob("excludeFiles", &pattern)?);
        }
        // The newer `files` has both, the second with `! ` before it.
        for pattern in texts(mount.get("files")) {
            match pattern.trim().strip_prefix('!') {
                Some(pattern) => filter.excluded.push(glob("files", pattern)?),
                None => filter.included.push(glob("files", &pattern)?),
            }
        }
        let language = mount.get("lang").and_then(Value::text).as_deref().and_then(Language::parse);
        filter.whole = language.is_some_and(|language| disabled.contains(&language));
        sieve.mounts.push((trim(&folder), filter));
    }
    let of_languages = folders_of_languages(value).unwrap_or_default();
    let closed =
        of_languages.into_iter().filter(|mount| mount.language.as_ref().is_some_and(|own| disabled.contains(own)));
    sieve.mounts.extend(closed.map(|mount| (mount.folder, Filter { whole: true, ..Filter::default() })));
    Ok(sieve)
}

/// `languages.fr.contentDir`, where one has it.
pub(super) fn folders_of_languages(value: &Value) -> Option<Vec<Mount>> {
    let map = value.get("languages")?.map()?;
    let of = |(tag, settings): (&str, &Value)| {
        let folder = settings.get("contentDir")?.text()?;
        Some(Mount { language: Language::parse(tag), ..Mount::whole(&folder) })
    };
    let mounts: Vec<Mount> = map.iter().filter_map(of).collect();
    (!mounts.is_empty()).then_some(mounts)
}

pub(super) fn mounts(value: &Value, onto: &str) -> Option<Vec<Mount>> {
    let mounts: Vec<Mount> = value
        .get("module.mounts")?
        .items()
        .iter()
        .filter_map(|mount| {
            let source = trim(&mount.get("source")?.text()?);
            let target = trim(&mount.get("target")?.text()?);
            let rest = target.strip_prefix(onto)?;
            let language = mount.get("lang").and_then(Value::text).as_deref().and_then(Language::parse);
            let mount = Mount { folder: source, target: trim(rest), language };
            (rest.is_empty() || rest.starts_with('/')).then_some(mount)
        })
        .collect();
    (!mounts.is_empty()).then_some(mounts)
}

pub(super) fn trim(path: &str) -> String {
    path.trim().trim_start_matches("./").trim_matches('/').to_owned()
}
