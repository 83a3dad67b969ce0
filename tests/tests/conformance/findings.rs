//! What a run showed of a subject, and whether that is what is known of it.

use std::collections::BTreeSet;
use std::fmt;

use unbroken::check::Checked;
use unbroken::check::case::Ids;
use unbroken::check::cases::cases;
use unbroken::check::judge::{Judgement, Outcome, Ruling};
use unbroken::check::suite::Tested;
use unbroken::rules::Level;
use unbroken_adapters::Relation;

use crate::deviations::DEVIATIONS;
use crate::subjects::Subject;
use crate::suite::{DISAGREEMENTS, Recorded, SETTINGS, differences, recorded};

/// What a run showed of a subject, over one boundary.
pub(crate) struct Shown {
    /// `Go`, or `Go over Kafka`.
    pub(crate) name: String,
    pub(crate) subject: &'static Subject,
    pub(crate) checked: Checked,
    /// What we say of the suite's tests, at each setting.
    pub(crate) tested: Vec<Vec<Tested>>,
    /// What the suite says itself.
    pub(crate) recorded: Recorded,
}

/// A finding, in words.
pub(crate) struct Found {
    pub(crate) demanded: String,
    pub(crate) actual: String,
}

/// What is to be said of a case or of a rule, by how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Unasked,
    Held,
    NotShown,
    Should,
    Must,
}

impl Shown {
    /// Over HTTP, with what we say of the suite's tests.
    pub(crate) fn over_http(
        subject: &'static Subject,
        checked: Checked,
        tested: Vec<Vec<Tested>>,
    ) -> Self {
        Self {
            name: subject.name.to_owned(),
            recorded: recorded(subject.recorded),
            subject,
            checked,
            tested,
        }
    }

    /// Over another boundary, which the suite does not speak.
    pub(crate) fn over(subject: &'static Subject, over: &str, checked: Checked) -> Self {
        Self {
            name: format!("{} over {over}", subject.name),
            recorded: Recorded::new(),
            subject,
            checked,
            tested: Vec::new(),
        }
    }

    /// Every test of the suite, at every setting, of which our verdict is another.
    pub(crate) fn differences(&self) -> Vec<String> {
        let settings = SETTINGS.iter().zip(&self.tested).enumerate();
        let at = settings.flat_map(|(place, ((strict, spec), tested))| {
            let differences = differences(&self.recorded, place, tested).into_iter();
            differences.map(move |difference| format!("{strict}/{spec} {difference}"))
        });
        at.collect()
    }

    /// What is found and not known, and what is known and not found.
    pub(crate) fn surprises(&self) -> Vec<String> {
        let name = &self.name;
        let known = DEVIATIONS.iter().flat_map(|deviation| deviation.shown);
        let known = known.filter(|(subject, _)| subject == name);
        let known: BTreeSet<_> = known.flat_map(|(_, cases)| *cases).copied().collect();
        let mut found = BTreeSet::new();
        let mut surprises = Vec::new();
        for (trial, rulings) in self.checked.trials.iter().zip(&self.checked.rulings) {
            for ruling in rulings {
                let Outcome::Finding { expected, actual } = &ruling.outcome else {
                    continue;
                };
                found.insert(trial.case.id);
                if !known.contains(trial.case.id) {
                    let id = trial.case.id;
                    let by = ruling.by;
                    surprises.push(format!(
                        "new: {id} ({by:?}): expected {expected}, but {actual}"
                    ));
                }
            }
        }
        let gone = known.difference(&found);
        surprises.extend(gone.map(|id| format!("gone: {id} is known to deviate, and does not")));
        surprises
    }

    /// By which relation it was judged.
    pub(crate) fn relation(&self) -> &'static str {
        match self.checked.relation {
            Relation::Link => "follows-from",
            _ => "child",
        }
    }

    /// The marks of a case by one judgement.
    pub(crate) fn marks(&self, id: &str, by: Judgement) -> impl Iterator<Item = Mark> {
        let rulings = self.rulings(id).filter(move |ruling| ruling.by == by);
        rulings.map(Mark::of)
    }

    /// How many demands of a level held, were broken, and were not shown by one judgement.
    pub(crate) fn sums(&self, by: Judgement, level: Level) -> [usize; 3] {
        let rulings = self.checked.rulings.iter().flatten();
        let mut sums = [0; 3];
        for ruling in rulings.filter(|ruling| ruling.by == by && ruling.demand.level == level) {
            sums[match ruling.outcome {
                Outcome::Held => 0,
                Outcome::Finding { .. } => 1,
                Outcome::NotShown(_) => 2,
            }] += 1;
        }
        sums
    }

    /// What the suite says of a test, and the worst that we say of its cases, if one is to be told
    /// from the other.
    pub(crate) fn disagreement(&self, test: &str) -> Option<(&str, Mark)> {
        let mut verdicts = self.recorded.iter();
        let (_, verdicts) = verdicts.find(|(name, _)| name.ends_with(test))?;
        let theirs = &*verdicts[0];
        let about = cases().filter(|case| case.suite == Some(test));
        let ours = about
            .flat_map(|case| self.marks(case.id, Judgement::Wire))
            .max()?;
        let agree = match ours {
            Mark::Must => theirs != "ok",
            Mark::Should => false,
            Mark::Unasked | Mark::Held | Mark::NotShown => theirs == "ok",
        };
        (!agree).then_some((theirs, ours))
    }

    /// What is found first in a case, with ids that no run changes.
    pub(crate) fn first_finding(&self, id: &str) -> Option<Found> {
        let mut trials = self.checked.trials.iter();
        let trial = trials.find(|trial| trial.case.id == id)?;
        self.rulings(id).find_map(|ruling| {
            let Outcome::Finding { expected, actual } = &ruling.outcome else {
                return None;
            };
            Some(Found {
                demanded: format!(
                    "{} ({})",
                    unchanging(expected, &trial.ids),
                    ruling.demand.level
                ),
                actual: unchanging(actual, &trial.ids),
            })
        })
    }

    /// The tests of which the suite says otherwise without a reason that is written down.
    pub(crate) fn unexplained(&self) -> Vec<String> {
        let tests: BTreeSet<_> = cases().filter_map(|case| case.suite).collect();
        let explained = |test: &str| DISAGREEMENTS.iter().any(|(known, _)| *known == test);
        let unexplained = tests.into_iter().filter(|test| !explained(test));
        let disagreement = |test| Some((test, self.disagreement(test)?));
        let said = unexplained.filter_map(disagreement);
        said.map(|(test, (theirs, ours))| format!("{test}: the suite says {theirs}, and we {ours}"))
            .collect()
    }

    fn rulings(&self, id: &str) -> impl Iterator<Item = &Ruling> {
        let trials = self.checked.trials.iter().zip(&self.checked.rulings);
        let of = trials.filter(move |(trial, _)| trial.case.id == id);
        of.flat_map(|(_, rulings)| rulings)
    }
}

impl Mark {
    fn of(ruling: &Ruling) -> Self {
        match (&ruling.outcome, ruling.demand.level) {
            (Outcome::Held, _) => Self::Held,
            (Outcome::NotShown(_), _) => Self::NotShown,
            (Outcome::Finding { .. }, Level::Must) => Self::Must,
            (Outcome::Finding { .. }, _) => Self::Should,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unasked => "–",
            Self::Held => "✔",
            Self::NotShown => "?",
            Self::Should => "✘ should",
            Self::Must => "✘ must",
        })
    }
}

/// The reasons that no subject needs any more.
pub(crate) fn outdated(all: &[&Shown]) -> Vec<String> {
    let agree = |test: &str| all.iter().all(|shown| shown.disagreement(test).is_none());
    let outdated = DISAGREEMENTS.iter().filter(|(test, _)| agree(test));
    outdated
        .map(|(test, _)| format!("{test}: the suite does not say otherwise any more"))
        .collect()
}

/// The ids of the page.
pub(crate) fn ids() -> Ids {
    Ids::of(0x0af7_6519_16cd_43dd, 0)
}

/// A text of a run with the ids of the page: those that were sent, however they were cut or made
/// longer. Others are new ones.
fn unchanging(text: &str, sent: &Ids) -> String {
    let (trace, parent) = (&ids().trace[1..31], &ids().parent[1..15]);
    let text = text.replace(&sent.trace[1..31], trace);
    let text = text.replace(&sent.parent[1..15], parent);
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let mut unchanging = String::new();
    for piece in text.split_inclusive(|c| !is_digit(c)) {
        let word = piece.trim_end_matches(|c| !is_digit(c));
        let is_id = [32, 16].contains(&word.len());
        if is_id && !word.contains(trace) && !word.contains(parent) {
            unchanging.push_str("<new>");
            unchanging.push_str(&piece[word.len()..]);
        } else {
            unchanging.push_str(piece);
        }
    }
    unchanging
}
