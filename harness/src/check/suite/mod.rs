//! The tests of the W3C trace-context suite (commit acab820), with its names and its verdicts.
//!
//! What it sends and what it asserts are data; how it reads headers is mirrored with all its leniency,
//! so that somebody who comes from there finds the same again. Our own verdicts are those of
//! [`judge`](mod@super::judge).

mod reading;
mod tests;

use super::drive::Seen;
use super::exchange::Exchange;
use reading::{Broken, Parent, State};
pub use tests::TESTS;

/// A test of the suite: requests one after the other, each with what is asserted of it.
#[derive(Debug)]
pub struct Test {
    /// Class and name.
    pub name: &'static str,
    /// When it is skipped.
    pub skipped: Skipped,
    /// What it sends.
    pub requests: &'static [Request],
}

/// When a test is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// Never.
    Never,
    /// Unless the strictness is 2.
    UnlessStrict,
    /// Unless level 2 of the specification is asked for.
    UnlessSecond,
}

/// One request of a test.
#[derive(Debug)]
pub struct Request {
    /// Names and values, as they are.
    pub headers: &'static [(&'static str, &'static str)],
    /// How many calls it asks for.
    pub calls: usize,
    /// What is asserted, in this order.
    pub asserts: &'static [Assert],
}

/// What the suite asserts of the calls of one request.
#[derive(Clone, Copy, Debug)]
pub enum Assert {
    /// The trace id is this one.
    Trace(&'static str),
    /// It is not.
    NotTrace(&'static str),
    /// The parent id is not this one.
    NotParent(&'static str),
    /// The member has this value.
    Member(&'static str, &'static str),
    /// There is no member with this key.
    NoMember(&'static str),
    /// One of these stands somewhere in the tracestate.
    Contains(&'static [&'static str]),
    /// These stand in it, in this order.
    Ordered(&'static [&'static str]),
    /// It has so many members.
    Members(usize),
    /// It has as many members as that of the request before.
    AsManyAsBefore,
    /// The random flag is set.
    Random,
    /// All calls are in this trace.
    AllInTrace(&'static str),
    /// No call is in this trace.
    NoneInTrace(&'static str),
    /// There are as many parent ids as calls.
    ParentsDiffer,
}

/// A test, and what the suite would say.
#[derive(Debug)]
pub struct Tested {
    /// Class and name.
    pub name: &'static str,
    /// What it would say.
    pub verdict: Verdict,
}

/// What the suite says of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Ok,
    /// An assertion did not hold.
    Fail(String),
    /// Its own parser raised.
    Error(String),
    /// It was not run, and why.
    Skipped(&'static str),
}

/// What all tests send, in their order.
pub fn exchanges() -> Vec<Exchange> {
    let requests = TESTS.iter().flat_map(|test| test.requests);
    let exchange = |(place, request): (usize, &Request)| Exchange {
        name: format!("suite-{place}"),
        trace: None,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), written_out(value).into_bytes()))
            .collect(),
        calls: request.calls,
        mark: None,
    };
    requests.enumerate().map(exchange).collect()
}

/// `{z256}` is a letter so many times: nobody reads such a key in a table.
fn written_out(text: &str) -> String {
    let long = [('z', 256), ('z', 257), ('t', 241), ('t', 242)];
    long.iter().fold(text.to_owned(), |text, (letter, times)| {
        text.replace(
            &format!("{{{letter}{times}}}"),
            &letter.to_string().repeat(*times),
        )
    })
}

/// What the suite would say of what came of [`exchanges`].
pub fn judge(seen: &[Seen], spec: u8, strict: u8) -> Vec<Tested> {
    let mut seen = seen.iter();
    let test = |test: &'static Test| {
        let seen: Vec<_> = seen.by_ref().take(test.requests.len()).collect();
        let verdict = match test.skipped {
            Skipped::UnlessStrict if strict < 2 => Verdict::Skipped("strict"),
            Skipped::UnlessSecond if spec < 2 => Verdict::Skipped("Trace Context Level 2"),
            _ => match run(test, &seen) {
                Ok(()) => Verdict::Ok,
                Err(Broken::Assertion(why)) => Verdict::Fail(why),
                Err(Broken::Parser(why)) => Verdict::Error(why),
            },
        };
        Tested {
            name: test.name,
            verdict,
        }
    };
    TESTS.iter().map(test).collect()
}

fn run(test: &Test, seen: &[&Seen]) -> Result<(), Broken> {
    let mut before = 0;
    for (request, seen) in test.requests.iter().zip(seen) {
        let mut contexts = Vec::new();
        for (call, (calls, in_time)) in seen.calls.iter().zip(&seen.in_time).enumerate() {
            // The last that came before the answer counts, if it was a POST of JSON.
            let mut in_time = calls
                .iter()
                .take(*in_time)
                .filter(|call| call.is_post_of_json);
            let call = in_time.next_back().ok_or_else(|| {
                Broken::Assertion(format!(
                    "your test service failed to make a callback to the test harness ({call})"
                ))
            })?;
            contexts.push(call);
        }
        // Where there are several calls, nobody reads the tracestate.
        let several = request.calls > 1;
        let read = |call: &&super::probe::Call| {
            let parent = Parent::of(&call.headers)?;
            let state = if several {
                State::default()
            } else {
                State::of(&call.headers)?
            };
            Ok((parent, state))
        };
        let contexts = contexts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for assert in request.asserts {
            assert.check(&contexts, before)?;
        }
        before = contexts.first().map_or(0, |(_, state)| state.len());
    }
    Ok(())
}

impl Assert {
    fn check(&self, contexts: &[(Parent, State)], before: usize) -> Result<(), Broken> {
        let Some((parent, state)) = contexts.first() else {
            return Ok(());
        };
        let text = state.to_string();
        let differ = || {
            // What is made up is made up anew for each.
            let parents = contexts.iter().filter_map(|(parent, _)| parent.parent_id());
            let mut parents: Vec<_> = parents.collect();
            let all = parents.len();
            parents.sort_unstable();
            parents.dedup();
            parents.len() == all
        };
        let holds = match *self {
            Self::Trace(id) => parent.is_in(id),
            Self::NotTrace(id) => !parent.is_in(id),
            Self::NotParent(id) => parent.parent_id() != Some(id),
            Self::Member(key, value) => state.get(&written_out(key)) == Some(value),
            Self::NoMember(key) => state.get(key).is_none(),
            Self::Contains(any) => any.iter().any(|member| text.contains(member)),
            Self::Ordered(members) => {
                let places: Option<Vec<_>> =
                    members.iter().map(|member| text.find(member)).collect();
                places.is_some_and(|places| places.windows(2).all(|two| two[0] < two[1]))
            }
            Self::Members(count) => state.len() == count,
            Self::AsManyAsBefore => state.len() == before,
            Self::Random => parent.flags & 2 == 2,
            Self::AllInTrace(id) => contexts.iter().all(|(parent, _)| parent.is_in(id)),
            Self::NoneInTrace(id) => !contexts.iter().any(|(parent, _)| parent.is_in(id)),
            Self::ParentsDiffer => differ(),
        };
        match holds {
            true => Ok(()),
            false => Err(Broken::Assertion(format!(
                "{self:?} does not hold for {parent} and {text:?}"
            ))),
        }
    }
}
