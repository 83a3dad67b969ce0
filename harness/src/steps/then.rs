//! Then: what is asked of the rules.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what a step captures is handed to it"
)]

use cucumber::then;

use super::World;
use super::world::Failure;
use crate::report;
use crate::rules::carried::{self, Item};
use crate::rules::{self, Family};
use crate::verdict::{Judgement, Verdict};

/// Every TREE rule.
#[then("the story is one connected tree")]
fn the_story_is_one_connected_tree(world: &mut World) -> Result<(), Failure> {
    holds(world, Family::Tree)
}

/// Every HOP and LINK rule.
#[then("every hop keeps its relation")]
fn every_hop_keeps_its_relation(world: &mut World) -> Result<(), Failure> {
    holds(world, Family::Hops)
}

/// Every rule about what travels beside the ids: WIRE, STATE, BAG, FLAG, EDGE, B3 and XRAY. They read the wire alone.
#[then("every hop carries the context on")]
fn every_hop_carries_the_context_on(world: &mut World) -> Result<(), Failure> {
    holds(world, Family::Context)
}

/// These members stand in the `tracestate` of something that reached the service.
#[then(expr = "the trace state {string} reaches {string}")]
fn the_trace_state_reaches(
    world: &mut World,
    state: String,
    service: String,
) -> Result<(), Failure> {
    reaches(
        world,
        "trace state",
        &state,
        Item::trace_state(&state),
        &service,
    )
}

/// These members stand in the `baggage` of something that reached the service.
#[then(expr = "the baggage {string} reaches {string}")]
fn the_baggage_reaches(world: &mut World, baggage: String, service: String) -> Result<(), Failure> {
    reaches(
        world,
        "baggage",
        &baggage,
        Item::baggage(&baggage),
        &service,
    )
}

/// A fault that was made is found: by this rule, on this hop, and this side is blamed.
#[then(expr = "the hop to {string} breaks {string}, and {string} is to blame")]
fn breaks(world: &mut World, to: String, rule: String, whom: String) -> Result<(), Failure> {
    if rules::rule(&rule).is_none() {
        return world.fail(
            Verdict::Mistaken,
            format!("there is no rule {rule:?}; `unbroken rules` lists them"),
        );
    }
    world.asked.push(None);
    let judgement = judgement(world)?;
    let route = &judgement.evidence.route;
    if route.reaching(&to).next().is_none() {
        return world.fail(
            Verdict::Mistaken,
            format!("no hop of the route goes to {to:?}"),
        );
    }
    let blamed = judgement.finding(&rule, &to).map(|finding| {
        let hop = finding.hop.map(|hop| &route.hops()[hop]);
        finding.blame.whom(hop)
    });
    let why = match blamed {
        Some(blamed) if blamed == whom => return Ok(()),
        Some(blamed) => format!("{rule} blames {blamed}, and not {whom}"),
        None => format!(
            "{rule} was to break on the hop to {to:?}, and {}",
            judgement.instead(&rule, &to)
        ),
    };
    world.fail(Verdict::Failed, why)
}

fn holds(world: &mut World, family: Family) -> Result<(), Failure> {
    world.asked.push(Some(family));
    let (fail_on, known) = (world.fail_on, world.known.clone());
    let judgement = judgement(world)?;
    let objections = judgement.objections(family, fail_on, &known);
    if !objections.is_empty() {
        let lines = objections.iter();
        let lines = lines.map(|o| report::objection(&judgement.evidence, o));
        let mut lines: Vec<_> = lines.collect();
        lines.dedup();
        let why = lines.join("\n");
        return world.fail(Verdict::Failed, why);
    }
    let surprises = judgement.surprises(family, &known);
    if let Some(surprise) = surprises.first() {
        let why = format!(
            "{} was known to break on the hop to {:?}, and it holds: take the line out",
            surprise.rule, surprise.to
        );
        return world.fail(Verdict::UnexpectedPass, why);
    }
    if known
        .iter()
        .any(|known| rules::rule(known.rule).is_some_and(|r| r.family() == family))
    {
        world.verdict = Verdict::ExpectedFailure;
    }
    Ok(())
}

fn reaches(
    world: &mut World,
    what: &str,
    text: &str,
    item: Result<Item, String>,
    service: &str,
) -> Result<(), Failure> {
    let item = match item {
        Ok(item) => item,
        Err(why) => {
            return world.fail(Verdict::Mistaken, format!("{text:?} is no {what}: {why}"));
        }
    };
    world.asked.push(None);
    let judgement = judgement(world)?;
    if judgement.evidence.route.reaching(service).next().is_none() {
        return world.fail(
            Verdict::Mistaken,
            format!("no hop of the route goes to {service:?}"),
        );
    }
    match carried::reaches(&judgement.evidence, service, &item) {
        Ok(()) => Ok(()),
        Err(why) => {
            let why = format!("the {what} {text} does not reach {service:?}: {why}");
            world.fail(Verdict::Failed, why)
        }
    }
}

fn judgement(world: &mut World) -> Result<&Judgement, Failure> {
    if world.judgement.is_none() {
        return world.fail(Verdict::Mistaken, "no request has taken a route yet");
    }
    let judgement = world.judgement.as_ref();
    judgement.ok_or_else(|| Failure::new("no request has taken a route yet"))
}
