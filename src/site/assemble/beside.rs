//! What is at an address and is no page: the author's own replies, files, older addresses, and what is gone.

use std::sync::Arc;

use super::{Assembly, CONTINUITY, gemtext_in};
use crate::content::{Address, Language};
use crate::site::{Body, FilePlace, Part, Permanence, Resource};

impl Assembly<'_> {
    /// What the author answers in the place of files.
    pub(super) fn heads(&mut self) {
        for (address, head) in &self.plan().heads {
            self.resources.insert(address.clone(), Resource::Head(head.clone()));
        }
    }

    pub(super) fn files(&mut self) {
        for file in &self.plan().files {
            if self.resources.contains_key(&file.address) {
                continue;
            }
            let masthead = &self.plan().masthead;
            let language = masthead.files.language(&file.source).unwrap_or(&masthead.language);
            let named = static_type(&file.source, language);
            let media_type = file.media_type.as_ref().map_or_else(|| named.clone(), |own| own.of(&named));
            let media_type = self.media_type(&media_type);
            let place = FilePlace {
                capsule: self.ingredients.capsule,
                path: file.source.as_str().into(),
                picture: self.ingredients.pictures.get(&file.source).cloned(),
            };
            let body: Body = Arc::new([Part::File(place)]);
            if let Some(digging) = &mut self.digging {
                digging.add(file.address.clone(), Arc::clone(&body));
            }
            self.resources.insert(file.address.clone(), Resource::Content { media_type, body });
        }
    }

    /// Unless the author has a file there.
    pub(super) fn continuity(&mut self) {
        let Some(text) = self.ingredients.continuity else { return };
        let Ok(address) = Address::parse(CONTINUITY) else { return };
        let media_type = self.media_type("text/plain; charset=utf-8");
        let body: Body = Arc::new([Part::Bytes(Arc::clone(text))]);
        self.resources.entry(address).or_insert(Resource::Content { media_type, body });
    }

    /// Older addresses, and the blog's home on the web.
    pub(super) fn moves(&mut self) {
        let plan = self.plan();
        for page in &plan.pages {
            for alias in &page.aliases {
                self.add_move(alias.clone(), page.address.clone());
            }
        }
        for (from, to) in &plan.moves {
            self.add_move(from.clone(), to.clone());
        }
        if let Some(web) = &plan.masthead.web {
            self.add_move(web.path.clone(), Address::root());
        }
    }

    fn add_move(&mut self, from: Address, to: Address) {
        let moved = Resource::Moved { to, permanence: Permanence::Permanent };
        self.resources.entry(from).or_insert(moved);
    }

    pub(super) fn gone(&mut self) {
        for address in self.ingredients.known {
            if !self.resources.contains_key(address) {
                self.resources.insert(address.clone(), Resource::Gone);
            }
        }
    }
}

/// The media type of a file by its ending; text says its charset.
fn static_type(path: &str, language: &Language) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "gmi" | "gemini" => gemtext_in(language),
        "atom" => "application/atom+xml".into(),
        "xml" if matches!(name, "atom.xml" | "feed.xml") => "application/atom+xml".into(),
        "asc" | "txt" => "text/plain; charset=utf-8".into(),
        _ => {
            let guess = mime_guess::from_ext(&ending).first_or_octet_stream();
            match guess.type_() {
                mime_guess::mime::TEXT => format!("{}; charset=utf-8", guess.essence_str()),
                _ => guess.essence_str().to_owned(),
            }
        }
    }
}
