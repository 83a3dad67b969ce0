//! One request on its way: setting the scene, sending it off, and waiting for what comes back.

mod hold;

use std::sync::Arc;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use futures::stream::{self, FuturesUnordered, SelectAll};
use futures::{FutureExt, StreamExt};
use opentelemetry::TraceId;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::{Instant, timeout, timeout_at};
use unbroken_adapters::service::{Element, Problem, Service};
use unbroken_adapters::tap::{Point, Sighting, Tap};
use unbroken_adapters::{BoundaryError, Relation};

use super::cast::{self, Actor, EXPORT_INTERVAL_MS, Player};
use super::elements::elements;
use super::place::{Ground, Place};
use super::quiet::Quiet;
use super::{Plan, Shared, StageError, random};
use crate::collector::{Arrivals, Counts};
use crate::evidence::{Evidence, Wire, token};
use crate::route::Origin;
use crate::story::{Aside, Beginning, Story, gather};
use crate::token::HopToken;

/// By then, what a contained service has done is exported.
const EXPORTED: Duration = Duration::from_millis(2 * EXPORT_INTERVAL_MS);

/// Performs a plan, from setting the scene to the evidence.
pub(super) async fn perform(shared: &Arc<Shared>, plan: &Plan) -> Result<Evidence, StageError> {
    if let Some(objection) = plan.objection() {
        return Err(StageError::Scenario(objection));
    }
    let evidence = tokio::select! {
        evidence = set_and_play(shared, plan) => evidence,
        error = broken(shared, plan) => Err(error),
    };
    match evidence {
        Ok(evidence) => Ok(evidence),
        Err(error) => Err(explain(shared, plan, error).await),
    }
}

async fn set_and_play(shared: &Arc<Shared>, plan: &Plan) -> Result<Evidence, StageError> {
    let run = random();
    let (problems, reported) = mpsc::unbounded_channel();
    let ground = Ground::of(shared, plan, run).await?;
    let mut places = ground.named(plan).await?;
    let entry = cast::entry(&ground, plan, &places, problems.clone()).await?;
    let services = plan.route.services();
    let actors = services[1..]
        .iter()
        .map(|service| cast::start(&ground, plan, service, &places, problems.clone()));
    let actors = try_join_all(actors).await?;
    let direct = actors.iter().flat_map(|actor| actor.direct.iter().cloned());
    let direct = direct.map(|(hop, address)| {
        let ground = &ground;
        async move {
            let place = ground.place(plan, hop, address).await?;
            Ok::<_, StageError>((hop, place))
        }
    });
    for (hop, place) in try_join_all(direct).await? {
        places[hop] = Some(place);
    }
    let places: Vec<Place> = places.into_iter().flatten().collect();
    let elements = elements(plan, &places, None);
    let mut scene = Scene::new(shared, plan, run, actors, places, reported);
    if plan.has_images() {
        scene.have_started().await;
    }
    scene.play(&entry, &elements).await
}

struct Scene<'a> {
    shared: &'a Shared,
    plan: &'a Plan,
    run: u32,
    actors: Vec<Actor>,
    aside: Aside,
    taps: Vec<Tap>,
    sightings: SelectAll<SightingsOfHop>,
    /// What the tap of each hop saw; none where there is no tap.
    seen: Vec<Option<Vec<Sighting>>>,
    reported: UnboundedReceiver<Problem>,
    remarks: Vec<String>,
    /// Hops whose send was refused, with the reason.
    refusals: Vec<(usize, String)>,
}

type SightingsOfHop = stream::BoxStream<'static, (usize, Sighting)>;

impl<'a> Scene<'a> {
    fn new(
        shared: &'a Shared,
        plan: &'a Plan,
        run: u32,
        mut actors: Vec<Actor>,
        places: Vec<Place>,
        reported: UnboundedReceiver<Problem>,
    ) -> Self {
        let mut taps = Vec::new();
        let mut sightings = SelectAll::new();
        let seen = places
            .iter()
            .map(|place| place.seen.as_ref().map(|_| Vec::new()));
        let seen = seen.collect();
        for (hop, place) in places.into_iter().enumerate() {
            actors.extend(place.middle.map(Actor::from));
            taps.extend(place.taps);
            if let Some(mut seen) = place.seen {
                let seen = stream::poll_fn(move |cx| seen.poll_recv(cx));
                sightings.push(seen.map(move |sighting| (hop, sighting)).boxed());
            }
        }
        Self {
            shared,
            plan,
            run,
            actors,
            aside: Aside::new(plan.own_accord.clone()),
            taps,
            sightings,
            seen,
            reported,
            remarks: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Waits until services of others have exported what they did when they started, and remembers
    /// it: it came before the request, and so is no part of it.
    async fn have_started(&mut self) {
        let _ = timeout(EXPORTED, std::future::pending::<()>()).await;
        self.aside.came_before(&self.shared.store, self.run);
    }

    /// Sends the request off, waits until the story is whole or the time is over, and settles.
    async fn play(
        &mut self,
        entry: &Service,
        elements: &[Element],
    ) -> Result<Evidence, StageError> {
        let timeout = self.shared.options.timeout;
        let deadline = Instant::now() + timeout;
        let before = self.shared.store.counts();
        let luggage = &self.plan.request.luggage;
        let entered = entry.enter(&self.plan.name, luggage, elements);
        let entered = timeout_at(deadline, entered).await;
        let (trace, outcome) = entered.map_err(|_| {
            StageError::Subject(format!(
                "the first hops were not handed over within {timeout:?}"
            ))
        })?;
        if let Err(error) = outcome {
            self.remark(error)?;
        }
        let held = self.hold(entry, trace).await?;
        let mut waiting = match Quiet::of(self.plan, entry, &self.actors) {
            Some(quiet) => Waiting::ForQuiet(quiet),
            None => Waiting::ForSpans(self.shared.store.arrivals()),
        };
        while !self.is_over(&waiting, trace) {
            match timeout_at(deadline, self.something(&mut waiting)).await {
                Ok(happened) => happened?,
                Err(_) => break,
            }
        }
        let settled = self.settle(entry, deadline).await?;
        self.remark_on_the_collector(&before)?;
        let mut evidence = self.evidence(trace);
        evidence.settled = settled;
        self.shared.store.forget(self.run);
        Ok(evidence.with_held(&held))
    }

    fn is_over(&self, waiting: &Waiting, trace: TraceId) -> bool {
        match waiting {
            Waiting::ForQuiet(quiet) => {
                let refused: Vec<_> = self.refusals.iter().map(|(hop, _)| *hop).collect();
                quiet.is_so(&self.seen, &refused)
            }
            Waiting::ForSpans(_) => self.evidence(trace).is_whole(),
        }
    }

    /// Waits until a span or a carrier arrives, or something goes wrong.
    async fn something(&mut self, waiting: &mut Waiting<'_>) -> Result<(), StageError> {
        let failures = self.actors.iter_mut().map(Actor::failure);
        let mut failures: FuturesUnordered<_> = failures.collect();
        let taps = self.taps.iter_mut().map(|tap| &mut tap.task);
        let mut blind: FuturesUnordered<_> = taps.collect();
        let refused = tokio::select! {
            () = waiting.changed() => return Ok(()),
            Some((hop, sighting)) = self.sightings.next() => {
                self.seen[hop].get_or_insert_default().push(sighting);
                return Ok(());
            }
            Some(problem) = self.reported.recv() => problem.error,
            Some(error) = failures.next() => return Err(error),
            Some(Ok(error)) = blind.next() => return Err(error.into()),
        };
        drop((failures, blind));
        self.remark(refused)
    }

    /// Waits for what comes late: the ends of spans that are still open, duplicates, and, where a
    /// service exports in intervals, whatever it had not exported yet. Says whether all of that
    /// was waited for.
    async fn settle(&mut self, entry: &Service, deadline: Instant) -> Result<bool, StageError> {
        let mut idle = timeout_at(deadline, self.idle(entry)).await.is_ok();
        let late = self.actors.iter().map(|actor| match &actor.player {
            Player::InProcess(_) => Duration::ZERO,
            Player::Contained(_) => EXPORTED,
            Player::Elsewhere => self.shared.options.settle,
        });
        let late = late.max().unwrap_or_default();
        if !late.is_zero() {
            let _ = timeout(late, std::future::pending::<()>()).await;
            // What came meanwhile is worked on as well.
            idle &= timeout_at(deadline, self.idle(entry)).await.is_ok();
        }
        while let Ok(problem) = self.reported.try_recv() {
            self.remark(problem.error)?;
        }
        Ok(idle)
    }

    /// Waits until the services of this process have done whatever the taps saw come to them. What
    /// they do may be seen in its turn.
    async fn idle(&mut self, entry: &Service) {
        loop {
            self.look();
            let players = self.actors.iter().map(Actor::service);
            let names = self.plan.route.services();
            let services = names
                .into_iter()
                .zip([Some(entry)].into_iter().chain(players));
            let services = services.filter_map(|(name, service)| {
                let messages = self.came_to(name);
                Some(service?.idle_after(messages))
            });
            join_all(services).await;
            if !self.look() {
                return;
            }
        }
    }

    /// How many messages and requests the taps saw come to a service.
    fn came_to(&self, service: &str) -> usize {
        let hops = self.plan.route.reaching(service);
        let seen = hops.flat_map(|hop| self.seen[hop].iter().flatten());
        seen.filter(|sighting| sighting.point == Point::AfterMiddle)
            .count()
    }

    /// Takes in what the taps have seen by now, and says whether there was anything.
    fn look(&mut self) -> bool {
        let mut any = false;
        while let Some(Some((hop, sighting))) = self.sightings.next().now_or_never() {
            self.seen[hop].get_or_insert_default().push(sighting);
            any = true;
        }
        any
    }

    /// A send that was refused is remarked on, and what came of it is judged. One that found
    /// nobody ends the scene.
    fn remark(&mut self, error: BoundaryError) -> Result<(), StageError> {
        if let BoundaryError::Refused {
            address, reason, ..
        } = &error
        {
            let tokens = HopToken::find_all(address.as_str());
            let own = tokens.filter(|token| token.run == self.run);
            let hops = own.map(|token| (usize::from(token.hop), reason.clone()));
            self.refusals.extend(hops);
        }
        match error {
            BoundaryError::Refused { .. }
            | BoundaryError::Again { .. }
            | BoundaryError::Late { .. } => {
                self.remarks.push(error.to_string());
                Ok(())
            }
            other => Err(other.into()),
        }
    }

    /// What the collector could not read since then may be what is missing; what it had no room
    /// for certainly is. Scenarios that run side by side remark on each other's.
    fn remark_on_the_collector(&mut self, before: &Counts) -> Result<(), StageError> {
        let now = self.shared.store.counts();
        if now.refused > before.refused {
            return Err(StageError::Harness(format!(
                "the collector is full: {} spans were turned away",
                now.refused - before.refused
            )));
        }
        if now.bad_payloads > before.bad_payloads {
            self.remarks.push(format!(
                "the collector could not read {} request(s); the first ever: {}",
                now.bad_payloads - before.bad_payloads,
                now.bad_payload_reasons.first().map_or("", String::as_str)
            ));
        }
        Ok(())
    }

    fn evidence(&self, trace: TraceId) -> Evidence {
        let route = &self.plan.route;
        let roots = route.hops().iter().enumerate();
        let roots = roots.filter(|(_, hop)| hop.relation == Relation::Root);
        let beginning = Beginning {
            entry: trace,
            service: route.entry().to_owned(),
            roots: roots.map(|(hop, _)| token(self.run, hop)).collect(),
        };
        let spans = gather(&self.shared.store, self.run, trace, &self.aside);
        let wires = self.seen.iter().zip(route.hops());
        let wires = wires.map(|(seen, hop)| {
            let sent = match hop.origin {
                Origin::Rejected(other) => &self.seen[other],
                Origin::Own(_) | Origin::Shared(_) => seen,
            };
            match (sent, seen) {
                (Some(sent), Some(got)) => {
                    let formats = self.plan.request.formats.get(&hop.to);
                    Wire::from_to(sent, got, formats.map(Vec::as_slice))
                }
                _ => Wire::untapped(),
            }
        });
        Evidence::of(
            route.clone(),
            self.run,
            Story::assemble(spans, &beginning),
            wires.collect(),
            self.shared.store.malformed_of(self.run),
            self.plan.silent.iter().cloned().collect(),
        )
        .with_remarks(self.remarks.clone())
        .with_request(self.plan.request.clone())
        .with_refusals(&self.refusals)
    }
}

/// Puts the cause in the place of the symptom: a broker that died shows itself first as some
/// connection that broke.
async fn explain(shared: &Shared, plan: &Plan, error: StageError) -> StageError {
    const AWHILE: Duration = Duration::from_secs(1);
    if !matches!(error, StageError::Environment(_)) {
        return error;
    }
    match timeout(AWHILE, broken(shared, plan)).await {
        Ok(cause) => cause,
        Err(_) => error,
    }
}

/// What tells that the request has come to its end.
enum Waiting<'a> {
    /// The services themselves.
    ForQuiet(Quiet<'a>),
    /// Their spans, where that is all there is to be seen of them.
    ForSpans(Arrivals),
}

impl Waiting<'_> {
    async fn changed(&mut self) {
        match self {
            Self::ForQuiet(quiet) => quiet.changed().await,
            Self::ForSpans(arrivals) => arrivals.changed().await,
        }
    }
}

/// Waits until a broker that the plan needs is dead; forever, if all goes well.
pub(super) async fn broken(shared: &Shared, plan: &Plan) -> StageError {
    let mut dead = shared.dead.subscribe();
    let needed = |dead: &Vec<&'static str>| dead.iter().copied().find(|name| plan.needs(name));
    // The sender is the stage, which outlives its scenes.
    let _ = dead.wait_for(|dead| needed(dead).is_some()).await;
    let name = needed(&dead.borrow()).unwrap_or("a broker");
    StageError::Environment(format!(
        "the broker {name} stopped in the middle of the run"
    ))
}
