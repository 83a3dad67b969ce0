//! Brings up both ends, sends everything, and says what was seen.

use unbroken_adapters::{Address, BoundaryError, Medium};

use super::case::Ids;
use super::drive::{Pace, Seen, drive, scout};
use super::entry::Entry;
use super::exchange::Exchange;
use super::probe::{AllUnread, Listening, Probe};
use super::trigger::Trigger;
use super::{Check, CheckError, ToldApart};

/// What was seen at either end.
pub(super) struct Performed {
    /// What was performed as it was, with what came of it.
    pub(super) seen: Vec<(Exchange, Seen)>,
    pub(super) surplus: usize,
    pub(super) unread: AllUnread,
    pub(super) probe: Option<Address>,
    pub(super) told_apart: ToldApart,
}

/// More calls than these of one trigger are not looked at.
const MOST_CALLS: usize = 32;

impl Check {
    /// Performs these exchanges.
    pub(super) async fn perform(
        &self,
        run: u64,
        mut exchanges: Vec<Exchange>,
    ) -> Result<Performed, CheckError> {
        let run_name = format!("ub_{run:016x}");
        let trigger = self.trigger.as_ref();
        let entry = Entry::to(&self.target, trigger, &self.headers, &self.boundaries)?;
        let alone = self.is_by_spans_alone();
        let scout = trigger.filter(|_| !alone).map(|_| scouting(run));
        let has_scout = scout.is_some();
        exchanges.extend(scout);
        for exchange in exchanges.iter_mut().filter(|_| alone) {
            exchange.calls = 0;
        }
        let probe = Probe::start(
            &self.listening(&run_name)?,
            &self.boundaries,
            run_name,
            &exchanges,
            trigger.is_none(),
            self.timeout,
        )
        .await?;
        let scout = exchanges.pop_if(|_| has_scout);
        let (seen, told_apart) = if let (Some(trigger), Some(scout)) = (trigger, scout) {
            let pulled = self.pull(trigger, &entry, &scout, &mut exchanges, &probe);
            pulled.await
        } else {
            let pace = Pace::SideBySide;
            let seen = drive(
                &entry,
                &exchanges,
                &probe,
                pace,
                self.timeout,
                &self.progress,
            )
            .await;
            (seen, ToldApart::Call)
        };
        let (surplus, unread) = (probe.surplus(), probe.unread());
        let address = probe.address().clone();
        probe.close().await?;
        Ok(Performed {
            seen: exchanges.into_iter().zip(seen).collect(),
            surplus,
            unread,
            probe: (!alone).then_some(address),
            told_apart,
        })
    }

    /// Sends a trigger for each exchange. How many calls it brings, and whether they show whose they
    /// are, the first is to say.
    async fn pull(
        &self,
        trigger: &Trigger,
        entry: &Entry,
        first: &Exchange,
        exchanges: &mut [Exchange],
        probe: &Probe,
    ) -> (Vec<Seen>, ToldApart) {
        let answer = scout(entry, first, probe, self.timeout).await;
        let heard = probe.heard(first).into_iter();
        let calls = heard.filter(|calls| !calls.is_empty()).count();
        let (pace, told_apart) =
            match trigger.names_its_case(&self.headers) && probe.are_all_named() {
                true => (Pace::SideBySide, ToldApart::Case),
                false => (Pace::OneByOne, ToldApart::Turn),
            };
        for exchange in &mut *exchanges {
            exchange.calls = calls.max(1);
        }
        let seen = match calls {
            // What calls nobody with what is good will not be asked a hundred times.
            0 => vec![
                Seen {
                    answer,
                    calls: vec![Vec::new()],
                    in_time: Vec::new(),
                };
                exchanges.len()
            ],
            _ => drive(entry, exchanges, probe, pace, self.timeout, &self.progress).await,
        };
        (seen, told_apart)
    }

    /// Whether nobody sees what the service sends on, but somebody its spans.
    fn is_by_spans_alone(&self) -> bool {
        self.trigger.is_some() && self.probe.is_none() && self.collector.is_some()
    }

    /// Where the probe listens: where it is told to, or on a port of its own. On somebody's broker
    /// nothing is made that nobody asked for.
    fn listening(&self, run: &str) -> Result<Listening, CheckError> {
        if let Some(probe) = &self.probe {
            return Ok(probe.clone());
        }
        if self.is_by_spans_alone() {
            // Nobody is told of it.
            let http = Address::parse("http://127.0.0.1:0");
            return Ok(http.map_err(BoundaryError::from)?.into());
        }
        if self.trigger.is_some() {
            return Err(CheckError::Mistaken(
                "say with --probe where the service sends what it sends because of the trigger, or with --otlp where \
                 it exports its spans to be judged by these alone"
                    .to_owned(),
            ));
        }
        let descriptor = self.boundaries.at(&self.target)?.descriptor();
        match descriptor.medium {
            // Its calls have paths of their own.
            Medium::Direct if descriptor.scheme == "http" => {
                Ok(Listening::on_loopback(descriptor, "")?)
            }
            Medium::Direct | Medium::Process => Ok(Listening::on_loopback(descriptor, run)?),
            Medium::Broker(_) => Err(CheckError::Mistaken(format!(
                "over {} nothing is made that nobody asked for: say with --probe where the service is to send, such \
                 as {}",
                descriptor.name,
                descriptor.address_of(&self.target.endpoint(), "out")?
            ))),
        }
    }
}

/// There are not so many.
pub(super) const OF_NO_CASE: usize = 0xffff;

/// What a trigger is tried with before anything is: what is good, in a trace of no case.
fn scouting(run: u64) -> Exchange {
    let Ids {
        token,
        trace,
        parent,
    } = Ids::of(run, OF_NO_CASE);
    let traceparent = format!("00-{trace}-{parent}-01").into_bytes();
    Exchange {
        name: format!("{token}-first"),
        trace: Some(trace),
        mark: None,
        headers: vec![("traceparent".to_owned(), traceparent)],
        calls: MOST_CALLS,
    }
}
