//! An item on its way through the checkpoints.

use unbroken_adapters::Format;

use crate::evidence::{By, Evidence, Got, Passage, Reading, inherits};
use crate::route::Hop;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Finding, Level, Outcome};

/// A clause on what must be carried on.
pub(super) struct Clause {
    /// The format that carries the item, if it is one: who does not speak it cannot carry it on.
    pub(super) format: Option<Format>,
    /// Whether there is anything to decide about what came in.
    pub(super) applies: fn(&Got<'_>) -> bool,
    /// Whether it is right what was made of it.
    pub(super) check: fn(&Evidence, &Got<'_>, &Passage<'_>, &Hop) -> Said,
    /// Whether the item belongs to the trace, and ends where another begins.
    pub(super) of_the_trace: bool,
}

/// What a clause says of something that was made of something else.
pub(super) enum Said {
    /// It is right.
    Right,
    /// It is not.
    Wrong(Wrong),
    /// There is nothing to say of it.
    Nothing,
}

/// What is wrong with what was made of something.
pub(super) struct Wrong {
    pub(super) level: Level,
    /// What came in, in words.
    pub(super) got: String,
    /// What was made of it, in words.
    pub(super) made: String,
    /// What that means, as the end of a sentence.
    pub(super) means: &'static str,
}

/// So much of a value from outside as a reader needs.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// One outcome for each hop on which there is anything to decide.
pub(super) fn follow(evidence: &Evidence, clause: &Clause) -> Vec<Outcome> {
    let hops = 0..evidence.crossings.len();
    hops.filter_map(|hop| on_hop(evidence, hop, clause))
        .collect()
}

fn on_hop(evidence: &Evidence, index: usize, clause: &Clause) -> Option<Outcome> {
    let hop = &evidence.route.hops()[index];
    if !evidence.crossings[index].wire.is_tapped() {
        let told = Got::Told(&evidence.request.luggage);
        let is_due = (clause.applies)(&told) && leads_on(evidence, index);
        return is_due.then(|| Outcome::not_shown(index, "no tap saw what was sent"));
    }
    let mut held = false;
    for passage in evidence.passages(index) {
        if clause.of_the_trace && !passage.continues || !is_due(evidence, hop, &passage, clause) {
            continue;
        }
        let mut wrong = None;
        let mut right = false;
        for got in passage.got.iter().filter(|got| (clause.applies)(got)) {
            match (clause.check)(evidence, got, &passage, hop) {
                Said::Right => right = true,
                Said::Wrong(why) => wrong = wrong.or(Some((got, why))),
                Said::Nothing => {}
            }
        }
        match wrong {
            Some((got, wrong)) if !right => {
                let finding = finding(evidence, index, got, &passage, wrong);
                return Some(Outcome::Finding(finding));
            }
            _ => held |= right,
        }
    }
    held.then(|| Outcome::held(index))
}

/// Whether every hop from the entry to this one inherits.
fn leads_on(evidence: &Evidence, index: usize) -> bool {
    let route = &evidence.route;
    let mut before = route.way(index).skip(1);
    before.all(|hop| inherits(route.hops()[hop].relation))
}

/// A middle needs to speak nothing to hand on what it was given, and baggage does not go to
/// everybody.
fn is_due(evidence: &Evidence, hop: &Hop, passage: &Passage<'_>, clause: &Clause) -> bool {
    let Some(format) = clause.format else {
        return true;
    };
    let request = &evidence.request;
    let is_private = format == Format::Baggage && request.third_parties.contains(&hop.to);
    let is_spoken = || request.formats_of(&hop.from).contains(&format);
    !is_private && (passage.by == By::Middle || is_spoken())
}

fn finding(
    evidence: &Evidence,
    index: usize,
    got: &Got<'_>,
    passage: &Passage<'_>,
    wrong: Wrong,
) -> Finding {
    let Wrong {
        level,
        got: was,
        made,
        means,
    } = wrong;
    let hops = evidence.route.hops();
    let Hop {
        from,
        to,
        over,
        after,
        ..
    } = &hops[index];
    let over = over.name;
    let (parties, why) = match (passage.by, got) {
        (By::Middle, _) => (
            vec![Party::Middle],
            format!("`{from}` sent {was} over {over}, and what reached `{to}` has {made}"),
        ),
        (by, got) => {
            let source = match (got, after) {
                (Got::Carrier(reading), Some(before)) => {
                    let at = reading.whereabouts(hops[*before].over);
                    format!("`{from}` received {was} {at}")
                }
                _ => format!("`{from}` was to send {was}"),
            };
            let parties = match by {
                By::SenderOrMiddle => vec![Party::Sender, Party::Middle],
                _ => vec![Party::Sender],
            };
            let sent = format!("{source}, and what went over {over} to `{to}` has {made}");
            (parties, format!("{sent}: {means}"))
        }
    };
    Finding {
        level,
        hop: Some(index),
        expected: format!("{was}, as it came"),
        actual: made,
        spans: Vec::new(),
        blame: Blame {
            parties,
            why,
            together: false,
        },
    }
}

/// One outcome for each hop of a rule about what a service sends, each carrier by itself. Where
/// nothing was seen, it is not shown if something is due there.
pub(super) fn sent(
    evidence: &Evidence,
    due: impl Fn(&Hop) -> bool,
    check: impl Fn(usize, &Reading) -> Said,
) -> Vec<Outcome> {
    let hops = evidence.hops();
    let made_here = hops.filter(|(index, ..)| evidence.route.made_for(*index) == *index);
    let hops = made_here.filter_map(|(index, hop, crossing)| {
        let before = crossing.wire.before();
        let Some(before) = before.filter(|before| !before.is_empty()) else {
            let why = match before {
                None => "no tap saw what was sent".to_owned(),
                Some(_) => format!("nothing was seen of what `{}` sent", hop.from),
            };
            return due(hop).then(|| Outcome::not_shown(index, why));
        };
        let mut held = false;
        for reading in before {
            match check(index, reading) {
                Said::Nothing => {}
                Said::Right => held = true,
                Said::Wrong(wrong) => {
                    let why = format!(
                        "`{}` sent {} over {} to `{}`: {}",
                        hop.from, wrong.made, hop.over.name, hop.to, wrong.means
                    );
                    return Some(Outcome::Finding(Finding {
                        level: wrong.level,
                        hop: Some(index),
                        expected: wrong.got,
                        actual: wrong.made,
                        spans: Vec::new(),
                        blame: Blame::on(Party::Sender, why),
                    }));
                }
            }
        }
        held.then(|| Outcome::held(index))
    });
    hops.collect()
}
