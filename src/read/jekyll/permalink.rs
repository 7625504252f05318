//! Jekyll's permalinks: the styles, the templates, and the values their names stand for.
//!
//! <https://jekyllrb.com/docs/permalinks/>

use jiff::civil::{Date, Time};

use super::{Jekyll, Kind};
use crate::content::PageKind;
use crate::read::rules::{Placed, Placing};

/// A day at the beginning of a name, with months and days of one digit too, and the name after it.
pub(super) fn dated(name: &str) -> Option<(Date, &str)> {
    let mut parts = name.splitn(4, '-');
    let mut number = |most: usize| {
        let part = parts.next()?;
        let digits = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<i16>().ok())?
    };
    let (year, month, day) = (number(4).filter(|year| *year > 999)?, number(2)?, number(2)?);
    let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((day, parts.next().filter(|rest| !rest.is_empty())?))
}

/// Where a page is.
pub(super) fn address(jekyll: &Jekyll, placing: &Placing<'_>) -> Option<Placed> {
    if placing.kind == PageKind::Home {
        return Some(Placed::at(placing.home.clone()));
    }
    let kind = Kind::of(&placing.place.folder);
    let template = placing.headed.front.permalink.clone().unwrap_or_else(|| template(jekyll, placing, kind));
    // Jekyll's own `..` and empty segments come to nothing.
    let path = expand(&template, placing, kind).replace("..", "/").replace("./", "");
    let path = path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let path = if template.ends_with('/') && !path.is_empty() { format!("{path}/") } else { path };
    Placed::on_the_web(placing.prefix, &path)
}

fn template(jekyll: &Jekyll, placing: &Placing<'_>, kind: Kind<'_>) -> String {
    let style = jekyll.permalink.as_str();
    let with_suffix = |template: &str| match style {
        "pretty" => format!("{template}/"),
        "date" | "ordinal" | "none" => format!("{template}:output_ext"),
        style if style.ends_with('/') => format!("{template}/"),
        style if style.ends_with(":output_ext") => format!("{template}:output_ext"),
        _ => template.to_owned(),
    };
    let of = |label: &str| jekyll.collection(label).and_then(|collection| collection.permalink.clone());
    match kind {
        Kind::Post(_) | Kind::Draft => {
            let style = of("posts").unwrap_or_else(|| style.to_owned());
            match style.as_str() {
                "date" => "/:categories/:year/:month/:day/:title:output_ext".into(),
                "pretty" => "/:categories/:year/:month/:day/:title/".into(),
                "ordinal" => "/:categories/:year/:y_day/:title:output_ext".into(),
                "weekdate" => "/:categories/:year/W:week/:short_day/:title:output_ext".into(),
                "none" => "/:categories/:title:output_ext".into(),
                _ => style,
            }
        }
        Kind::Document(folder) => {
            of(folder.split('/').next().unwrap_or("")).unwrap_or_else(|| with_suffix("/:collection/:path"))
        }
        Kind::Page if placing.place.stem == "index" => "/:path/".into(),
        Kind::Page => with_suffix("/:path/:basename"),
    }
}

/// Replaces `:name` by its value; a name that is none stays, as Jekyll would refuse it.
fn expand(template: &str, placing: &Placing<'_>, kind: Kind<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(':') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let length = after.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_').count();
        let name = &after[..length];
        // In `/:month_:day` the underscore is not the name's.
        let (name, value) = match (value(name, placing, kind), name.strip_suffix('_')) {
            (None, Some(shorter)) => (shorter, value(shorter, placing, kind)),
            (value, _) => (name, value),
        };
        match value {
            Some(value) => out.push_str(&value),
            None => out.extend([":", name]),
        }
        rest = &after[name.len()..];
    }
    out.push_str(rest);
    out
}

fn value(name: &str, placing: &Placing<'_>, kind: Kind<'_>) -> Option<String> {
    let (front, place) = (&placing.headed.front, placing.place);
    let own = dated(&place.stem).filter(|_| kind != Kind::Page).map_or(place.stem.as_str(), |(_, rest)| rest);
    let slug = front.slug.as_deref().unwrap_or(own).trim_end_matches('.');
    // The date counts in the blog's zone, whatever the zone it was written in.
    let moment = placing.date.map(|date| placing.timezone.to_datetime(date.instant));
    let date = |form: &str| moment.map(|moment| moment.strftime(form).to_string()).unwrap_or_default();
    let time = |part: fn(Time) -> i8| moment.map(|m| format!("{:02}", part(m.time()))).unwrap_or_default();
    Some(match (name, kind) {
        ("output_ext", _) => ".html".into(),
        ("path", Kind::Page) => place.folder.clone(),
        ("basename", Kind::Page) => place.stem.trim_end_matches('.').into(),
        (_, Kind::Page) if !matches!(name, "title" | "slug" | "categories") => return None,
        ("path", Kind::Document(folder)) => {
            let inner = folder.split_once('/').map_or("", |(_, inner)| inner);
            format!("{inner}/{}", place.stem)
        }
        ("path", _) => place.stem.clone(),
        ("collection", Kind::Document(folder)) => folder.split('/').next().unwrap_or("").into(),
        ("collection", _) => "posts".into(),
        ("name", _) => slugify(&place.stem, is_word).to_lowercase(),
        ("title", _) => slugify(slug, is_pretty),
        ("slug", _) => slugify(slug, is_word).to_lowercase(),
        ("categories", _) => joined(front.categories.iter().map(|name| name.to_lowercase())),
        ("slugified_categories", _) => {
            joined(front.categories.iter().map(|name| slugify(name, is_word).to_lowercase()))
        }
        ("year", _) => date("%Y"),
        ("month", _) => date("%m"),
        ("day", _) => date("%d"),
        ("hour", _) => time(Time::hour),
        ("minute", _) => time(Time::minute),
        ("second", _) => time(Time::second),
        ("i_day", _) => date("%-d"),
        ("i_month", _) => date("%-m"),
        ("short_month", _) => date("%b"),
        ("long_month", _) => date("%B"),
        ("short_year", _) => date("%y"),
        ("w_year", _) => date("%G"),
        ("week", _) => date("%V"),
        ("w_day", _) => date("%u"),
        ("short_day", _) => date("%a"),
        ("long_day", _) => date("%A"),
        ("y_day", _) => date("%j"),
        _ => return None,
    })
}

/// Each once, in order, with slashes between.
fn joined(names: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all.join("/")
}

/// What is not allowed becomes one hyphen, and none stands at the ends.
fn slugify(text: &str, allowed: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match allowed(letter) {
            true => out.push(letter),
            false if !out.ends_with('-') => out.push('-'),
            false => {}
        }
    }
    let out = out.strip_prefix('-').unwrap_or(&out);
    out.strip_suffix('-').unwrap_or(out).to_owned()
}

fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || letter.is_numeric() || unicode_normalization::char::is_combining_mark(letter)
}

fn is_pretty(letter: char) -> bool {
    is_word(letter) || "._~!$&'()+,;=@".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::source::Stamp;
    use crate::content::{Address, FrontMatter, Moment, Role, Source};
    use crate::read::place::Place;
    use crate::read::plan::Headed;
    use jiff::tz::TimeZone;

    fn at(config: &str, path: &str, front: FrontMatter) -> String {
        let jekyll = Jekyll::read(config).unwrap();
        let stamp = Stamp { size: 0, modified: 0, inode: 0 };
        let source = Source { path: path.into(), logical: path.into(), role: Role::Markdown, stamp };
        let headed = Headed {
            source,
            front: front.into(),
            body_start: 8,
            heading: None,
            dated: None,
            health: crate::read::plan::Health::Whole,
        };
        let place = Place::whole(path);
        let (headed, place) = jekyll.prepare(vec![(headed, place)], &TimeZone::UTC).pop().unwrap();
        let root = Address::root();
        let day = jekyll
            .day(&place)
            .map(|day| Moment { instant: TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap(), day });
        let placing = Placing {
            headed: &headed,
            place: &place,
            kind: PageKind::Post,
            prefix: &root,
            home: &root,
            root: &root,
            date: day,
            timezone: &TimeZone::UTC,
        };
        let placed = address(&jekyll, &placing).unwrap();
        placed.web_path.unwrap_or_else(|| placed.address.to_string())
    }

    #[test]
    fn styles_and_templates() {
        let post = "cat/_posts/2020-01-02-A Post.v2.md";
        for (config, path, expected) in [
            ("", post, "/cat/2020/01/02/A-Post.v2.html"),
            ("permalink: pretty", post, "/cat/2020/01/02/A-Post.v2/"),
            ("permalink: ordinal", post, "/cat/2020/002/A-Post.v2.html"),
            ("permalink: weekdate", post, "/cat/2020/W01/Thu/A-Post.v2.html"),
            ("permalink: none", post, "/cat/A-Post.v2.html"),
            ("permalink: /:month_:i_day-:short_year/:slug/", post, "/01_2-20/a-post-v2/"),
            ("permalink: /blog/:title", "_posts/2020-1-2-x.md", "/blog/x"),
            ("collections: {posts: {permalink: '/p/:title/'}}", "_posts/2020-01-02-x.md", "/p/x/"),
            ("collections: {docs: {output: true}}", "_docs/a/B c.md", "/docs/a/B%20c.html"),
            ("collections: {docs: {output: true, permalink: '/:collection/:name/'}}", "_docs/a/B c.md", "/docs/b-c/"),
            ("", "about.md", "/about.html"),
            ("permalink: pretty", "a/about.md", "/a/about/"),
            ("permalink: /:title/", "a/about.md", "/a/about/"),
            ("", "a/index.md", "/a/"),
        ] {
            assert_eq!(at(config, path, FrontMatter::default()), expected, "{config} {path}");
        }
        let front = |permalink: &str| FrontMatter {
            permalink: Some(permalink.into()),
            categories: vec!["One".into(), "cat".into()],
            slug: Some("Own Slug".into()),
            ..FrontMatter::default()
        };
        assert_eq!(at("", post, front("/:categories/:title.html")), "/cat/one/Own-Slug.html");
        assert_eq!(at("", "about.md", front("/who/")), "/who/");
        assert_eq!(at("", "about.md", front("../who/")), "/who/");
    }

    #[test]
    fn names_with_a_day() {
        let day = |name| dated(name).map(|(day, rest)| format!("{day} {rest}"));
        assert_eq!(day("2020-1-2-x-y").as_deref(), Some("2020-01-02 x-y"));
        for name in ["2020-01-02", "2020-01-02-", "20-01-02-x", "2020-13-02-x", "x-2020-01-02-y", ""] {
            assert_eq!(day(name), None, "{name}");
        }
    }
}
