//! Whether something that the request carries reaches a service.

use unbroken_adapters::w3c::{BAGGAGE, Member, TRACESTATE, parse_baggage, parse_tracestate};

use crate::evidence::{Evidence, Reading};

/// Something that a scenario expects to see at a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Members of the trace state.
    TraceState(Vec<(String, String)>),
    /// Members of the baggage.
    Baggage(Vec<Member>),
}

impl Item {
    /// Reads members of a trace state; the error says why they are none.
    pub fn trace_state(text: &str) -> Result<Self, String> {
        let members = parse_tracestate([text.as_bytes()]).map_err(|error| error.to_string())?;
        let members = members.into_iter();
        let members = members.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Ok(Self::TraceState(members.collect()))
    }

    /// Reads members of baggage; the error says why they are none.
    pub fn baggage(text: &str) -> Result<Self, String> {
        let members = parse_baggage([text.as_bytes()]);
        members
            .map(Self::Baggage)
            .map_err(|error| error.to_string())
    }

    fn is_on(&self, reading: &Reading) -> bool {
        let values = |name| reading.carrier.all(name).map(|value| &**value);
        match self {
            Self::TraceState(wanted) => {
                let found = parse_tracestate(values(TRACESTATE)).unwrap_or_default();
                let mut wanted = wanted.iter();
                wanted.all(|(key, value)| found.contains(&(key, value)))
            }
            Self::Baggage(wanted) => {
                let found = parse_baggage(values(BAGGAGE)).unwrap_or_default();
                wanted.iter().all(|member| found.contains(member))
            }
        }
    }
}

/// Whether an item stands on some carrier that reached a service; the error says where it was lost
/// on the way from the entry, or that nothing was seen.
pub fn reaches(evidence: &Evidence, service: &str, item: &Item) -> Result<(), String> {
    let mut lost = format!("no hop of the route goes to {service:?}");
    for last in evidence.route.reaching(service) {
        let mut way: Vec<_> = evidence.route.way(last).collect();
        way.reverse();
        match way.into_iter().find_map(|hop| lost_on(evidence, hop, item)) {
            None => return Ok(()),
            Some(why) => lost = why,
        }
    }
    Err(lost)
}

fn lost_on(evidence: &Evidence, hop: usize, item: &Item) -> Option<String> {
    let wire = &evidence.crossings[hop].wire;
    let hop = &evidence.route.hops()[hop];
    let (Some(before), Some(after)) = (wire.before(), wire.after()) else {
        return Some(format!("there was no tap on {hop} to see it"));
    };
    let is_on = |readings: &[Reading]| readings.iter().any(|reading| item.is_on(reading));
    match (is_on(before), is_on(after)) {
        (_, true) => None,
        (true, false) => Some(format!("the middle lost it on {hop}")),
        (false, false) => Some(format!("`{}` did not send it on {hop}", hop.from)),
    }
}
