//! What stands in the headers of one message.

use unbroken_adapters::Format;
use unbroken_adapters::w3c::{
    TRACEPARENT, TRACESTATE, TraceParent, TraceParentError, parse_tracestate,
};

use super::beside;
use crate::check::case::{Ids, What, values};
use crate::check::exchange::Header;
use crate::check::judge::Trial;
use crate::check::probe::Call;

/// The headers of a message, as far as they are about context.
pub(in crate::check) struct Reading<'a> {
    pub(in crate::check) parents: Vec<&'a [u8]>,
    states: Vec<&'a [u8]>,
    /// A name that is not written in lower case.
    pub(in crate::check) odd_name: Option<&'a str>,
}

/// A list that is full may have lost its last to the service's own.
const MOST_MEMBERS: usize = 32;
/// More than this of a value is not shown.
const MOST_SHOWN: usize = 120;

impl<'a> Reading<'a> {
    pub(in crate::check) fn of(headers: &'a [Header]) -> Self {
        let ours = |name: &str| [TRACEPARENT, TRACESTATE].contains(&&*name.to_ascii_lowercase());
        let mut names = headers.iter().map(|(name, _)| &**name);
        Self {
            parents: values(headers, TRACEPARENT).collect(),
            states: values(headers, TRACESTATE).collect(),
            odd_name: names.find(|name| ours(name) && name.bytes().any(|c| c.is_ascii_uppercase())),
        }
    }

    /// The one context there is. Only version 00 is sent on by anybody who knows no other.
    pub(in crate::check) fn context(&self) -> Result<TraceParent, TraceParentError> {
        let context = TraceParent::from_values(self.parents.iter().copied())?;
        let version = self
            .parents
            .first()
            .and_then(|value| value.trim_ascii().get(..2));
        match version {
            Some(b"00") => Ok(context),
            _ => Err(TraceParentError::Version),
        }
    }

    /// What stands between the commas, whatever it is.
    pub(in crate::check) fn members(&self) -> impl Iterator<Item = &'a [u8]> {
        let members = self
            .states
            .iter()
            .flat_map(|value| value.split(|byte| *byte == b','));
        members
            .map(<[u8]>::trim_ascii)
            .filter(|member| !member.is_empty())
    }

    /// Whether a member is there, byte for byte.
    pub(in crate::check) fn has(&self, member: &[u8]) -> bool {
        self.members().any(|found| found == member.trim_ascii())
    }

    pub(in crate::check) fn has_empty_state(&self) -> bool {
        self.states
            .iter()
            .any(|value| value.trim_ascii().is_empty())
    }

    /// Whether every member that was sent is here; of a full list the last may have given way.
    pub(in crate::check) fn inherits(&self, sent: &Reading<'_>) -> bool {
        let (places, full) = self.places(sent);
        let kept = places.iter().take_while(|place| place.is_some()).count();
        let found = places.iter().flatten().count();
        found == places.len() || (full && kept == found && kept + 1 >= places.len())
    }

    /// Whether what is here of what was sent is in its order; nothing, if nothing is.
    pub(in crate::check) fn keeps_order(&self, sent: &Reading<'_>) -> Option<bool> {
        let (places, _) = self.places(sent);
        let mut found = places.iter().flatten().peekable();
        found.peek()?;
        Some(found.is_sorted())
    }

    /// Where each member that was sent stands here, and whether there is no room for more.
    fn places(&self, sent: &Reading<'_>) -> (Vec<Option<usize>>, bool) {
        let members = |reading: &Reading<'_>| {
            let members = parse_tracestate(reading.states.iter().copied()).unwrap_or_default();
            let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            members.iter().map(own).collect::<Vec<_>>()
        };
        let here = members(self);
        let place = |member| here.iter().position(|found| found == member);
        (
            members(sent).iter().map(place).collect(),
            here.len() == MOST_MEMBERS,
        )
    }

    pub(in crate::check) fn in_words(&self, what: What) -> String {
        match what {
            What::Inherited
            | What::InheritedAsEver
            | What::InOrder
            | What::OneOf(_)
            | What::Without(_)
            | What::AtMost(_) => self.states_in_words(),
            _ => self.parents_in_words(),
        }
    }

    pub(in crate::check) fn parents_in_words(&self) -> String {
        let text = list(TRACEPARENT, &self.parents);
        match self.context() {
            Err(why) if !self.parents.is_empty() => format!("{text}, which is not valid: {why}"),
            _ => text,
        }
    }

    fn states_in_words(&self) -> String {
        let text = list(TRACESTATE, &self.states);
        match parse_tracestate(self.states.iter().copied()) {
            Err(why) => format!("{text}, which is not valid: {}", shortened(why.to_string())),
            Ok(_) => text,
        }
    }
}

/// The first call of each that was asked for.
pub(in crate::check) fn first_calls(trial: &Trial) -> impl Iterator<Item = &Call> {
    let calls = trial.tried.iter().flat_map(|(_, seen)| &seen.calls);
    calls.filter_map(|calls| calls.first())
}

/// What stands in each of these.
pub(in crate::check) fn readings(trial: &Trial) -> impl Iterator<Item = Reading<'_>> {
    first_calls(trial).map(|call| Reading::of(&call.headers))
}

/// The contexts of these, as far as they are valid: W3C's, or what stands there in another format.
pub(in crate::check) fn contexts(trial: &Trial) -> impl Iterator<Item = TraceParent> + '_ {
    first_calls(trial).filter_map(|call| {
        let ours = Reading::of(&call.headers).context().ok();
        let others = || {
            let others = beside::contexts(&beside::carrier(&call.headers)).into_iter();
            let mut others = others.filter(|(format, _)| *format != Format::TraceContext);
            others.next().map(|(_, context)| context)
        };
        ours.or_else(others)
    })
}

/// What spans may be tied to of what was sent: the ids of the case, and what stands there in whatever
/// format.
pub(in crate::check) fn sent(trial: &Trial) -> Vec<crate::story::Ids> {
    let exchanges = trial.tried.iter();
    let stands_there = exchanges
        .flat_map(|(exchange, _)| beside::contexts(&beside::carrier(&exchange.headers)))
        .map(|(_, context)| (context.trace_id, context.parent_id));
    trial
        .ids
        .context()
        .into_iter()
        .chain(stands_there)
        .collect()
}

/// Whether anything in a value is of the ids that were sent, be it cut or padded.
pub(in crate::check) fn continues(value: &[u8], ids: &Ids) -> bool {
    let value = String::from_utf8_lossy(value).to_lowercase();
    shares(&value, &ids.trace, 16) || shares(&value, &ids.parent, 12)
}

/// Whether so many digits in a row stand in both.
fn shares(text: &str, id: &str, digits: usize) -> bool {
    let windows = id.as_bytes().windows(digits);
    let mut windows = windows.filter_map(|window| str::from_utf8(window).ok());
    windows.any(|window| text.contains(window))
}

pub(super) fn list(name: &str, values: &[&[u8]]) -> String {
    if values.is_empty() {
        return format!("no {name}");
    }
    let each = values
        .iter()
        .map(|value| format!("{name}: {}", shortened(value.escape_ascii().to_string())));
    each.collect::<Vec<_>>().join("; ")
}

fn shortened(mut text: String) -> String {
    if text.len() > MOST_SHOWN {
        let end = text.floor_char_boundary(MOST_SHOWN);
        text.truncate(end);
        text.push('…');
    }
    text
}
