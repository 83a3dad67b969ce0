//! A service by itself, between a client and a probe of ours, that is asked whether it honours W3C Trace
//! Context.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc;
use unbroken_adapters::{Address, Descriptor, Format, Medium, Relation};

use super::cast::{self, Actor};
use super::place::{Faces, Ground};
use super::{Participant, Plan, Shared, Stage, StageError, random};
use crate::check::probe::Listening;
use crate::check::spans::Collector;
use crate::check::{Check, CheckError, Checked};
use crate::evidence::token;
use crate::request::Request;
use crate::route::{Route, Row};
use crate::story::OwnAccord;

/// Who is asked, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// The service.
    pub service: String,
    /// Who plays it; nobody in particular is the reference service in this process.
    pub player: Option<Participant>,
    /// Which formats it speaks, if it is told.
    pub formats: Option<Vec<Format>>,
    /// Over what it is asked, and sends on: a boundary, as the column `over` of a route says it.
    pub over: String,
    /// How it is to be tied to what it is sent, if not as is usual there.
    pub relation: Option<Relation>,
    /// Whether it exports spans to this collector.
    pub exports: bool,
    /// The line that asks, for messages.
    pub line: usize,
}

impl Stage {
    /// Starts what is needed, and asks. What is asked comes back with what came of it.
    pub async fn ask(&self, question: &Question) -> Result<(Check, Checked), StageError> {
        let shared = &self.shared;
        let plan = plan(question, self)?;
        if let Some(objection) = plan.objection() {
            return Err(StageError::Scenario(objection));
        }
        let run = random();
        // What is sent is seen to byte by byte: no tap comes between.
        let ground = Ground::of(shared, &plan, run).await?.without_taps();
        let places = ground.named(&plan).await?;
        // What it cannot send shows at the probe.
        let (problems, _unread) = mpsc::unbounded_channel();
        let service = &question.service;
        let mut actor = cast::start(&ground, &plan, service, &places, problems).await?;
        let place = places.first().and_then(Option::as_ref);
        let entry = place.map(|place| &place.sender.outside);
        let called = || actor.direct.first().map(|(_, faces)| &faces.outside);
        let Some(target) = entry.or_else(called).cloned() else {
            return Err(StageError::Harness(format!("{service:?} is nowhere")));
        };
        let hop = &plan.route.hops()[0];
        let contained = plan.is_contained(service);
        let usual = Check::of(target);
        let check = Check {
            timeout: patience(usual.timeout, shared.options.timeout),
            probe: Some(listening(&ground, hop.over, contained).await?),
            relation: question.relation,
            boundaries: shared.boundaries.clone(),
            collector: question.exports.then(|| Collector {
                store: shared.store.clone(),
                settle: shared.options.settle,
            }),
            ..usual
        };
        let checked = asked(shared, &plan, &check, &mut actor).await;
        shared.store.forget(run);
        Ok((check, checked?))
    }
}

/// Of the time that a scenario has, by default just what a check waits of itself.
const SHARE: u32 = 6;

/// How long nothing may come from a service that is asked. Whoever gives a scenario more time has a
/// service that needs it; with less, one that answers in the usual time is not to turn red.
fn patience(usual: Duration, scenario: Duration) -> Duration {
    usual.max(scenario / SHARE)
}

/// Asks, for as long as the service and its broker are there.
async fn asked(
    shared: &Shared,
    plan: &Plan,
    check: &Check,
    actor: &mut Actor,
) -> Result<Checked, StageError> {
    tokio::select! {
        checked = check.go() => checked.map_err(|error| match error {
            CheckError::Mistaken(why) => StageError::Scenario(why),
            CheckError::Environment(why) => StageError::Environment(why),
        }),
        error = actor.failure() => Err(error),
        error = super::scene::broken(shared, plan) => Err(error),
    }
}

/// A route of one hop: what the service does then is what is looked at.
fn plan(question: &Question, stage: &Stage) -> Result<Plan, StageError> {
    let service = &question.service;
    let row = Row {
        line: question.line,
        from: format!("who asks {service}"),
        over: question.over.clone(),
        to: service.clone(),
        relation: question.relation.map(|relation| relation.to_string()),
        how: None,
    };
    let route = Route::of(&[row], stage.boundaries()).map_err(|error| {
        // The step says its line by itself.
        let (line, why) = (format!("line {}: ", question.line), error.to_string());
        StageError::Scenario(why.strip_prefix(&line).unwrap_or(&why).to_owned())
    });
    let player = question.player.clone();
    let formats = question.formats.clone();
    let of_service = |formats| (service.clone(), formats);
    Ok(Plan {
        name: format!("{service} is asked"),
        route: route?,
        cast: player
            .into_iter()
            .map(|player| (service.clone(), player))
            .collect(),
        middles: BTreeMap::new(),
        silent: BTreeSet::new(),
        own_accord: OwnAccord::new(),
        faults: BTreeMap::new(),
        request: Request {
            formats: formats.into_iter().map(of_service).collect(),
            ..Request::default()
        },
    })
}

/// Where the probe is, as this process and as the service sees it.
async fn listening(
    ground: &Ground<'_>,
    over: &Descriptor,
    contained: bool,
) -> Result<Listening, StageError> {
    let name = token(ground.run, 1).to_string();
    let at = |endpoint: &str| Ok::<Address, StageError>(over.address_of(endpoint, &name)?);
    let faces = match over.medium {
        Medium::Direct => ground.ours(at(&format!("{}:0", ground.bind))?)?,
        Medium::Process => ground.ours(at("")?)?,
        Medium::Broker(broker) => {
            let (outside, inside) = ground.shared.broker(broker).await?;
            Faces {
                outside: at(&outside)?,
                inside: at(&inside)?,
            }
        }
    };
    Ok(Listening {
        called: contained.then_some(faces.inside),
        at: faces.outside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Options;

    #[test]
    fn who_is_asked_has_a_share_of_the_time_of_a_scenario_and_never_less_than_usual() {
        let usual = Duration::from_secs(5);
        assert_eq!(patience(usual, Options::default().timeout), usual);
        assert_eq!(patience(usual, Duration::from_secs(6)), usual);
        let longer = patience(usual, Duration::from_mins(1));
        assert_eq!(longer, Duration::from_secs(10));
    }
}
