//! `[[capsule]]`: what the author says of one capsule, each value parsed, with the line of what is wrong.

use std::path::{Component, Path, PathBuf};

use fluent_uri::Iri;
use jiff::tz::TimeZone;

use super::meant::{Context, Host};
use super::{CapsuleSettings, ConfigError, Layout, host, written};
use crate::content::files::{FilePattern, FileRule, Manner, MediaType};
use crate::content::masthead::{Licence, Web};
use crate::content::picture::Metadata;
use crate::content::redirect::{PathPattern, Redirect, Redirects};
use crate::content::{Address, Dates, Language, address};
use crate::read::agate::is_media_type;
use crate::read::pattern;
use crate::text::url;

/// A capsule of which nothing is said but where it is and what it is called.
pub(super) fn bare(source: PathBuf, hosts: Vec<String>) -> CapsuleSettings {
    CapsuleSettings {
        source,
        configuration: None,
        hosts,
        layout: None,
        title: None,
        author: None,
        language: None,
        web: None,
        timezone: None,
        contact: None,
        licence: None,
        words: Vec::new(),
        header: None,
        footer: None,
        content: None,
        addresses: None,
        dates: Dates::default(),
        files: Vec::new(),
        metadata: Metadata::default(),
        redirects: Redirects::default(),
        gopher: Vec::new(),
    }
}

impl Context<'_> {
    pub(super) fn capsule(&self, written: &written::Capsule, hosts: &[Host]) -> Result<CapsuleSettings, ConfigError> {
        Ok(CapsuleSettings {
            source: self.folder(written.source.as_ref(), "capsule")?,
            configuration: None,
            layout: self.parsed(written.layout.as_ref(), |text| layout(text))?,
            hosts: hosts.iter().map(|(name, _)| name.clone()).collect(),
            title: self.parsed(written.title.as_ref(), |text| line(text))?,
            author: self.parsed(written.author.as_ref(), |text| line(text))?,
            language: self.parsed(written.language.as_ref(), |text| language(text))?,
            web: self.parsed(written.web.as_ref(), |text| web(text))?,
            timezone: self.parsed(written.timezone.as_ref(), |text| timezone(text))?,
            contact: self.parsed(written.contact.as_ref(), |text| contact(text))?,
            licence: self.parsed(written.licence.as_ref(), |text| licence(text))?,
            words: self.words(&written.words)?,
            header: self.parsed(written.header.as_ref(), |text| lines(text))?,
            footer: self.parsed(written.footer.as_ref(), |text| lines(text))?,
            content: self.parsed(written.content.as_ref(), |text| beneath(text))?,
            addresses: self.parsed(written.addresses.as_ref(), |text| addresses(text))?,
            dates: self.parsed(written.dates.as_ref(), |text| dates(text))?.unwrap_or_default(),
            files: self.files(written)?,
            metadata: self.parsed(written.metadata.as_ref(), |text| metadata(text))?.unwrap_or_default(),
            redirects: self.redirects(written)?,
            gopher: written.gopher.as_ref().map(|list| self.endpoints(list)).transpose()?.unwrap_or_default(),
        })
    }

    fn redirects(&self, written: &written::Capsule) -> Result<Redirects, ConfigError> {
        let mut redirects = Redirects::default();
        for rule in &written.redirect {
            let read = self.parsed(Some(rule), |rule| Redirect::parse(&rule.from, &rule.to))?;
            redirects.moved.extend(read);
        }
        for text in &written.gone {
            redirects.gone.0.extend(self.parsed(Some(text), |text| PathPattern::parse(text))?);
        }
        Ok(redirects)
    }

    fn files(&self, written: &written::Capsule) -> Result<Vec<FileRule>, ConfigError> {
        let rules = written.files.iter().map(|rule| self.parsed(Some(rule), file_rule));
        Ok(rules.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

fn layout(text: &str) -> Result<Layout, String> {
    let known = Layout::ALL.into_iter().find(|layout| layout.name().eq_ignore_ascii_case(text.trim()));
    known.ok_or_else(|| {
        let names = Layout::ALL.map(|layout| layout.name().to_ascii_lowercase()).join(", ");
        format!("`{text}` is no layout; use one of {names}, or leave the key out")
    })
}

/// Lines of gemtext.
fn lines(text: &str) -> Result<String, String> {
    let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    match text.trim().is_empty() || text.contains(odd) || text.contains("```") {
        true => Err("it must be one or more lines of gemtext without ```; else leave the key out".to_owned()),
        false => Ok(format!("{}\n", text.trim_end())),
    }
}

/// A folder in the source folder.
fn beneath(text: &str) -> Result<String, String> {
    let path = Path::new(text.trim());
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    match inside && !text.trim().is_empty() {
        true => Ok(text.trim().to_owned()),
        false => Err(format!("`{text}` is not a folder in the source; write it from there on, such as `src/posts`")),
    }
}

/// `/blog/{id}/`
fn addresses(text: &str) -> Result<String, String> {
    let text = text.trim();
    let tokens = pattern::TOKENS.map(|name| format!("{{{name}}}"));
    let bare = tokens.iter().fold(text.to_owned(), |text, token| text.replace(token.as_str(), ""));
    let tells_apart = text.contains("{id}") || text.contains("{slug}");
    match text.starts_with('/') && tells_apart && !bare.contains(['{', '}']) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{text}` is no pattern of addresses such as `/blog/{{id}}/`; it may hold {}",
            tokens.join(", ")
        )),
    }
}

fn dates(text: &str) -> Result<Dates, String> {
    match text.trim() {
        "written" => Ok(Dates::Written),
        "file" => Ok(Dates::File),
        "git" => Ok(Dates::Git),
        _ => Err(format!("`{text}` is none of \"written\", \"file\" and \"git\"")),
    }
}

fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.is_empty() || text.chars().any(char::is_control) {
        true => Err("it must be one line with something in it; else leave the key out".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| format!("`{text}` is not a language such as `fr`, `en` or `pt-BR`"))
}

fn timezone(text: &str) -> Result<TimeZone, String> {
    let remedy = "is not a time zone this system knows, such as `Europe/Paris` or `UTC`";
    TimeZone::get(text.trim()).map_err(|_| format!("`{text}` {remedy}"))
}

/// `https://x.org/blog/`: scheme, host, and the folder the blog stands in.
fn web(text: &str) -> Result<Web, String> {
    let wrong = || format!("`{text}` is not a web address such as `https://blog.example.org`");
    let address = Iri::parse(text.trim()).map_err(|_| wrong())?;
    let scheme = address.scheme().as_str().to_ascii_lowercase();
    let authority = address.authority().ok_or_else(wrong)?;
    let bare = authority.userinfo().is_none() && address.query().is_none() && address.fragment().is_none();
    if !bare || !matches!(scheme.as_str(), "http" | "https") {
        return Err(wrong());
    }
    let name = host::parse(authority.host()).map_err(|_| wrong())?;
    let authority = match authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty()) {
        Some(port) => format!("{name}:{}", port.parse::<u16>().map_err(|_| wrong())?),
        None => name,
    };
    let decoded = address::percent_decode(address.path().as_str()).ok_or_else(wrong)?;
    let path = Address::parse(&decoded).map_err(|_| wrong())?.as_folder();
    Ok(Web { origin: format!("{scheme}://{authority}"), authority, path })
}

/// A name, after an address where there is one.
fn licence(text: &str) -> Result<Licence, String> {
    let text = line(text)?;
    match text.split_once(' ').filter(|(url, _)| url::scheme(url).is_some()) {
        Some((url, name)) => Ok(Licence { name: name.trim().to_owned(), url: Some(url.to_owned()) }),
        None if url::scheme(&text).is_some() && !text.contains(' ') => {
            Err(format!("`{text}` has no name; write it after the address, such as `{text} CC BY 4.0`"))
        }
        None => Ok(Licence { name: text, url: None }),
    }
}

fn file_rule(written: &written::FileRule) -> Result<FileRule, String> {
    let media_type = written.media_type.as_deref().map(|text| match is_media_type(text.trim()) {
        true => Ok(MediaType::Whole(text.trim().to_owned())),
        false => Err(format!("`{text}` is no media type such as `text/plain; charset=utf-8`")),
    });
    let language = written.language.as_deref().map(language).transpose()?;
    if media_type.is_none() && language.is_none() {
        return Err("it says nothing of these files; give them a `type` or a `language`".to_owned());
    }
    let manner = Manner { media_type: media_type.transpose()?, language, head: None };
    Ok(FileRule { pattern: FilePattern::parse(&written.pattern)?, manner })
}

fn metadata(text: &str) -> Result<Metadata, String> {
    match text.trim() {
        "remove" => Ok(Metadata::Remove),
        "keep" => Ok(Metadata::Keep),
        _ => Err(format!("`{text}` is neither \"remove\" nor \"keep\"")),
    }
}

fn contact(text: &str) -> Result<String, String> {
    let text = line(text)?;
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let lead = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let link = lead && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    match (link && !text.contains(' '), text.contains('@')) {
        (true, _) => Ok(text),
        (false, true) => Err(format!("`{text}` is not a link; write mailto:{}", text.replace(' ', ""))),
        (false, false) => Err(format!("`{text}` is not a link, such as `mailto:me@example.org`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{load, message};

    #[test]
    fn web_addresses() {
        let web = |text: &str| load(&format!("[[capsule]]\nweb = '{text}'\n")).capsules[0].web.clone().unwrap();
        assert_eq!(web("http://X.org:8080/%C3%A9t%C3%A9/").path.as_str(), "/été/");
        assert_eq!(web("http://X.org:8080").origin, "http://x.org:8080");
        assert_eq!(web("https://été.example/").authority, "xn--t-9fab.example");
        for text in [
            "ftp://x.org",
            "https://u@x.org",
            "https://x.org/?q",
            "https://",
            "https://x.org/../..",
            "https://x.org:99999",
        ] {
            assert!(message(&format!("[[capsule]]\nweb = '{text}'\n")).contains("is not a web address"), "{text}");
        }
    }
}
