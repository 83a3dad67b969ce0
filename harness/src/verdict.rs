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

/// A finding that a scenario says is known, and that did not occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surprise<'k> {
    /// What was said.
    pub known: &'k Known,
    /// Whether the rule held there. If not, what it needs was not seen, or it does not apply: the
    /// scenario may be right.
    pub holds: bool,
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
        let untapped = self.is_untapped();
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

    /// The known findings of a family that did not occur, where they could have been seen.
    pub fn surprises<'k>(&self, family: Family, known: &'k [Known]) -> Vec<Surprise<'k>> {
        let occurred = |known: &&Known| {
            self.findings()
                .iter()
                .any(|(rule, finding)| rule.id == known.rule && self.is_at(finding.hop, &known.to))
        };
        let untapped = self.is_untapped();
        // Whoever took the taps away does not ask for what needs them.
        let is_asked = |known: &&Known| {
            rules::rule(known.rule)
                .is_some_and(|rule| rule.family() == family && !(untapped && needs_taps(rule)))
        };
        let known = known.iter().filter(is_asked);
        let absent = known.filter(|known| !occurred(known));
        let surprise = |known: &'k Known| {
            let said = self.said(known.rule, &known.to);
            let shown = !said
                .iter()
                .any(|said| matches!(said, Outcome::NotShown { .. }));
            Surprise {
                known,
                holds: shown && !said.is_empty(),
            }
        };
        absent.map(surprise).collect()
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
        let said = self.said(rule, to);
        let hidden = said.iter().find_map(|outcome| match outcome {
            Outcome::NotShown { why, .. } => Some(format!("it is not shown: {why}")),
            _ => None,
        });
        hidden.unwrap_or_else(|| match said.is_empty() {
            true => "it does not apply there".to_owned(),
            false => "it held".to_owned(),
        })
    }

    /// What a rule said of the hop to a service, or of the story as a whole, that is no finding.
    fn said(&self, rule: &str, to: &str) -> Vec<&Outcome> {
        let ruling = self.rulings.iter().find(|ruling| ruling.rule.id == rule);
        let outcomes = ruling.into_iter().flat_map(|ruling| &ruling.outcomes);
        let said = outcomes.filter(|outcome| match outcome {
            Outcome::Held { hop } | Outcome::NotShown { hop, .. } => {
                hop.is_none() || self.is_at(*hop, to)
            }
            Outcome::Finding(_) => false,
        });
        said.collect()
    }

    /// Whether no hop has a tap: the run was told so.
    fn is_untapped(&self) -> bool {
        let mut crossings = self.evidence.crossings.iter();
        crossings.all(|crossing| !crossing.wire.is_tapped())
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

/// Whether a rule reads what the taps saw.
fn needs_taps(rule: &Rule) -> bool {
    rule.evidence.contains(&Needs::Wire)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::evidence;

    const WIRE: &str = "client HTTP orders | a2 → a2\n\n";
    const NO_TAP: &str = "client HTTP orders\n\n";
    const SENT: &str = "a1 client internal\n  a2 client client @0\n";
    const TAKEN: &str = "    a3 orders server @0\n      a4 orders internal\n";
    const BEGUN_ANEW: &str = "b3 orders server @0\n  b4 orders internal\n";

    /// What is said of a rule that is known to break on the hop to `orders`, and does not: whether it
    /// holds, and what else is so.
    fn surprise(rule: &'static str, story: &[&str]) -> Option<(bool, String)> {
        let judgement = Judgement::of(evidence(&story.concat()));
        let to = "orders".to_owned();
        let because = "it is made up".to_owned();
        let known = [Known { rule, to, because }];
        let family = rules::rule(rule).expect("a rule").family();
        let surprises = judgement.surprises(family, &known);
        let surprise = surprises.first()?;
        assert_eq!(surprise.known, &known[0]);
        Some((surprise.holds, judgement.instead(rule, "orders")))
    }

    #[test]
    fn what_is_known_to_break_is_no_surprise_where_it_does() {
        assert_eq!(surprise("HOP-001", &[WIRE, SENT, BEGUN_ANEW]), None);
    }

    #[test]
    fn what_is_known_to_break_holds_only_where_that_is_shown() {
        let held = surprise("HOP-001", &[WIRE, SENT, TAKEN]);
        assert_eq!(held, Some((true, "it held".to_owned())));
        let (holds, instead) = surprise("HOP-001", &[WIRE, SENT]).expect("it did not break");
        assert!(
            !holds && instead.starts_with("it is not shown: "),
            "{instead}"
        );
    }

    /// Of two hops to a service one is seen to be right; of the other nothing is known.
    #[test]
    fn what_is_known_to_break_may_break_on_the_other_hop_to_the_service() {
        let twice = "client HTTP orders | a2 → a2\nclient HTTP orders | a5 → a5\n\n";
        let story = [twice, SENT, TAKEN, "  a5 client client @1\n"];
        let (holds, instead) = surprise("HOP-001", &story).expect("it did not break");
        assert!(
            !holds && instead.starts_with("it is not shown: "),
            "{instead}"
        );
    }

    #[test]
    fn what_is_known_to_break_does_not_hold_where_it_says_nothing() {
        let said = surprise("LINK-001", &[WIRE, SENT, TAKEN]);
        assert_eq!(said, Some((false, "it does not apply there".to_owned())));
    }

    #[test]
    fn without_taps_nobody_is_surprised_at_what_needs_them() {
        let rule = |id| rules::rule(id).expect("a rule");
        assert!(needs_taps(rule("HOP-001")) && !needs_taps(rule("HOP-009")));
        assert_eq!(surprise("HOP-001", &[NO_TAP, SENT, TAKEN]), None);
        let held = surprise("HOP-009", &[NO_TAP, SENT, TAKEN]);
        assert_eq!(held, Some((true, "it held".to_owned())));
    }
}
