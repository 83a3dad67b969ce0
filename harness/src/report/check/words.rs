//! What is to be said in so many words, beside all verdicts.

use unbroken_adapters::Relation;

use crate::check::exchange::Answer;
use crate::check::judge::{Outcome, Ruling, answered};
use crate::check::probe::AllUnread;
use crate::check::{Check, Checked, Silence, Suite, ToldApart};
use crate::rules::{Authority, Level};

/// What is to be said in so many words, if anything is.
pub(super) fn words(check: &Check, checked: &Checked) -> Vec<String> {
    let mut words = Vec::new();
    let whole = [Level::Must, Level::Should];
    if let Some(silence) = checked.silence() {
        words.extend(silent(check, &silence, &checked.unread));
    } else if !checked.propagates() {
        words.push(match checked.relation {
            Relation::Link if checked.spans.is_some() => {
                "propagates nothing: no span is linked to what came in"
            }
            Relation::Link => {
                "propagates nothing that the wire shows: a trace of its own begins with everything; whether it is \
                 linked to what came in, spans alone show"
            }
            Relation::Root => "a trace of its own begins with everything, as is wanted",
            _ => "propagates nothing: no context that came in went on",
        }.to_owned());
    }
    if checked.probe.is_none() {
        words.push(
            "there is no probe: what the service sends on is not shown, and its spans are all that is judged"
                .to_owned(),
        );
        if checked
            .spans
            .as_ref()
            .is_some_and(|spans| spans.missing() > 0)
        {
            words.push(
                "  look at   `{case}` in the path of the trigger: spans that begin anew say by it which case they are of"
                    .to_owned(),
            );
        }
    }
    if checked.told_apart == ToldApart::Turn {
        words.push(
            "the cases were tried one at a time: nothing in the calls shows whose they are. A call that comes late is \
             taken for that of the case after it; `{case}` in the trigger, where it goes on, would tell"
                .to_owned(),
        );
    }
    if checked.is_heard() || checked.spans.is_some() {
        words.extend(exported(checked));
    }
    if checked.is_heard() && checked.probe.is_some() {
        words.extend(unread(&checked.unread));
    }
    if checked.surplus > 0 {
        let surplus = checked.surplus;
        words.push(format!(
            "the probe got {surplus} requests that it had not asked for, or more often than it had"
        ));
    }
    let suite = |ruling: &&Ruling| {
        ruling.demand.authority == Authority::Suite
            && whole.contains(&ruling.demand.level)
            && matches!(ruling.outcome, Outcome::Finding { .. })
    };
    if checked
        .rulings
        .iter()
        .flatten()
        .any(|ruling| suite(&ruling))
    {
        words.push(
            "what only the W3C suite demands is marked `suite`: the specification permits otherwise, and `--strict 1` \
             leaves it out"
                .to_owned(),
        );
    }
    words
}

/// Of a service that called nobody, why: the tests say it of a callback each.
pub(super) fn suite_words(check: &Check, suite: &Suite) -> Vec<String> {
    match &suite.silence {
        Some(silence) => silent(check, silence, &suite.unread),
        None => unread(&suite.unread),
    }
}

/// What came beside what could be read, if anything did.
fn unread(unread: &AllUnread) -> Vec<String> {
    let most = unread.most().into_iter();
    let words = most.flat_map(|most| {
        [
            format!("the probe could not read some of what came: {unread}"),
            format!("  look at   {}", most.advice()),
        ]
    });
    words.collect()
}

/// Why nothing can be said: what was sent, what was answered, and what to look at.
fn silent(check: &Check, silence: &Silence, unread: &AllUnread) -> Vec<String> {
    let Silence { answer, probe } = silence;
    let said = answer.as_ref();
    let said = said.map_or_else(|| "was not asked".to_owned(), answered);
    if let Some(Answer::Unreachable(_)) = answer {
        return vec![
            format!("nothing could be asked: the service {said}"),
            format!(
                "  look at   whether it listens at {}",
                check.target.endpoint()
            ),
        ];
    }
    let seconds = check.timeout.as_secs();
    let Some(probe) = probe else {
        return vec![
            "nothing is shown: there is no probe, and of no request a span came".to_owned(),
            "  sent      the trigger".to_owned(),
            format!("  answered  the service {said}"),
        ];
    };
    let (sent, look) = match (&check.trigger, check.target.scheme()) {
        (Some(_), _) => (
            "the trigger".to_owned(),
            format!(
                "whether it does call something, and whether that is pointed at {probe}, and can be reached"
            ),
        ),
        (None, scheme) => (
            format!(
                "{} with the body [{{\"url\": \"{probe}…\", \"arguments\": […]}}]",
                if scheme == "http" {
                    "POST"
                } else {
                    "a message"
                }
            ),
            format!(
                "whether it takes this body at this address, sends `arguments` to each `url`, and can reach {} from where it runs",
                probe.endpoint()
            ),
        ),
    };
    let (came, look) = match unread.most() {
        None => (
            format!("nothing arrived: no call came to the probe within {seconds} s"),
            look,
        ),
        Some(most) => (
            format!("calls came to the probe, and none could be read: {unread}"),
            most.advice().to_owned(),
        ),
    };
    vec![
        came,
        format!("  sent      {sent}"),
        format!("  answered  the service {said}"),
        format!("  look at   {look}"),
    ]
}

/// What became of the spans.
fn exported(checked: &Checked) -> Vec<String> {
    let Some(spans) = &checked.spans else {
        return vec![
            "spans are not shown: with `--otlp 127.0.0.1:4318`, and a service that exports there, they are judged as well"
                .to_owned(),
        ];
    };
    let mut words = vec![format!(
        "{} spans came; {} cases have none and should; {} are not sampled, and are judged by the wire alone",
        spans.came,
        spans.missing(),
        spans.unsampled()
    )];
    if !spans.say_anything() {
        words.push(
            "none of them belongs to a case: what spans say, and whether they agree with the wire, is not shown".to_owned(),
        );
        words.push(
            "  look at   OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL of the service, and its log".to_owned(),
        );
    }
    if spans.refused > 0 {
        words.push(format!(
            "the collector had no room for {} of them",
            spans.refused
        ));
    }
    if spans.malformed > 0 {
        words.push(format!(
            "{} of them have ids that are not valid, and can hang nowhere",
            spans.malformed
        ));
    }
    if let Some((requests, why)) = &spans.unread {
        words.push(format!(
            "the collector could not read {requests} requests, such as: {why}"
        ));
    }
    words
}
