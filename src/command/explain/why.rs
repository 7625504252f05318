//! Why a path answers as it does: the order of look-ups is that of `site::Capsule::find`, told in words.

use jiff::Timestamp;

use crate::content::address::other_forms;
use crate::content::gopher::links_address;
use crate::content::plan::{Format, Moved, Taxonomy};
use crate::content::{Address, Dates, Hidden, Page, PageKind, Plan};
use crate::publish::plans::Plans;
use crate::site::assemble::CONTINUITY;
use crate::site::{Capsule, Found};

/// How many addresses are offered to somebody who finds nothing.
const OFFERED: usize = 3;
/// How alike an address has to be to be offered (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// A reason.
pub(super) struct Why {
    /// The source, relative to its folder.
    pub(super) source: Option<String>,
    pub(super) reason: String,
    /// Addresses that may have been meant.
    pub(super) near: Vec<Address>,
}

impl Why {
    /// Why a capsule answers so at a decoded path.
    pub(super) fn of(capsule: &Capsule, plans: &Plans, path: &str) -> Why {
        let exact = capsule.resources.contains_key(path);
        match capsule.find(path) {
            Found::Content { .. } => content(plans, path),
            Found::Moved { to, .. } if exact => moved(&plans.shown, path, &to),
            Found::Moved { to, .. } => {
                let form = other_forms(path).any(|form| form == to.as_str());
                let reason = match capsule.redirects.rule(path) {
                    Some(rule) if !form => format!("`redirect` of the configuration says so: {rule}"),
                    Some(_) | None => format!("another form of {to}, which is the address"),
                };
                Why { source: source_at(&plans.shown, to.as_str()), reason, near: Vec::new() }
            }
            Found::Gone => {
                let source = source_at(&plans.all, path);
                let rule = capsule.redirects.gone.which(path);
                let reason = rule.map_or("it was here, and is no more".to_owned(), |pattern| {
                    format!("`gone` of the configuration says so: {pattern}")
                });
                Why { source, reason, near: Vec::new() }
            }
            Found::Head(head) => {
                let reason = format!("a line of `.meta` answers in its place: {} {}", head.status, head.meta);
                Why { source: source_at(&plans.all, path), reason, near: Vec::new() }
            }
            Found::Missing => missing(capsule, plans, path),
        }
    }

    fn new(source: Option<&str>, reason: impl Into<String>) -> Why {
        Why { source: source.map(str::to_owned), reason: reason.into(), near: Vec::new() }
    }
}

/// The address of the page whose text, links or gemtext are at a selector of Gopher.
pub(super) fn page_of_selector(plan: &Plan, selector: &str) -> Option<String> {
    let at = |page: &&Page| {
        let address = &page.address;
        [plan.text_address(address), plan.gemtext_address(address), links_address(address)]
            .iter()
            .any(|form| form.as_str() == selector)
    };
    plan.pages.iter().filter(|page| page.kind == PageKind::Post).find(at).map(|page| page.address.to_string())
}

fn page_at<'a>(plan: &'a Plan, path: &str) -> Option<&'a Page> {
    plan.by_address.get(path).and_then(|&index| plan.pages.get(index))
}

fn source_at(plan: &Plan, path: &str) -> Option<String> {
    page_at(plan, path).map(|page| page.source.clone())
}

fn content(plans: &Plans, path: &str) -> Why {
    let plan = &plans.shown;
    if let Some(page) = page_at(plan, path) {
        let reason = match (&page.moved_to, page.format, page.kind) {
            (Some(Moved::Elsewhere(url)), _, _) => {
                format!("`redirect_to` leads to {url}, and no client is sent from Gemini elsewhere without being asked")
            }
            (_, Format::Gemtext, _) => "gemtext, served as it is written".to_owned(),
            (_, Format::Markdown, PageKind::Post) => "Markdown, converted".to_owned(),
            (_, Format::Markdown, PageKind::Home | PageKind::Section) => {
                "Markdown that introduces a list, which maquis makes below it".to_owned()
            }
        };
        let unlisted =
            if page.listed || page.moved_to.is_some() { "" } else { "; no list names it, as its front matter asks" };
        let dated = match plans.dated_by(page) {
            Some(Dates::Git) => "; its date is that of its first commit",
            Some(Dates::File) => "; its date is that of its file",
            Some(Dates::Written) | None => "",
        };
        return Why::new(Some(&page.source), format!("{reason}{dated}{unlisted}"));
    }
    if let Some(file) = plan.file_by_address.get(path).and_then(|&index| plan.files.get(index)) {
        return Why::new(Some(&file.source), "a file, served as it is");
    }
    // A hand-written index is at its folder too.
    if let Some(source) = path.strip_suffix("index.gmi").and_then(|folder| source_at(plan, folder)) {
        return Why::new(Some(&source), "gemtext, served as it is written; its address is its folder's");
    }
    Why::new(None, made(plan, path))
}

/// What maquis has made at an address.
fn made(plan: &Plan, path: &str) -> &'static str {
    let taxonomy = |taxonomy: Taxonomy| format!("/{}/", taxonomy.folder());
    match path {
        CONTINUITY => "made by maquis: what vouches for the key of this host",
        "/sitemap.txt" => "made by maquis: every page",
        _ if plan.editions.iter().any(|edition| edition.root.as_str() == path) => "made by maquis: the home page",
        _ if plan.sections.iter().any(|section| section.address.as_str() == path) => {
            "made by maquis: the list of what is in a folder"
        }
        _ if path.ends_with(".xml") => "made by maquis: a feed",
        _ if path.contains("/archive/") => "made by maquis: all posts by year",
        _ if Taxonomy::ALL.into_iter().any(|kind| path.contains(&taxonomy(kind))) => {
            "made by maquis: the posts with a tag, of a category, a series or an author"
        }
        _ => "made by maquis",
    }
}

fn moved(plan: &Plan, path: &str, to: &Address) -> Why {
    match page_at(plan, path) {
        Some(page) if page.address.as_str() == path => {
            Why::new(Some(&page.source), format!("`redirect_to` in its front matter leads to {to}"))
        }
        Some(page) => Why::new(Some(&page.source), "`aliases` in its front matter name this older address"),
        None if plan.moves.iter().any(|(from, _)| from.as_str() == path) => {
            Why::new(None, format!("its generator has this address for what is here at {to}"))
        }
        None => Why::new(None, format!("`web` names this as the blog's home on the web; here it is {to}")),
    }
}

fn missing(capsule: &Capsule, plans: &Plans, path: &str) -> Why {
    let would_be = page_at(&plans.all, path)
        .or_else(|| other_forms(path).find_map(|form| page_at(&plans.all, &form)))
        .or_else(|| plans.all.pages.iter().find(|page| is_named_like(page, path)));
    let near = nearest(capsule, path);
    let Some(page) = would_be else {
        let reason = "no source has this address, and no rule leads from it";
        return Why { near, ..Why::new(None, reason) };
    };
    let reason = match plans.hidden(&page.source) {
        Some(hidden) => why_hidden(plans, page, hidden),
        // Shown, but not there: it could not be converted, and the problem says why.
        None if plans.shown.pages.iter().any(|shown| shown.source == page.source) => {
            let at = plans.shown.pages.iter().find(|shown| shown.source == page.source);
            match at {
                Some(shown)
                    if shown.address.as_str() != path && capsule.resources.contains_key(shown.address.as_str()) =>
                {
                    return Why {
                        near: vec![shown.address.clone()],
                        ..Why::new(Some(&page.source), "the file is published at another address")
                    };
                }
                Some(_) | None => "broken, and not published until it is mended".to_owned(),
            }
        }
        None => "its address is taken by another source".to_owned(),
    };
    Why { source: Some(page.source.clone()), reason, near: Vec::new() }
}

/// Whether a path ends in the name of a source: `/posts/x.md`, or `/x/` for a draft of an unknown address.
fn is_named_like(page: &Page, path: &str) -> bool {
    path.trim_start_matches('/') == page.logical
}

fn why_hidden(plans: &Plans, page: &Page, hidden: Hidden) -> String {
    let at = |instant: Timestamp| {
        let zone = &plans.shown.masthead.timezone;
        let name = zone.iana_name().map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{}{name}", zone.to_datetime(instant).strftime("%F %H:%M"))
    };
    match hidden {
        Hidden::Draft => {
            "a draft: its front matter, its folder or a section above it says so (`draft: true`); remove that to publish it"
                .to_owned()
        }
        Hidden::Scheduled => match plans.begins(&page.source) {
            Some(moment) => format!("scheduled: it appears by itself on {}", at(moment.instant)),
            None => "scheduled for later".to_owned(),
        },
        Hidden::Expired => match plans.sources.get(&page.source).and_then(|known| known.front.expires) {
            Some(moment) => format!("expired on {}, as its front matter says", at(moment.instant)),
            None => "expired".to_owned(),
        },
        Hidden::NotRendered => "its front matter, or that of a section above it, asks for no page".to_owned(),
        Hidden::Gone => "listed under `gone` in the configuration".to_owned(),
        Hidden::Incomplete
        | Hidden::Doubtful
        | Hidden::Broken
        | Hidden::Around
        | Hidden::Disabled
        | Hidden::Foreign
        | Hidden::Answered => hidden.reason().to_owned(),
    }
}

/// What is there and looks most like a path.
fn nearest(capsule: &Capsule, path: &str) -> Vec<Address> {
    let likeness = |address: &Address| strsim::jaro_winkler(address.as_str(), path);
    let mut near: Vec<(f64, &Address)> = capsule
        .resources
        .keys()
        .map(|address| (likeness(address), address))
        .filter(|(like, _)| *like > ALIKE)
        .collect();
    near.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    near.into_iter().take(OFFERED).map(|(_, address)| address.clone()).collect()
}
