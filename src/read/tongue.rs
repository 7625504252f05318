//! In which of a few languages a text is written, told by the words that every sentence needs.
//!
//! For advice alone: nothing that readers get depends on it. Where it is not plain, nothing is said.

/// What a language is called, its tag, and words that stand in nearly every sentence of it and in few of any other.
struct Tongue {
    name: &'static str,
    tag: &'static str,
    words: &'static [&'static str],
}

const TONGUES: [Tongue; 6] = [
    Tongue {
        name: "English",
        tag: "en",
        words: &["the", "and", "of", "to", "is", "that", "it", "with", "this", "was", "are", "which", "from", "have"],
    },
    Tongue {
        name: "French",
        tag: "fr",
        words: &["le", "les", "des", "est", "et", "une", "dans", "qui", "pour", "du", "au", "sur", "pas", "nous"],
    },
    Tongue {
        name: "German",
        tag: "de",
        words: &["der", "und", "das", "ist", "nicht", "ein", "eine", "mit", "auf", "ich", "zu", "den", "von", "auch"],
    },
    Tongue {
        name: "Spanish",
        tag: "es",
        words: &["el", "los", "las", "una", "por", "para", "con", "del", "como", "pero", "más", "muy", "y", "lo"],
    },
    Tongue {
        name: "Italian",
        tag: "it",
        words: &["il", "di", "che", "gli", "della", "per", "sono", "non", "è", "nel", "anche", "più", "questo", "una"],
    },
    Tongue {
        name: "Dutch",
        tag: "nl",
        words: &[
            "het", "een", "van", "dat", "niet", "zijn", "voor", "met", "maar", "ook", "naar", "deze", "wordt", "ik",
        ],
    },
];

/// A shorter text may quote another language as a whole, in words.
const MIN_WORDS: usize = 60;
/// A longer one has been heard enough.
const MAX_WORDS: usize = 2_000;
/// One word in so many is one of these.
const ONE_IN: usize = 10;
/// And of the language that readers are told, so many times fewer.
const TIMES: usize = 4;

/// The name and the tag of the language a text is in, where that is plainly another than the one with this tag.
pub(super) fn other_than(tag: &str, text: &str) -> Option<(&'static str, &'static str)> {
    let told = TONGUES.iter().position(|tongue| tongue.tag == tag)?;
    let (mut heard, mut all) = ([0; TONGUES.len()], 0);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    for word in words.take(MAX_WORDS).map(str::to_lowercase) {
        all += 1;
        for (count, tongue) in heard.iter_mut().zip(&TONGUES) {
            *count += usize::from(tongue.words.contains(&word.as_str()));
        }
    }
    let (most, count) = heard.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let is_plain = all >= MIN_WORDS && count * ONE_IN >= all && *count >= heard[told] * TIMES;
    is_plain.then_some((TONGUES[most].name, TONGUES[most].tag))
}

/// What the language with a tag is called in English.
pub(super) fn name(tag: &str) -> &str {
    TONGUES.iter().find(|tongue| tongue.tag == tag).map_or(tag, |tongue| tongue.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = "Le petit web est une idée simple : des pages sans scripts, que l’on peut lire dans un terminal. \
        Il n’est pas nécessaire de tout avoir pour écrire et pour être lu ; les lecteurs viennent du monde entier, et nous \
        ne savons rien de ceux qui lisent. C’est le propre des livres, sur lesquels personne ne surveille le lecteur.";
    const ENGLISH: &str = "The small web is a simple idea: pages without scripts, which are read in a terminal. It is \
        not needed to have all of that to write and to be read; readers come from the whole world, and the author knows \
        nothing of those who read. That is how it was with books, from which nobody has ever been watched by the way.";

    #[test]
    fn a_text_in_another_language_is_heard() {
        assert_eq!(other_than("en", FRENCH), Some(("French", "fr")));
        assert_eq!(other_than("fr", ENGLISH), Some(("English", "en")));
    }

    #[test]
    fn what_is_not_plain_is_left_alone() {
        assert_eq!(other_than("fr", FRENCH), None);
        assert_eq!(other_than("en", ENGLISH), None);
        assert_eq!(other_than("eo", FRENCH), None);
        assert_eq!(other_than("en", &FRENCH[..200]), None);
        assert_eq!(other_than("en", &format!("{ENGLISH} {FRENCH}")), None);
    }
}
