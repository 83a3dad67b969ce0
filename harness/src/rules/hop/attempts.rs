//! A call that is tried again: HOP-005.

use unbroken_adapters::service::Taking;

use crate::evidence::Evidence;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Finding, Level, Outcome};
use crate::span::Value;

pub(super) fn each_is_told_as_its_conventions_want(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| !hop.over.is_messaging() && hop.taking == Taking::AfterFailing);
    hops.map(|(index, hop, crossing)| {
        let Some(sent) = crossing.wire.before() else {
            return Outcome::not_shown(index, "no tap counted the attempts");
        };
        if !evidence.exports(&hop.from) || crossing.causes.is_empty() {
            return Outcome::not_shown(index, format!("`{}` has no span for this hop", hop.from));
        }
        if !evidence.settled {
            return Outcome::not_shown(index, "spans may still be on their way");
        }
        let (attempts, spans) = (sent.len(), crossing.causes.len());
        let expected = match hop.over.resend_count {
            Some(attribute) => {
                let counted = crossing.causes.iter().filter(|&&at| {
                    let count = evidence.story.span(at).attribute(attribute);
                    count.and_then(Value::as_int).is_some_and(|count| count > 0)
                });
                if spans == attempts && counted.count() + 1 == attempts {
                    return Outcome::held(index);
                }
                format!(
                    "a span for each of {attempts} attempts, all but the first with {attribute}"
                )
            }
            None if spans == 1 => return Outcome::held(index),
            None => format!("one span over all {attempts} attempts"),
        };
        Outcome::Finding(Finding {
            level: Level::Should,
            hop: Some(index),
            expected,
            actual: format!("{spans} span(s)"),
            spans: evidence.spans(&crossing.causes),
            blame: Blame::on(
                Party::Sender,
                format!(
                    "`{}` does not tell its attempts apart as the conventions want it",
                    hop.from
                ),
            ),
        })
    })
    .collect()
}
