//! The configuration as written: one struct for each table, and nothing in it that is not a key.
//!
//! serde's `deny_unknown_fields` would name an unknown key without its neighbours; the keys are therefore
//! compared first, against the very field names serde knows, so that there is one list of keys: these structs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor, value::Error as Stop};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, foreign, place::Place};

/// The tables, as they stand at the top of the file.
pub const TABLES: [&str; 7] = ["capsule", "gemini", "gopher", "limits", "conversion", "shortcodes", "counts"];
/// The keys that stand above the tables.
pub const TOP: [&str; 2] = ["sandbox", "user"];

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    pub(super) sandbox: Option<Spanned<String>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) capsule: Vec<Capsule>,
    pub(super) gemini: Gemini,
    pub(super) gopher: Option<Gopher>,
    pub(super) limits: Limits,
    pub(super) conversion: Conversion,
    pub(super) shortcodes: BTreeMap<String, Spanned<Shortcode>>,
    pub(super) counts: Counts,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) reads: bool,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Capsule {
    pub(super) source: Option<Spanned<String>>,
    pub(super) layout: Option<Spanned<String>>,
    pub(super) hosts: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) title: Option<Spanned<String>>,
    pub(super) author: Option<Spanned<String>>,
    pub(super) language: Option<Spanned<String>>,
    pub(super) web: Option<Spanned<String>>,
    pub(super) timezone: Option<Spanned<String>>,
    pub(super) contact: Option<Spanned<String>>,
    pub(super) licence: Option<Spanned<String>>,
    pub(super) words: BTreeMap<String, Spanned<Said>>,
    pub(super) header: Option<Spanned<String>>,
    pub(super) footer: Option<Spanned<String>>,
    pub(super) content: Option<Spanned<String>>,
    pub(super) addresses: Option<Spanned<String>>,
    pub(super) dates: Option<Spanned<String>>,
    pub(super) files: Vec<Spanned<FileRule>>,
    pub(super) metadata: Option<Spanned<String>>,
    pub(super) gone: Vec<Spanned<String>>,
    pub(super) redirect: Vec<Spanned<Redirect>>,
    pub(super) gopher: Option<Spanned<Vec<Spanned<String>>>>,
}

/// A word, or the words of a language.
#[derive(Deserialize, Debug)]
#[serde(untagged, expecting = "a word is text; write archive = \"Journal\", or the words of a language in a table")]
pub(super) enum Said {
    Word(String),
    Language(BTreeMap<String, String>),
}

/// `[[capsule.files]]`
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    #[serde(rename = "match")]
    pub(super) pattern: String,
    #[serde(rename = "type")]
    pub(super) media_type: Option<String>,
    pub(super) language: Option<String>,
}

/// `[[capsule.redirect]]`
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Redirect {
    pub(super) from: String,
    pub(super) to: String,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Gemini {
    pub(super) listen: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) certificates: Option<Spanned<String>>,
    pub(super) port: Option<Spanned<i64>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Gopher {
    pub(super) listen: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) host: Option<Spanned<String>>,
    pub(super) port: Option<Spanned<i64>>,
    pub(super) posts: Option<Spanned<String>>,
    pub(super) charset: Option<Spanned<String>>,
    pub(super) width: Option<Spanned<i64>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) handshake: Option<Spanned<String>>,
    pub(super) request: Option<Spanned<String>>,
    pub(super) reply: Option<Spanned<String>>,
    pub(super) close: Option<Spanned<String>>,
    pub(super) grace: Option<Spanned<String>>,
    pub(super) connections: Option<Spanned<i64>>,
    pub(super) connections_per_prefix: Option<Spanned<i64>>,
    pub(super) handshakes_per_prefix: Option<Spanned<i64>>,
    pub(super) requests_per_second: Option<Spanned<i64>>,
    pub(super) burst: Option<Spanned<i64>>,
    pub(super) exempt: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Conversion {
    pub(super) links: Option<Spanned<String>>,
    pub(super) notes: Option<Spanned<String>>,
    pub(super) emphasis: Option<Spanned<String>>,
    pub(super) typography: Option<bool>,
    pub(super) emoji: Option<bool>,
    pub(super) wiki_links: Option<bool>,
    pub(super) trackers: Option<Spanned<String>>,
    pub(super) parameters: Vec<Spanned<String>>,
    pub(super) instead: BTreeMap<String, Spanned<String>>,
}

/// What one shortcode becomes: one of the first five, and a name for the label.
#[derive(Deserialize, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Shortcode {
    pub(super) image: Option<Argument>,
    pub(super) link: Option<Argument>,
    pub(super) text: Option<Argument>,
    pub(super) inner: Option<bool>,
    pub(super) drop: Option<bool>,
    pub(super) label: Option<Argument>,
}

/// An argument, by its name or its place.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Argument {
    Name(String),
    Place(u8),
}

/// A key that is likelier than this to be another one is a slip of the pen.
const SLIP: f64 = 0.9;

/// The keys of one of [`TABLES`].
pub fn keys(table: &str) -> &'static [&'static str] {
    match table {
        "capsule" => fields_of::<Capsule>(),
        "gemini" => fields_of::<Gemini>(),
        "gopher" => fields_of::<Gopher>(),
        "limits" => fields_of::<Limits>(),
        "conversion" => fields_of::<Conversion>(),
        "shortcodes" => fields_of::<Shortcode>(),
        "counts" => fields_of::<Counts>(),
        _ => &[],
    }
}

/// Reads a file's text.
pub(super) fn parse(path: &Path, text: &str) -> Result<Written, ConfigError> {
    let text_error = |error: toml::de::Error| {
        let place = Place::of(path, text, error.span().unwrap_or(0..0));
        place.error(plain(error.message()))
    };
    let table = DeTable::parse(text).map_err(text_error)?;
    let names: Vec<&str> = table.get_ref().keys().map(|key| key.get_ref().as_ref()).collect();
    if let Some(generator) = foreign::generator(&names) {
        return Err(foreign::error(path, generator));
    }
    unknown(table.get_ref()).map_or(Ok(()), |(span, message)| Err(Place::of(path, text, span).error(message)))?;
    toml::from_str(text).map_err(text_error)
}

/// The first key that is none of ours, and what to say of it.
fn unknown(top: &DeTable<'_>) -> Option<(std::ops::Range<usize>, String)> {
    // In the order of the file, so that the first message is about the first mistake.
    let mut wrong: Vec<_> = top.iter().filter_map(|(name, value)| unknown_in(name, value)).collect();
    wrong.sort_by_key(|(span, _)| span.start);
    wrong.into_iter().next()
}

fn unknown_in(
    name: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
) -> Option<(std::ops::Range<usize>, String)> {
    let table = name.get_ref().as_ref();
    if TOP.contains(&table) {
        return None;
    }
    if !TABLES.contains(&table) {
        let known: Vec<&str> = TOP.iter().chain(&TABLES).copied().collect();
        return Some((name.span(), misplaced(table).unwrap_or_else(|| unknown_key(table, &known, "the file"))));
    }
    let header = || match table {
        "capsule" => (name.span(), "a capsule is one of several; write [[capsule]] with two brackets".to_owned()),
        _ => (name.span(), format!("`{table}` is a table; write [{table}] and its keys below")),
    };
    let tables: Vec<&DeTable<'_>> = match (table, value.get_ref()) {
        ("capsule", DeValue::Array(items)) => {
            let tables = items.iter().filter_map(|item| item.get_ref().as_table()).collect::<Vec<_>>();
            if tables.len() < items.len() {
                return Some(header());
            }
            tables
        }
        ("capsule", _) => return Some(header()),
        ("shortcodes", DeValue::Table(names)) => match names.values().map(|value| value.get_ref().as_table()).collect()
        {
            Some(tables) => tables,
            None => return Some((name.span(), "a shortcode is a table; write name = { image = \"src\" }".to_owned())),
        },
        (_, DeValue::Table(table)) => vec![table],
        _ => return Some(header()),
    };
    let known = keys(table);
    let brackets = if table == "shortcodes" { "a shortcode".to_owned() } else { in_brackets(table) };
    let found = tables.iter().flat_map(|table| table.keys()).filter(|key| !known.contains(&key.get_ref().as_ref()));
    let first = found.min_by_key(|key| key.span().start)?;
    let key = first.get_ref().as_ref();
    // A slip of the pen is more likely than a key in the wrong place.
    let slip = nearest(key, known).is_some_and(|(_, likeness)| likeness > SLIP);
    let elsewhere = if slip { None } else { misplaced(key) };
    Some((first.span(), elsewhere.unwrap_or_else(|| unknown_key(key, known, &brackets))))
}

/// A key that would be right in another table.
fn misplaced(key: &str) -> Option<String> {
    if TOP.contains(&key) {
        return Some(format!("`{key}` belongs at the top of the file, above the first [table]"));
    }
    let table = TABLES.into_iter().find(|table| keys(table).contains(&key))?;
    Some(format!("`{key}` belongs below {}", in_brackets(table)))
}

/// As a table is written.
fn in_brackets(table: &str) -> String {
    if table == "capsule" { "[[capsule]]".to_owned() } else { format!("[{table}]") }
}

/// The key of another table that is so like one that it must be meant, after that table.
fn meant_elsewhere(key: &str) -> Option<(&'static str, &'static str)> {
    let near = TABLES.into_iter().filter_map(|table| nearest(key, keys(table)).map(|near| (table, near)));
    let (table, (name, likeness)) = near.max_by(|(_, (_, one)), (_, (_, other))| one.total_cmp(other))?;
    (likeness > SLIP).then_some((table, name))
}

/// The known key that is most like one, and how like it is (0 to 1).
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<(&'a str, f64)> {
    let likeness = |name: &&'a str| (*name, strsim::jaro_winkler(name, &key.to_lowercase()));
    known.iter().map(likeness).max_by(|(_, a), (_, b)| a.total_cmp(b))
}

fn unknown_key(key: &str, known: &[&str], whose: &str) -> String {
    let own = nearest(key, known).filter(|(_, likeness)| *likeness > 0.65);
    let elsewhere = meant_elsewhere(key).filter(|_| own.is_none_or(|(_, likeness)| likeness < SLIP));
    match (own, elsewhere) {
        (_, Some((table, name))) => {
            format!("unknown key `{key}`; did you mean `{name}`, below {}?", in_brackets(table))
        }
        (Some((nearest, _)), None) => format!("unknown key `{key}`; did you mean `{nearest}`?"),
        (None, None) => format!("unknown key `{key}`; the keys of {whose} are {}", known.join(", ")),
    }
}

/// The parser's message in an author's words.
fn plain(message: &str) -> String {
    let message = message.lines().next().unwrap_or("it cannot be read");
    message.replace("a sequence", "a list in brackets").replace("invalid type", "wrong kind of value")
}

/// The field names serde derives for a struct.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // Asking for the struct is all that is wanted; the refusal that follows says nothing.
    let _ = T::deserialize(Names(&mut fields));
    fields
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Stop> {
        *self.0 = fields;
        Err(serde::de::Error::custom("only the names were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Stop> {
        Err(serde::de::Error::custom("not a struct"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
