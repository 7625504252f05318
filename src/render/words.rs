//! Every word that maquis itself adds to a page, by the page's language.
//!
//! French and English are complete; any other language gets English. French puts a no-break space before
//! a colon. An author's own words, by their names, come with the language of a page. Nothing else in `render` may hold
//! a word for readers.

use crate::content::Language;
use crate::content::document::{Alert, Medium};
use crate::content::plan::Taxonomy;

macro_rules! catalogue {
    ($($(#[$about:meta])* $word:ident: $name:literal, $english:literal, $french:literal;)+) => {
        /// A word or sentence without a number or a name in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word {
            $($(#[$about])* $word,)+
        }

        impl Word {
            pub const ALL: &[Word] = &[$(Word::$word,)+];

            /// What an author calls it who wants another in its place.
            pub fn name(self) -> &'static str {
                match self {
                    $(Word::$word => $name,)+
                }
            }
        }

        fn english(word: Word) -> &'static str {
            match word {
                $(Word::$word => $english,)+
            }
        }

        fn french(word: Word) -> &'static str {
            match word {
                $(Word::$word => $french,)+
            }
        }
    };
}

catalogue! {
    Home: "home", "Home", "Accueil";
    Archive: "archive", "Archive", "Archives";
    Tags: "tags", "Tags", "Étiquettes";
    Categories: "categories", "Categories", "Catégories";
    Series: "series", "Series", "Séries";
    Authors: "authors", "Authors", "Auteurs";
    /// Stands before the name of one.
    Tag: "tag", "Tag", "Étiquette";
    Category: "category", "Category", "Catégorie";
    OneSeries: "one_series", "Series", "Série";
    Author: "author", "Author", "Auteur";
    Feed: "feed", "Atom feed", "Flux Atom";
    Previous: "previous", "Previous", "Précédent";
    Next: "next", "Next", "Suivant";
    PreviousPart: "previous_part", "Previous part", "Partie précédente";
    NextPart: "next_part", "Next part", "Partie suivante";
    SeeAlso: "see_also", "See also", "Voir aussi";
    PreviousPage: "previous_page", "Previous page", "Page précédente";
    NextPage: "next_page", "Next page", "Page suivante";
    Sections: "sections", "Sections", "Rubriques";
    NewestPosts: "newest_posts", "Newest posts", "Derniers billets";
    Posts: "posts", "Posts", "Billets";
    Pages: "pages", "Pages", "Pages";
    OlderPosts: "older_posts", "Older posts", "Billets plus anciens";
    NewerPosts: "newer_posts", "Newer posts", "Billets plus récents";
    Notes: "notes", "Notes", "Notes";
    Links: "links", "Links", "Liens";
    Table: "table", "Table", "Tableau";
    Image: "image", "image", "image";
    /// The meta text of a 51.
    NotFound: "not_found", "This page is not here. The home page leads to all others.", "Cette page n’est pas ici. La page d’accueil mène à toutes les autres.";
    /// The meta text of a 52.
    Gone: "gone", "This page was here and has been withdrawn.", "Cette page était ici\u{a0}; elle a été retirée.";
    /// Stands before a date.
    Updated: "updated", "updated", "mis à jour le";
    WebVersion: "web_version", "Web version", "Version web";
    Contact: "contact", "Write to the author", "Écrire à l’auteur";
    /// Stands before the terms on which a post may be passed on.
    Licence: "licence", "Licence", "Licence";
    Note: "note", "Note", "Note";
    Tip: "tip", "Tip", "Astuce";
    Important: "important", "Important", "Important";
    Warning: "warning", "Warning", "Attention";
    Caution: "caution", "Caution", "Prudence";
    Video: "video", "Video", "Vidéo";
    Audio: "audio", "Audio", "Audio";
    /// Leads to a post's text, over Gopher.
    Text: "text", "Read the text", "Lire le texte";
    /// Stands above the address of the menu of a text's links.
    AsMenu: "as_menu", "To follow them, open their menu:", "Pour les suivre, ouvrez leur menu\u{a0}:";
    /// Leads to the menus of all posts, and is their title.
    LinksOfPosts: "links_of_posts", "The links of each post", "Les liens de chaque billet";
    /// Leads to its gemtext.
    Gemtext: "gemtext", "The same as gemtext", "Le même en gemtext";
    /// Leads to the same blog over Gemini.
    Capsule: "capsule", "This blog over Gemini", "Ce carnet par Gemini";
    /// Stands above where a page moved, over Gopher.
    Moved: "moved", "This page has moved:", "Cette page est maintenant ici\u{a0}:";
    /// The whole of a refusal, over Gopher.
    Unreadable: "unreadable", "This cannot be read just now; please come back.", "Ceci ne peut être lu pour l’instant\u{a0}; revenez plus tard.";
}

#[derive(Clone, Copy)]
enum Tongue {
    English,
    French,
}

fn tongue(language: &Language) -> Tongue {
    match language.primary() {
        "fr" => Tongue::French,
        _ => Tongue::English,
    }
}

/// The word in a page's language: the author's own, where they have one.
pub fn word(language: &Language, word: Word) -> &str {
    match (language.own_word(word.name()), tongue(language)) {
        (Some(own), _) => own,
        (None, Tongue::English) => english(word),
        (None, Tongue::French) => french(word),
    }
}

/// The word an alert begins with.
pub fn alert(alert: Alert) -> Word {
    match alert {
        Alert::Note => Word::Note,
        Alert::Tip => Word::Tip,
        Alert::Important => Word::Important,
        Alert::Warning => Word::Warning,
        Alert::Caution => Word::Caution,
    }
}

/// The colon as the language sets it, without the space after it.
pub fn colon(language: &Language) -> &'static str {
    match tongue(language) {
        Tongue::English => ":",
        Tongue::French => "\u{a0}:",
    }
}

/// The marks around a quotation.
pub fn quotation_marks(language: &Language) -> (&'static str, &'static str) {
    match tongue(language) {
        Tongue::English => ("“", "”"),
        Tongue::French => ("«\u{a0}", "\u{a0}»"),
    }
}

/// What a reader who asks too often hears over Gopher.
pub fn slow_down(language: &Language, seconds: u32) -> String {
    match tongue(language) {
        Tongue::English => format!("Too many requests; please come back in {seconds} s."),
        Tongue::French => format!("Trop de demandes\u{a0}; revenez dans {seconds}\u{a0}s."),
    }
}

/// `12 posts`.
pub fn posts(language: &Language, count: usize) -> String {
    counted(language, count, ("post", "posts"), ("billet", "billets"))
}

/// `2 rows`.
pub fn rows(language: &Language, count: usize) -> String {
    counted(language, count, ("row", "rows"), ("ligne", "lignes"))
}

/// `84 kB`: how much of a reader's time and money a file takes, to two digits that count.
pub fn size(language: &Language, bytes: u64) -> String {
    let (units, space, point) = match tongue(language) {
        Tongue::English => (["B", "kB", "MB", "GB", "TB"], " ", "."),
        Tongue::French => (["o", "ko", "Mo", "Go", "To"], "\u{a0}", ","),
    };
    let (mut tenths, mut unit) = (bytes.saturating_mul(10), 0);
    // What would be rounded to a thousand is one of the next unit.
    while tenths >= 9_995 && unit + 1 < units.len() {
        tenths = tenths / 1_000 + u64::from(tenths % 1_000 >= 500);
        unit += 1;
    }
    let name = units[unit];
    match (tenths / 10, tenths % 10) {
        (whole, _) if unit == 0 => format!("{whole}{space}{name}"),
        (whole @ 0..10, tenth) if tenth > 0 => format!("{whole}{point}{tenth}{space}{name}"),
        _ => format!("{}{space}{name}", (tenths + 5) / 10),
    }
}

/// `Tag: gemini`.
pub fn term(language: &Language, taxonomy: Taxonomy, name: &str) -> String {
    let label = match taxonomy {
        Taxonomy::Tags => Word::Tag,
        Taxonomy::Categories => Word::Category,
        Taxonomy::Series => Word::OneSeries,
        Taxonomy::Authors => Word::Author,
    };
    labelled(language, label, name)
}

/// `Series: A walk (2 of 5)`.
pub fn part(language: &Language, name: &str, number: usize, of: usize) -> String {
    let between = match tongue(language) {
        Tongue::English => "of",
        Tongue::French => "sur",
    };
    format!("{} ({number} {between} {of})", labelled(language, Word::OneSeries, name))
}

/// `Archive, page 3`: an older part of a listing. Its number never changes, so how many there are is not said.
pub fn page(language: &Language, title: &str, number: usize) -> String {
    match tongue(language) {
        Tongue::English | Tongue::French => format!("{title}, page {number}"),
    }
}

/// `Previous: A title`, for a link to a neighbour.
pub fn labelled(language: &Language, label: Word, name: &str) -> String {
    format!("{}{} {name}", word(language, label), colon(language))
}

/// `Image: The harbour`, what stands in the place of a picture.
pub fn image(language: &Language, name: &str) -> String {
    match tongue(language) {
        Tongue::English => format!("Image: {name}"),
        Tongue::French => format!("Image\u{a0}: {name}"),
    }
}

/// `YouTube video: A title`, for a link to something embedded.
pub fn embed(language: &Language, medium: Medium, provider: &str, title: &str) -> String {
    let what = match (medium, tongue(language)) {
        (Medium::Page, _) => provider.to_owned(),
        (Medium::Itself, _) => word(language, Word::WebVersion).to_owned(),
        (Medium::Video, _) if provider.is_empty() => word(language, Word::Video).to_owned(),
        (Medium::Video, Tongue::English) => format!("{provider} video"),
        (Medium::Video, Tongue::French) => format!("Vidéo {provider}"),
        (Medium::Audio, _) => format!("{} {provider}", word(language, Word::Audio)).trim_end().to_owned(),
    };
    match (what.is_empty(), title.is_empty()) {
        (true, _) => title.to_owned(),
        (false, true) => what,
        (false, false) => format!("{what}{} {title}", colon(language)),
    }
}

/// What a link to a translation says, in the language it leads to.
pub fn translation(to: &Language) -> String {
    match to.primary() {
        "en" => "English version".to_owned(),
        "fr" => "Version française".to_owned(),
        "de" => "Deutsche Fassung".to_owned(),
        "es" => "Versión en español".to_owned(),
        "it" => "Versione italiana".to_owned(),
        "pt" => "Versão em português".to_owned(),
        "nl" => "Nederlandse versie".to_owned(),
        _ => format!("Translation ({to})"),
    }
}

/// French counts zero as one.
fn counted(language: &Language, count: usize, en: (&str, &str), fr: (&str, &str)) -> String {
    let noun = match (tongue(language), count) {
        (Tongue::English, 1) => en.0,
        (Tongue::English, _) => en.1,
        (Tongue::French, 0 | 1) => fr.0,
        (Tongue::French, _) => fr.1,
    };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_and_english_and_the_rest() {
        let (fr, en, ja) = (Language::parse("fr-CA").unwrap(), Language::english(), Language::parse("ja").unwrap());
        assert_eq!(word(&fr, Word::Home), "Accueil");
        assert_eq!(word(&ja, Word::Home), "Home");
        assert_eq!(labelled(&fr, Word::Table, "a"), "Tableau\u{a0}: a");
        assert_eq!(labelled(&en, Word::Table, "a"), "Table: a");
        assert_eq!((posts(&fr, 0), posts(&en, 0)), ("0 billet".into(), "0 posts".into()));
        assert_eq!(embed(&fr, Medium::Video, "YouTube", "Un titre"), "Vidéo YouTube\u{a0}: Un titre");
        assert_eq!(embed(&en, Medium::Video, "", ""), "Video");
        assert_eq!((rows(&fr, 2), rows(&en, 1)), ("2 lignes".into(), "1 row".into()));
    }

    #[test]
    fn sizes_are_short_and_in_the_language() {
        let (fr, en) = (Language::parse("fr").unwrap(), Language::english());
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (8_449, "8.4 kB"),
            (83_500, "84 kB"),
            (999_400, "999 kB"),
            (999_500, "1 MB"),
            (1_260_000, "1.3 MB"),
            (4_300_000_000, "4.3 GB"),
            (u64::MAX, "1844674 TB"),
        ] {
            assert_eq!(size(&en, bytes), shown, "{bytes}");
        }
        assert_eq!((size(&fr, 8_449), size(&fr, 640)), ("8,4\u{a0}ko".into(), "640\u{a0}o".into()));
    }

    #[test]
    fn sentences_fit_the_head_of_a_reply() {
        for language in [Language::english(), Language::parse("fr").unwrap()] {
            for sentence in [Word::NotFound, Word::Gone] {
                let text = word(&language, sentence);
                assert!(text.len() <= 1024 && !text.contains(['\r', '\n']), "{text}");
            }
        }
    }
}
