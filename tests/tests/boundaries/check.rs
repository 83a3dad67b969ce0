//! `unbroken check` over every boundary: services that do something else have the same findings on
//! each, but for what its carrier cannot express. HTTP, over which more is tried, has tests of its own.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use unbroken::check::judge::Outcome;
use unbroken::check::trigger::Trigger;
use unbroken::check::{Check, Checked, Ending, ToldApart};
use unbroken::rules::{Authority, Level};
use unbroken_adapters::service::Element;
use unbroken_adapters::{
    Address, Boundaries, Boundary, Carrier, Delivery, Handler, Message, Relation, Serving,
};

use super::bench::{Bench, declared};

/// What a service sends on of what came to it, for each element that it is asked to.
type Makes = fn(&Carrier) -> Vec<Carrier>;

/// A service, and what is found of it.
struct Misbehaving {
    title: &'static str,
    makes: Makes,
    relation: Relation,
    /// By which relation it is judged.
    judged: Relation,
    found: &'static [&'static str],
    propagates: bool,
    /// Nobody waits for one that does send on.
    timeout: u64,
}

const ALL: [Misbehaving; 5] = [
    Misbehaving {
        title: "who_copies_is_found_out",
        makes: copies,
        relation: Relation::Child,
        judged: Relation::Child,
        found: COPIES,
        propagates: true,
        timeout: 5,
    },
    Misbehaving {
        title: "who_ignores_everything_propagates_nothing",
        makes: ignores,
        relation: Relation::Child,
        judged: Relation::Child,
        found: &["WIRE-002"],
        propagates: false,
        timeout: 5,
    },
    // The wire alone shows nothing against it: that it is not shown is a red end too.
    Misbehaving {
        title: "who_may_begin_anew_and_does_is_judged_as_one_that_links",
        makes: ignores,
        relation: Relation::Either,
        judged: Relation::Link,
        found: &[],
        propagates: false,
        timeout: 5,
    },
    Misbehaving {
        title: "who_is_to_begin_anew_and_does_not_is_found_out",
        makes: copies,
        relation: Relation::Link,
        judged: Relation::Link,
        found: COPIES_INSTEAD,
        propagates: false,
        timeout: 5,
    },
    Misbehaving {
        title: "who_sends_nothing_on_is_not_heard",
        makes: swallows,
        relation: Relation::Child,
        judged: Relation::Child,
        found: &[],
        propagates: false,
        timeout: 1,
    },
];

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    let boundaries = Boundaries::all();
    let names = boundaries.iter().map(|boundary| boundary.descriptor().name);
    let trials = names.filter(|name| *name != "HTTP").flat_map(|name| {
        ALL.iter().map(move |misbehaving| {
            let of_all = Arc::clone(bench);
            let title = format!("{name}::{}", misbehaving.title);
            bench.trial(&title, move |boundary, endpoint| async move {
                let boundaries = of_all.boundaries();
                let checked = checked(boundaries, &*boundary, &endpoint, misbehaving).await?;
                as_expected(&checked, misbehaving)
            })
        })
    });
    let names = boundaries.iter().map(|boundary| boundary.descriptor().name);
    let triggered = names.filter(|name| *name != "HTTP").map(|name| {
        let of_all = Arc::clone(bench);
        let title = format!("{name}::who_speaks_no_protocol_is_asked_by_a_trigger");
        bench.trial(&title, move |boundary, endpoint| async move {
            triggered(of_all.boundaries(), &*boundary, &endpoint).await
        })
    });
    trials.chain(triggered).collect()
}

/// A request of one's own goes in, and what goes out because of it bears the name of its case.
async fn triggered(
    boundaries: &Boundaries,
    boundary: &dyn Boundary,
    endpoint: &str,
) -> Result<(), Failed> {
    let descriptor = boundary.descriptor();
    let broker = |free: String| {
        if endpoint.is_empty() {
            free
        } else {
            endpoint.to_owned()
        }
    };
    let address = declared(boundary, &broker("127.0.0.1:0".to_owned()), "trigger_in").await?;
    // Who is told nothing must know beforehand where it sends.
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let probe = descriptor.address_of(&broker(free.to_string()), "trigger_out")?;
    let subject = forwards(boundaries, &address, &probe).await?;
    let trigger = Trigger::parse(subject.address.as_str(), br#"{"no": "{case}"}"#.to_vec())?;
    let check = Check {
        trigger: Some(trigger),
        probe: Some(probe.into()),
        relation: Some(Relation::Child),
        boundaries: boundaries.clone(),
        // One deadline is waited for more calls than one.
        timeout: Duration::from_secs(2),
        ..Check::of(subject.address.clone())
    };
    let checked = check.go().await?;
    if checked.told_apart != ToldApart::Case {
        return Err(format!("told apart by {:?}", checked.told_apart).into());
    }
    as_expected(&checked, &ALL[0])
}

/// A service that sends on whatever comes, with the context that came.
async fn forwards(
    boundaries: &Boundaries,
    address: &Address,
    downstream: &Address,
) -> Result<Serving, Failed> {
    let (clients, downstream) = (boundaries.clone(), downstream.clone());
    let handler: Handler = Arc::new(move |delivery: Delivery| {
        let (clients, downstream) = (clients.clone(), downstream.clone());
        Box::pin(async move {
            for message in delivery.messages {
                let sent = Message {
                    carrier: copies(&message.carrier).remove(0),
                    body: message.body,
                };
                // What a boundary cannot hold is not sent on: the check is to find out.
                if let Ok(boundary) = clients.at(&downstream) {
                    let _ = boundary.send(&downstream, sent).await;
                }
            }
            Ok(())
        })
    });
    Ok(boundaries.at(address)?.serve(address, 1, handler).await?)
}

/// What is found of a service that copies what it is sent.
const COPIES: &[&str] = &[
    "STATE-014a",
    "STATE-014b",
    "STATE-014c",
    "STATE-014d",
    "WIRE-001",
    "WIRE-003",
    "WIRE-008",
    "WIRE-010a",
    "WIRE-010b",
    "WIRE-010c",
    "WIRE-010d",
    "WIRE-010e",
    "WIRE-011a",
    "WIRE-011b",
    "WIRE-011c",
    "WIRE-011d",
    "WIRE-011e",
    "WIRE-012a",
    "WIRE-012b",
    "WIRE-012c",
    "WIRE-012d",
    "WIRE-015a",
    "WIRE-015b",
    "WIRE-015c",
    "WIRE-015d",
    "WIRE-015e",
    "WIRE-015f",
    "WIRE-015g",
    "WIRE-015h",
    "WIRE-015i",
    "WIRE-021",
    "WIRE-022f",
];

/// The same, where a trace of its own is due: it inherits nothing that could be judged.
const COPIES_INSTEAD: &[&str] = &[
    "WIRE-001",
    "WIRE-002",
    "WIRE-003",
    "WIRE-008",
    "WIRE-010a",
    "WIRE-010b",
    "WIRE-010c",
    "WIRE-010d",
    "WIRE-010e",
    "WIRE-011a",
    "WIRE-011b",
    "WIRE-011c",
    "WIRE-011d",
    "WIRE-011e",
    "WIRE-012a",
    "WIRE-012b",
    "WIRE-012c",
    "WIRE-012d",
    "WIRE-015a",
    "WIRE-015b",
    "WIRE-015c",
    "WIRE-015d",
    "WIRE-015e",
    "WIRE-015f",
    "WIRE-015g",
    "WIRE-015h",
    "WIRE-015i",
    "WIRE-021",
    "WIRE-022f",
];

async fn checked(
    boundaries: &Boundaries,
    boundary: &dyn Boundary,
    endpoint: &str,
    misbehaving: &Misbehaving,
) -> Result<Checked, Failed> {
    let hop = |end: &str| format!("{}_{end}", misbehaving.title);
    let endpoint = match endpoint {
        "" => "127.0.0.1:0",
        broker => broker,
    };
    let address = declared(boundary, endpoint, &hop("in")).await?;
    let subject = subject(boundaries, &address, misbehaving.makes).await?;
    let probe = boundary.descriptor().address_of(endpoint, &hop("out"))?;
    let check = Check {
        probe: Some(probe.into()),
        relation: Some(misbehaving.relation),
        boundaries: boundaries.clone(),
        timeout: Duration::from_secs(misbehaving.timeout),
        ..Check::of(subject.address.clone())
    };
    Ok(check.go().await?)
}

/// A service that sends on what it is asked to.
async fn subject(
    boundaries: &Boundaries,
    address: &Address,
    makes: Makes,
) -> Result<Serving, Failed> {
    let clients = boundaries.clone();
    let handler: Handler = Arc::new(move |delivery: Delivery| {
        let clients = clients.clone();
        Box::pin(async move {
            for message in delivery.messages {
                let elements = Element::list(&message.body).unwrap_or_default();
                let made = makes(&message.carrier);
                for (element, carrier) in elements.iter().zip(made.iter().cycle()) {
                    let sent = Message {
                        carrier: carrier.clone(),
                        body: element.body().into(),
                    };
                    // What a boundary cannot hold is not sent on: the check is to find out.
                    if let Ok(boundary) = clients.at(&element.url) {
                        let _ = boundary.send(&element.url, sent).await;
                    }
                }
            }
            Ok(())
        })
    });
    Ok(boundaries.at(address)?.serve(address, 1, handler).await?)
}

fn copies(arrived: &Carrier) -> Vec<Carrier> {
    let of_context = |name: &str| ["traceparent", "tracestate"].contains(&name);
    let entries = arrived.iter().filter(|(name, _)| of_context(name));
    vec![entries.map(|(name, value)| (name, value.clone())).collect()]
}

fn ignores(_: &Carrier) -> Vec<Carrier> {
    let own = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    vec![[("traceparent", own)].into_iter().collect()]
}

fn swallows(_: &Carrier) -> Vec<Carrier> {
    Vec::new()
}

fn as_expected(checked: &Checked, misbehaving: &Misbehaving) -> Result<(), Failed> {
    let left_out: BTreeSet<_> = checked.left_out.iter().map(|left| left.case.id).collect();
    let expected = misbehaving.found.iter().copied();
    let expected: Vec<_> = expected.filter(|id| !left_out.contains(id)).collect();
    let all = checked.trials.iter().zip(&checked.rulings);
    let found = all.filter(|(_, rulings)| {
        let mut outcomes = rulings.iter().map(|ruling| &ruling.outcome);
        outcomes.any(|outcome| matches!(outcome, Outcome::Finding { .. }))
    });
    let mut found: Vec<_> = found.map(|(trial, _)| trial.case.id).collect();
    found.sort_unstable();
    if found != expected {
        return Err(format!("expected {expected:?}, found {found:?}").into());
    }
    let mut rulings = checked.rulings.iter().flatten();
    if rulings.any(|ruling| ruling.demand.authority != Authority::Convention) {
        return Err("something is said to be specified".into());
    }
    let judged = checked.relation;
    if judged != misbehaving.judged || checked.ending(Level::Must) == Ending::Conforms {
        return Err(format!("it is judged as {judged}, or found to conform").into());
    }
    match (checked.propagates(), checked.surplus) {
        (propagates, 0) if propagates == misbehaving.propagates => Ok(()),
        said => Err(format!("it is said to propagate, and the surplus to be {said:?}").into()),
    }
}
