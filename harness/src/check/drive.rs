//! Sends everything, side by side if it can be told apart, and knows when to stop waiting.
//!
//! There is one clock for all: it runs out when nothing has come for as long as the deadline says,
//! no answer and no first call. What is open then is given up. A service that hangs therefore costs
//! a deadline or two in all, and one that is slow may take as long as it goes on.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::entry::Entry;
use super::exchange::{Answer, Exchange};
use super::probe::{Call, Probe};
use super::progress::{Awaited, Progress};

/// What came of an exchange.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How the service answered.
    pub answer: Answer,
    /// What came for each call that it was asked for.
    pub calls: Vec<Vec<Call>>,
    /// How many of these had come when it had answered.
    pub in_time: Vec<usize>,
}

impl Seen {
    /// Whether any call came of it.
    pub fn is_heard(&self) -> bool {
        self.calls.iter().any(|calls| !calls.is_empty())
    }
}

/// So many are asked side by side: enough to be quick, and few enough for a server with one thread
/// and a short queue, which would let the others wait for a second.
const SIDE_BY_SIDE: usize = 8;
/// However much goes on, after so many deadlines it is over.
const MOST_DEADLINES: u32 = 24;

/// How many are under way at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Several: what comes shows whose it is.
    SideBySide,
    /// One, until what it brings has come.
    OneByOne,
}

/// Sends what is to show how many calls a trigger brings, and what they show: it waits until nothing
/// more has come for a deadline.
pub async fn scout(
    entry: &Entry,
    exchange: &Exchange,
    probe: &Probe,
    deadline: Duration,
) -> Answer {
    let mut progress = probe.progress();
    probe.is_tried_alone(exchange);
    let answer = timeout(deadline, entry.ask(exchange, &[])).await;
    while let Ok(Ok(())) = timeout(deadline, progress.changed()).await {}
    answer.unwrap_or(Answer::Silence)
}

/// Performs all exchanges. What comes back stands in their order.
pub async fn drive(
    entry: &Entry,
    exchanges: &[Exchange],
    probe: &Probe,
    pace: Pace,
    deadline: Duration,
    progress: &Progress,
) -> Vec<Seen> {
    progress.begin(exchanges.len());
    let room = Semaphore::new(match pace {
        Pace::SideBySide => SIDE_BY_SIDE,
        Pace::OneByOne => 1,
    });
    let (given_up, answers) = (
        watch::Sender::new(GivenUp::default()),
        watch::Sender::new(0),
    );
    let ask = async |place: usize| {
        let exchange = &exchanges[place];
        let _permit = room.acquire().await;
        progress.asked(&exchange.name);
        if pace == Pace::OneByOne {
            probe.is_tried_alone(exchange);
        }
        let mut over = given_up.subscribe();
        let before = over.borrow_and_update().times;
        let answer = ask(entry, exchange, probe, given_up.subscribe()).await;
        progress.answered(&exchange.name);
        answers.send_modify(|answers| *answers += 1);
        if pace == Pace::OneByOne && answer.is_success() {
            tokio::select! {
                () = probe.has_heard(exchange) => {}
                // Its sender outlives this.
                _ = over.wait_for(|now| now.times > before) => {}
            }
        }
        let in_time: Vec<_> = probe.heard(exchange).iter().map(Vec::len).collect();
        (place, answer, in_time)
    };
    let asking: FuturesUnordered<_> = (0..exchanges.len()).map(ask).collect();
    let clock = clock(&given_up, answers.subscribe(), probe.progress(), deadline);
    let (mut answered, ()) = tokio::join!(
        async {
            let answered: Vec<_> = asking.collect().await;
            given_up.send_modify(|given_up| given_up.for_good = true);
            answered
        },
        clock
    );
    answered.sort_unstable_by_key(|(place, ..)| *place);
    let willing = answered.iter().filter(|(_, answer, _)| answer.is_success());
    let willing: Vec<_> = willing.map(|(place, ..)| &exchanges[*place]).collect();
    if pace == Pace::SideBySide {
        progress.waits_for(Awaited::Calls);
        later_calls(&willing, probe, deadline).await;
    }
    let seen = exchanges.iter().zip(answered);
    seen.map(|(exchange, (_, answer, in_time))| Seen {
        answer,
        calls: probe.heard(exchange),
        in_time,
    })
    .collect()
}

/// How often everything that was open has been given up, and whether nothing more is begun.
#[derive(Clone, Copy, Debug, Default)]
struct GivenUp {
    times: usize,
    for_good: bool,
}

async fn ask(
    entry: &Entry,
    exchange: &Exchange,
    probe: &Probe,
    mut given_up: watch::Receiver<GivenUp>,
) -> Answer {
    let before = *given_up.borrow_and_update();
    if before.for_good {
        return Answer::NotAsked;
    }
    let calls = (0..exchange.calls).map(|call| probe.element(exchange, call));
    let body = calls.collect::<Value>().to_string();
    tokio::select! {
        answer = entry.ask(exchange, body.as_bytes()) => answer,
        _ = given_up.wait_for(|now| now.times > before.times) => Answer::Silence,
    }
}

/// Runs until everything is answered. Where nothing ever came, the first time is the last; the
/// second always is.
async fn clock(
    given_up: &watch::Sender<GivenUp>,
    mut answers: watch::Receiver<usize>,
    mut calls: watch::Receiver<usize>,
    deadline: Duration,
) {
    let mut over = given_up.subscribe();
    let last = Instant::now() + deadline * MOST_DEADLINES;
    let mut anything = false;
    loop {
        let quiet = last.min(Instant::now() + deadline);
        let progress = async {
            // Both senders outlive this.
            tokio::select! {
                _ = answers.changed() => true,
                _ = calls.changed() => true,
                _ = over.wait_for(|now| now.for_good) => false,
            }
        };
        match timeout_at(quiet, progress).await {
            Ok(true) => anything = true,
            Ok(false) => return,
            Err(_) => given_up.send_modify(|now| {
                now.times += 1;
                now.for_good = now.times > 1 || !anything || Instant::now() >= last;
            }),
        }
        if given_up.borrow().for_good {
            return;
        }
    }
}

/// Who answers first and calls later gets as long again.
async fn later_calls(exchanges: &[&Exchange], probe: &Probe, deadline: Duration) {
    let mut progress = probe.progress();
    let all = || {
        let mut heard = exchanges.iter().flat_map(|exchange| probe.heard(exchange));
        heard.all(|calls| !calls.is_empty())
    };
    while !all() {
        if timeout(deadline, progress.changed()).await.is_err() {
            return;
        }
    }
}
