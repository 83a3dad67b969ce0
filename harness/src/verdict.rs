//! The verdict of a scenario.

use std::fmt;

use crate::evidence::Evidence;
use crate::rules::carried::is_of_the_ids;
use crate::rules::{self, Family, Finding, Level, Needs, Outcome, Rule, Ruling};

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

/// A finding, and those that are the same loss seen again.
#[derive(Debug)]
pub struct Loss<'a> {
    /// The rule that says best what happened.
    pub rule: &'static Rule,
    /// What it found.
    pub finding: &'a Finding,
    /// What the tree and the wire say of it, there and on the hops after it.
    pub follows: Vec<(&'static Rule, &'a Finding)>,
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

    /// The findings as losses: what the tree rules, and those about the ids on the wire, say of a
    /// hop that is broken, and of the hops after it, is the same loss again.
    pub fn losses(&self) -> Vec<Loss<'_>> {
        let (seen_again, first): (Vec<_>, Vec<_>) = self
            .findings()
            .into_iter()
            .partition(|(rule, _)| rule.family() == Family::Tree || is_of_the_ids(rule));
        let alone = |(rule, finding)| Loss {
            rule,
            finding,
            follows: Vec::new(),
        };
        let mut losses: Vec<_> = first.into_iter().map(alone).collect();
        for (rule, finding) in seen_again {
            let cause = losses.iter_mut().find(|loss| {
                let cut = loss.rule.family() == Family::Hops && loss.finding.level == Level::Must;
                let hops = loss.finding.hop.zip(finding.hop);
                cut && hops.is_some_and(|(first, then)| self.comes_by(then, first))
            });
            match cause {
                Some(loss) => loss.follows.push((rule, finding)),
                None => losses.push(alone((rule, finding))),
            }
        }
        losses.sort_by_key(|loss| std::cmp::Reverse(loss.finding.level));
        losses
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
        let crossings = self.evidence.crossings.iter();
        let untapped = crossings
            .into_iter()
            .all(|crossing| !crossing.wire.is_tapped());
        let needs_taps = |rule: &Rule| rule.evidence.contains(&Needs::Wire);
        let stands = |objection: &Objection<'_>| match objection.outcome {
            Outcome::Held { .. } => false,
            // Whoever took the taps away does not ask for what needs them.
            Outcome::NotShown { .. } if untapped && needs_taps(objection.rule) => false,
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

    /// Whether any rule of a family could be decided at all.
    pub fn shows(&self, family: Family) -> bool {
        let rulings = self.rulings.iter();
        let rulings = rulings.filter(|ruling| ruling.rule.family() == family);
        let mut outcomes = rulings.flat_map(|ruling| &ruling.outcomes);
        outcomes.any(|outcome| !matches!(outcome, Outcome::NotShown { .. }))
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

    /// The must-findings that are another loss than those for which somebody is blamed on the hop
    /// to a service. What is found there with the same blame, or on the hops after it, is that
    /// loss again; and so is what the same service is blamed for on the hop that reached it, as
    /// where its sender's span is outside of the request.
    pub fn others(&self, blamed: &[(String, String)]) -> Vec<(&'static Rule, &Finding)> {
        let route = &self.evidence.route;
        let hops = route.hops();
        let is_the_same = |finding: &Finding, (to, whom): &(String, String)| {
            let Some(hop) = finding.hop else { return false };
            let mut before = route.way(hop).skip(1);
            let leads_there = hops
                .iter()
                .any(|next| next.after == Some(hop) && next.to == *to);
            let touches = hops[hop].to == *to || leads_there;
            touches && finding.blame.whom(Some(&hops[hop])) == *whom
                || before.any(|before| hops[before].to == *to)
        };
        let findings = self.findings().into_iter();
        let others = findings.filter(|(_, finding)| {
            finding.level == Level::Must
                && !blamed.iter().any(|blamed| is_the_same(finding, blamed))
        });
        others.collect()
    }

    /// What a rule said of the hop to a service where it found nothing.
    pub fn instead(&self, rule: &str, to: &str) -> String {
        let ruling = self.rulings.iter().find(|ruling| ruling.rule.id == rule);
        let outcomes = ruling.into_iter().flat_map(|ruling| &ruling.outcomes);
        let mut said = outcomes.filter_map(|outcome| match outcome {
            Outcome::NotShown { hop, why } if hop.is_none() || self.is_at(*hop, to) => {
                Some(format!("it is not shown: {why}"))
            }
            Outcome::Held { hop } if hop.is_none() || self.is_at(*hop, to) => {
                Some("it held".to_owned())
            }
            _ => None,
        });
        said.next()
            .unwrap_or_else(|| "it does not apply there".to_owned())
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
        // Only a loss that did occur cuts the tree, and advice cuts nothing.
        let cuts = rules::rule(known.rule).is_some_and(|rule| rule.family() == Family::Hops)
            && self
                .finding(known.rule, &known.to)
                .is_some_and(|f| f.level == Level::Must);
        let reaching = |to: &str| self.evidence.route.reaching(to).collect::<Vec<_>>();
        let comes_by = |hop| {
            reaching(&known.to)
                .iter()
                .any(|&first| self.comes_by(hop, first))
        };
        cuts && objection.rule.family() == Family::Tree && hop.is_some_and(comes_by)
    }

    /// Whether a hop is another one, or comes after it on the route.
    fn comes_by(&self, hop: usize, first: usize) -> bool {
        self.evidence.route.way(hop).any(|hop| hop == first)
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
