use std::cell::LazyCell;

use rustc_hash::FxHashSet;
use unbroken_adapters::Relation;
use unbroken_adapters::w3c::TraceParentError;

use super::{Blame, Party};
use crate::evidence::{Crossing, Evidence, Reading};
use crate::route::Hop;
use crate::rules::relation::{Contexts, Stale, Tie, ids_of_causes, untied_request, wrongly_tied};
use crate::rules::work;
use crate::span::Span;
use crate::story::{Above, Ids, SpanIndex, ties};

pub(super) fn follow(evidence: &Evidence, index: usize) -> Blame {
    let scene = Scene {
        evidence,
        index,
        hop: &evidence.route.hops()[index],
        crossing: &evidence.crossings[index],
    };
    if let Some(why) = &scene.crossing.refused
        && scene.hop.over.is_messaging()
        && scene.crossing.consequences.is_empty()
        && scene.crossing.wire.after().is_none_or(<[_]>::is_empty)
    {
        let Hop { from, over, .. } = scene.hop;
        let why = format!("what `{from}` sent over {} was refused: {why}", over.name);
        return Blame::on(Party::Sender, why);
    }
    let wire = &scene.crossing.wire;
    let (Some(before), Some(after)) = (wire.before(), wire.after()) else {
        return scene.without_wire();
    };
    // Whatever stands on the wire, who was to begin anew and did not has only itself to blame.
    if scene.hop.relation == Relation::Root && !scene.crossing.consequences.is_empty() {
        return scene.receiver();
    }
    if scene.crossing.consequences.is_empty() {
        // Whatever a message brings, whoever gets it can make a span for it.
        return match (before, after) {
            ([], []) => scene.sender(before),
            (_, []) => scene.middle(before, after),
            _ => None,
        }
        .unwrap_or_else(|| scene.receiver());
    }
    if before.is_empty() && !after.is_empty() {
        scene.sender(after).map(or_the_middle)
    } else {
        scene.sender(before).or_else(|| scene.middle(before, after))
    }
    .unwrap_or_else(|| scene.receiver())
}

/// Tells whether a context on the wire is that of a sender's span, or of something that the
/// sender's span made on the way (a tracing proxy, an inner span). Without a span of the sender,
/// nothing speaks against it.
pub(in crate::rules) fn names_a_cause(
    evidence: &Evidence,
    crossing: &Crossing,
) -> impl Fn(Ids) -> bool {
    let causes = evidence.story.beneath(crossing.causes.iter().copied());
    // Where somebody else took the id of a cause, what it names is not found by it.
    let own = LazyCell::new(|| ids_of_causes(evidence, crossing).collect::<Contexts>());
    move |ids| {
        let named = evidence.story.find(ids);
        let is_below = || named.is_some_and(|named| causes.contains(named));
        crossing.causes.is_empty() || is_below() || own.contains(&ids)
    }
}

/// Tells whether a context is that of a span that came of one of these: below its span or, of
/// somebody who hands a message on in a trace of his own, where links lead to. Of a span that nobody
/// exported comes what names it.
pub(in crate::rules) fn comes_of(evidence: &Evidence, contexts: Vec<Ids>) -> impl Fn(Ids) -> bool {
    let story = &evidence.story;
    // Hardly ever does a middle change a context, and much may follow.
    let following = LazyCell::new(move || {
        let of_nobody = |ids: &Ids| story.find(*ids).is_none();
        let of_nobody: Contexts = contexts.iter().copied().filter(of_nobody).collect();
        let names_one = |span: &Span| ties(span).any(|ids| of_nobody.contains(&ids));
        let exported = contexts.iter().filter_map(|&ids| story.find(ids));
        let spans = story.spans().iter().enumerate();
        let naming = spans.filter(|(_, span)| names_one(span)).map(|(at, _)| at);
        story.following(exported.chain(naming))
    });
    move |ids| {
        let named = story.find(ids);
        named.is_some_and(|named| following.contains(&named))
    }
}

struct Scene<'a> {
    evidence: &'a Evidence,
    index: usize,
    hop: &'a Hop,
    crossing: &'a Crossing,
}

impl Scene<'_> {
    /// The sender is to blame if what it sent is no context of a span of its own.
    fn sender(&self, sent: &[Reading]) -> Option<Blame> {
        let Hop { from, to, over, .. } = self.hop;
        if sent.is_empty() {
            let why = format!("`{from}` sent nothing over {} to `{to}`", over.name);
            return Some(Blame::on(Party::Sender, why));
        }
        // A place has commas of its own.
        let to = |reading: &Reading| match &*reading.place {
            "" => format!("over {} to `{to}`", over.name),
            _ => format!("{}, to `{to}`", reading.whereabouts(over)),
        };
        let names_a_cause = names_a_cause(self.evidence, self.crossing);
        let wrong = sent.iter().find_map(|reading| match &reading.context {
            Err(TraceParentError::Absent) => Some(format!(
                "`{from}` sent no traceparent {}: it does not inject",
                to(reading)
            )),
            Err(why) => Some(format!(
                "`{from}` sent a traceparent {} that is not valid: {why}",
                to(reading)
            )),
            Ok(context) => {
                let ids = (context.trace_id, context.parent_id);
                let named = self.evidence.story.find(ids);
                // Who exports nothing can only be judged by its wire, and may pass on what it got.
                let right = !self.evidence.exports(from)
                    || match (named, &*self.crossing.causes) {
                        // Of what is not sampled there is no span that it could name.
                        (None, _) if reading.is_unsampled() => true,
                        (Some(named), []) => self.service(named) == Some(from),
                        (None, []) => false,
                        _ => names_a_cause(ids),
                    };
                (!right).then(|| {
                    let what = self.what_was_sent(ids, named);
                    format!(
                        "`{from}` sent traceparent {context} {}, {what}",
                        to(reading)
                    )
                })
            }
        });
        let stale = || {
            let Stale { again, unsent } = Stale::of(self.evidence, self.index)?;
            Some(format!(
                "`{from}` sent {}/{} over {} a second time, and not the context of its span `{}`",
                again.0,
                again.1,
                over.name,
                self.evidence.story.span(unsent).name
            ))
        };
        let wrong = wrong.or_else(stale);
        wrong.map(|why| Blame::on(Party::Sender, why))
    }

    /// What is wrong with a context that the sender sent.
    fn what_was_sent(&self, ids: Ids, named: Option<SpanIndex>) -> String {
        let story = &self.evidence.story;
        let incoming = self
            .hop
            .after
            .map(|before| &self.evidence.crossings[before]);
        if incoming.is_some_and(|incoming| incoming.wire.named().contains(&ids)) {
            return "which it received itself: it hands on a context that is not its own".into();
        }
        let mut causes = self.crossing.causes.iter();
        if causes.len() > 0 && causes.all(|&at| story.span(at).trace_id != ids.0) {
            return "a context of another trace than that of its own span".into();
        }
        match named {
            None => "which names a span that nobody exported".into(),
            Some(named) => match self.service(named) {
                Some(service) if service == self.hop.from => format!(
                    "which names its span `{}` and not the one that it made for this",
                    story.span(named).name
                ),
                Some(service) => {
                    format!("which names a span of `{service}` and not one of its own")
                }
                None => "which names a span of a service without a name".into(),
            },
        }
    }

    /// The middle is to blame if it did not hand on what was right before it.
    fn middle(&self, before: &[Reading], after: &[Reading]) -> Option<Blame> {
        let Hop { from, to, over, .. } = self.hop;
        let read = |reading: &&Reading| reading.context.is_ok();
        let sent = before.iter().find(read).or(before.first());
        let nothing = || format!("a message over {}", over.name);
        let sent = sent.map_or_else(nothing, |reading| reading.in_words(over));
        let sent = format!("`{from}` sent {sent}");
        let blame = |what: String| Some(Blame::on(Party::Middle, format!("{sent}, {what}")));
        if after.is_empty() {
            let why = format!("{sent}, and it never reached `{to}`");
            return Some(Blame::on_the_way(self.hop, why));
        }
        let right: FxHashSet<_> = before.iter().filter_map(Reading::ids).collect();
        let is_foreign = self.is_foreign();
        let native = before.iter().filter(|reading| !is_foreign(reading));
        let native: FxHashSet<_> = native.filter_map(Reading::ids).collect();
        let story = &self.evidence.story;
        let on_the_way = comes_of(self.evidence, right.iter().copied().collect());
        after.iter().find_map(|reading| match reading.context {
            Ok(context) => {
                let ids = (context.trace_id, context.parent_id);
                let named = story.find(ids);
                // A tracing proxy puts its own span in between, and is a hop of its own.
                let is_proxy = || {
                    let is_receiver = named.is_some_and(|named| self.service(named) == Some(to));
                    !is_receiver && on_the_way(ids)
                };
                if is_foreign(reading) && native.contains(&ids) {
                    let format = reading.format;
                    blame(format!(
                        "and what reached `{to}` has it in the format {format} alone"
                    ))
                } else if right.contains(&ids) || is_proxy() {
                    None
                } else {
                    blame(format!("and what reached `{to}` was changed to {context}"))
                }
            }
            Err(TraceParentError::Absent) => blame(format!(
                "and what reached `{to}` had no traceparent any more"
            )),
            Err(why) => blame(format!(
                "and what reached `{to}` was no longer valid: {why}"
            )),
        })
    }

    /// What reached the receiver was right.
    fn receiver(&self) -> Blame {
        let Hop { to, over, .. } = self.hop;
        let contexts = self.crossing.wire.context_set();
        let story = &self.evidence.story;
        let spans = self.crossing.consequences.iter();
        let tied: Contexts = spans.flat_map(|&at| ties(story.span(at))).collect();
        let read = self.crossing.wire.after().unwrap_or_default().iter();
        let mut read = read.filter(|reading| reading.context.is_ok());
        let first = read.clone().next();
        let untied = read.find(|reading| reading.ids().is_some_and(|ids| !tied.contains(&ids)));
        let untied = untied.or(first);
        let nothing = || format!("a message over {}", over.name);
        let received = untied.map_or_else(nothing, |reading| reading.in_words(over));
        let received = format!("`{to}` received {received}");
        let foreign = untied.filter(|&reading| self.is_foreign()(reading));
        let is_untied = !self.crossing.consequences.is_empty() && tied.is_disjoint(&contexts);
        match (self.what_the_receiver_did(&contexts), foreign) {
            (Some(what), Some(Reading { format, .. })) if is_untied => Blame::both(format!(
                "{received}, in the format {format}, {what}; the formats of the two sides do not \
                 meet"
            )),
            (Some(what), _) => Blame::on(Party::Receiver, format!("{received}, {what}")),
            (None, _) => Blame::nobody(format!("{received}, and tied its span to it as declared")),
        }
    }

    /// Tells whether a context came in a format that the receiver is not known to read.
    fn is_foreign(&self) -> impl Fn(&Reading) -> bool + use<> {
        let formats = self.evidence.request.formats_of(&self.hop.to);
        move |reading| !formats.contains(&reading.format)
    }

    /// What the receiver did wrong with what it got; none if its spans are as declared.
    fn what_the_receiver_did(&self, contexts: &Contexts) -> Option<String> {
        let story = &self.evidence.story;
        let Hop { to, relation, .. } = self.hop;
        if self.crossing.consequences.is_empty() {
            return Some("and exported no span for it, or made none".to_owned());
        }
        let wrong = wrongly_tied(self.evidence, self.hop, self.crossing, contexts);
        if let Some(&first) = wrong.first() {
            let span = story.span(first);
            let tie = Tie::of(span, contexts);
            let Span { name, .. } = &**span;
            return Some(match (tie.is_any(), span.parent) {
                (true, _) => format!("and `{name}` is {tie}, where {relation} is due"),
                (false, Some(parent)) => {
                    format!(
                        "and put `{name}` under another parent, {}/{parent}",
                        span.trace_id
                    )
                }
                (false, None) if span.links.is_empty() => {
                    format!("and began anew with `{name}`: it does not extract")
                }
                (false, None) => format!("and linked `{name}` to another context"),
            });
        }
        if untied_request(self.evidence, self.hop, self.crossing).is_some() {
            return Some("and tied its span to the context of another request".to_owned());
        }
        let lost = work::lost(self.evidence, self.index);
        let first = lost.first()?;
        Some(format!(
            "and its span is right, but `{}` is not below it: `{to}` lost the context inside",
            story.span(*first).name
        ))
    }

    /// Without a tap, a missing injection and a missing extraction look the same.
    fn without_wire(&self) -> Blame {
        let Hop { from, to, over, .. } = self.hop;
        let story = &self.evidence.story;
        let crossing = self.crossing;
        let orphan = |at: &SpanIndex| story.above(*at) == Above::Missing;
        let (parties, why) = match (&*crossing.causes, &*crossing.consequences) {
            ([], [_, ..]) if crossing.consequences.iter().any(orphan) => (
                vec![Party::Sender, Party::Middle],
                format!("`{to}` names a span that neither `{from}` nor anything between exported"),
            ),
            ([_, ..], []) => (
                vec![Party::Middle, Party::Receiver],
                format!("`{to}` exported no span for it, or was never reached"),
            ),
            // Without a cause nothing is tied to one.
            (_, [_, ..]) => {
                let contexts: Contexts = ids_of_causes(self.evidence, crossing).collect();
                let consequences = crossing.consequences.iter();
                let mut ties = consequences.map(|&at| Tie::of(story.span(at), &contexts));
                // Whoever is tied to it at all has received it.
                if ties.all(|tie| tie.is_any()) {
                    match self.what_the_receiver_did(&contexts) {
                        Some(what) => {
                            let why =
                                format!("`{to}` received the context over {}, {what}", over.name);
                            return Blame::on(Party::Receiver, why);
                        }
                        None => return Blame::nobody(format!("`{to}` tied its span as declared")),
                    }
                }
                self.anybody()
            }
            ([], []) => self.anybody(),
        };
        Blame {
            parties,
            together: false,
            why,
        }
    }

    fn anybody(&self) -> (Vec<Party>, String) {
        let over = self.hop.over.name;
        (
            vec![Party::Sender, Party::Middle, Party::Receiver],
            format!("there was no tap on {over} to tell the sides apart"),
        )
    }

    fn service(&self, at: SpanIndex) -> Option<&str> {
        self.evidence.story.span(at).origin.service.as_deref()
    }
}

fn or_the_middle(mut blame: Blame) -> Blame {
    blame.parties.push(Party::Middle);
    blame
        .why
        .push_str(", or it was changed on the way: nothing was seen before the middle");
    blame
}
