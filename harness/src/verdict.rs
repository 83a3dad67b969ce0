//! The verdict of a scenario.

use std::fmt;

use crate::evidence::Evidence;
use crate::rules::{self, Family, Finding, Level, Outcome, Rule, Ruling};

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything that it asks for holds.
    Passed,
    /// Something does not.
    Failed,
    /// What does not hold is what the scenario says is known to be broken.
    ExpectedFailure,
    /// What the scenario says is known to be broken holds: the scenario is out of date.
    UnexpectedPass,
    /// Nothing can be said: the environment did not let it run.
    CouldNotRun,
    /// The scenario asks for what makes no sense.
    Mistaken,
}

/// A finding that a scenario says is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The rule that does not hold.
    pub rule: &'static str,
    /// The service that the hop leads to.
    pub to: String,
    /// Why it is so.
    pub because: String,
}

/// What a run left behind, with what the rules say of it.
#[derive(Debug)]
pub struct Judgement {
    /// What was judged.
    pub evidence: Evidence,
    /// What every rule said.
    pub rulings: Vec<Ruling>,
}

/// Why what a scenario asks for is not so.
#[derive(Debug)]
pub struct Objection<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// What it said.
    pub outcome: &'a Outcome,
}

impl Judgement {
    /// Asks every rule.
    pub fn of(evidence: Evidence) -> Self {
        let rulings = rules::judge(&evidence);
        Self { evidence, rulings }
    }

    /// Every finding with its rule, the worst first.
    pub fn findings(&self) -> Vec<(&'static Rule, &Finding)> {
        let rulings = self.rulings.iter();
        let findings = rulings.flat_map(|r| r.findings().map(|finding| (r.rule, finding)));
        let mut findings: Vec<_> = findings.collect();
        findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.level));
        findings
    }

    /// What stands against a family of rules: findings of this level or worse, and must-rules
    /// that are not shown. What is known, and what merely follows from it, does not count.
    pub fn objections(&self, family: Family, level: Level, known: &[Known]) -> Vec<Objection<'_>> {
        let rulings = self.rulings.iter();
        let rulings = rulings.filter(|ruling| ruling.rule.family() == family);
        let outcomes = rulings.flat_map(|ruling| {
            let outcomes = ruling.outcomes.iter();
            outcomes.map(|outcome| Objection {
                rule: ruling.rule,
                outcome,
            })
        });
        let stands = |objection: &Objection<'_>| match objection.outcome {
            Outcome::Held { .. } => false,
            Outcome::NotShown { .. } => objection.rule.level == Level::Must,
            Outcome::Finding(finding) => finding.level >= level,
        };
        let is_known = |objection: &Objection<'_>| {
            let mut known = known.iter();
            known.any(|known| self.follows_from(objection, known))
        };
        outcomes
            .filter(|objection| stands(objection) && !is_known(objection))
            .collect()
    }

    /// The known findings of a family that did not occur.
    pub fn surprises<'k>(&self, family: Family, known: &'k [Known]) -> Vec<&'k Known> {
        let occurred = |known: &&Known| {
            self.findings()
                .iter()
                .any(|(rule, finding)| rule.id == known.rule && self.is_at(finding.hop, &known.to))
        };
        let of_family =
            |known: &&Known| rules::rule(known.rule).is_some_and(|rule| rule.family() == family);
        known
            .iter()
            .filter(of_family)
            .filter(|known| !occurred(known))
            .collect()
    }

    /// Whether the finding of a rule on the hop to a service is there, and this service is blamed.
    pub fn finding(&self, rule: &str, to: &str) -> Option<&Finding> {
        let findings = self.findings();
        let found = findings
            .into_iter()
            .find(|(found, finding)| found.id == rule && self.is_at(finding.hop, to));
        found.map(|(_, finding)| finding)
    }

    fn is_at(&self, hop: Option<usize>, to: &str) -> bool {
        hop.is_some_and(|hop| self.evidence.route.hops()[hop].to == to)
    }

    /// A known loss cuts the tree from its hop on: what the tree rules say of it there is the
    /// same loss again.
    fn follows_from(&self, objection: &Objection<'_>, known: &Known) -> bool {
        let hop = match objection.outcome {
            Outcome::Finding(finding) => finding.hop,
            Outcome::NotShown { hop, .. } | Outcome::Held { hop } => *hop,
        };
        if objection.rule.id == known.rule {
            return self.is_at(hop, &known.to);
        }
        let hops = self.evidence.route.hops();
        let mut way = std::iter::successors(hop, |&hop| hops[hop].after);
        objection.rule.family() == Family::Tree && way.any(|hop| hops[hop].to == known.to)
    }
}

impl Verdict {
    /// Whether a run with such a scenario is red.
    pub fn is_red(self) -> bool {
        !matches!(self, Self::Passed | Self::ExpectedFailure)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::ExpectedFailure => "expected-failure",
            Self::UnexpectedPass => "unexpected-pass",
            Self::CouldNotRun => "could-not-run",
            Self::Mistaken => "mistaken",
        })
    }
}
