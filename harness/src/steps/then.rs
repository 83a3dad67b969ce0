//! Then: what is asked of the rules.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what a step captures is handed to it"
)]

use cucumber::gherkin::Step;
use cucumber::then;
use unbroken_adapters::Relation;

use super::World;
use super::world::Failure;
use crate::report;
use crate::rules::carried::{self, Item};
use crate::rules::{self, Family, Outcome};
use crate::verdict::{Judgement, Surprise, Verdict};

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

/// `unbroken check` of a service: it is asked over a boundary, and sends on over the same; as the child of what it is sent,
/// or as what follows from it, if it is said, and else as is usual there. `any boundary`, `any call`, `any queue` and
/// `any broker` make a scenario for each. A subject speaks the protocol of the W3C suite.
#[then(expr = "{string} honours W3C Trace Context over {word}")]
async fn honours(
    world: &mut World,
    service: String,
    over: String,
    step: &Step,
) -> Result<(), Failure> {
    world.ask(service, over, None, step).await
}

/// The same, as a child of what it is sent.
#[then(expr = "{string} honours W3C Trace Context over {word} as a child")]
async fn honours_as_a_child(
    world: &mut World,
    service: String,
    over: String,
    step: &Step,
) -> Result<(), Failure> {
    let relation = Some(Relation::Child);
    world.ask(service, over, relation, step).await
}

/// The same, as what follows from it: a trace of its own, with a link. Its spans show that alone.
#[then(expr = "{string} honours W3C Trace Context over {word} as follows-from")]
async fn honours_as_what_follows(
    world: &mut World,
    service: String,
    over: String,
    step: &Step,
) -> Result<(), Failure> {
    let relation = Some(Relation::Link);
    world.ask(service, over, relation, step).await
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
        let why = format!(
            "no hop of the route goes to {to:?}; the hops go from {}",
            route.pairs()
        );
        return world.fail(Verdict::Mistaken, why);
    }
    let blamed = judgement.finding(&rule, &to).map(|finding| {
        let hop = finding.hop.map(|hop| &route.hops()[hop]);
        finding.blame.whom(hop)
    });
    let why = match blamed {
        Some(blamed) if blamed == whom => {
            world.found.push((to, whom));
            return Ok(());
        }
        Some(blamed) => format!("{rule} blames {blamed}, and not {whom}"),
        None => format!(
            "{rule} was to break on the hop to {to:?}, and {}",
            report::readable(&judgement.instead(&rule, &to))
        ),
    };
    world.fail(Verdict::Failed, why)
}

/// No must-rule finds anything but the losses that the steps before this one name, and what follows from them.
#[then("nothing else is lost")]
fn nothing_else_is_lost(world: &mut World) -> Result<(), Failure> {
    world.asked.push(None);
    let found = world.found.clone();
    let judgement = judgement(world)?;
    let others = judgement.others(&found);
    if others.is_empty() {
        return Ok(());
    }
    let hops = judgement.evidence.route.hops();
    let lines = others.iter().map(|(rule, finding)| {
        let hop = finding.hop.map(|hop| &hops[hop]);
        let at = hop.map_or(String::new(), |hop| format!(" on {hop}"));
        let whom = finding.blame.whom(hop);
        format!("{}{at} is another loss, and {whom} is to blame", rule.id)
    });
    let why = lines.collect::<Vec<_>>().join("\n");
    world.fail(Verdict::Failed, why)
}

/// Every rule of every level that has something to say of it says that it holds. Stricter than what users need: it is
/// how the harness is tried on what is right.
#[then("everything is shown, and nothing is found")]
fn everything_is_shown(world: &mut World) -> Result<(), Failure> {
    world.asked.push(None);
    let judgement = judgement(world)?;
    let hops = judgement.evidence.route.hops();
    let outcomes = judgement.rulings.iter().flat_map(|ruling| {
        let outcomes = ruling.outcomes.iter();
        outcomes.filter_map(|outcome| {
            let (hop, what) = match outcome {
                Outcome::Held { .. } => return None,
                Outcome::NotShown { hop, why } => (hop, format!("is not shown: {why}")),
                Outcome::Finding(finding) => (&finding.hop, format!("finds {}", finding.actual)),
            };
            let at = hop.map_or(String::new(), |hop| format!(" on {}", hops[hop]));
            let what = report::readable(&what);
            Some(format!("{}{at} {what}", ruling.rule.id))
        })
    });
    let lines: Vec<_> = outcomes.collect();
    match lines.is_empty() {
        true => Ok(()),
        false => world.fail(Verdict::Failed, lines.join("\n")),
    }
}

fn holds(world: &mut World, family: Family) -> Result<(), Failure> {
    world.asked.push(Some(family));
    let (fail_on, known) = (world.fail_on, world.known().to_vec());
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
    if !judgement.shows(family) {
        return world.fail(
            Verdict::Failed,
            "nothing of this is shown: no rule had what it needs",
        );
    }
    let surprises = judgement.surprises(family, &known);
    if let Some(Surprise { known, holds }) = surprises.first() {
        let (verdict, instead) = match holds {
            true => (
                Verdict::UnexpectedPass,
                "it holds: take the line out".to_owned(),
            ),
            false => (
                Verdict::Failed,
                report::readable(&judgement.instead(known.rule, &known.to)),
            ),
        };
        let why = format!(
            "{} was known to break on the hop to {:?}, and {instead}",
            known.rule, known.to
        );
        return world.fail(verdict, why);
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

#[cfg(test)]
mod tests {
    use cucumber::gherkin::{Feature, GherkinEnv};

    use super::*;
    use crate::steps::world::About;
    use crate::testing::evidence;
    use crate::verdict::Known;

    /// A world in which that was seen, after these rules were said to be known to break on the hop to
    /// `orders`.
    async fn seen(story: &str, known: &[&'static str]) -> World {
        let mut world = <World as cucumber::World>::new().await.expect("a world");
        let text = "Feature: f\n Scenario: s\n  Given it is known\n";
        let feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        let step = &feature.scenarios[0].steps[0];
        for rule in known {
            let given = world.given(step, About::Route).expect("nothing was seen");
            let to = "orders".to_owned();
            let because = "it is made up".to_owned();
            given.known.push(Known { rule, to, because });
        }
        world.judgement = Some(Judgement::of(evidence(story)));
        world
    }

    fn said(outcome: Result<(), Failure>) -> String {
        outcome.map_or_else(|why| why.to_string(), |()| "it holds".to_owned())
    }

    #[tokio::test]
    async fn a_line_is_to_be_taken_out_where_it_is_shown_that_it_is_not_true() {
        let held = "client HTTP orders | a2 → a2\n\na1 client internal\n  a2 client client @0\n    \
                    a3 orders server @0\n      a4 orders internal";
        let mut world = seen(held, &["HOP-001"]).await;
        assert_eq!(
            said(every_hop_keeps_its_relation(&mut world)),
            "HOP-001 was known to break on the hop to \"orders\", and it holds: take the line out"
        );
        assert_eq!(world.verdict, Verdict::UnexpectedPass);
    }

    #[tokio::test]
    async fn a_line_may_be_true_where_nothing_is_shown() {
        let lost = "client HTTP orders | a2 → a2\n\na1 client internal\n  a2 client client @0";
        let judgement = Judgement::of(evidence(lost));
        let hidden = judgement.objections(Family::Hops, rules::Level::Must, &[]);
        let mut hidden: Vec<_> = hidden.iter().map(|objection| objection.rule.id).collect();
        hidden.dedup();
        let mut world = seen(lost, &hidden).await;
        let why = said(every_hop_keeps_its_relation(&mut world));
        assert!(why.contains(", and it is not shown: "), "{why}");
        assert_eq!(world.verdict, Verdict::Failed);
    }

    #[tokio::test]
    async fn what_a_subject_wrote_is_seen_and_not_obeyed() {
        let story = "client HTTP orders | a2 → a2\n\na1 client internal\n  a2 client client @0\n    \
                     a3 orders server @0\n      a9 orders internal ^a8 =\u{1b}[2K";
        let mut world = seen(story, &[]).await;
        let why = said(everything_is_shown(&mut world));
        assert!(why.contains("\\u{1b}[2K"), "{why}");
        assert!(!why.contains('\u{1b}'), "{why}");
    }
}
