//! The rules: each one checkable clause, as data and a pure function of the evidence.
//!
//! A rule yields one outcome for each hop, trace or case that it is about: held, finding, or not
//! shown. Rules do not call each other, do not wait, and do not print; whom to blame they ask
//! [`blame`].

pub mod blame;
pub mod carried;
mod hop;
mod link;
mod once;
mod relation;
mod schedule;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod work;

use std::fmt;
use std::sync::Arc;

use unbroken_adapters::Descriptor;

use crate::evidence::{Evidence, Part};
use crate::route::Hop;
use crate::span::Span;
use blame::Blame;
pub use text::text;

/// A clause that can be checked.
pub struct Rule {
    /// Permanent: never renumbered, never used again.
    pub id: &'static str,
    /// What holds, in one line.
    pub title: &'static str,
    /// How bad a finding is.
    pub level: Level,
    /// Who says so.
    pub authority: Authority,
    /// The clause of its source.
    pub source: &'static str,
    /// What it cannot be decided without.
    pub evidence: &'static [Needs],
    /// What a boundary must be able to do for there to be anything to decide.
    pub capabilities: &'static [Capability],
    /// Decides it.
    pub check: fn(&Evidence) -> Vec<Outcome>,
}

/// How bad it is that a rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Advice.
    May,
    /// A good reason is needed to do otherwise.
    Should,
    /// The trace is broken.
    Must,
}

/// Who says that a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The specification that the rule's source names.
    Specification,
    /// It follows from the grammar and the processing model of the specification.
    Derived,
    /// The test suite of the specification alone, in its strictest setting.
    Suite,
    /// Unbroken: the specifications leave it open, or do not cover this carrier.
    Convention,
}

/// A piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The spans of the sender.
    CauseSpans,
    /// The spans of the receiver.
    ConsequenceSpans,
    /// The carrier on the wire, seen by a tap.
    Wire,
    /// That a flush or an export interval passed: what is not here by now does not come.
    Settled,
}

/// Something that not every boundary can do, and without which a rule has nothing to decide there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// A carrier may hold a name twice.
    RepeatedNames,
    /// Several messages may arrive at once.
    Batches,
    /// What a receiver did not take comes again.
    Redelivery,
    /// What a receiver rejects is put elsewhere.
    DeadLetters,
    /// Several receivers get each message.
    FanOut,
}

/// What a rule says of one hop, trace or case.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It holds.
    Held {
        /// The hop it was looked at on, if the rule is about hops.
        hop: Option<usize>,
    },
    /// It does not.
    Finding(Finding),
    /// It cannot be said: evidence is missing. Never a pass.
    NotShown {
        /// The hop it was to be looked at on, if the rule is about hops.
        hop: Option<usize>,
        /// What is missing.
        why: String,
    },
}

/// A rule that does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's level, unless this case of it is a lesser one.
    pub level: Level,
    /// Where.
    pub hop: Option<usize>,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// The spans that show it.
    pub spans: Vec<Arc<Span>>,
    /// Who lost it, and why one can say so.
    pub blame: Blame,
}

/// A rule with what it said of the evidence.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// Which rule.
    pub rule: &'static Rule,
    /// One for each hop, trace or case; none where the rule does not apply.
    pub outcomes: Vec<Outcome>,
}

/// The families of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The story is one connected tree.
    Tree,
    /// Every hop keeps its relation: request and response (HOP), and messages (LINK).
    Hops,
    /// Every hop carries on what travels beside the ids.
    Context,
}

/// Every rule, in the order of the catalogue.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    let hops = hop::RULES.iter().chain(link::RULES);
    tree::RULES.iter().chain(hops).chain(carried::rules())
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    catalogue().find(|rule| rule.id == id)
}

/// Asks every rule. All findings come back, never just the first.
pub fn judge(evidence: &Evidence) -> Vec<Ruling> {
    let outcomes = |rule: &Rule| match rule.family() {
        // Of what is not sampled there are no spans, and a rule that read them would read chance.
        Family::Tree | Family::Hops if !evidence.request.luggage.sampled => {
            vec![Outcome::NotShown {
                hop: None,
                why: "the request is not sampled".to_owned(),
            }]
        }
        _ => (rule.check)(evidence),
    };
    catalogue()
        .map(|rule| Ruling {
            rule,
            outcomes: outcomes(rule),
        })
        .collect()
}

impl Rule {
    /// The family that the id says it belongs to.
    pub fn family(&self) -> Family {
        match self.id.split_once('-') {
            Some(("TREE", _)) => Family::Tree,
            Some(("HOP" | "LINK", _)) => Family::Hops,
            _ => Family::Context,
        }
    }

    /// Who says so on a boundary: what a specification says of its own carrier is a convention on
    /// every other.
    pub fn authority_over(&self, over: &Descriptor) -> Authority {
        match self.family() {
            Family::Context if over.specified.is_none() => Authority::Convention,
            _ => self.authority,
        }
    }
}

impl Ruling {
    /// The findings among the outcomes.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Finding(finding) => Some(finding),
            _ => None,
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        })
    }
}

impl Outcome {
    fn held(hop: usize) -> Self {
        Self::Held { hop: Some(hop) }
    }

    fn not_shown(hop: usize, why: impl Into<String>) -> Self {
        Self::NotShown {
            hop: Some(hop),
            why: why.into(),
        }
    }
}

/// Why no spans of one side of a hop can be expected, if none can.
fn expects_none(evidence: &Evidence, index: usize, part: Part) -> Option<String> {
    let Hop { from, to, .. } = &evidence.route.hops()[index];
    let (service, did) = match part {
        Part::Cause => (from, "sent"),
        Part::Consequence | Part::Work => (to, "received"),
    };
    if !evidence.exports(service) {
        Some(format!("`{service}` exports no spans here"))
    } else if !evidence.exports_on(index, part) {
        Some(format!("what `{service}` {did} is not sampled"))
    } else {
        None
    }
}

/// Why a receiver has no spans of a hop that a rule could look at, if it has none.
fn has_no_spans(evidence: &Evidence, index: usize) -> Option<String> {
    let to = &evidence.route.hops()[index].to;
    if evidence.exports(to) && !evidence.crossings[index].consequences.is_empty() {
        return None;
    }
    let none = || format!("`{to}` has no span for this hop");
    Some(expects_none(evidence, index, Part::Consequence).unwrap_or_else(none))
}

/// Why a rule that needs all of a receiver's spans of a hop cannot be decided, if it cannot.
fn unseen(evidence: &Evidence, index: usize) -> Option<Outcome> {
    let still = || (!evidence.settled).then(|| "spans may still be on their way".to_owned());
    let why = has_no_spans(evidence, index).or_else(still);
    why.map(|why| Outcome::not_shown(index, why))
}

/// For rules about the whole story: the findings, or, if there are none, that it holds.
fn held_unless(findings: Vec<Finding>) -> Vec<Outcome> {
    if findings.is_empty() {
        return vec![Outcome::Held { hop: None }];
    }
    findings.into_iter().map(Outcome::Finding).collect()
}
