//! Reporting scenarios as they finish.

use std::collections::HashMap;
use std::io::Write;

use cucumber::event::{self, Cucumber, Hook, RetryableScenario, Scenario, Step, StepError};
use cucumber::gherkin::{self, ParseFileError};
use cucumber::parser;
use cucumber::writer::NonTransforming;
use cucumber::{Event, Writer, cli};

use super::ledger::{Key, Ledger, Record};
use super::{Ending, World};
use crate::report::{self, BAD, GOOD, HEAD, WARN, paint};
use crate::steps::nearest;
use crate::verdict::Verdict;

/// How much is shown of a scenario that is green.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Detail {
    /// The whole report
    Full,
    /// One line
    #[default]
    Failures,
}

/// Writes to standard output, each scenario in one piece.
pub(super) struct Terminal {
    ledger: Ledger,
    detail: Detail,
    /// What went wrong in scenarios that have not finished yet.
    troubles: HashMap<Key, Vec<Trouble>>,
    pub(super) tally: Tally,
}

/// How many scenarios ended in which way.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    verdicts: Vec<Verdict>,
    unreadable: usize,
}

struct Trouble {
    step: String,
    /// `features/journey.feature:12`
    place: String,
    why: String,
    is_undefined: bool,
}

impl Terminal {
    pub(super) fn new(ledger: Ledger, detail: Detail) -> Self {
        Self {
            ledger,
            detail,
            troubles: HashMap::new(),
            tally: Tally::default(),
        }
    }

    fn scenario(
        &mut self,
        feature: &gherkin::Feature,
        scenario: &gherkin::Scenario,
        event: RetryableScenario<World>,
    ) {
        let key = Key::of(feature, scenario);
        let place = |line| place(feature, line);
        let trouble = match event.event {
            Scenario::Step(step, event) | Scenario::Background(step, event) => match event {
                Step::Failed(_, _, _, error) => Some(Trouble {
                    step: step.value.clone(),
                    place: place(step.position.line),
                    why: in_words(&error, &step.value),
                    is_undefined: false,
                }),
                Step::Skipped => Some(Trouble {
                    step: step.value.clone(),
                    place: place(step.position.line),
                    why: undefined(&step.value),
                    is_undefined: true,
                }),
                Step::Started | Step::Passed(..) => None,
            },
            Scenario::Hook(_, Hook::Failed(_, info)) => Some(Trouble {
                step: "hook".to_owned(),
                place: place(scenario.position.line),
                why: panic_in_words(&info),
                is_undefined: false,
            }),
            Scenario::Finished => {
                let again = event.retries.is_some_and(|retries| retries.left > 0);
                self.finished(&key, feature, scenario, again);
                None
            }
            Scenario::Started | Scenario::Hook(..) | Scenario::Log(_) => None,
        };
        if let Some(trouble) = trouble {
            self.troubles.entry(key).or_default().push(trouble);
        }
    }

    fn finished(
        &mut self,
        key: &Key,
        feature: &gherkin::Feature,
        scenario: &gherkin::Scenario,
        again: bool,
    ) {
        let troubles = self.troubles.remove(key).unwrap_or_default();
        let record = self.ledger.take(key);
        let verdict = verdict(record.as_ref(), &troubles);
        // What is undefined stays so: the runner does not try it again.
        let again = again && verdict.is_red() && troubles.iter().any(|t| !t.is_undefined);
        if !again {
            self.tally.verdicts.push(verdict);
        }
        let mut text = headline(verdict, &scenario.name, again);
        for trouble in &troubles {
            text.push_str(&format!(
                "  {} {}\n",
                paint(BAD, &format!("{}:", trouble.place)),
                trouble.step
            ));
            for line in trouble.why.lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
        if let Some(record) = &record {
            // One that came to nothing had no chance to ask.
            for unasked in record.unasked.iter().filter(|_| troubles.is_empty()) {
                let place = paint(BAD, &format!("{}:", place(feature, unasked.line)));
                text.push_str(&format!("  {place} {}\n", unasked.why));
            }
            let full = verdict.is_red() || self.detail == Detail::Full;
            match &record.judgement {
                Some(judgement) if full => {
                    text.push_str(&report::judgement(judgement, &record.known));
                    text.push('\n');
                }
                // What was refused is told even where all is well.
                Some(judgement) => text.push_str(&report::remarks(judgement)),
                None => {}
            }
        }
        print(&text);
    }
}

impl Writer<World> for Terminal {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &Self::Cli) {
        match event.map(Event::into_inner) {
            Err(error) => {
                self.tally.unreadable += 1;
                print(&format!(
                    "{} {}\n",
                    paint(BAD, "cannot be read:"),
                    unreadable(&error)
                ));
            }
            Ok(Cucumber::Feature(feature, event)) => match event {
                event::Feature::Scenario(scenario, event)
                | event::Feature::Rule(_, event::Rule::Scenario(scenario, event)) => {
                    self.scenario(&feature, &scenario, event);
                }
                event::Feature::Started | event::Feature::Finished | event::Feature::Rule(..) => {}
            },
            Ok(Cucumber::Finished) => print(&self.tally.summary()),
            Ok(Cucumber::Started | Cucumber::ParsingFinished { .. }) => {}
        }
    }
}

impl NonTransforming for Terminal {}

impl Tally {
    /// What the exit code says. A finding weighs more than a mistake, and a mistake more than
    /// what could not run; nothing at all is a mistake.
    pub(super) fn ending(&self) -> Ending {
        let any = |verdict| self.verdicts.contains(&verdict);
        if any(Verdict::Failed) || any(Verdict::UnexpectedPass) {
            Ending::Findings
        } else if any(Verdict::Mistaken) || self.unreadable > 0 || self.verdicts.is_empty() {
            Ending::Usage
        } else if any(Verdict::CouldNotRun) {
            Ending::CouldNotRun
        } else {
            Ending::Conforms
        }
    }

    /// The closing lines. The last is in the form that CI systems count.
    fn summary(&self) -> String {
        let red = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.is_red())
            .count();
        let green = self.verdicts.len() - red;
        let mut text = String::new();
        if self.verdicts.is_empty() && self.unreadable == 0 {
            text.push_str("no scenario was selected\n");
        }
        let kinds = [
            Verdict::Failed,
            Verdict::UnexpectedPass,
            Verdict::CouldNotRun,
            Verdict::Mistaken,
            Verdict::ExpectedFailure,
        ];
        for kind in kinds {
            let count = self
                .verdicts
                .iter()
                .filter(|verdict| **verdict == kind)
                .count();
            if count > 0 {
                text.push_str(&format!("{count} {kind}\n"));
            }
        }
        let red = red + self.unreadable;
        text.push_str(&format!("{green} passed, {red} failed\n"));
        text
    }
}

fn verdict(record: Option<&Record>, troubles: &[Trouble]) -> Verdict {
    // A scenario that was never entered has no steps, or none that is known.
    let said = record.map_or(Verdict::Mistaken, |record| record.verdict);
    match (troubles.is_empty(), said) {
        (false, _) if troubles.iter().all(|trouble| trouble.is_undefined) => Verdict::Mistaken,
        // A step of somebody's own does not say what kind of end it makes.
        (false, Verdict::Passed | Verdict::ExpectedFailure) => Verdict::Failed,
        (_, said) => said,
    }
}

fn headline(verdict: Verdict, name: &str, again: bool) -> String {
    let mark = match verdict {
        Verdict::Passed => paint(GOOD, "✔"),
        Verdict::ExpectedFailure => paint(WARN, "✔"),
        _ => paint(BAD, "✘"),
    };
    let verdict = match (verdict, again) {
        (_, true) => paint(WARN, &format!("  {verdict}, will be tried again")),
        (Verdict::Passed, _) => String::new(),
        (Verdict::ExpectedFailure, _) => paint(WARN, "  expected-failure"),
        _ => paint(BAD, &format!("  {verdict}")),
    };
    format!("{mark} {}{verdict}\n", paint(HEAD, name))
}

/// The parser's own words leave out what was wrong, and where.
fn unreadable(error: &parser::Error) -> String {
    let parser::Error::Parsing(error) = error else {
        return error.to_string();
    };
    match error.as_ref() {
        ParseFileError::Reading { path, source } => format!("{}: {source}", path.display()),
        ParseFileError::Parsing {
            path,
            error,
            source,
        } => {
            // Where, and then every token that would have done: a reason says more.
            let said = source.to_string();
            let said = match (error, said.split_once(": {")) {
                (Some(error), Some((place, _))) => format!("{place}: {error}"),
                _ => said,
            };
            format!("{}: {said}", path.display())
        }
    }
}

/// A line of a feature file, named so that a terminal or an editor finds it from where we are.
fn place(feature: &gherkin::Feature, line: usize) -> String {
    let Some(path) = &feature.path else {
        return format!("line {line}");
    };
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(path);
    format!("{}:{line}", path.display())
}

fn undefined(step: &str) -> String {
    let unknown = "no step of the vocabulary reads like this; docs/steps.md lists them";
    match nearest(step) {
        Some(phrase) => format!(
            "{unknown}\nthe nearest is: {} {}",
            phrase.keyword, phrase.pattern
        ),
        None => unknown.to_owned(),
    }
}

fn in_words(error: &StepError, step: &str) -> String {
    match error {
        StepError::NotFound => undefined(step),
        StepError::AmbiguousMatch(error) => error.to_string(),
        StepError::Panic(info) => panic_in_words(info),
    }
}

fn panic_in_words(info: &event::Info) -> String {
    let text = info.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| info.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked without a word").to_owned()
}

/// In one piece, so that nothing of another scenario comes between; a closed pipe is no error.
fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Scenarios are reported when they finish, whatever the order of the file.
impl cucumber::writer::Normalized for Terminal {}
