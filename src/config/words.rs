//! `[capsule.words]`: the author's own words where maquis adds some, for the capsule's language and for others.

use std::collections::BTreeMap;

use toml::Spanned;

use super::meant::Context;
use super::written::{Said, nearest};
use super::{ConfigError, OwnWords};
use crate::content::Language;
use crate::content::language::Words;
use crate::render::words::Word;

/// The longest text, in bytes: some of them are the heads of replies.
const LONGEST: usize = 1000;

impl Context<'_> {
    pub(super) fn words(&self, written: &BTreeMap<String, Spanned<Said>>) -> Result<Vec<OwnWords>, ConfigError> {
        let (mut own, mut others) = (Words::new(), Vec::new());
        for (key, said) in written {
            let wrong = |text: String| self.place(Some(said)).error(text);
            match said.get_ref() {
                Said::Word(text) => {
                    let (name, text) = word(key, text).map_err(wrong)?;
                    own.insert(name, text);
                }
                Said::Language(words) => {
                    let tag = || format!("`{key}` is not a language such as `fr` or `pt-BR`");
                    let language = Language::parse(key).ok_or_else(|| wrong(tag()))?;
                    let words = words.iter().map(|(name, text)| word(name, text)).collect::<Result<Words, _>>();
                    others.push(OwnWords { language: Some(language), words: words.map_err(wrong)?.into() });
                }
            }
        }
        let own = OwnWords { language: None, words: own.into() };
        Ok(others.into_iter().chain((!own.words.is_empty()).then_some(own)).collect())
    }
}

fn word(name: &str, text: &str) -> Result<(String, String), String> {
    let names: Vec<&str> = Word::ALL.iter().map(|word| word.name()).collect();
    if !names.contains(&name) {
        let meant = nearest(name, &names).filter(|(_, likeness)| *likeness > 0.65);
        return Err(match meant {
            Some((meant, _)) => format!("maquis has no word `{name}`; did you mean `{meant}`?"),
            None => format!("maquis has no word `{name}`; its words are {}", names.join(", ")),
        });
    }
    let text = text.trim();
    match text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        true => Err(format!("the word `{name}` must be one line with something in it, of at most {LONGEST} bytes")),
        false => Ok((name.to_owned(), text.to_owned())),
    }
}
