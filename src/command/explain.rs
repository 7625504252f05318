//! `maquis explain`: what a reader gets at an address, from which file and by which rule, and what is missing where
//! nothing is there. No network: the same steps as those of the server, over what would be served now.

mod asked;
mod why;

use std::path::Path;

use jiff::Timestamp;

use self::asked::Question;
use self::why::Why;
use super::{Asked, Error, Ports, sources};
use crate::config::{Settings, Surroundings};
use crate::content::Problem;
use crate::protocol::{Exchange, Protocol, Step, Verdict, gemini};
use crate::publish::plans::Plans;
use crate::publish::{Published, Publisher};
use crate::store::Store;

/// Explains one address, or the address of one file.
pub fn run(asked: &Asked, what: &str) -> Result<(), Error> {
    let settings = asked.settings(&Surroundings::here())?;
    let now = Timestamp::now();
    let mut publisher = Publisher::new(sources(&settings, &Ports::as_configured(&settings)), Store::memory())?;
    let published = publisher.publish(now, &|_, _| {})?;
    let plans = publisher.plans(now)?;
    let scene = Scene { settings: &settings, published: &published, plans: &plans };
    let question =
        Question::of(what, &scene).map_err(|text| Error::io(what.to_owned())(std::io::Error::other(text)))?;
    let answer = scene.answer(&question);
    say!("{}", question.url);
    answer.lines.iter().for_each(|(name, text)| say!("  {name:<9} {text}"));
    if answer.is_served { Ok(()) } else { Err(Error::Found) }
}

/// Everything that an explanation is drawn from.
struct Scene<'a> {
    settings: &'a Settings,
    published: &'a Published,
    plans: &'a [Plans],
}

/// What is printed below the address.
struct Answer {
    lines: Vec<(&'static str, String)>,
    is_served: bool,
}

impl Scene<'_> {
    fn answer(&self, question: &Question) -> Answer {
        let said = match question.protocol {
            Protocol::Gemini => self.gemini_head(question),
            Protocol::Gopher => self.gopher_kind(question),
        };
        let is_served = match question.protocol {
            Protocol::Gemini => said.starts_with(['2', '3']),
            Protocol::Gopher => !said.starts_with("an error"),
        };
        let looked_up =
            is_served || matches!(said.get(..2), Some("51" | "52")) || question.protocol == Protocol::Gopher;
        let mut lines = vec![("answer", said)];
        if !looked_up {
            lines.extend(self.who_is_here(question).map(|text| ("because", text)));
            return Answer { lines, is_served };
        }
        let path = match question.protocol {
            Protocol::Gemini => gemini::path(question.request.as_bytes()),
            Protocol::Gopher => Some(question.request.clone()),
        };
        let known = question.capsule.zip(path).and_then(|(index, path)| {
            let plans = self.plans.get(index)?;
            Some((index, plans, self.why(index, plans, question.protocol, &path)?))
        });
        if let Some((index, plans, why)) = known {
            lines.push(("capsule", self.capsule(index)));
            lines.extend(why.source.as_ref().map(|source| ("file", self.shown(index, source))));
            lines.push(("because", why.reason));
            lines.extend(why.near.into_iter().map(|address| ("near", plans.shown.masthead.url(&address))));
            let source = why.source.unwrap_or_default();
            lines.extend(self.problems_of(index, &source).map(|problem| ("problem", problem.to_string())));
        }
        Answer { lines, is_served }
    }

    /// For a name or a port at which no capsule answers.
    fn who_is_here(&self, question: &Question) -> Option<String> {
        gemini::path(question.request.as_bytes())?;
        let settings = self.settings;
        Some(match question.capsule {
            None => format!("the hosts here are {}", super::certificate::hosts(settings).join(", ")),
            Some(_) => format!("it is asked for by gemini:, on port {}", super::certificate::port(settings)),
        })
    }

    /// The status line of Gemini, by the very step that the server takes.
    fn gemini_head(&self, question: &Question) -> String {
        let advertised = self.settings.gemini.port.unwrap_or(question.port);
        let exchange = Exchange {
            site: &self.published.site,
            server_name: None,
            ports: [question.port, advertised],
            capsule: 0,
            verdict: Verdict::Welcome,
        };
        match Protocol::Gemini.step(format!("{}\r\n", question.request).as_bytes(), &exchange) {
            Step::Reply(reply) => reply.head.trim_end().to_owned(),
            Step::NeedMore => "none: the request has no end".to_owned(),
        }
    }

    /// What kind of thing Gopher readers get.
    fn gopher_kind(&self, question: &Question) -> String {
        let hole = |index: usize| self.published.site.capsules.get(index)?.gopherhole.as_ref();
        let Some(hole) = question.capsule.and_then(hole) else {
            return "an error: this capsule is not served over Gopher; add a [gopher] table".to_owned();
        };
        let at = crate::content::Address::parse(&question.request).ok();
        match at.filter(|address| hole.find(address).is_some()) {
            Some(address) if address.is_folder() => "a menu".to_owned(),
            Some(address) => match address.name().rsplit_once('.') {
                Some((_, "txt" | "gmi")) => "a text".to_owned(),
                Some((_, ending)) => format!("a file ({ending})"),
                None => "a menu".to_owned(),
            },
            None => "an error: nothing is here".to_owned(),
        }
    }

    fn why(&self, index: usize, plans: &Plans, protocol: Protocol, path: &str) -> Option<Why> {
        let capsule = self.published.site.capsules.get(index)?;
        let forms = match protocol {
            Protocol::Gemini => path.to_owned(),
            // Each post has three addresses over Gopher: its text, its links, its gemtext.
            Protocol::Gopher => why::page_of_selector(&plans.shown, path).unwrap_or_else(|| path.to_owned()),
        };
        Some(Why::of(capsule, plans, &forms))
    }

    fn capsule(&self, index: usize) -> String {
        let (summary, settings) = (self.published.capsules.get(index), self.settings.capsules.get(index));
        let title = summary.map_or("", |summary| summary.title.as_str());
        let layout = summary.map_or("", |summary| summary.layout.name());
        let folder = settings.map(|settings| settings.source.display().to_string()).unwrap_or_default();
        format!("{title}, {layout} layout, in {folder}")
    }

    fn shown(&self, index: usize, source: &str) -> String {
        let folder = self.settings.capsules.get(index).map(|capsule| capsule.source.as_path());
        crate::publish::shown(&folder.unwrap_or(Path::new("")).join(source))
    }

    fn problems_of(&self, index: usize, source: &str) -> impl Iterator<Item = &Problem> {
        let path = (!source.is_empty()).then(|| self.shown(index, source));
        self.published.problems.iter().filter(move |problem| Some(&problem.path) == path.as_ref())
    }
}
