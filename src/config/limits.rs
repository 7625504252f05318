//! `[limits]`: what keeps one bad client from disturbing the others, each with its bounds.

use std::time::Duration;

use toml::Spanned;

use super::meant::Context;
use super::{ConfigError, written};
use crate::server::{Exempt, Limits};

/// The longest time a limit may give.
const MAX_LIMIT: Duration = Duration::from_secs(3600);
/// The most connections that may be allowed.
const MAX_CONNECTIONS: usize = 1_000_000;
/// The most requests that may be allowed a prefix, in a second or at once.
const MAX_PACE: u32 = 1_000_000;

impl Context<'_> {
    pub(super) fn limits(&self, written: &written::Limits) -> Result<Limits, ConfigError> {
        let defaults = Limits::default();
        let time = |value: &Option<Spanned<String>>, default: Duration| {
            self.parsed(value.as_ref(), |text| duration(text)).map(|given| given.unwrap_or(default))
        };
        let count = |value: &Option<Spanned<i64>>, default: usize, what: &str| {
            self.parsed(value.as_ref(), |number| count(*number, what)).map(|given| given.unwrap_or(default))
        };
        let pace = |value: &Option<Spanned<i64>>, default: u32, what: &str| {
            self.parsed(value.as_ref(), |number| pace(*number, what)).map(|given| given.unwrap_or(default))
        };
        let exempt = written.exempt.as_ref().map(|list| self.exempt(list.get_ref())).transpose()?;
        Ok(Limits {
            handshake: time(&written.handshake, defaults.handshake)?,
            request: time(&written.request, defaults.request)?,
            reply: time(&written.reply, defaults.reply)?,
            close: time(&written.close, defaults.close)?,
            grace: time(&written.grace, defaults.grace)?,
            connections: count(&written.connections, defaults.connections, "connections")?,
            connections_per_prefix: count(
                &written.connections_per_prefix,
                defaults.connections_per_prefix,
                "connections",
            )?,
            handshakes_per_prefix: count(&written.handshakes_per_prefix, defaults.handshakes_per_prefix, "handshakes")?,
            requests_per_second: pace(&written.requests_per_second, defaults.requests_per_second, "requests")?,
            burst: pace(&written.burst, defaults.burst, "requests")?,
            exempt: exempt.unwrap_or(defaults.exempt),
        })
    }

    fn exempt(&self, list: &[Spanned<String>]) -> Result<Vec<Exempt>, ConfigError> {
        let parse = |text: &Spanned<String>| match text.get_ref().as_str() {
            "loopback" => Ok(Exempt::Loopback),
            other => {
                let wrong = format!("`{other}` cannot be exempt; write \"loopback\", or an empty list");
                Err(self.place(Some(text)).error(wrong))
            }
        };
        list.iter().map(parse).collect()
    }
}

fn count(number: i64, what: &str) -> Result<usize, String> {
    let count = usize::try_from(number).ok().filter(|count| (1..=MAX_CONNECTIONS).contains(count));
    count.ok_or_else(|| format!("{number} {what} cannot be kept; write 1 to {MAX_CONNECTIONS}"))
}

fn pace(number: i64, what: &str) -> Result<u32, String> {
    let pace = u32::try_from(number).ok().filter(|pace| (1..=MAX_PACE).contains(pace));
    pace.ok_or_else(|| format!("{number} {what} cannot be allowed; write 1 to {MAX_PACE}"))
}

/// `"200ms"`, `"5s"`, `"2m"`, `"1h"`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as \"5s\" or \"200ms\", up to \"1h\"");
    let trimmed = text.trim();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = trimmed.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit.trim_start() {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" | "min" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    let duration = Duration::from_millis(milliseconds.ok_or_else(wrong)?);
    if duration.is_zero() || duration > MAX_LIMIT { Err(wrong()) } else { Ok(duration) }
}
