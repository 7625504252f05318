//! What Hugo's sections hand down, and what its `build` says: read alike from front matter and configuration.

use crate::content::post::Cascade;
use crate::read::value::Value;

/// What is wrong where [`build`] finds nothing.
pub(super) const BUILD: &str = "`build` is not of the form {render: always|never, list: always|local|never}";

/// Reads a `cascade`: one map of values, or a list of them, each with an optional `target`. A value that
/// decides visibility and cannot be read is taken as the one that hides, and named in the second list.
pub fn cascade(value: &Value) -> (Vec<Cascade>, Vec<String>) {
    let mut wrong = Vec::new();
    let cascades = value.items().iter().filter_map(|item| one(item, &mut wrong)).collect();
    (cascades, wrong)
}

fn one(value: &Value, wrong: &mut Vec<String>) -> Option<Cascade> {
    if value.map().is_none() {
        wrong.push("`cascade` is neither a map of values nor a list of them".to_owned());
        return Some(Cascade { draft: Some(true), ..Cascade::default() });
    }
    let target = |key: &str| {
        let of = |name: &str| value.get(name)?.get(key)?.text().filter(|text| !text.is_empty());
        of("target").or_else(|| of("_target"))
    };
    let mut cascade = Cascade { path: target("path"), kind: target("kind"), ..Cascade::default() };
    for given in ["_build", "build"].iter().filter_map(|key| value.get(key)).filter(|given| !given.is_blank()) {
        (cascade.render, cascade.list) = build(given).unwrap_or_else(|| {
            wrong.push(format!("in `cascade`, {BUILD}"));
            (Some(false), Some(false))
        });
    }
    if let Some(draft) = value.get("draft").filter(|draft| !draft.is_blank()) {
        cascade.draft = draft.bool().or_else(|| {
            wrong.push("in `cascade`, `draft` is neither true nor false".to_owned());
            Some(true)
        });
    }
    Some(cascade)
}

/// Hugo's `build`: whether a page of its own is made, and whether listings name it. `link` makes an address
/// but no page; `local` is named by its own section.
pub(super) fn build(value: &Value) -> Option<(Option<bool>, Option<bool>)> {
    value.map()?;
    let read = |key: &str| match value.get(key) {
        None => Some(None),
        Some(given) if given.is_blank() => Some(None),
        Some(given) => option(given).map(Some),
    };
    Some((read("render")?, read("list")?))
}

fn option(value: &Value) -> Option<bool> {
    match value.text()?.trim().to_ascii_lowercase().as_str() {
        "always" | "local" | "true" => Some(true),
        "never" | "link" | "false" => Some(false),
        _ => None,
    }
}
