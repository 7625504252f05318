//! Reads of each page in a day, for authors who ask for that: off unless the configuration says otherwise.
//!
//! A count is of a page of the site and of nobody: what a reader sent is not looked at. It is in memory until the day
//! (UTC) is over; then it is rounded down to tens, what is under ten is dropped, and the rest may be written down. So
//! nobody can learn from it whether one reader came, nor when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use crate::content::Address;
use crate::site::{Body, Resource, Site};

/// Counts are multiples of this, and there are none below it.
pub const STEP: u32 = 10;

/// The counts of the day that runs, and of days that are over and not yet taken.
#[derive(Default)]
pub struct Counts(Mutex<State>);

#[derive(Default)]
struct State {
    day: Option<Date>,
    reads: HashMap<Arc<str>, u32>,
    over: Vec<Day>,
}

/// A day that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    /// Pages by their URLs, in order; each count a multiple of [`STEP`], and more than nothing.
    pub reads: Vec<(Arc<str>, u32)>,
}

impl Counts {
    /// A page was read. What day it is the server does not ask.
    pub(super) fn read(&self, page: &Arc<str>) {
        let mut state = self.state();
        match state.reads.get_mut(page) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                state.reads.insert(Arc::clone(page), 1);
            }
        }
    }

    /// The days that are over; they are forgotten here. To be asked when a day begins: reads until then are of the one
    /// before.
    pub fn released(&self, today: Date) -> Vec<Day> {
        let mut state = self.state();
        state.turn(today);
        std::mem::take(&mut state.over)
    }

    /// Forgets all of it, days that are over included: nobody wants to know any more.
    pub fn forget(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Begins a day, where it is another: of the one before, nothing exact is left.
    fn turn(&mut self, today: Date) {
        // Nobody has said before what day it is.
        let day = *self.day.get_or_insert(today);
        if day == today {
            return;
        }
        let rounded = |(page, count): (Arc<str>, u32)| (count >= STEP).then_some((page, count - count % STEP));
        let mut reads: Vec<_> = std::mem::take(&mut self.reads).into_iter().filter_map(rounded).collect();
        reads.sort();
        if !reads.is_empty() {
            self.over.push(Day { date: day, reads });
        }
        self.day = Some(today);
    }
}

/// The URL of every page of a site, by the body that is sent for it: replies need to carry nothing for a count.
pub struct Names(HashMap<usize, Arc<str>>);

impl Names {
    /// Of everything that a site holds, over both protocols.
    pub fn of(site: &Site) -> Names {
        let mut names = HashMap::new();
        let mut add = |body: &Body, authority: &str, address: &Address| {
            names.entry(place(body)).or_insert_with(|| format!("{authority}{}", address.encoded()).into());
        };
        for capsule in &site.capsules {
            let authority = format!("gemini://{}", capsule.hosts.first().map_or("", String::as_str));
            // The shorter address first: a folder, before the index that is the same.
            let mut resources: Vec<_> = capsule.resources.iter().collect();
            resources.sort_by_key(|(address, _)| *address);
            for (address, resource) in resources {
                if let Resource::Content { body, .. } = resource {
                    add(body, &authority, address);
                }
            }
            if let Some(hole) = &capsule.gopherhole {
                let authority = format!("gopher://{}", hole.gopher.host);
                // Of the addresses that share a body the shortest names it, in every snapshot the same.
                let mut pages: Vec<_> = hole.resources.iter().collect();
                pages.retain(|(_, body)| !Arc::ptr_eq(body, &hole.gone));
                pages.sort_by_key(|(address, _)| (address.as_str().len(), *address));
                pages.into_iter().for_each(|(address, body)| add(body, &authority, address));
            }
        }
        Names(names)
    }

    /// The page that a body is of.
    pub(super) fn name(&self, body: &Body) -> Option<&Arc<str>> {
        self.0.get(&place(body))
    }
}

/// Where a body is in memory, which tells it from every other while its site lives.
fn place(body: &Body) -> usize {
    Arc::as_ptr(body).cast::<()>().addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::gopher::Posts;
    use crate::content::redirect::Redirects;
    use crate::content::{Gopher, Language};
    use crate::site::gopherhole::Gopherhole;
    use crate::site::{Capsule, Part};
    use crate::text::charset::Charset;

    const DAY: Date = Date::constant(2030, 6, 1);

    fn read(counts: &Counts, page: &str, times: u32) {
        let page: Arc<str> = page.into();
        (0..times).for_each(|_| counts.read(&page));
    }

    fn shown(days: &[Day]) -> String {
        let line = |day: &Day| day.reads.iter().map(|(page, count)| format!("{} {page} {count}\n", day.date)).collect();
        days.iter().map::<String, _>(line).collect()
    }

    #[test]
    fn nothing_is_released_before_the_day_is_over_and_nothing_exact_after() {
        let counts = Counts::default();
        for (page, times) in [("/a", 9), ("/b", 10), ("/c", 19), ("/d", 120), ("/e", 1)] {
            read(&counts, page, times);
        }
        assert_eq!(counts.released(DAY), []);
        let next = DAY.tomorrow().unwrap();
        let over = counts.released(next);
        assert_eq!(shown(&over), "2030-06-01 /b 10\n2030-06-01 /c 10\n2030-06-01 /d 120\n");
        assert_eq!(counts.released(next), [], "once");
        let state = counts.state();
        assert!(state.reads.is_empty() && state.over.is_empty(), "and nothing is left of it");
    }

    /// A gopherhole whose page is at many addresses, and in which much is gone.
    fn hole() -> Site {
        let body = |text: &str| -> Body { Arc::new([Part::Bytes(text.as_bytes().into())]) };
        let (page, gone) = (body("page"), body("gone"));
        let at = |path: &str, body: &Body| (Address::parse(path).unwrap(), Arc::clone(body));
        let aliases = (0..20).map(|number| at(&format!("/older/address-{number}"), &page));
        let withdrawn = (0..20).map(|number| at(&format!("/{number}"), &gone));
        let gopher = Gopher { host: "a.org".into(), port: 70, posts: Posts::Text, charset: Charset::Utf8, width: 67 };
        let gopherhole = Gopherhole {
            gopher,
            language: Language::english(),
            not_found: body("nothing"),
            resources: aliases.chain(withdrawn).chain([at("/posts/a", &page)]).collect(),
            gone,
            redirects: Redirects::default(),
            capsule_url: String::new(),
        };
        let capsule = Capsule {
            hosts: vec!["a.org".into()],
            language: Language::english(),
            not_found: String::new(),
            gone: String::new(),
            resources: HashMap::new(),
            redirects: Redirects::default(),
            gopherhole: Some(gopherhole),
        };
        Site { capsules: vec![capsule] }
    }

    #[test]
    fn a_page_over_gopher_has_one_name_in_every_snapshot_and_what_is_gone_has_none() {
        for _ in 0..10 {
            let site = hole();
            let names = Names::of(&site);
            let hole = site.capsules[0].gopherhole.as_ref().unwrap();
            let name = names.name(&hole.resources["/posts/a"]).map(|name| &**name);
            assert_eq!(name, Some("gopher://a.org/posts/a"));
            assert_eq!(names.name(&hole.gone), None);
        }
    }

    #[test]
    fn what_nobody_wants_to_know_any_more_is_forgotten() {
        let counts = Counts::default();
        assert_eq!(counts.released(DAY), []);
        read(&counts, "/a", 30);
        counts.state().turn(DAY.tomorrow().unwrap());
        read(&counts, "/a", 30);
        counts.forget();
        assert_eq!(counts.released(DAY.checked_add(jiff::Span::new().days(9)).unwrap()), []);
    }

    #[test]
    fn what_is_missing_of_ten_is_not_carried_over() {
        let counts = Counts::default();
        let mut today = DAY;
        for _ in 0..5 {
            assert_eq!(counts.released(today), []);
            read(&counts, "/a", 9);
            today = today.tomorrow().unwrap();
        }
    }
}
