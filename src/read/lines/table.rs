//! A table whose head has more cells than the line under it, or fewer: to the parser it is no table (GFM, "Tables"), and
//! so one long line of pipes and dashes. What is missing is put there.

use super::{Line, Lines};
use crate::read::effect::Effect;
use crate::read::find::{Found, What};

/// No table has more columns than this.
const MAX_CELLS: usize = 64;

/// `|---|:--:|`: the line under a table's head.
pub(super) fn is_delimiter(content: &str) -> bool {
    content.starts_with('|')
        && content.contains('-')
        && cells(content).all(|cell| {
            let cell = cell.trim();
            let dashes = cell.strip_prefix(':').unwrap_or(cell);
            let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
            !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
        })
}

/// Makes head and delimiter agree, where they do not.
pub(super) fn mend<'a>(lines: &mut Lines<'a>, head: Line<'a>, under: Line<'a>) {
    let counts = [head, under].map(|line| cells(line.content()).take(MAX_CELLS + 1).count());
    let [above, below] = counts;
    if above == below || above.max(below) > MAX_CELLS || !head.content().starts_with('|') {
        return;
    }
    let (short, cell) = if above < below { (head, " |") } else { (under, "-|") };
    let closes = is_closed(short.content());
    let end = short.inner().end;
    let more = if closes { "" } else { "|" }.to_owned() + &cell.repeat(above.abs_diff(below));
    lines.found.push(Found { range: end..end, what: What::Effect(Effect::Source(more)) });
    let columns = |count: usize| if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
    lines.slips.push((
        under.start,
        format!("the table's head has {} and the line of dashes {}; give both as many", columns(above), columns(below)),
    ));
}

/// Whether a row ends with a pipe that is no text.
fn is_closed(content: &str) -> bool {
    content.len() > 1 && content.ends_with('|') && !content.ends_with("\\|")
}

/// The cells of a row that begins with a pipe.
fn cells(content: &str) -> impl Iterator<Item = &str> {
    let inner = content.strip_prefix('|').unwrap_or(content);
    let inner = if is_closed(content) { &inner[..inner.len() - 1] } else { inner };
    let mut rest = Some(inner);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.match_indices('|').map(|(at, _)| at).find(|&at| !text[..at].ends_with('\\'));
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}
