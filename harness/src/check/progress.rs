//! How far a check is, for whoever looks on.

use std::sync::Arc;

use tokio::sync::watch;

/// Where a check says how far it is. Whoever wants to know takes a clone.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<watch::Sender<Stand>>);

/// How far a check is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// How many requests there are.
    pub all: usize,
    /// How many of them are answered, or given up.
    pub answered: usize,
    /// The names of those that are asked, and not answered yet.
    pub open: Vec<String>,
    /// What is waited for.
    pub waits_for: Awaited,
}

/// What a check waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Awaited {
    /// That it begins: what it needs is made ready.
    #[default]
    Start,
    /// Answers.
    Answers,
    /// Calls that come after the answers.
    Calls,
    /// Spans.
    Spans,
}

impl Progress {
    /// Wakes whenever there is more to say.
    pub fn subscribe(&self) -> watch::Receiver<Stand> {
        self.0.subscribe()
    }

    pub(super) fn begin(&self, all: usize) {
        self.0.send_replace(Stand {
            all,
            waits_for: Awaited::Answers,
            ..Stand::default()
        });
    }

    pub(super) fn asked(&self, name: &str) {
        self.0.send_modify(|stand| stand.open.push(name.to_owned()));
    }

    pub(super) fn answered(&self, name: &str) {
        self.0.send_modify(|stand| {
            stand.open.retain(|open| open != name);
            stand.answered += 1;
        });
    }

    pub(super) fn waits_for(&self, awaited: Awaited) {
        self.0.send_modify(|stand| stand.waits_for = awaited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_open_until_it_is_answered() {
        let progress = Progress::default();
        let stand = progress.subscribe();
        assert_eq!(stand.borrow().waits_for, Awaited::Start);
        progress.begin(2);
        progress.asked("a");
        progress.asked("b");
        progress.answered("a");
        let expected = Stand {
            all: 2,
            answered: 1,
            open: vec!["b".to_owned()],
            waits_for: Awaited::Answers,
        };
        assert_eq!(*stand.borrow(), expected);
    }
}
