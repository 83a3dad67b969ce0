//! For GitHub: the commands by which a step says what it found.

use super::{suite_words, words};
use crate::check::judge::Outcome;
use crate::check::suite::Verdict;
use crate::check::{Check, Checked, Suite};
use crate::rules::Level;

/// GitHub shows ten of each kind and drops the others without a word; the last says how many.
const MOST: usize = 9;

/// What makes a check red where findings of this level do.
pub fn checked_annotations(check: &Check, checked: &Checked, fail_on: Level) -> String {
    if !checked.is_heard() {
        let words = words(check, checked).join("\n");
        return annotation("unbroken check could not run", &words);
    }
    let trials = checked.trials.iter().zip(&checked.rulings);
    let all = trials.flat_map(|(trial, rulings)| rulings.iter().map(move |r| (trial, r)));
    let counted = all.filter(|(_, ruling)| ruling.counts(fail_on));
    let each = counted.filter_map(|(trial, ruling)| {
        let message = match &ruling.outcome {
            Outcome::Held => return None,
            Outcome::Finding { expected, actual } => {
                format!("expected {expected}\nactual {actual}")
            }
            Outcome::NotShown(why) => format!("not shown: {why}"),
        };
        Some((format!("{}: {}", trial.case.id, trial.case.title), message))
    });
    limited(&each.collect::<Vec<_>>())
}

/// The tests of the W3C suite that do not pass.
pub fn suite_annotations(check: &Check, suite: &Suite) -> String {
    if suite.silence.is_some() {
        let words = suite_words(check, suite).join("\n");
        return annotation("unbroken check --suite", &words);
    }
    let each = suite.tests.iter().filter_map(|test| match &test.verdict {
        Verdict::Ok | Verdict::Skipped(_) => None,
        Verdict::Fail(why) | Verdict::Error(why) => Some((test.name.to_owned(), why.clone())),
    });
    limited(&each.collect::<Vec<_>>())
}

fn limited(all: &[(String, String)]) -> String {
    let shown = all.iter().take(MOST);
    let mut text: String = shown
        .map(|(title, message)| annotation(title, message))
        .collect();
    if let Some(more) = all.len().checked_sub(MOST).filter(|more| *more > 0) {
        let message = format!("{more} more; the summary of the step has them all");
        text.push_str(&annotation("unbroken check", &message));
    }
    text
}

fn annotation(title: &str, message: &str) -> String {
    let title = data(title).replace(':', "%3A").replace(',', "%2C");
    format!("::error title={title}::{}\n", data(message))
}

/// What would end a command, or begin another one.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_begins_a_command() {
        assert_eq!(
            annotation("a: b, c", "100%\r\n::set-env::"),
            "::error title=a%3A b%2C c::100%25%0D%0A::set-env::\n"
        );
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let all = |count| vec![("t".to_owned(), "m".to_owned()); count];
        assert_eq!(limited(&all(9)).lines().count(), 9);
        let text = limited(&all(12));
        assert_eq!(text.lines().count(), 10);
        assert!(text.contains("3 more"), "{text}");
    }
}
