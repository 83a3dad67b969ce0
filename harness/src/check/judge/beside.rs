//! What is demanded of baggage and of other formats, against what came. Read with our own parsers.

mod always;
#[cfg(test)]
mod tests;

use unbroken_adapters::b3::{self, B3, Decision};
use unbroken_adapters::w3c::{BAGGAGE, Member, TRACEPARENT, TraceParent, parse_baggage};
use unbroken_adapters::xray;
use unbroken_adapters::{Carrier, Format};

use super::reading::{continues, list};
use super::{Outcome, Trial};
use crate::check::case::Beside;
use crate::check::exchange::Header;
pub(super) use always::wrong_with;

/// What a service keeps where nothing stands in the way.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) baggage: bool,
    /// The formats in which a context is kept.
    pub(super) formats: Vec<Format>,
}

/// The headers of a message, as its parsers want them.
pub(in crate::check) fn carrier(headers: &[Header]) -> Carrier {
    let entries = headers.iter();
    entries
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The contexts that stand there, in whatever formats.
pub(in crate::check) fn contexts(carrier: &Carrier) -> Vec<(Format, TraceParent)> {
    let formats = Format::ALL.into_iter();
    formats
        .filter_map(|format| Some((format, format.context(carrier)?)))
        .collect()
}

/// Whether nobody is to sample what this belongs to. Where the decision is left open, somebody may.
pub(in crate::check) fn is_refused(carrier: &Carrier) -> bool {
    if let Some(context) = Format::TraceContext.context(carrier) {
        return !context.is_sampled();
    }
    match &decisions(carrier)[..] {
        [] => Format::XRay
            .context(carrier)
            .is_some_and(|context| !context.is_sampled()),
        decisions => decisions.contains(&Decision::Deny),
    }
}

/// What is said in B3.
fn decisions(carrier: &Carrier) -> Vec<Decision> {
    let single = B3::single(carrier.all(b3::SINGLE).map(|value| &**value));
    let multi = B3::multi(|name| carrier.all(name).next().map(|value| &**value));
    let both = [single, multi].into_iter().flatten();
    both.map(|b3| b3.decision).collect()
}

/// Rules on a demand of one call.
pub(super) fn rule(
    what: Beside,
    trial: &Trial,
    kept: &Kept,
    sent: &Carrier,
    got: &Carrier,
) -> Outcome {
    let call = Call {
        trial,
        sent,
        got,
        contexts: contexts(got),
    };
    let held_if = |holds: bool| match holds {
        true => Outcome::Held,
        false => Outcome::Finding {
            expected: what.in_words().to_owned(),
            actual: call.in_words(what),
        },
    };
    let as_ever = |is_kept: bool, what: &str, holds: bool| held_if(holds).lost_if(is_kept, what);
    let keeps = |format: Format| kept.formats.contains(&format);
    let if_joined = |format: Format, holds: &dyn Fn(&TraceParent) -> bool| {
        let joined = call.joined(format);
        match joined.is_empty() {
            true => Outcome::NotShown("the trace was not kept".to_owned()),
            false => held_if(joined.iter().all(holds)),
        }
    };
    match what {
        Beside::Members => held_if(call.has_all_members()),
        Beside::MembersAsEver => as_ever(kept.baggage, "baggage", call.has_all_members()),
        Beside::OneMember => as_ever(kept.baggage, "baggage", call.has_a_member()),
        Beside::Properties => match call.properties() {
            Some(kept) => held_if(kept),
            None => Outcome::NotShown("the member was not kept".to_owned()),
        },
        Beside::Joins(format) => held_if(!call.joined(format).is_empty()),
        Beside::JoinsAsEver(format) => as_ever(
            keeps(format),
            &format!("a trace in the format {format}"),
            !call.joined(format).is_empty(),
        ),
        Beside::Begins(format) => {
            let trace = format!("a trace in the format {format}");
            held_if(!call.continues()).shown_if(keeps(format), &trace)
        }
        Beside::OwnSpan(format) => if_joined(format, &|context| {
            context.parent_id.to_string() != trial.ids.parent
        }),
        Beside::Sampled(format, sampled) => {
            if_joined(format, &|context| context.is_sampled() == sampled)
        }
        Beside::Denied(format) => {
            let denied = decisions(got).contains(&Decision::Deny)
                || call
                    .contexts
                    .iter()
                    .any(|(_, context)| !context.is_sampled());
            let sampled = call
                .contexts
                .iter()
                .any(|(_, context)| context.is_sampled());
            as_ever(
                keeps(format),
                &format!("a trace in the format {format}"),
                denied && !sampled,
            )
        }
        Beside::Debug(format) => match decisions(got) {
            _ if call.joined(format).is_empty() => {
                Outcome::NotShown("the trace was not kept".to_owned())
            }
            decisions if decisions.is_empty() => {
                Outcome::NotShown("nothing goes on as B3, and no other format knows it".to_owned())
            }
            decisions => held_if(decisions.contains(&Decision::Debug)),
        },
        Beside::OneOf(one, other) => as_ever(
            keeps(one) || keeps(other),
            "a trace in either format",
            winner(one, other, sent, got).is_some(),
        ),
        Beside::First(one, other) => match winner(one, other, sent, got) {
            Some(winner) if keeps(one) => held_if(winner == one),
            _ => Outcome::NotShown("neither trace was kept".to_owned()),
        },
        Beside::AlwaysBaggage | Beside::AlwaysIn(_) | Beside::Agree => Outcome::Held,
    }
}

/// Of two contexts that were sent, the format of the one whose trace goes on: in every format that
/// does.
pub(in crate::check) fn winner(
    one: Format,
    other: Format,
    sent: &Carrier,
    got: &Carrier,
) -> Option<Format> {
    let got: Vec<_> = contexts(got).iter().map(|(_, got)| got.trace_id).collect();
    let goes_on = |format: &Format| {
        let sent = format.context(sent).map(|context| context.trace_id);
        !got.is_empty() && got.iter().all(|got| Some(*got) == sent)
    };
    [one, other].into_iter().find(goes_on)
}

/// One call, and what it is to be measured by.
struct Call<'a> {
    trial: &'a Trial,
    sent: &'a Carrier,
    got: &'a Carrier,
    contexts: Vec<(Format, TraceParent)>,
}

impl Call<'_> {
    /// The contexts of the trace that was sent in this format. What we cannot read of it has the ids
    /// of its case.
    fn joined(&self, format: Format) -> Vec<TraceParent> {
        let sent = format.context(self.sent);
        let sent = sent.map_or_else(
            || self.trial.ids.trace.clone(),
            |context| context.trace_id.to_string(),
        );
        let contexts = self.contexts.iter().map(|(_, context)| *context);
        contexts
            .filter(|context| context.trace_id.to_string() == sent)
            .collect()
    }

    /// Whether anything of the ids that were sent stands in any format.
    fn continues(&self) -> bool {
        let values = SPAN_NAMES.iter().flat_map(|name| self.got.all(name));
        let mut values = values.chain(self.got.all(b3::PARENT_SPAN_ID));
        values.any(|value| continues(value, &self.trial.ids))
    }

    fn has_all_members(&self) -> bool {
        let got = members(self.got);
        let has = |sent: &Member| got.iter().any(|member| is_same(member, sent));
        members(self.sent).iter().all(has)
    }

    fn has_a_member(&self) -> bool {
        let got = members(self.got);
        let has = |sent: &Member| got.iter().any(|member| is_same(member, sent));
        members(self.sent).iter().any(has)
    }

    /// Whether each member that is kept has its properties; nothing, if none of these is.
    fn properties(&self) -> Option<bool> {
        let (sent, got) = (members(self.sent), members(self.got));
        let sent = sent.iter().filter(|member| !member.properties.is_empty());
        let kept = sent.filter_map(|sent| {
            let found = got.iter().find(|member| is_same(member, sent))?;
            Some(found.properties == sent.properties)
        });
        kept.reduce(|one, other| one && other)
    }

    fn in_words(&self, what: Beside) -> String {
        match what {
            Beside::Members | Beside::MembersAsEver | Beside::OneMember | Beside::Properties => {
                said(self.got, &[BAGGAGE])
            }
            _ => said(self.got, SPAN_NAMES),
        }
    }
}

/// The names under which a span may be named.
const SPAN_NAMES: &[&str] = &[
    TRACEPARENT,
    b3::SINGLE,
    b3::TRACE_ID,
    b3::SPAN_ID,
    b3::SAMPLED,
    b3::FLAGS,
    xray::HEADER,
];

fn names(format: Format) -> &'static [&'static str] {
    match format {
        Format::TraceContext => &[TRACEPARENT],
        Format::Baggage => &[BAGGAGE],
        Format::B3 => &[b3::SINGLE],
        Format::B3Multi => &b3::NAMES,
        Format::XRay => &[xray::HEADER],
    }
}

/// What stands there under these names.
fn said(carrier: &Carrier, names: &[&str]) -> String {
    let said = names.iter().filter_map(|name| {
        let values: Vec<&[u8]> = carrier.all(name).map(|value| &**value).collect();
        (!values.is_empty()).then(|| list(name, &values))
    });
    let said: Vec<_> = said.collect();
    match said.is_empty() {
        true if names == [BAGGAGE] => "no baggage".to_owned(),
        true => "no context in any format".to_owned(),
        false => said.join("; "),
    }
}

/// Every member that is one, whatever stands beside it.
fn members(carrier: &Carrier) -> Vec<Member> {
    let values = carrier.all(BAGGAGE).map(|value| &**value);
    parse_baggage(values).unwrap_or_else(|_| {
        let values = carrier.all(BAGGAGE);
        let texts = values.filter_map(|value| str::from_utf8(value).ok());
        let members = texts.flat_map(|text| text.split(','));
        members
            .filter_map(|text| Member::parse(text).ok())
            .collect()
    })
}

fn is_same(one: &Member, other: &Member) -> bool {
    one.key == other.key && one.value == other.value
}
