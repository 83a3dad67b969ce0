//! How far a check is, where a person looks on.

use std::convert::Infallible;
use std::future::pending;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::check::progress::{Awaited, Progress, Stand};
use crate::token::HopToken;

/// So many of those that are open are named.
const MOST_NAMED: usize = 3;
/// How often the time that has passed is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// Shows it for as long as it is awaited, and leaves nothing behind. On standard error, and only where
/// that is a terminal that nobody wants plain: a log is no place for it.
pub(super) async fn show(progress: &Progress) -> Infallible {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_plain = ["NO_COLOR", "CI"].into_iter().any(is_set);
    let Some(bar) = (stderr().is_terminal() && !is_plain).then(bar) else {
        return pending().await;
    };
    let mut stand = progress.subscribe();
    loop {
        {
            let stand = stand.borrow_and_update();
            bar.set_length(stand.all as u64);
            bar.set_position(stand.answered as u64);
            bar.set_message(words(&stand));
        }
        // Nobody says anything any more: whoever awaits this has what it was about.
        if stand.changed().await.is_err() {
            return pending().await;
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // The template is ours; with another it would be plainer.
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {pos} of {len} answered, {elapsed} {msg}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar.with_finish(ProgressFinish::AndClear)
}

/// What is waited for.
fn words(stand: &Stand) -> String {
    match stand.waits_for {
        Awaited::Start => "until it can begin".to_owned(),
        Awaited::Answers if stand.open.is_empty() => String::new(),
        Awaited::Answers => {
            let named = stand.open.iter().take(MOST_NAMED);
            let named: Vec<_> = named.map(|name| readable(name)).collect();
            let named = named.join(", ");
            match stand.open.len().saturating_sub(MOST_NAMED) {
                0 => format!("waiting for {named}"),
                more => format!("waiting for {named} and {more} more"),
            }
        }
        Awaited::Calls => "waiting for calls that come after the answers".to_owned(),
        Awaited::Spans => "waiting for spans".to_owned(),
    }
}

/// The names that a run gives to its requests say nothing to a reader: the id of the case does.
fn readable(name: &str) -> String {
    let tokens = HopToken::find_all(name).map(|token| format!("{token}-"));
    tokens.fold(name.to_owned(), |name, token| name.replace(&token, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_named_as_far_as_there_is_room() {
        let stand = |open: &[&str]| Stand {
            all: 9,
            answered: 1,
            open: open.iter().map(|name| (*name).to_owned()).collect(),
            waits_for: Awaited::Answers,
        };
        assert_eq!(words(&stand(&[])), "");
        let named = ["ub_0000002a_7-WIRE-001", "suite-3"];
        assert_eq!(words(&stand(&named)), "waiting for WIRE-001, suite-3");
        assert_eq!(
            words(&stand(&["a", "b", "c", "d", "e"])),
            "waiting for a, b, c and 2 more"
        );
    }
}
