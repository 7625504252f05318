//! Dates as authors write them: one [`Moment`] from any form that the generators take.
//!
//! From front matter (`read::front_matter`) to the plan. RFC 3339, its relatives with a space for the `T` and
//! without seconds or zone, RFC 2822 (as feeds have it), and `02 Jan 2006`. A date without a zone is meant in
//! the capsule's time zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::content::Moment;

/// What a date must look like, for problems.
pub const FORM: &str = "YYYY-MM-DD or YYYY-MM-DD HH:MM:SS +HH:MM";

/// Reads a date; `None` where it is none: year 0, 30 February, words.
///
/// ```text
/// moment = date [("T" / *SP) time [*SP zone]] [*SP name]
/// date   = year "-" month "-" day            ; also with "/"
/// time   = hour ":" minute [":" second ["." fraction]]
/// zone   = "Z" / "UTC" / "GMT" / ("+" / "-") hour [":"] [minute]
/// name   = "[" time zone "]" / letters       ; Go prints "+0100 CET": the offset counts
/// ```
pub fn parse(text: &str, timezone: &TimeZone) -> Option<Moment> {
    let text = text.trim();
    numeric(text, timezone).or_else(|| mail(text)).or_else(|| spelled(text, timezone))
}

fn numeric(text: &str, timezone: &TimeZone) -> Option<Moment> {
    let mut rest = Rest(text);
    let year = rest.number(4, 4)?;
    let separator = rest.one_of(&['-', '/'])?;
    let month = rest.number(1, 2)?;
    rest.one_of(&[separator])?;
    let date = Date::new(i16::try_from(year).ok().filter(|year| *year > 0)?, small(month)?, small(rest.number(1, 2)?)?);
    let date = date.ok()?;
    if rest.0.is_empty() {
        return moment(date.to_datetime(Time::midnight()), timezone);
    }
    let _ = rest.one_of(&['T', 't']).or_else(|| rest.spaces())?;
    let time = rest.time()?;
    rest.spaces();
    let zone = match rest.zone()? {
        Some(offset) => TimeZone::fixed(offset),
        None => timezone.clone(),
    };
    moment(date.to_datetime(time), &zone)
}

fn small(number: u32) -> Option<i8> {
    i8::try_from(number).ok()
}

fn moment(written: DateTime, timezone: &TimeZone) -> Option<Moment> {
    let instant = timezone.to_timestamp(written).ok()?;
    Some(Moment { instant, day: written.date() })
}

/// RFC 2822, as feeds and `date -R` write it.
fn mail(text: &str) -> Option<Moment> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Moment { instant: zoned.timestamp(), day: zoned.date() })
}

/// `02 Jan 2006`, `2 January 2006`, `January 2, 2006`, and Astro's `Jan 02 2006`.
fn spelled(text: &str, timezone: &TimeZone) -> Option<Moment> {
    let form = |form: &&str| Date::strptime(form, text).ok().filter(|date| date.year() > 0);
    let date = ["%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y"].iter().find_map(form)?;
    moment(date.to_datetime(Time::midnight()), timezone)
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        (digits >= least).then(|| number.parse().ok())?
    }

    fn one_of(&mut self, characters: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|first| characters.contains(first))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    fn spaces(&mut self) -> Option<char> {
        let rest = self.0.trim_start();
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found.then_some(' ')
    }

    fn time(&mut self) -> Option<Time> {
        let hour = small(self.number(1, 2)?)?;
        self.one_of(&[':'])?;
        let minute = small(self.number(2, 2)?)?;
        let second = match self.one_of(&[':']) {
            Some(_) => small(self.number(2, 2)?)?,
            None => 0,
        };
        if self.one_of(&['.', ',']).is_some() {
            // Fractions of a second decide nothing.
            self.number(1, 9)?;
        }
        // A leap second is the second before it.
        Time::new(hour, minute, second.min(if second == 60 { 59 } else { second }), 0).ok()
    }

    /// `Some(None)` where no zone is written, `None` where what stands there is none.
    fn zone(&mut self) -> Option<Option<Offset>> {
        let offset = match self.one_of(&['+', '-', '\u{2212}']) {
            Some(sign) => Some(self.offset(sign)?),
            None => None,
        };
        self.spaces();
        let name = self.0;
        let letters = !name.is_empty() && name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        match (offset, name.to_ascii_uppercase().as_str()) {
            (offset, "") => Some(offset),
            (None, "Z" | "UTC" | "GMT" | "UT") => Some(Some(Offset::UTC)),
            (Some(offset), _) if letters || (name.starts_with('[') && name.ends_with(']')) => Some(Some(offset)),
            _ => None,
        }
    }

    fn offset(&mut self, sign: char) -> Option<Offset> {
        let hours = self.number(2, 2)?;
        self.one_of(&[':']);
        let minutes = if self.0.starts_with(|c: char| c.is_ascii_digit()) { self.number(2, 2)? } else { 0 };
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|_| hours < 24 && minutes < 60)?;
        Offset::from_seconds(if sign == '+' { seconds } else { -seconds }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let paris = TimeZone::fixed(Offset::from_seconds(3600).unwrap());
        parse(text, &paris).map(|moment| (moment.instant.to_string(), moment.day.to_string()))
    }

    #[test]
    fn every_form_is_read() {
        for (text, instant, day) in [
            ("2024-01-05", "2024-01-04T23:00:00Z", "2024-01-05"),
            (" 2024-1-5 ", "2024-01-04T23:00:00Z", "2024-01-05"),
            ("2024/01/05", "2024-01-04T23:00:00Z", "2024-01-05"),
            ("2024-01-05 10:20", "2024-01-05T09:20:00Z", "2024-01-05"),
            ("2024-01-05T10:20:30", "2024-01-05T09:20:30Z", "2024-01-05"),
            ("2024-01-05t10:20:30z", "2024-01-05T10:20:30Z", "2024-01-05"),
            ("2024-01-05T23:20:30.123456789-07:00", "2024-01-06T06:20:30Z", "2024-01-05"),
            ("2006-01-02 15:04 -0700", "2006-01-02T22:04:00Z", "2006-01-02"),
            ("2019-04-19 12:00:00 +02:00", "2019-04-19T10:00:00Z", "2019-04-19"),
            ("2019-04-19 12:00:00 +0200 CEST", "2019-04-19T10:00:00Z", "2019-04-19"),
            ("2019-04-19 12:00:00+02", "2019-04-19T10:00:00Z", "2019-04-19"),
            ("2019-04-19T12:00:00+02:00[Europe/Paris]", "2019-04-19T10:00:00Z", "2019-04-19"),
            ("2019-04-19 12:00:00 UTC", "2019-04-19T12:00:00Z", "2019-04-19"),
            ("2016-12-31 23:59:60 UTC", "2016-12-31T23:59:59Z", "2016-12-31"),
            ("Fri, 05 Jan 2024 10:20:30 +0100", "2024-01-05T09:20:30Z", "2024-01-05"),
            ("Jan 05 2024", "2024-01-04T23:00:00Z", "2024-01-05"),
            ("05 Jan 2024", "2024-01-04T23:00:00Z", "2024-01-05"),
            ("January 5, 2024", "2024-01-04T23:00:00Z", "2024-01-05"),
        ] {
            assert_eq!(read(text), Some((instant.to_owned(), day.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2024",
            "20240105",
            "2024-13-01",
            "2024-02-30",
            "0000-01-01",
            "99999-01-01",
            "2024-01-05T",
            "soon",
            "2024-01-05 25:00",
            "2024-01-05 10:00 +99:00",
            "2024-01-05 10:00 whenever",
            "2024-01-05 10h",
            "9999-12-31T23:59:59-23:00",
            "2024-01/05",
            "2024-01-05 10:00 é",
            "{{ .Date }}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
