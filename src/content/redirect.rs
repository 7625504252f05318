//! Rules of the author's for older addresses: where they lead, and which are gone.
//!
//! Made by `config`, asked by the plan (a page that is gone is not placed) and by `site` when nothing is at a path.
//! A pattern never costs more than one pass over the path.

use std::fmt;

use super::Address;

/// A pattern of paths: `/blog/{year}/{slug}.html`, `/old/*`, `/old/**`.
///
/// ```text
/// pattern = "/" [segment *("/" segment)] ["/"]
/// segment = [text] ("{" name "}" / "*") [text]   ; some of one segment, never nothing
///         / ("{*" name "}" / "**")               ; the rest, at the end only
///         / text
/// ```
/// A slash at the end decides nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Fixed(Box<str>),
    /// Before, the capture's name, after.
    Some(Box<str>, Box<str>, Box<str>),
    Rest(Box<str>),
}

/// Captures by name.
pub type Captures<'a> = Vec<(&'a str, String)>;

impl PathPattern {
    /// Reads a pattern; else says what is wrong with it.
    pub fn parse(text: &str) -> Result<PathPattern, String> {
        let inner = text.strip_prefix('/').ok_or_else(|| format!("`{text}` does not begin with `/`"))?;
        let parts: Vec<&str> = inner.split('/').filter(|part| !part.is_empty()).collect();
        let mut segments = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let segment = segment(part)
                .ok_or_else(|| format!("`{part}` is no pattern; write `{{name}}`, `*`, or at the end `{{*name}}`"))?;
            if matches!(segment, Segment::Rest(_)) && index + 1 < parts.len() {
                return Err(format!("`{part}` takes the whole rest, so it must stand at the end"));
            }
            segments.push(segment);
        }
        Ok(PathPattern(segments))
    }

    /// What a path's parts are, if it fits.
    pub fn captures(&self, path: &str) -> Option<Captures<'_>> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let mut captures = Vec::new();
        for segment in &self.0 {
            match segment {
                Segment::Fixed(text) => (parts.next()? == &**text).then_some(())?,
                Segment::Some(before, name, after) => {
                    let inner = parts.next()?.strip_prefix(&**before)?.strip_suffix(&**after)?;
                    (!inner.is_empty()).then(|| captures.push((&**name, inner.to_owned())))?;
                }
                Segment::Rest(name) => {
                    let rest = parts.by_ref().collect::<Vec<_>>().join("/");
                    (!rest.is_empty()).then(|| captures.push((&**name, rest)))?;
                }
            }
        }
        parts.next().is_none().then_some(captures)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Fixed(_) => None,
            Segment::Some(_, name, _) | Segment::Rest(name) => Some(&**name),
        })
    }
}

/// As it was written, but for a slash at the end.
impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Fixed(text) => write!(f, "/{text}")?,
                Segment::Some(before, name, after) if name.is_empty() => write!(f, "/{before}*{after}")?,
                Segment::Some(before, name, after) => write!(f, "/{before}{{{name}}}{after}")?,
                Segment::Rest(name) if name.is_empty() => f.write_str("/**")?,
                Segment::Rest(name) => write!(f, "/{{*{name}}}")?,
            }
        }
        Ok(())
    }
}

fn segment(part: &str) -> Option<Segment> {
    let text = |text: &str| (!text.contains(['{', '}', '*'])).then(|| text.into());
    if part == "**" {
        return Some(Segment::Rest("".into()));
    }
    if let Some(name) = part.strip_prefix("{*").and_then(|rest| rest.strip_suffix('}')) {
        return is_name(name).then(|| Segment::Rest(name.into()));
    }
    match (part.split_once('{'), part.split_once('*')) {
        (Some((before, rest)), _) => {
            let (name, after) = rest.split_once('}')?;
            is_name(name).then_some(())?;
            Some(Segment::Some(text(before)?, name.into(), text(after)?))
        }
        (None, Some((before, after))) => Some(Segment::Some(text(before)?, "".into(), text(after)?)),
        (None, None) => Some(Segment::Fixed(text(part)?)),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Several patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(pub Vec<PathPattern>);

impl Patterns {
    /// Whether one of them fits.
    pub fn matches(&self, path: &str) -> bool {
        self.which(path).is_some()
    }

    /// The first that fits.
    pub fn which(&self, path: &str) -> Option<&PathPattern> {
        self.0.iter().find(|pattern| pattern.captures(path).is_some())
    }
}

/// A rule makes no longer address than this, in bytes; no request is.
const LONGEST: usize = 3 * 1024;

/// One rule: from a pattern to an address made of its captures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    from: PathPattern,
    to: Box<str>,
}

impl Redirect {
    /// Reads both sides; every capture that `to` names must be in `from`, and it may not lead to itself.
    pub fn parse(from: &str, to: &str) -> Result<Redirect, String> {
        let from = PathPattern::parse(from)?;
        if !to.starts_with('/') || to.starts_with("//") {
            return Err(format!("`{to}` is no address of this capsule; begin it with `/`"));
        }
        for part in to.split('{').skip(1) {
            let name = part.split_once('}').map(|(name, _)| name.trim_start_matches('*'));
            let known = name.is_some_and(|name| !name.is_empty() && from.names().any(|known| known == name));
            if !known {
                return Err(format!("`{{{part}` names nothing that `from` captures"));
            }
        }
        let sample = to.replace(['{', '}', '*'], "_");
        match from.captures(&sample) {
            Some(_) => Err(format!("it leads to `{to}`, which it would redirect again")),
            None => Ok(Redirect { from, to: to.into() }),
        }
    }

    /// The pattern of older addresses, as it is written.
    pub fn from(&self) -> String {
        self.from.to_string()
    }

    /// What they lead to, with the captures as they are written.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Where a path leads by this rule.
    pub fn apply(&self, path: &str) -> Option<Address> {
        let captures = self.from.captures(path)?;
        let mut to = String::with_capacity(self.to.len() + path.len());
        let mut rest = &*self.to;
        // One pass: what a reader wrote is never taken for a name.
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            let name = name.trim_start_matches('*');
            let (_, value) = captures.iter().find(|(known, _)| *known == name)?;
            to.push_str(before);
            to.push_str(value);
            if to.len() > LONGEST {
                return None;
            }
            rest = after;
        }
        to.push_str(rest);
        Address::parse(&to).ok().filter(|address| address.as_str() != path)
    }
}

/// As it is written in the configuration.
impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ from = \"{}\", to = \"{}\" }}", self.from, self.to)
    }
}

/// All rules of a capsule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects {
    /// The first that fits counts.
    pub moved: Vec<Redirect>,
    pub gone: Patterns,
}

impl Redirects {
    /// The rule that says where a path leads.
    pub fn rule(&self, path: &str) -> Option<&Redirect> {
        self.moved.iter().find(|rule| rule.apply(path).is_some())
    }

    /// Where a path leads.
    pub fn moved(&self, path: &str) -> Option<Address> {
        self.moved.iter().find_map(|rule| rule.apply(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(from: &str, to: &str, path: &str) -> Option<String> {
        Redirect::parse(from, to).unwrap().apply(path).map(|address| address.to_string())
    }

    #[test]
    fn what_a_reader_wrote_is_no_name() {
        assert_eq!(leads("/old/{a}/{b}", "/{a}/{b}/", "/old/{b}{b}/x").as_deref(), Some("/{b}{b}/x/"));
        assert_eq!(leads("/old/{a}", &"/{a}".repeat(9), &format!("/old/{}", "x".repeat(1000))), None);
    }

    #[test]
    fn captures_are_filled_in() {
        assert_eq!(leads("/blog/{year}/{slug}.html", "/{slug}/{year}/", "/blog/2020/a.html").unwrap(), "/a/2020/");
        assert_eq!(leads("/old/{*rest}", "/new/{rest}", "/old/a/b").unwrap(), "/new/a/b");
        assert_eq!(leads("/old/*/x", "/new/", "/old/a/x/").unwrap(), "/new/");
        for (from, path) in
            [("/a/{b}", "/a"), ("/a/{b}", "/a/b/c"), ("/a/**", "/a/"), ("/a/x{b}", "/a/x"), ("/a", "/A")]
        {
            assert_eq!(leads(from, "/new/", path), None, "{from} {path}");
        }
    }

    #[test]
    fn what_a_reader_sends_cannot_climb() {
        assert_eq!(leads("/old/{*rest}", "/new/{rest}", "/old/../../x"), None);
        assert_eq!(leads("/old/{rest}", "/{rest}", "/old/{rest}").unwrap(), "/{rest}");
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to) in [
            ("old", "/new"),
            ("/old/{x", "/new"),
            ("/old/{x}{y}", "/new"),
            ("/**/old", "/new"),
            ("/old", "new"),
            ("/old", "//new"),
            ("/old/{x}", "/new/{y}"),
            ("/{x}/old", "/new/old"),
            ("/old", "/old/"),
        ] {
            assert!(Redirect::parse(from, to).is_err(), "{from} {to}");
        }
    }
}
