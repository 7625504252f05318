//! `pelicanconf.py` as far as it is plain: `NAME = literal`, one after the other. Nothing of it is run.
//!
//! A name whose value is anything else (a call, a sum, another name) is left out, as if it were not there; so is a
//! value in a branch or a function. Python's literals: <https://docs.python.org/3/reference/lexical_analysis.html>

use crate::read::value::{MAX_DEPTH, Map, Value};

/// The names at the margin and their values; of a name given twice, the last.
pub(super) fn read(text: &str) -> Map {
    let mut pairs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        let mut used = line.len();
        if let Some((name, value)) =
            line.split_once('=').filter(|(name, value)| is_name(name) && !value.starts_with('='))
        {
            let start = name.len() + 1;
            let mut literal = Literal { rest: &rest[start..] };
            let read = literal.value(0).filter(|_| literal.ends_line());
            if let Some(found) = read {
                pairs.push((name.trim().to_owned(), found));
                used = rest.len() - literal.rest.len();
            }
            let _ = value;
        }
        rest = &rest[used..];
    }
    pairs.into_iter().collect()
}

fn is_name(text: &str) -> bool {
    let name = text.trim_end();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The text from a literal on.
struct Literal<'a> {
    rest: &'a str,
}

impl Literal<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blanks(depth);
        match self.rest.chars().next()? {
            '[' => self.items(']', depth).map(|(items, _)| Value::List(items)),
            // One value in parentheses is that value; with a comma it is a tuple.
            '(' => self.items(')', depth).map(|(mut items, commas)| match (items.len(), commas) {
                (1, 0) => items.remove(0),
                _ => Value::List(items),
            }),
            '{' => self.map(depth),
            '\'' | '"' => self.strings(depth),
            'r' | 'R' | 'u' | 'U' if self.rest[1..].starts_with(['\'', '"']) => self.strings(depth),
            _ => self.word(),
        }
    }

    /// White space; between brackets lines and comments too.
    fn blanks(&mut self, depth: usize) {
        loop {
            let trimmed = match depth {
                0 => self.rest.trim_start_matches([' ', '\t']),
                _ => self.rest.trim_start(),
            };
            match trimmed.strip_prefix('#').filter(|_| depth > 0) {
                Some(comment) => self.rest = comment.find('\n').map_or("", |at| &comment[at..]),
                None => {
                    self.rest = trimmed;
                    return;
                }
            }
        }
    }

    fn take(&mut self, mark: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    fn items(&mut self, close: char, depth: usize) -> Option<(Vec<Value>, usize)> {
        self.rest = &self.rest[1..];
        let (mut items, mut commas) = (Vec::new(), 0);
        loop {
            self.blanks(depth + 1);
            if self.take(close).is_some() {
                return Some((items, commas));
            }
            items.push(self.value(depth + 1)?);
            self.blanks(depth + 1);
            match self.take(',') {
                Some(()) => commas += 1,
                None => self.rest.starts_with(close).then_some(())?,
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.rest = &self.rest[1..];
        let mut pairs = Vec::new();
        loop {
            self.blanks(depth + 1);
            if self.take('}').is_some() {
                return Some(Value::Map(pairs.into_iter().collect()));
            }
            let key = self.value(depth + 1)?.text()?;
            self.blanks(depth + 1);
            self.take(':')?;
            pairs.push((key, self.value(depth + 1)?));
            self.blanks(depth + 1);
            if self.take(',').is_none() {
                self.rest.starts_with('}').then_some(())?;
            }
        }
    }

    /// Strings that follow each other between brackets are one.
    fn strings(&mut self, depth: usize) -> Option<Value> {
        let mut text = String::new();
        loop {
            let raw = self.rest.starts_with(['r', 'R']);
            self.rest = self.rest.strip_prefix(['r', 'R', 'u', 'U']).unwrap_or(self.rest);
            if !self.rest.starts_with(['\'', '"']) {
                return Some(Value::String(text));
            }
            self.string(raw, &mut text)?;
            self.blanks(depth);
            let more = self.rest.strip_prefix(['r', 'R', 'u', 'U']).unwrap_or(self.rest);
            if !more.starts_with(['\'', '"']) {
                return Some(Value::String(text));
            }
        }
    }

    fn string(&mut self, raw: bool, out: &mut String) -> Option<()> {
        let quote = self.rest.get(..1)?.to_owned();
        let long = quote.repeat(3);
        let fence = if self.rest.starts_with(&long) { long } else { quote };
        let mut rest = &self.rest[fence.len()..];
        loop {
            if let Some(after) = rest.strip_prefix(fence.as_str()) {
                self.rest = after;
                return Some(());
            }
            let letter = rest.chars().next()?;
            rest = &rest[letter.len_utf8()..];
            match letter {
                '\n' if fence.len() == 1 => return None,
                '\\' => {
                    let escaped = rest.chars().next()?;
                    rest = &rest[escaped.len_utf8()..];
                    match escaped {
                        _ if raw => out.extend(['\\', escaped]),
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        '\n' => {}
                        '\\' | '\'' | '"' => out.push(escaped),
                        _ => out.extend(['\\', escaped]),
                    }
                }
                letter => out.push(letter),
            }
        }
    }

    fn word(&mut self) -> Option<Value> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.+-".contains(letter);
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let value = match word {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "None" => Value::Null,
            _ => match (word.replace('_', "").parse::<i64>(), word.parse::<f64>()) {
                (Ok(number), _) => Value::Integer(number),
                (Err(_), Ok(number)) if number.is_finite() => Value::Float(number),
                (Err(_), Ok(_) | Err(_)) => return None,
            },
        };
        self.rest = rest;
        Some(value)
    }

    /// Whether nothing but a comment follows in the line, which is then used up.
    fn ends_line(&mut self) -> bool {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        let ends = line.trim().is_empty() || line.trim_start().starts_with('#');
        if ends {
            self.rest = rest;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_nothing_else() {
        let text = "import os\nSITENAME = 'L\\'été' # why\nSITEURL = \"\"\nN = 1_0\nB=True\nPATHS = [\n  'a', # one\n  r'b\\d',\n]\nT = ('x',)\nONE = ('x' 'y')\nM = {'a': {'path': 'b'}, 'c': 1.5}\nCALL = os.getenv('X')\nSUM = 'a' + 'b'\nF = f'x'\nif True:\n    INNER = 1\nEQ == 2\nLONG = '''a\nb'''\nLATER = None\n";
        let map = read(text);
        let text = |key| map.get(key).and_then(Value::text);
        assert_eq!(text("SITENAME").as_deref(), Some("L'été"));
        assert_eq!((text("SITEURL").as_deref(), text("N").as_deref()), (Some(""), Some("10")));
        assert_eq!(map.get("PATHS").unwrap().items().iter().filter_map(Value::text).collect::<Vec<_>>(), ["a", "b\\d"]);
        assert_eq!(map.get("T").unwrap().items().len(), 1);
        assert_eq!(text("ONE").as_deref(), Some("xy"));
        assert_eq!(map.get("M").unwrap().get("a.path").and_then(Value::text).as_deref(), Some("b"));
        assert_eq!(text("LONG").as_deref(), Some("a\nb"));
        assert_eq!(map.get("LATER"), Some(&Value::Null));
        for key in ["CALL", "SUM", "F", "INNER", "EQ"] {
            assert_eq!(map.get(key), None, "{key}");
        }
    }

    #[test]
    fn nothing_hostile_runs_long_or_deep() {
        for text in
            ["A = ".to_owned() + &"[".repeat(50_000), "A = '".repeat(5_000), "A = {'a': ".repeat(5_000), "A = é".into()]
        {
            assert!(read(&text).iter().next().is_none());
        }
    }
}
