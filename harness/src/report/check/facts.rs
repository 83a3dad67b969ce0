//! Which formats go out, and which of two wins: what nobody demands, and everybody must know.

use serde_json::{Map, Value, json};
use unbroken_adapters::Format;

use crate::check::{Check, Checked, Win};

/// In a line for each. Nothing, where one format was asked for and no other goes out.
pub(super) fn facts(check: &Check, checked: &Checked) -> Vec<String> {
    let facts = checked.facts();
    let others = facts
        .sent
        .iter()
        .any(|(format, _)| *format != Format::TraceContext);
    if facts.calls == 0 || (check.formats == [Format::TraceContext] && !others) {
        return Vec::new();
    }
    let calls = facts.calls;
    let sent = facts.sent.iter();
    let sent = sent.map(|(format, with)| format!("{format} goes out in {with} of {calls} calls"));
    let silent = check.formats.iter().filter(|format| {
        let mut sent = facts.sent.iter();
        sent.all(|(sent, _)| sent != *format)
    });
    let silent = silent.map(|format| format!("{format} goes out in none of {calls} calls"));
    let wins = facts.wins.iter().map(|Win { case, of, winner }| {
        let [one, other] = of;
        match winner {
            Some(winner) => format!("of {one} and {other}, {winner} wins ({case})"),
            None => format!("of {one} and {other}, neither wins ({case})"),
        }
    });
    sent.chain(silent).chain(wins).collect()
}

/// The same for programs.
pub(super) fn facts_json(check: &Check, checked: &Checked) -> Value {
    let facts = checked.facts();
    let sent = facts.sent.iter();
    let sent: Map<_, _> = sent
        .map(|(format, with)| (format.to_string(), json!(with)))
        .collect();
    let win = |win: &Win| json!({ "case": win.case, "of": win.of, "winner": win.winner });
    json!({
        "asked": check.formats,
        "calls": facts.calls,
        "sent": sent,
        "wins": facts.wins.iter().map(win).collect::<Vec<_>>(),
    })
}
