//! `[conversion]` and `[shortcodes]`: how posts are read and shown, for every capsule of the configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::meant::Context;
use super::{ConfigError, host, written};
use crate::read::conversion::{Conversion, Outgoing, Shortcode, Trackers};
use crate::render::style::{Emphasis, Links, Notes, Style};

impl Context<'_> {
    pub(super) fn conversion(
        &self,
        written: &written::Conversion,
        shortcodes: &BTreeMap<String, Spanned<written::Shortcode>>,
    ) -> Result<Arc<Conversion>, ConfigError> {
        let own = |(name, value): (&String, &Spanned<written::Shortcode>)| {
            let shortcode = shortcode(value.get_ref());
            let error = |text: &str| self.place(Some(value)).error(format!("the shortcode `{name}` {text}"));
            Ok((name.clone(), shortcode.map_err(error)?))
        };
        let instead = |(from, to): (&String, &Spanned<String>)| {
            let parse = |text: &str| host::parse(text).map_err(|text| self.place(Some(to)).error(text));
            Ok((parse(from)?, parse(to.get_ref())?))
        };
        let outgoing = Outgoing {
            trackers: self.parsed(written.trackers.as_ref(), |text| trackers(text))?.unwrap_or_default(),
            parameters: written.parameters.iter().map(|name| name.get_ref().clone()).collect(),
            hosts: written.instead.iter().map(instead).collect::<Result<_, ConfigError>>()?,
        };
        Ok(Arc::new(Conversion {
            shortcodes: shortcodes.iter().map(own).collect::<Result<_, ConfigError>>()?,
            wiki_links: written.wiki_links.unwrap_or_default(),
            emoji: written.emoji,
            smart: written.typography,
            outgoing,
        }))
    }

    pub(super) fn style(&self, written: &written::Conversion) -> Result<Style, ConfigError> {
        Ok(Style {
            links: self.parsed(written.links.as_ref(), |text| links(text))?.unwrap_or_default(),
            notes: self.parsed(written.notes.as_ref(), |text| notes(text))?.unwrap_or_default(),
            emphasis: self.parsed(written.emphasis.as_ref(), |text| emphasis(text))?.unwrap_or_default(),
        })
    }
}

fn shortcode(written: &written::Shortcode) -> Result<Shortcode, &'static str> {
    let name = |argument: &written::Argument| match argument {
        written::Argument::Name(name) => name.clone(),
        written::Argument::Place(place) => place.to_string(),
    };
    let label = written.label.as_ref().map(name);
    let is = |yes: Option<bool>| yes == Some(true);
    let mut ways = [
        written.image.as_ref().map(|source| Shortcode::Image(name(source), label.clone())),
        written.link.as_ref().map(|url| Shortcode::Link(name(url), label.clone())),
        written.text.as_ref().map(|text| Shortcode::Text(name(text))),
        is(written.inner).then_some(Shortcode::Inner),
        is(written.drop).then_some(Shortcode::Drop),
    ]
    .into_iter()
    .flatten();
    match (ways.next(), ways.next()) {
        (Some(way), None) => Ok(way),
        (Some(_), Some(_)) => Err("can become one thing only; write one of image, link, text, inner and drop"),
        (None, _) => {
            Err("becomes nothing yet; write image, link or text with an argument's name, or inner or drop = true")
        }
    }
}

fn trackers(text: &str) -> Result<Trackers, String> {
    match text {
        "remove" => Ok(Trackers::Removed),
        "keep" => Ok(Trackers::Kept),
        _ => Err(format!("`{text}` is neither \"remove\" nor \"keep\"")),
    }
}

fn links(text: &str) -> Result<Links, String> {
    match text {
        "block" => Ok(Links::Block),
        "section" => Ok(Links::Section),
        "end" => Ok(Links::End),
        _ => Err(format!("`{text}` is none of \"block\", \"section\" and \"end\"")),
    }
}

fn notes(text: &str) -> Result<Notes, String> {
    match text {
        "end" => Ok(Notes::End),
        "section" => Ok(Notes::Section),
        _ => Err(format!("`{text}` is neither \"end\" nor \"section\"")),
    }
}

fn emphasis(text: &str) -> Result<Emphasis, String> {
    match text {
        "drop" => Ok(Emphasis::Drop),
        "markers" => Ok(Emphasis::Markers),
        _ => Err(format!("`{text}` is neither \"drop\" nor \"markers\"")),
    }
}
