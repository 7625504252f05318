//! Where a link of a page leads: to a page or a file of the capsule, to elsewhere, or to nowhere.
//!
//! Pass two asks for every link and image; the plan answers. What a source calls its neighbour (`../x.md`,
//! `{{< ref "x" >}}`, `/x.html`, the blog's address on the web) is the page's own address here.

use super::liquid::{self, Destination};
use super::markdown::ReferenceKind;
use super::pelican::MARKS;
use crate::content::address::{other_forms, percent_decode};
use crate::content::document::Target;
use crate::content::masthead::Web;
use crate::content::problem::Kind;
use crate::content::{Address, Page, Plan};
use crate::text::url;

/// A target, and what is wrong with the destination.
pub struct Resolved {
    pub target: Target,
    pub problem: Option<(Kind, String)>,
}

/// Schemes that lead nowhere a reader should go.
const REFUSED: [&str; 3] = ["javascript", "data", "vbscript"];

/// Resolves a destination as the page writes it. A place on the page itself is where the reader is already.
pub fn resolve(plan: &Plan, page: &Page, destination: &str, used: ReferenceKind) -> Resolved {
    let resolved = lookup(plan, page, destination, used);
    match resolved.target.page() {
        Some(address) if *address == page.address => Resolved { target: Target::Nowhere, ..resolved },
        Some(_) | None => resolved,
    }
}

fn lookup(plan: &Plan, page: &Page, destination: &str, used: ReferenceKind) -> Resolved {
    let destination = destination.trim();
    let resolver = Resolver { plan, page };
    if used == ReferenceKind::Itself {
        return found(resolver.itself());
    }
    if used == ReferenceKind::Ref {
        return resolver.reference(destination);
    }
    if destination.contains("{%") || destination.contains("{{") {
        return resolver.liquid(destination, used);
    }
    match url::scheme(destination) {
        Some(scheme) if REFUSED.contains(&scheme.as_str()) => nowhere(),
        Some(scheme) if scheme == "http" || scheme == "https" => resolver.web(destination),
        Some(_) => elsewhere(destination),
        None if destination.starts_with("//") => resolver.web(&format!("https:{destination}")),
        None => resolver.local(destination, used),
    }
}

fn nowhere() -> Resolved {
    Resolved { target: Target::Nowhere, problem: None }
}

fn found(target: Target) -> Resolved {
    Resolved { target, problem: None }
}

fn elsewhere(destination: &str) -> Resolved {
    match url::escape(destination) {
        Some(escaped) => found(Target::Elsewhere(escaped.into())),
        None => {
            let problem = format!("a link is longer than {} bytes, which no client follows; shorten it", url::LONGEST);
            Resolved { target: Target::Nowhere, problem: Some((Kind::BrokenLink, problem)) }
        }
    }
}

struct Resolver<'a> {
    plan: &'a Plan,
    page: &'a Page,
}

/// Where a path may begin.
#[derive(Clone, Copy)]
enum Beginning {
    /// At the root: of the content, of the capsule.
    Root,
    /// At the path of the blog's address on the web.
    Web,
    /// Beside the file.
    File,
    /// Beside the page on the web, or in the folder around that.
    Page,
    Section,
    /// At the root of the content: Hugo looks for a page there too.
    Content,
}

impl Resolver<'_> {
    /// A web address: local where the blog itself stands at it and the page is here.
    fn web(&self, destination: &str) -> Resolved {
        let own = || {
            let web = self.plan.masthead.web.as_ref()?;
            let (_, rest) = destination.split_once("://")?;
            let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let bare = |name: &str| name.to_ascii_lowercase().trim_start_matches("www.").to_owned();
            if bare(authority) != bare(&web.authority) {
                return None;
            }
            let path = percent_decode(path.split(['?', '#']).next().unwrap_or("/"))?;
            let address = Address::parse(&path).ok()?;
            // What stands beside the blog on the web is not here.
            let beneath = address.as_folder() == web.path || address.as_str().starts_with(web.path.as_str());
            beneath.then(|| self.at_address(&address))?
        };
        own().map_or_else(|| elsewhere(destination), found)
    }

    /// The page on the web, where the blog stands there too.
    fn itself(&self) -> Target {
        let Some(web) = &self.plan.masthead.web else { return Target::Nowhere };
        let path = self.page.web_path.clone().unwrap_or_else(|| self.page.address.encoded());
        Target::Elsewhere(format!("{}{path}", web.origin).into())
    }

    /// A destination with Liquid in it.
    fn liquid(&self, destination: &str, used: ReferenceKind) -> Resolved {
        let target = match liquid::destination(destination) {
            Some(Destination::Path(path)) if !path.contains("{{") => return lookup(self.plan, self.page, &path, used),
            Some(Destination::Source(source)) => self.at_logical(&source),
            Some(Destination::Post(name)) => self.post(&name),
            Some(Destination::Path(_)) | None => None,
        };
        target.map_or_else(|| self.lost(destination, used, None), found)
    }

    /// A post by its name and the folders around `_posts`.
    fn post(&self, name: &str) -> Option<Target> {
        let wanted = name.trim_start_matches('/').to_lowercase();
        // Where nearly all are, in a blog of many: no search is needed.
        let beside = match wanted.rsplit_once('/') {
            Some((around, stem)) => format!("{around}/_posts/{stem}"),
            None => format!("_posts/{wanted}"),
        };
        let places = [beside, format!("_posts/{wanted}")];
        let endings = [".md", ".markdown", ".html"];
        let direct = places
            .iter()
            .find_map(|place| endings.iter().find_map(|ending| self.plan.by_logical.get(&format!("{place}{ending}"))));
        if let Some(&index) = direct {
            return Some(Target::Page(self.plan.pages[index].address.clone()));
        }
        let named = |logical: &str| {
            let (around, inner) = logical.split_once("_posts/")?;
            let stem = inner.rsplit_once('.').map_or(inner, |(stem, _)| stem);
            Some(format!("{around}{stem}"))
        };
        let mut fitting = self.plan.named(&wanted).filter(|(logical, _)| {
            named(logical).is_some_and(|name| name == wanted || name.ends_with(&format!("/{wanted}")))
        });
        fitting.next().map(|(_, index)| Target::Page(self.plan.pages[index].address.clone()))
    }

    fn local(&self, destination: &str, used: ReferenceKind) -> Resolved {
        let path = destination.split(['#', '?']).next().unwrap_or("");
        if path.is_empty() {
            return nowhere();
        }
        let Some(path) = percent_decode(path).filter(|path| !path.chars().any(char::is_control)) else {
            return self.lost(destination, used, None);
        };
        let path = self.plain(&path);
        let target = self.candidates(path).find_map(|(logical, address)| {
            let by_source = logical.as_ref().and_then(|logical| self.at_logical(logical));
            by_source.or_else(|| address.as_ref().and_then(|address| self.at_address(address)))
        });
        match target {
            Some(target) => found(target),
            None => self.lost(destination, used, Some(&self.candidates(path).collect::<Vec<_>>())),
        }
    }

    /// A path without the mark by which its generator knows a source: `@/` (Zola), `{filename}` (Pelican).
    fn plain<'p>(&self, path: &'p str) -> &'p str {
        match path.strip_prefix("@/") {
            // From the root of the content on, slash and all.
            Some(_) => &path[1..],
            None => MARKS.iter().find_map(|mark| path.strip_prefix(mark)).unwrap_or(path),
        }
    }

    /// Where a path may lead, as a place in the content and as an address: absolute, beside the file, beside
    /// the page on the web.
    fn candidates(&self, path: &str) -> impl Iterator<Item = (Option<String>, Option<Address>)> {
        let beginnings: &[Beginning] = match path.starts_with('/') {
            true => &[Beginning::Root, Beginning::Web],
            false => &[Beginning::File, Beginning::Page, Beginning::Section, Beginning::Content],
        };
        // One after the other: nearly always the first is it.
        beginnings.iter().map(move |beginning| self.candidate(path, *beginning))
    }

    fn candidate(&self, path: &str, beginning: Beginning) -> (Option<String>, Option<Address>) {
        let logical = |address: &Address| Some(address.as_str().trim_start_matches('/').to_owned());
        let both = |base: &str| {
            let address = Address::relative(base, path).ok();
            (address.as_ref().and_then(logical), address)
        };
        match beginning {
            Beginning::Root => both("/"),
            Beginning::Web => {
                let prefix = self.plan.masthead.web.as_ref().map_or_else(Address::root, |web| web.path.clone());
                (None, prefix.child(path.trim_start_matches('/')).ok())
            }
            Beginning::File => both(&self.page.logical),
            Beginning::Page => (None, self.page.address.join(path).ok()),
            Beginning::Section => (None, self.page.address.parent().join(path).ok()),
            Beginning::Content => (both("/").0, None),
        }
    }

    /// The argument of `ref`: absolute in the content, or beside the page, or a name that is only once there.
    fn reference(&self, destination: &str) -> Resolved {
        let path = destination.split('#').next().unwrap_or("").trim();
        if path.is_empty() {
            return nowhere();
        }
        let file = Address::parse(&self.page.logical).unwrap_or_else(|_| Address::root());
        let absolute = path.trim_start_matches('/').to_owned();
        let beside = file.join(path).ok().map(|address| address.as_str().trim_start_matches('/').to_owned());
        let candidates = [beside, Some(absolute)];
        let target = candidates.iter().flatten().find_map(|logical| self.at_logical(logical));
        match target.or_else(|| self.by_name(path)) {
            Some(target) => found(target),
            None => {
                let candidates: Vec<_> = candidates.into_iter().map(|logical| (logical, None)).collect();
                self.lost(destination, ReferenceKind::Ref, Some(&candidates))
            }
        }
    }

    fn by_name(&self, path: &str) -> Option<Target> {
        let wanted = format!("/{}", path.trim_matches('/').to_lowercase());
        let endings = [".md", "/index.md", "/_index.md", ""];
        let mut named = self.plan.named(&wanted).filter(|(logical, _)| {
            let logical = format!("/{logical}");
            endings.iter().any(|ending| logical.strip_suffix(ending).is_some_and(|name| name.ends_with(&wanted)))
        });
        let (_, index) = named.next()?;
        named.next().is_none().then(|| Target::Page(self.plan.pages[index].address.clone()))
    }

    fn at_logical(&self, logical: &str) -> Option<Target> {
        let exact = logical.trim_matches('/');
        let page = |form: &str| Some(Target::Page(self.plan.pages[*self.plan.by_logical.get(form)?].address.clone()));
        let file = |form: &str| Some(self.file(*self.plan.file_by_logical.get(form)?));
        let logical = exact.to_lowercase();
        // Of two names that differ in case alone, the one that is written is meant.
        if exact != logical
            && self.page.edition.is_none()
            && let Some(target) = page(exact).or_else(|| file(exact))
        {
            return Some(target);
        }
        let at = |form: String| {
            let &index = self.plan.by_logical.get(form.trim_start_matches('/'))?;
            Some(Target::Page(self.plan.pages[index].address.clone()))
        };
        // A page in another language means its neighbour in that language, where there is one.
        let in_language = self.page.edition.as_ref().and_then(|language| {
            let stem = logical.strip_suffix(".md").unwrap_or(&logical);
            let tag = language.as_str().to_lowercase();
            ["", "/_index", "/index"].iter().find_map(|name| at(format!("{stem}{name}.{tag}.md")))
        });
        let forms = ["", ".md", ".gmi", "/_index.md", "/index.md", "/index.gmi"];
        let page = in_language.or_else(|| forms.iter().find_map(|ending| at(format!("{logical}{ending}"))));
        page.or_else(|| file(&logical))
    }

    fn file(&self, index: usize) -> Target {
        let file = &self.plan.files[index];
        Target::File(file.address.clone(), file.length)
    }

    fn at_address(&self, address: &Address) -> Option<Target> {
        let is_home = |web: &Web| address.as_folder() == web.path;
        if self.plan.masthead.web.as_ref().is_some_and(is_home) && !self.plan.by_address.contains_key(address) {
            return Some(Target::Page(Address::root()));
        }
        let exact = |path: &str| {
            let page = self.plan.by_address.get(path).map(|&index| &self.plan.pages[index].address);
            page.or_else(|| self.plan.made.get(path)).map(|address| Target::Page(address.clone()))
        };
        let file = || self.plan.file_by_address.get(address).map(|&index| self.file(index));
        exact(address.as_str()).or_else(file).or_else(|| other_forms(address.as_str()).find_map(|form| exact(&form)))
    }

    /// A link to nothing on this capsule: to the page on the web where the blog stands there too.
    fn lost(
        &self,
        destination: &str,
        used: ReferenceKind,
        candidates: Option<&[(Option<String>, Option<Address>)]>,
    ) -> Resolved {
        let (what, kind) = match used {
            ReferenceKind::Link | ReferenceKind::Itself => ("link", Kind::BrokenLink),
            ReferenceKind::Image => ("image", Kind::BrokenImage),
            ReferenceKind::Ref => ("ref", Kind::BrokenLink),
        };
        let hidden =
            candidates.into_iter().flatten().filter_map(|(logical, _)| logical.as_deref()).find_map(|logical| {
                let logical = logical.trim_matches('/').to_lowercase();
                ["", ".md", "/index.md", "/_index.md"]
                    .iter()
                    .find_map(|ending| self.plan.hidden.get(&format!("{logical}{ending}")))
            });
        if let Some(hidden) = hidden {
            let problem = format!("the {what} `{destination}` leads to a page that is {}", hidden.reason());
            return Resolved { target: Target::Nowhere, problem: Some((Kind::HiddenLink, problem)) };
        }
        let on_the_web = self.plan.masthead.web.as_ref().and_then(|web| {
            let base = if destination.starts_with('/') { Address::root() } else { self.page.address.clone() };
            // Pelican's marks are its own.
            let destination = MARKS.iter().find_map(|mark| destination.strip_prefix(mark)).unwrap_or(destination);
            let path = destination.split(['#', '?']).next().unwrap_or("");
            let address = base.join(&percent_decode(path)?).ok()?;
            let rest = destination.strip_prefix(path).unwrap_or("");
            url::escape(&format!("{}{}{rest}", web.origin, address.encoded()))
        });
        let (target, ending) = match on_the_web {
            Some(url) => (Target::Elsewhere(url.into()), "; it is sent to the web, correct it if it should lead here"),
            None => (Target::Nowhere, "; correct it"),
        };
        Resolved {
            target,
            problem: Some((kind, format!("the {what} `{destination}` leads to nothing on this capsule{ending}"))),
        }
    }
}
