//! What arrived at a probe, told apart by who asked for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;
use unbroken_adapters::Message;

use super::Call;
use super::unread::{AllUnread, Unread};
use crate::check::exchange::{Exchange, Header};
use crate::token::HopToken;

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
    Path,
    /// Each hands on arguments of its own, where there is one address for all.
    Arguments,
    /// Nobody was told where to call: by whatever shows. That is the name of the exchange, wherever
    /// it stands; else the trace that it sent; else it is of the one that is being tried alone.
    WhateverShows,
}

/// What was called, by whom it was asked for.
pub(super) struct Heard {
    run: String,
    telling: Telling,
    /// The traces that are sent, each with the name of its exchange.
    traces: Vec<(String, String)>,
    /// Likewise the tokens that the names begin with.
    tokens: HashMap<HopToken, String>,
    state: Mutex<State>,
    /// How often there was progress, which a flood does not feign.
    pub(super) progress: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    calls: HashMap<String, Vec<Call>>,
    /// The exchange that is being tried alone.
    alone: Option<String>,
    /// How many calls bore the name of their exchange.
    named: usize,
    surplus: usize,
    unread: AllUnread,
}

/// A call that is made again is kept, but not for ever; likewise the calls of one trigger.
const MOST_OF_ONE: usize = 8;
const MOST_OF_A_TRIGGER: usize = 64;
/// More than these of one call are not kept.
const MOST_HEADERS: usize = 512;

impl Heard {
    /// With room for the calls of these exchanges, and of no others.
    pub(super) fn of(run: &str, exchanges: &[Exchange], telling: Telling) -> Self {
        let names = exchanges.iter().flat_map(|exchange| {
            let rooms = match telling {
                Telling::WhateverShows => 1,
                Telling::Path | Telling::Arguments => exchange.calls,
            };
            (0..rooms).map(move |call| name(telling, exchange, call))
        });
        let traces = exchanges
            .iter()
            .filter_map(|exchange| Some((exchange.trace.clone()?, exchange.name.clone())));
        let tokens = exchanges.iter().filter_map(|exchange| {
            let token = HopToken::find_all(&exchange.name).next()?;
            Some((token, exchange.name.clone()))
        });
        Self {
            run: run.to_owned(),
            telling,
            traces: traces.collect(),
            tokens: tokens.collect(),
            state: Mutex::new(State {
                calls: names.map(|name| (name, Vec::new())).collect(),
                ..State::default()
            }),
            progress: watch::Sender::default(),
        }
    }

    /// What came so far for each call of an exchange. What one trigger brings stands in its order.
    pub(super) fn calls(&self, exchange: &Exchange) -> Vec<Vec<Call>> {
        let state = self.lock();
        let of = |name: &str| state.calls.get(name).cloned().unwrap_or_default();
        let calls = 0..exchange.calls;
        if self.telling == Telling::WhateverShows {
            let mut came = of(&exchange.name).into_iter();
            return calls.map(|_| came.next().into_iter().collect()).collect();
        }
        calls
            .map(|call| of(&name(self.telling, exchange, call)))
            .collect()
    }

    /// How many calls came that nobody had asked for, or more often than anybody would.
    pub(super) fn surplus(&self) -> usize {
        self.lock().surplus
    }

    /// Counts what came and is no call that can be read.
    pub(super) fn cannot_read(&self, unread: Unread) {
        self.lock().unread.add(unread);
    }

    /// What came so far and could not be read.
    pub(super) fn unread(&self) -> AllUnread {
        self.lock().unread.clone()
    }

    /// Whether each call that came bears the name of its exchange.
    pub(super) fn are_all_named(&self) -> bool {
        let state = self.lock();
        state.surplus == 0 && state.named == state.calls.values().map(Vec::len).sum::<usize>()
    }

    /// From now on, what bears no name is of this exchange.
    pub(super) fn is_tried_alone(&self, exchange: &Exchange) {
        self.lock().alone = Some(exchange.name.clone());
    }

    /// Keeps a call, if anybody asked for it.
    pub(super) fn keep(&self, arrived: Arrived) {
        let named = self.name_of(&arrived);
        let most = match self.telling {
            Telling::WhateverShows => MOST_OF_A_TRIGGER,
            Telling::Path | Telling::Arguments => MOST_OF_ONE,
        };
        let mut state = self.lock();
        let name = match (named, self.telling) {
            (None, Telling::WhateverShows) => {
                let by_trace = self.name_by_trace(&arrived).map(str::to_owned);
                by_trace.or_else(|| state.alone.clone())
            }
            (named, _) => named.map(str::to_owned),
        };
        let is_named = named.is_some();
        let kept = name.and_then(|name| state.calls.get_mut(&name));
        let Some(kept) = kept.filter(|kept| kept.len() < most) else {
            state.surplus += 1;
            return;
        };
        kept.push(arrived.into());
        let is_one_more = kept.len() == 1 || self.telling == Telling::WhateverShows;
        state.named += usize::from(is_named);
        // Whoever is woken looks at what is here.
        drop(state);
        if is_one_more {
            self.progress.send_modify(|progress| *progress += 1);
        }
    }

    /// What a call says of whose it is.
    fn name_of<'a>(&'a self, arrived: &'a Arrived) -> Option<&'a str> {
        let run = &self.run;
        let body = || str::from_utf8(&arrived.body).unwrap_or_default();
        match self.telling {
            // What stands before may be of a proxy's making.
            Telling::Path => Some(arrived.path.split_once(&format!("/{run}/"))?.1),
            Telling::Arguments => word_after(body(), &format!("memory://{run}_")),
            Telling::WhateverShows => {
                let values = arrived.headers.iter();
                let values = values.filter_map(|(_, value)| str::from_utf8(value).ok());
                let texts = [&*arrived.path, body()].into_iter().chain(values);
                let mut tokens = texts.flat_map(HopToken::find_all);
                Some(tokens.find_map(|token| self.tokens.get(&token))?)
            }
        }
    }

    /// The exchange that sent the trace in which a call says to be.
    fn name_by_trace(&self, arrived: &Arrived) -> Option<&str> {
        let values = arrived.headers.iter();
        let mut values = values.filter_map(|(_, value)| str::from_utf8(value).ok());
        values.find_map(|value| {
            let mut traces = self.traces.iter();
            let found = traces.find(|(trace, _)| value.contains(&**trace))?;
            Some(&*found.1)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(telling: Telling, exchange: &Exchange, call: usize) -> String {
    let of = &exchange.name;
    match telling {
        Telling::Path => format!("{of}/{call}"),
        Telling::Arguments => format!("{of}_{call}"),
        Telling::WhateverShows => of.clone(),
    }
}

/// The word that stands behind these: of letters, digits, and what else stands in names.
fn word_after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(words)?;
    let ends = |c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c);
    Some(rest.find(ends).map_or(rest, |end| &rest[..end]))
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
            name: "ub_00000001_7-WIRE-018a".to_owned(),
            trace: Some("c1".to_owned()),
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
        (calls, heard.surplus())
    }

    #[test]
    fn calls_are_told_apart_by_their_paths() {
        let (heard, exchange) = heard(Telling::Path);
        heard.keep(arrived("/ub_1/ub_00000001_7-WIRE-018a/1", "[]"));
        heard.keep(arrived(
            "/behind/a/proxy/ub_1/ub_00000001_7-WIRE-018a/0",
            "[]",
        ));
        for foreign in [
            "/",
            "/ub_2/ub_00000001_7-WIRE-018a/1",
            "/ub_1/ub_00000001_7-WIRE-018a/2",
            "/ub_1/ub_00000001_7-WIRE-018a/1/x",
        ] {
            heard.keep(arrived(foreign, "[]"));
        }
        assert_eq!(counts(&heard, &exchange), (vec![1, 1], 4));
    }

    #[test]
    fn messages_are_told_apart_by_what_they_hand_on() {
        let (heard, exchange) = heard(Telling::Arguments);
        for body in [
            r#"[{"url": "memory://ub_1_ub_00000001_7-WIRE-018a_1", "arguments": []}]"#,
            r#"{"wrapped": "[{\"url\":\"memory://ub_1_ub_00000001_7-WIRE-018a_0\"}]"}"#,
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
        let (heard, exchange) = heard(Telling::Path);
        for _ in 0..1000 {
            heard.keep(arrived("/ub_1/ub_00000001_7-WIRE-018a/0", "[]"));
        }
        assert_eq!(
            counts(&heard, &exchange),
            (vec![MOST_OF_ONE, 0], 1000 - MOST_OF_ONE)
        );
        assert_eq!(*heard.progress.borrow(), 1);
    }

    #[test]
    fn what_nobody_told_where_to_call_is_told_apart_by_whatever_shows() {
        let (heard, exchange) = heard(Telling::WhateverShows);
        heard.keep(arrived("/orders%2Fub_00000001_7-wire-018a/x", ""));
        assert!(heard.are_all_named());
        let mut in_its_trace = arrived("/orders", "");
        let traceparent = ("traceparent".to_owned(), b"00-c1-1-01".to_vec());
        in_its_trace.headers.push(traceparent);
        heard.keep(in_its_trace);
        assert!(!heard.are_all_named());
        assert_eq!(counts(&heard, &exchange), (vec![1, 1], 0));
        heard.keep(arrived("/health", ""));
        assert_eq!(heard.surplus(), 1);
    }

    #[test]
    fn where_nothing_shows_a_call_is_of_the_one_that_is_tried_alone() {
        let (heard, exchange) = heard(Telling::WhateverShows);
        heard.is_tried_alone(&exchange);
        heard.keep(arrived("/orders", "{}"));
        assert_eq!(counts(&heard, &exchange), (vec![1, 0], 0));
        for _ in 0..100 {
            heard.keep(arrived("/orders", "{}"));
        }
        assert_eq!(
            counts(&heard, &exchange),
            (vec![1, 1], 101 - MOST_OF_A_TRIGGER)
        );
    }
}
