//! Who lost it.
//!
//! The context of a hop passes four checkpoints: the cause's span, the carrier before the middle,
//! the carrier after it, the consequence. The blame is the first at which right becomes wrong;
//! where a checkpoint has no evidence it is the set that is left, never a guess.

use crate::evidence::{Crossing, Evidence, Reading};
use crate::route::Hop;
use crate::story::Ids;
use unbroken_adapters::w3c::TraceParentError;

/// A side of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The service that the hop begins at.
    Sender,
    /// What stands between: a proxy, a broker, a bridge.
    Middle,
    /// The service that the hop leads to.
    Receiver,
}

/// Who is to blame, and the sentence that a service's owner can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// One where it is known, several where evidence is missing, none where it is nobody's fault.
    pub parties: Vec<Party>,
    /// Why one can say so.
    pub why: String,
}

impl Blame {
    /// One party.
    pub fn on(party: Party, why: impl Into<String>) -> Self {
        Self {
            parties: vec![party],
            why: why.into(),
        }
    }

    /// Nobody that can be named.
    pub fn nobody(why: impl Into<String>) -> Self {
        Self {
            parties: Vec::new(),
            why: why.into(),
        }
    }

    /// The parties in words, as services of a hop: `orders`, or `orders or the middle`.
    pub fn whom(&self, hop: Option<&Hop>) -> String {
        let name = |party: &Party| match (party, hop) {
            (Party::Sender, Some(hop)) => hop.from.clone(),
            (Party::Receiver, Some(hop)) => hop.to.clone(),
            (Party::Sender, None) => "the sender".to_owned(),
            (Party::Receiver, None) => "the receiver".to_owned(),
            (Party::Middle, _) => "the middle".to_owned(),
        };
        let names: Vec<_> = self.parties.iter().map(name).collect();
        match names.is_empty() {
            true => "nobody that can be named".to_owned(),
            false => names.join(" or "),
        }
    }
}

/// Follows the context of a hop from checkpoint to checkpoint, and says where it went wrong.
pub fn of_hop(evidence: &Evidence, index: usize) -> Blame {
    let hop = &evidence.route.hops()[index];
    let crossing = &evidence.crossings[index];
    let (Some(before), Some(after)) = (crossing.wire.before(), crossing.wire.after()) else {
        return without_wire(hop, crossing);
    };
    sender(evidence, hop, crossing, before)
        .or_else(|| middle(hop, before, after))
        .unwrap_or_else(|| receiver(evidence, hop, crossing))
}

/// The sender is to blame if what it sent is no context of a span of its own.
fn sender(
    evidence: &Evidence,
    hop: &Hop,
    crossing: &Crossing,
    before: &[Reading],
) -> Option<Blame> {
    let (from, over) = (&hop.from, hop.over.name);
    let blame = |why: String| Some(Blame::on(Party::Sender, why));
    if before.is_empty() {
        return blame(format!("`{from}` sent nothing over {over}"));
    }
    for reading in before {
        let context = match &reading.context {
            Ok(context) => context,
            Err(TraceParentError::Absent) => {
                return blame(format!(
                    "`{from}` sent no traceparent over {over} to `{}`: it does not inject",
                    hop.to
                ));
            }
            Err(why) => {
                return blame(format!(
                    "`{from}` sent a traceparent over {over} that is not valid: {why}"
                ));
            }
        };
        let ids = (context.trace_id, context.parent_id);
        if let Some(named) = evidence.story.find(ids) {
            let service = evidence.story.span(named).origin.service.as_deref();
            if service != Some(from) && !crossing.causes.contains(&named) {
                return blame(format!(
                    "`{from}` sent {context} over {over}, which names a span of `{}` and not one \
                     of its own",
                    service.unwrap_or("a service without a name")
                ));
            }
        } else if evidence.exports(from) {
            return blame(format!(
                "`{from}` sent {context} over {over}, which names a span that nobody exported"
            ));
        }
        let own_trace = |at: &usize| evidence.story.span(*at).trace_id == context.trace_id;
        if !crossing.causes.is_empty() && !crossing.causes.iter().any(own_trace) {
            return blame(format!(
                "`{from}` sent {context} over {over}, a context of another trace than its own span"
            ));
        }
    }
    None
}

/// The middle is to blame if it did not hand on what was right before it.
fn middle(hop: &Hop, before: &[Reading], after: &[Reading]) -> Option<Blame> {
    let contexts = |readings: &[Reading]| -> Vec<Option<Ids>> {
        let ids = |reading: &Reading| reading.context.ok().map(|c| (c.trace_id, c.parent_id));
        readings.iter().map(ids).collect()
    };
    let sent = contexts(before);
    let over = hop.over.name;
    let blame = |why: String| Some(Blame::on(Party::Middle, why));
    if after.is_empty() {
        return blame(format!(
            "what `{}` sent over {over} never reached `{}`",
            hop.from, hop.to
        ));
    }
    for (reading, context) in after.iter().zip(contexts(after)) {
        if !sent.contains(&context) {
            let came = match &reading.context {
                Ok(context) => context.to_string(),
                Err(why) => why.to_string(),
            };
            return blame(format!(
                "between `{}` and `{}` the traceparent was changed on {over}: what came out is {came}",
                hop.from, hop.to
            ));
        }
    }
    None
}

/// What reached the receiver was right.
fn receiver(evidence: &Evidence, hop: &Hop, crossing: &Crossing) -> Blame {
    let (to, over) = (&hop.to, hop.over.name);
    let received = crossing.wire.after().and_then(<[_]>::first);
    let received = match received.map(|reading| &reading.context) {
        Some(Ok(context)) => format!("`{to}` received traceparent {context} over {over}"),
        _ => format!("`{to}` received a message over {over}"),
    };
    let story = &evidence.story;
    let contexts = crossing.wire.contexts();
    let tied = |at: &usize| {
        let span = story.span(*at);
        let parent = span.parent.map(|parent| (span.trace_id, parent));
        parent.is_some_and(|ids| contexts.contains(&ids))
            || span
                .links
                .iter()
                .any(|link| contexts.contains(&(link.trace_id, link.span_id)))
    };
    let what = match crossing.consequences.as_slice() {
        [] => "and exported no span for it",
        spans if spans.iter().all(tied) && is_lost_inside(evidence, crossing) => {
            "and its span is right, but the work it did is not under that span: the context is lost \
             inside the service"
        }
        spans if spans.iter().all(tied) => "and tied its span to it in another way than declared",
        spans if spans.iter().all(|&at| story.span(at).parent.is_none()) => {
            "and started a new root: it does not extract"
        }
        _ => "and gave its span another parent",
    };
    Blame::on(Party::Receiver, format!("{received}, {what}"))
}

fn is_lost_inside(evidence: &Evidence, crossing: &Crossing) -> bool {
    let below = evidence
        .story
        .below(crossing.consequences.iter().copied(), true);
    crossing.work.iter().any(|at| !below.contains(at))
}

/// Without a tap, a missing injection and a missing extraction look the same.
fn without_wire(hop: &Hop, crossing: &Crossing) -> Blame {
    let (parties, why) = match (crossing.causes.is_empty(), crossing.consequences.is_empty()) {
        (true, false) => (
            vec![Party::Sender],
            format!("`{}` exported no span", hop.from),
        ),
        (false, true) => (
            vec![Party::Middle, Party::Receiver],
            format!("`{}` exported no span for it, or was never reached", hop.to),
        ),
        _ => (
            vec![Party::Sender, Party::Middle, Party::Receiver],
            format!(
                "there was no tap on {} to tell the sides apart",
                hop.over.name
            ),
        ),
    };
    Blame { parties, why }
}
