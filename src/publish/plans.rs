//! The plans behind a site, and what they would be if nothing were hidden: for `explain`, which has to say why an
//! address answers as it does, and which file a reader who finds nothing may be looking for.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::capsule::Capsule;
use super::{PublishError, Publisher};
use crate::content::redirect::Patterns;
use crate::content::{Dates, FrontMatter, Hidden, Moment, Page, Plan};
use crate::read::plan::{self, Headed, Health};
use crate::store::Store;

/// A capsule as it is planned, and more.
pub struct Plans {
    /// What is shown, and what is not.
    pub shown: Plan,
    /// As if every source were shown.
    pub all: Plan,
    /// Every source that can become a page.
    pub sources: HashMap<String, Known>,
}

/// What is known of a source, shown or not.
pub struct Known {
    /// Its place in the layout, lower case.
    pub logical: String,
    pub front: Arc<FrontMatter>,
    /// The date it would have if it says none, and where from.
    dated: Option<(Moment, Dates)>,
}

impl Publisher {
    /// The plans of all capsules, at an instant.
    pub fn plans(&self, now: Timestamp) -> Result<Vec<Plans>, PublishError> {
        self.capsules.iter().map(|capsule| capsule.plans(&self.store, now)).collect()
    }
}

impl Capsule {
    fn plans(&self, store: &Store, now: Timestamp) -> Result<Plans, PublishError> {
        let sources = self.sources(store)?;
        let (masthead, rules) = (&sources.setting.masthead, &sources.setting.rules);
        let gone = &self.source.redirects.gone;
        let known = |headed: &Headed| {
            let logical = headed.source.logical.to_lowercase();
            let by = self.history.first(&headed.source.path).map_or(Dates::File, |_| Dates::Git);
            let dated = headed.dated.map(|moment| (moment, by));
            (headed.source.path.clone(), Known { logical, front: Arc::clone(&headed.front), dated })
        };
        let known = sources.headed.iter().map(known).collect();
        let all = sources.headed.iter().cloned().map(unveiled).collect();
        let files = sources.files.clone();
        // Nothing is scheduled for later than the end of time.
        let (all, _) = plan::plan(masthead.clone(), rules, &Patterns::default(), all, files, Timestamp::MAX);
        let (mut shown, _) = plan::plan(masthead.clone(), rules, gone, sources.headed, sources.files, now);
        sources.setting.name(&mut shown);
        Ok(Plans { shown, all, sources: known })
    }
}

impl Plans {
    /// Why a source is not shown.
    pub fn hidden(&self, source: &str) -> Option<Hidden> {
        self.shown.hidden.get(&self.sources.get(source)?.logical).copied()
    }

    /// Where the date of a page comes from, if it is not its own.
    pub fn dated_by(&self, page: &Page) -> Option<Dates> {
        let known = self.sources.get(&page.source)?;
        let (moment, by) = known.dated.filter(|_| known.front.date.is_none())?;
        (page.head.date == Some(moment)).then_some(by)
    }

    /// The instant from which a source is shown, as it says itself.
    pub fn begins(&self, source: &str) -> Option<Moment> {
        let front = &self.sources.get(source)?.front;
        let page = self.all.pages.iter().find(|page| page.source == source);
        front.publish_at.or(front.date).or_else(|| page?.head.date)
    }
}

/// A source that nothing hides.
fn unveiled(mut headed: Headed) -> Headed {
    let front = Arc::make_mut(&mut headed.front);
    (front.draft, front.public, front.hidden) = (false, true, false);
    (front.expires, front.publish_at, front.render) = (None, None, Some(true));
    front.cascade.clear();
    headed.health = Health::Whole;
    headed
}
