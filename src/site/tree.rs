//! A capsule laid out as files, for a server that hosts files: what `maquis build` writes.
//!
//! What is at a folder's address is its `index.gmi`, over Gopher its `gophermap`. What a file cannot say of itself
//! (media type, language, where it has moved) stands in `.meta` files as agate reads them, and once more, with the
//! author's rules for whole families of addresses, as a plain list that any server's configuration can be made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gopherhole::Gopherhole;
use super::{Body, Capsule, Permanence, Resource};
use crate::content::Address;
use crate::content::files::Head;
use crate::render::words::{Word, word};

/// agate's: what a folder's server is told of the files in it.
pub const META: &str = ".meta";
/// Where every older address leads, and which are gone.
pub const LIST: &str = ".redirects";
/// What is at a folder's address.
const INDEX: &str = "index.gmi";
/// The same for Gopher. Served menus are whole lines, which every server of gophermaps passes on as they are.
const MENU: &str = "gophermap";
/// The longest name that file systems take, in bytes.
const NAME_BYTES: usize = 255;
/// The longest meta text of a reply, in bytes (Gemini specification).
const META_BYTES: usize = 1024;

/// Files by their paths, with `/` between names, and what no file can hold.
#[derive(Default)]
pub struct Tree<'a> {
    pub files: BTreeMap<String, Leaf<'a>>,
    /// Each with the reason.
    pub left_out: Vec<(Address, String)>,
}

/// What is in a file.
pub enum Leaf<'a> {
    Body(&'a Body),
    Text(String),
}

/// The files of a capsule.
pub fn of_capsule(capsule: &Capsule) -> Tree<'_> {
    let mut layout = Layout::new(INDEX);
    let mut metas = Metas::new();
    let mut list = String::new();
    for (address, resource) in sorted(&capsule.resources) {
        let reply = match resource {
            Resource::Content { media_type, body } => {
                layout.add(address, Leaf::Body(body));
                // A server may have a language of its own for gemtext that is not said to be in any.
                let is_told =
                    media_type.starts_with("text/gemini") || **media_type != *by_its_name(&layout.path(address));
                is_told.then(|| media_type.to_string())
            }
            Resource::Moved { to, permanence } => {
                let to = to.encoded();
                layout.leads_on(address, format!("{}\n=> {to} {to}\n", word(&capsule.language, Word::Moved)));
                let status = match permanence {
                    Permanence::Temporary => 30,
                    Permanence::Permanent => 31,
                };
                Some(format!("{status} {to}"))
            }
            Resource::Head(Head { status, meta }) => Some(format!("{status} {meta}")),
            Resource::Gone => Some(format!("52 {}", capsule.gone)),
        };
        let Some(reply) = reply.filter(|reply| reply.len() <= META_BYTES) else { continue };
        if reply.starts_with(|first: char| first.is_ascii_digit()) {
            list += &listed(&reply, &address.encoded());
        }
        layout.tell(address, &reply, &mut metas);
    }
    list.extend(capsule.redirects.moved.iter().map(|rule| listed(&format!("31 {}", rule.to()), &rule.from())));
    list.extend(capsule.redirects.gone.0.iter().map(|pattern| listed("52", &pattern.to_string())));
    let mut tree = layout.finish();
    for (path, lines) in metas {
        if folders_of(&path).any(|folder| tree.files.contains_key(folder)) {
            tree.left_out.extend(lines.into_iter().map(|(address, line)| untold(address, &line)));
        } else {
            let text = lines.into_iter().map(|(_, line)| line).collect();
            tree.files.insert(path, Leaf::Text(text));
        }
    }
    tree.files.extend((!list.is_empty()).then(|| (LIST.to_owned(), Leaf::Text(list))));
    tree
}

/// What `.meta` files say: their paths, and in each the lines with the addresses they are about.
type Metas = BTreeMap<String, Vec<(Address, String)>>;

/// A file has the name of the folder that the line would be in.
fn untold(address: Address, line: &str) -> (Address, String) {
    let reply = line.split_once(':').map_or(line, |(_, reply)| reply).trim_end();
    (address, format!("a file has the name of its folder, so tell its server yourself: {reply}"))
}

/// The files of a gopherhole. What moved answers in place, so it is there twice.
pub fn of_gopherhole(hole: &Gopherhole) -> Tree<'_> {
    let mut layout = Layout::new(MENU);
    let is_error = |body: &Body| Arc::ptr_eq(body, &hole.gone) || Arc::ptr_eq(body, &hole.not_found);
    for (address, body) in sorted(&hole.resources).filter(|(_, body)| !is_error(body)) {
        layout.add(address, Leaf::Body(body));
    }
    layout.finish()
}

fn sorted<T>(resources: &std::collections::HashMap<Address, T>) -> impl Iterator<Item = (&Address, &T)> {
    resources.iter().collect::<BTreeMap<_, _>>().into_iter()
}

/// `31 /old/ /new/`, `52 /drafts/*`
fn listed(reply: &str, from: &str) -> String {
    let (status, to) = reply.split_once(' ').unwrap_or((reply, ""));
    match status {
        "30" | "31" => format!("{status} {from} {to}\n"),
        status => format!("{status} {from}\n"),
    }
}

/// The media type that other servers tell by a name.
fn by_its_name(path: &str) -> String {
    mime_guess::from_path(path).first_or_octet_stream().essence_str().to_owned()
}

/// A tree in the making.
struct Layout<'a> {
    /// The name of what is at a folder's address.
    index: &'static str,
    files: BTreeMap<String, (&'a Address, Leaf<'a>)>,
    left_out: Vec<(Address, String)>,
}

impl<'a> Layout<'a> {
    fn new(index: &'static str) -> Layout<'a> {
        Layout { index, files: BTreeMap::new(), left_out: Vec::new() }
    }

    fn path(&self, address: &Address) -> String {
        let index = if address.is_folder() { self.index } else { "" };
        format!("{}{index}", address.as_str().trim_start_matches('/'))
    }

    /// Puts something at an address. What is at a folder may be at its index's own address too.
    fn add(&mut self, address: &'a Address, leaf: Leaf<'a>) {
        let path = self.path(address);
        match impossible(&path) {
            Some(why) => self.left_out.push((address.clone(), why.to_owned())),
            None => {
                self.files.insert(path, (address, leaf));
            }
        }
    }

    /// A page for those who come to an older address, where a server knows no `.meta`; none where its name would have
    /// it taken for something else.
    fn leads_on(&mut self, address: &'a Address, text: String) {
        if address.is_folder() || address.as_str().ends_with(".gmi") {
            self.add(address, Leaf::Text(text));
        }
    }

    /// A line for the `.meta` file beside a path.
    fn tell(&mut self, address: &Address, reply: &str, metas: &mut Metas) {
        let path = self.path(address);
        if impossible(&path).is_some() {
            return;
        }
        let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        if name.contains([':', '=', '*', '?', '[']) || name.starts_with('#') {
            let why = format!("its name cannot stand in `{META}`, so tell its server yourself: {reply}");
            return self.left_out.push((address.clone(), why));
        }
        let meta = if folder.is_empty() { META.to_owned() } else { format!("{folder}/{META}") };
        let line = format!("{name}:{reply}\n");
        let known = metas.entry(meta).or_default();
        // Both addresses of an index say so.
        if known.last().is_none_or(|(_, last)| *last != line) {
            known.push((address.clone(), line));
        }
    }

    /// Of a file and a folder with one name, the folder stays: more is in it.
    fn finish(self) -> Tree<'a> {
        let folders: BTreeSet<&str> = self.files.keys().flat_map(|path| folders_of(path)).collect();
        let taken: BTreeSet<String> =
            self.files.keys().filter(|path| folders.contains(path.as_str())).cloned().collect();
        let mut tree = Tree { files: BTreeMap::new(), left_out: self.left_out };
        for (path, (address, leaf)) in self.files {
            if taken.contains(&path) {
                let why = "a folder has the same name, and a disk takes one of the two; rename it".to_owned();
                tree.left_out.push((address.clone(), why));
            } else {
                tree.files.insert(path, leaf);
            }
        }
        tree
    }
}

/// Why there can be no file of this path.
fn impossible(path: &str) -> Option<&'static str> {
    let mut names = path.split('/');
    if names.clone().any(|name| name.len() > NAME_BYTES) {
        return Some("its name is longer than 255 bytes, which no disk takes; give it a shorter `slug`");
    }
    names
        .any(|name| matches!(name, META | LIST))
        .then_some("a file of that name tells its server what to do; rename it")
}

/// The folders around a path.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::content::Language;
    use crate::content::redirect::{PathPattern, Patterns, Redirect, Redirects};
    use crate::site::Part;

    fn at(path: &str) -> Address {
        Address::parse(path).unwrap()
    }

    fn content(media_type: &str) -> Resource {
        Resource::Content { media_type: media_type.into(), body: Arc::new([Part::Bytes((*b"x").into())]) }
    }

    fn capsule(resources: Vec<(&str, Resource)>) -> Capsule {
        Capsule {
            hosts: vec!["a.org".into()],
            language: Language::english(),
            not_found: String::new(),
            gone: "gone".into(),
            resources: resources.into_iter().map(|(path, resource)| (at(path), resource)).collect::<HashMap<_, _>>(),
            redirects: Redirects {
                moved: vec![Redirect::parse("/blog/{name}", "/posts/{name}/").unwrap()],
                gone: Patterns(vec![PathPattern::parse("/drafts/*").unwrap()]),
            },
            gopherhole: None,
        }
    }

    fn text<'a>(tree: &'a Tree<'_>, path: &str) -> &'a str {
        match &tree.files[path] {
            Leaf::Text(text) => text,
            Leaf::Body(_) => panic!("{path} is a body"),
        }
    }

    #[test]
    fn a_server_of_files_is_told_what_they_cannot_say() {
        let head = |status, meta: &str| Resource::Head(Head { status, meta: meta.to_owned() });
        let moved = |to| Resource::Moved { to: at(to), permanence: Permanence::Permanent };
        let capsule = capsule(vec![
            ("/", content("text/gemini; lang=fr")),
            ("/index.gmi", content("text/gemini; lang=fr")),
            ("/a.png", content("image/png")),
            ("/posts/été/", content("text/gemini")),
            ("/old/", moved("/posts/été/")),
            ("/old.html", moved("/posts/été/")),
            ("/lost.gmi", head(52, "lost")),
        ]);
        let tree = of_capsule(&capsule);
        let paths: Vec<&str> = tree.files.keys().map(String::as_str).collect();
        let expected = [
            ".meta",
            ".redirects",
            "a.png",
            "index.gmi",
            "old/.meta",
            "old/index.gmi",
            "posts/été/.meta",
            "posts/été/index.gmi",
        ];
        assert_eq!(paths, expected);
        let there = "/posts/%C3%A9t%C3%A9/";
        assert_eq!(
            text(&tree, ".meta"),
            format!("index.gmi:text/gemini; lang=fr\nlost.gmi:52 lost\nold.html:31 {there}\n")
        );
        assert_eq!(text(&tree, "old/.meta"), format!("index.gmi:31 {there}\n"));
        assert_eq!(text(&tree, "old/index.gmi"), format!("This page has moved:\n=> {there} {there}\n"));
        assert_eq!(
            text(&tree, ".redirects"),
            format!(
                "52 /lost.gmi\n31 /old.html {there}\n31 /old/ {there}\n31 /blog/{{name}} /posts/{{name}}/\n52 /drafts/*\n"
            )
        );
        assert!(tree.left_out.is_empty());
    }

    #[test]
    fn a_file_keeps_its_place_where_an_older_address_lies_beneath_it() {
        let moved = Resource::Moved { to: at("/a/"), permanence: Permanence::Permanent };
        let capsule =
            capsule(vec![("/old", content("text/plain")), ("/old/x.html", moved), ("/a/", content("text/gemini"))]);
        let tree = of_capsule(&capsule);
        let paths: Vec<&str> = tree.files.keys().map(String::as_str).collect();
        assert_eq!(paths, [".meta", ".redirects", "a/.meta", "a/index.gmi", "old"]);
        let why = "a file has the name of its folder, so tell its server yourself: 31 /a/";
        assert_eq!(tree.left_out, [(at("/old/x.html"), why.to_owned())]);
        assert!(text(&tree, ".redirects").contains("31 /old/x.html /a/\n"));
    }

    #[test]
    fn what_no_disk_takes_is_named() {
        let long = format!("/{}/", "x".repeat(256));
        let capsule = capsule(vec![
            ("/a", content("text/plain")),
            ("/a/b.txt", content("text/plain")),
            (&long, content("text/gemini")),
            ("/x/.meta", content("text/plain")),
            ("/c:d.txt", content("image/png")),
        ]);
        let tree = of_capsule(&capsule);
        let mut left_out: Vec<&str> = tree.left_out.iter().map(|(address, _)| address.as_str()).collect();
        left_out.sort_unstable();
        assert_eq!(left_out, ["/a", "/c:d.txt", "/x/.meta", &long]);
        assert!(tree.files.contains_key("a/b.txt") && tree.files.contains_key("c:d.txt"));
    }
}
