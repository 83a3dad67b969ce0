//! What arrived at a probe, told apart by who asked for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;
use unbroken_adapters::Message;

use super::Call;
use crate::check::exchange::{Exchange, Header};

/// A call, before it is known whose it is.
pub(super) struct Arrived {
    /// Empty where there is none.
    pub(super) path: String,
    pub(super) headers: Vec<Header>,
    pub(super) body: Bytes,
    /// Whether it is a call of the kind that was asked for.
    pub(super) is_post: bool,
}

/// By what the calls of one exchange are told from those of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// Each has a path of its own.
    ByPath,
    /// Each hands on arguments of its own, where there is one address for all.
    ByArguments,
}

/// What was called, by whom it was asked for.
pub(super) struct Heard {
    run: String,
    telling: Telling,
    calls: Mutex<HashMap<String, Vec<Call>>>,
    pub(super) surplus: Mutex<usize>,
    /// How many calls were the first of theirs: progress, that a flood does not feign.
    pub(super) progress: watch::Sender<usize>,
}

/// A call that is made again is kept, but not for ever.
const MOST_OF_ONE: usize = 8;
/// More than these of one call are not kept.
const MOST_HEADERS: usize = 512;

impl Heard {
    /// With room for the calls of these exchanges, and of no others.
    pub(super) fn of(run: &str, exchanges: &[Exchange], telling: Telling) -> Self {
        let names = exchanges
            .iter()
            .flat_map(|exchange| (0..exchange.calls).map(|call| name(telling, exchange, call)));
        Self {
            run: run.to_owned(),
            telling,
            calls: Mutex::new(names.map(|name| (name, Vec::new())).collect()),
            surplus: Mutex::default(),
            progress: watch::Sender::default(),
        }
    }

    /// What came so far for each call of an exchange.
    pub(super) fn calls(&self, exchange: &Exchange) -> Vec<Vec<Call>> {
        let calls = self.lock();
        let of = |call| calls.get(&name(self.telling, exchange, call));
        (0..exchange.calls)
            .map(|call| of(call).cloned().unwrap_or_default())
            .collect()
    }

    /// Keeps a call, if anybody asked for it.
    pub(super) fn keep(&self, arrived: Arrived) {
        let name = self.name_of(&arrived).to_owned();
        let mut calls = self.lock();
        match calls.get_mut(&name) {
            Some(kept) if kept.len() < MOST_OF_ONE => {
                kept.push(arrived.into());
                if kept.len() == 1 {
                    self.progress.send_modify(|firsts| *firsts += 1);
                }
            }
            _ => *self.surplus.lock().unwrap_or_else(PoisonError::into_inner) += 1,
        }
    }

    /// What a call says of whose it is: nothing, if it is nobody's.
    fn name_of<'a>(&self, arrived: &'a Arrived) -> &'a str {
        let run = &self.run;
        match self.telling {
            // What stands before may be of a proxy's making.
            Telling::ByPath => after(&arrived.path, &format!("/{run}/")),
            Telling::ByArguments => {
                let text = str::from_utf8(&arrived.body).unwrap_or_default();
                let rest = after(text, &format!("memory://{run}_"));
                let is_of_it = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
                rest.find(|c| !is_of_it(c)).map_or(rest, |end| &rest[..end])
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Call>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(telling: Telling, exchange: &Exchange, call: usize) -> String {
    let of = &exchange.name;
    match telling {
        Telling::ByPath => format!("{of}/{call}"),
        Telling::ByArguments => format!("{of}_{call}"),
    }
}

/// What stands behind the first of these words; nothing, if they are not there.
fn after<'a>(text: &'a str, words: &str) -> &'a str {
    text.split_once(words).map_or("", |(_, rest)| rest)
}

impl From<Arrived> for Call {
    fn from(arrived: Arrived) -> Self {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&arrived.body).is_ok();
        Self {
            headers: arrived.headers,
            is_post_of_json: arrived.is_post && is_json,
        }
    }
}

impl From<Message> for Arrived {
    fn from(message: Message) -> Self {
        let entries = message.carrier.iter().take(MOST_HEADERS);
        Self {
            path: String::new(),
            headers: entries
                .map(|(name, value)| (name.to_owned(), value.to_vec()))
                .collect(),
            body: message.body,
            is_post: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(telling: Telling) -> (Heard, Exchange) {
        let exchange = Exchange {
            name: "WIRE-018a".to_owned(),
            headers: Vec::new(),
            calls: 2,
            mark: None,
        };
        let heard = Heard::of("ub_1", std::slice::from_ref(&exchange), telling);
        (heard, exchange)
    }

    fn arrived(path: &str, body: &str) -> Arrived {
        Arrived {
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            is_post: true,
        }
    }

    fn counts(heard: &Heard, exchange: &Exchange) -> (Vec<usize>, usize) {
        let calls = heard.calls(exchange).iter().map(Vec::len).collect();
        (calls, *heard.surplus.lock().expect("not poisoned"))
    }

    #[test]
    fn calls_are_told_apart_by_their_paths() {
        let (heard, exchange) = heard(Telling::ByPath);
        heard.keep(arrived("/ub_1/WIRE-018a/1", "[]"));
        heard.keep(arrived("/behind/a/proxy/ub_1/WIRE-018a/0", "[]"));
        for foreign in [
            "/",
            "/ub_2/WIRE-018a/1",
            "/ub_1/WIRE-018a/2",
            "/ub_1/WIRE-018a/1/x",
        ] {
            heard.keep(arrived(foreign, "[]"));
        }
        assert_eq!(counts(&heard, &exchange), (vec![1, 1], 4));
    }

    #[test]
    fn messages_are_told_apart_by_what_they_hand_on() {
        let (heard, exchange) = heard(Telling::ByArguments);
        for body in [
            r#"[{"url": "memory://ub_1_WIRE-018a_1", "arguments": []}]"#,
            r#"{"wrapped": "[{\"url\":\"memory://ub_1_WIRE-018a_0\"}]"}"#,
        ] {
            heard.keep(arrived("", body));
        }
        for foreign in [
            "",
            "\u{0}",
            "memory://ub_1_",
            "memory://ub_2_WIRE-018a_1",
            "{}",
        ] {
            heard.keep(arrived("", foreign));
        }
        assert_eq!(counts(&heard, &exchange), (vec![1, 1], 5));
    }

    #[test]
    fn a_flood_is_counted_and_not_kept() {
        let (heard, exchange) = heard(Telling::ByPath);
        for _ in 0..1000 {
            heard.keep(arrived("/ub_1/WIRE-018a/0", "[]"));
        }
        assert_eq!(
            counts(&heard, &exchange),
            (vec![MOST_OF_ONE, 0], 1000 - MOST_OF_ONE)
        );
        assert_eq!(*heard.progress.borrow(), 1);
    }
}
