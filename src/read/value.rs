//! YAML, TOML and JSON as one [`Value`]: the only door to their parsers.
//!
//! Front matter and generators' configuration files come through here. Nothing nests deeper than [`MAX_DEPTH`],
//! and no YAML alias may multiply its anchor beyond [`MAX_NODES`]. What reads further
//! never meets a syntax, only values; keys are found whatever their case, as Hugo finds them.

mod visitor;

use crate::content::problem::Position;

/// How deep lists and maps may nest.
pub const MAX_DEPTH: usize = 32;
/// How many values YAML may hold, those that its aliases repeat included.
pub const MAX_NODES: usize = 20_000;

/// A value of any of the three syntaxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
    /// A date of TOML's own type, as RFC 3339 writes it; YAML's and JSON's dates are strings.
    DateTime(String),
    List(Vec<Value>),
    Map(Map),
}

/// Keys and values in the order of the file (TOML: of the alphabet). A key may stand in it twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Value)>);

/// Why a text has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ValueError {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1; 0 where it is not known.
    pub column: u32,
    /// Lower case, one line.
    pub message: String,
}

/// Reads YAML 1.2; an empty text is [`Value::Null`]. `yes` and `no` stay words.
pub fn parse_yaml(text: &str) -> Result<Value, ValueError> {
    serde_saphyr::from_str_with_options(text, yaml_options()).map_err(|error| {
        let place = error.location().map_or((1, 0), |location| (location.line(), location.column()));
        let [line, column] = [place.0, place.1].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        let line = line.max(1);
        // The parser often names the line before the tab, and never the tab as the cause.
        let tab = (line..=line.saturating_add(1))
            .find(|number| text.lines().nth(*number as usize - 1).is_some_and(|line| line.starts_with('\t')));
        match tab {
            Some(line) => {
                ValueError { line, column: 1, message: "a tab begins the line; YAML indents with spaces".to_owned() }
            }
            None => ValueError { line, column, message: remedy(sentence(&error.to_string())) },
        }
    })
}

/// Says in an author's words what YAML's grammar says in its own.
fn remedy(message: String) -> String {
    match message.as_str() {
        "mapping values are not allowed in this context" => {
            "a second `:` stands in the value, or the line is indented too far; put the value in quotes".to_owned()
        }
        text if text.starts_with("unexpected character") => format!("{text}; put the value in quotes"),
        text if text.starts_with("budget breached") => {
            format!("it holds more than {MAX_NODES} values or nests deeper than {MAX_DEPTH} levels")
        }
        _ => message,
    }
}

fn yaml_options() -> serde_saphyr::Options {
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.flow_nesting_limit = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_events = 4 * MAX_NODES;
    budget.max_anchors = 256;
    budget.max_aliases = 1024;
    budget.max_recorded_anchor_events = 4 * MAX_NODES;
    budget.max_documents = 1;
    budget.max_merge_keys = 256;
    let mut options = serde_saphyr::Options::default();
    options.budget = Some(budget);
    options.alias_limits.max_total_replayed_events = MAX_NODES;
    options.alias_limits.max_replay_stack_depth = 8;
    options.duplicate_keys = serde_saphyr::DuplicateKeyPolicy::PassThrough;
    options.strict_booleans = true;
    options.leading_zero_numbers_as_strings = true;
    options.underscored_numbers_as_strings = true;
    options.non_finite_float_policy = serde_saphyr::options::NonFiniteFloatPolicy::AsString;
    options.with_snippet = false;
    options
}

/// Reads TOML 1.0; an empty text is an empty map.
pub fn parse_toml(text: &str) -> Result<Value, ValueError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ValueError {
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        column: error.span().map_or(0, |span| Position::in_line(1, text, span.start).column),
        message: sentence(error.message()),
    })?;
    let value = from_toml(toml::Value::Table(table));
    match value.fits(MAX_DEPTH) {
        true => Ok(value),
        false => Err(ValueError { line: 1, column: 0, message: format!("it nests deeper than {MAX_DEPTH} levels") }),
    }
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Integer(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(bool) => Value::Bool(bool),
        toml::Value::Datetime(date) => Value::DateTime(date.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Map(Map(table.into_iter().map(|(k, v)| (k, from_toml(v))).collect())),
    }
}

/// Reads JSON; nothing but white space may follow the value.
pub fn parse_json(text: &str) -> Result<Value, ValueError> {
    let (value, end) = parse_json_start(text)?;
    match text[end..].trim_start().is_empty() {
        true => Ok(value),
        false => {
            Err(ValueError { line: line_at(text, end), column: 0, message: "more text follows the last }".to_owned() })
        }
    }
}

/// Reads the JSON value a text begins with, and says where it ends, in bytes.
pub fn parse_json_start(text: &str) -> Result<(Value, usize), ValueError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) if value.fits(MAX_DEPTH) => Ok((value, values.byte_offset())),
        Some(Ok(_)) => {
            Err(ValueError { line: 1, column: 0, message: format!("it nests deeper than {MAX_DEPTH} levels") })
        }
        Some(Err(error)) => Err(ValueError {
            line: u32::try_from(error.line()).unwrap_or(u32::MAX).max(1),
            column: u32::try_from(error.column()).unwrap_or(0),
            message: sentence(&error.to_string()),
        }),
        None => Err(ValueError { line: 1, column: 0, message: "it is empty".to_owned() }),
    }
}

/// Where a top-level key stands; the first line where it is not found. Asked only when a problem has to be shown, so
/// that the parsers need not carry places along.
pub fn position_of(text: &str, key: &str) -> Position {
    let bare = |line: &str| {
        let name = line.trim_start_matches([' ', '\t', '[', '{', ',']);
        let (quoted, name) = match name.chars().next() {
            Some(quote @ ('"' | '\'')) => (Some(quote), &name[1..]),
            _ => (None, name),
        };
        let rest = match name.get(..key.len()) {
            Some(start) if start.eq_ignore_ascii_case(key) => &name[key.len()..],
            _ => return false,
        };
        let rest = quoted.map_or(Some(rest), |quote| rest.strip_prefix(quote));
        rest.is_some_and(|rest| rest.trim_start().starts_with([':', '=', '.', ']']))
    };
    // A key at the margin comes before one that is indented, which may be some other map's.
    let margin = text.lines().position(|line| !line.starts_with([' ', '\t']) && bare(line));
    let found = margin.or_else(|| text.lines().position(bare));
    let Some(index) = found else { return Position::from(1) };
    let line = text.lines().nth(index).unwrap_or("");
    let indent = line.chars().take_while(|letter| [' ', '\t', '[', '{', ',', '"', '\''].contains(letter)).count();
    let number = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position { line: number(index), column: number(indent) }
}

/// The line of a byte, counted from 1.
pub fn line_at(text: &str, offset: usize) -> u32 {
    let before = &text.as_bytes()[..offset.min(text.len())];
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX)
}

/// A parser's message as ours are: one line, lower case, without the place, which we name ourselves.
fn sentence(message: &str) -> String {
    let line = message.lines().next().unwrap_or("it cannot be read");
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let line = match line.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, rest)) if place.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => line,
    };
    let line = line.rfind(" at line ").map_or(line, |at| &line[..at]).trim_end_matches('.');
    let mut letters = line.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => line.to_owned(),
    }
}

impl Value {
    /// The value at a path of keys, `a.b.c`, whatever their case.
    pub fn get(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self, |value, key| value.map()?.get(key))
    }

    /// The map this is.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::DateTime(_)
            | Value::List(_) => None,
        }
    }

    /// A single value as an author sees it: a title may be a number.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::String(text) | Value::DateTime(text) => Some(text.clone()),
            Value::Bool(bool) => Some(bool.to_string()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Yes or no, in the words that generators take for it.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(bool) => Some(*bool),
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
                "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
                _ => None,
            },
            Value::Null | Value::Integer(_) | Value::Float(_) | Value::DateTime(_) | Value::List(_) | Value::Map(_) => {
                None
            }
        }
    }

    /// A whole number, also where it was written as `"3"` or `3.0`.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            Value::Float(number) => format!("{number:.0}").parse().ok().filter(|whole: &i64| *whole as f64 == *number),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::DateTime(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The items of a list; a single value is a list of one, nothing an empty one.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::Null => &[],
            Value::List(items) => items,
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::DateTime(_)
            | Value::Map(_) => std::slice::from_ref(self),
        }
    }

    /// Nothing was said: a key without a value, or with an empty one.
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::DateTime(_)
            | Value::List(_)
            | Value::Map(_) => false,
        }
    }

    fn fits(&self, levels: usize) -> bool {
        match self {
            Value::List(items) => levels > 0 && items.iter().all(|item| item.fits(levels - 1)),
            Value::Map(map) => levels > 0 && map.iter().all(|(_, value)| value.fits(levels - 1)),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::DateTime(_) => true,
        }
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Map {
        Map(pairs.into_iter().collect())
    }
}

impl Map {
    fn push(&mut self, key: String, value: Value) {
        self.0.push((key, value));
    }

    /// The value of a key, whatever its case; of a key given twice, the last.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Keys that stand in it more than once, in whatever case.
    pub fn repeated(&self) -> Vec<&str> {
        let mut seen = std::collections::HashSet::new();
        self.0.iter().filter(|(key, _)| !seen.insert(key.to_ascii_lowercase())).map(|(key, _)| key.as_str()).collect()
    }
}

#[cfg(test)]
mod tests;
