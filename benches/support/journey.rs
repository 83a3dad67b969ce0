//! A warm journey over five boundaries, and the same crossings without Unbroken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use unbroken::request::Request;
use unbroken::route::{Route, Row};
use unbroken::stage::{Plan, Stage};
use unbroken::story::OwnAccord;
use unbroken::verdict::Judgement;
use unbroken_adapters::Boundary;

use crate::crossing::{Raw, timed};

/// How long a journey took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    /// From nothing to the end: topics, queues and servers, the crossings, and the verdict if
    /// there is one.
    pub(crate) whole: Duration,
    /// The crossings alone.
    pub(crate) crossing: Duration,
}

/// HTTP, gRPC, Kafka, AMQP, SQS, one after the other.
pub(crate) fn plan(stage: &Stage, boundaries: &[Arc<dyn Boundary>]) -> Plan {
    let hops = boundaries.iter().enumerate();
    let rows: Vec<_> = hops
        .map(|(at, boundary)| Row {
            line: at,
            from: format!("service-{at}"),
            over: boundary.descriptor().name.to_owned(),
            to: format!("service-{}", at + 1),
            relation: None,
            how: None,
        })
        .collect();
    Plan {
        name: "a journey".to_owned(),
        route: Route::of(&rows, stage.boundaries()).expect("a route"),
        cast: BTreeMap::new(),
        middles: BTreeMap::new(),
        silent: BTreeSet::new(),
        own_accord: OwnAccord::new(),
        faults: BTreeMap::new(),
        request: Request::default(),
    }
}

/// From the plan to the verdict. The crossings are what stands between the first and the last
/// moment of the story's spans.
pub(crate) async fn performed(stage: &Stage, plan: &Plan) -> Took {
    let start = Instant::now();
    let evidence = stage.perform(plan).await.expect("performed");
    let judgement = Judgement::of(evidence);
    let whole = start.elapsed();
    let findings = judgement.findings();
    assert!(findings.is_empty(), "a clean journey: {findings:?}");
    let spans = judgement.evidence.story.spans();
    let first = spans.iter().map(|span| span.start).min();
    let last = spans.iter().map(|span| span.end).max();
    let crossing = last.unwrap_or_default() - first.unwrap_or_default();
    Took {
        whole,
        crossing: Duration::from_nanos(crossing),
    }
}

/// The same hops by the boundaries alone: all set up, then all crossed, one after the other.
pub(crate) async fn raw(boundaries: &[(Arc<dyn Boundary>, String)]) -> Took {
    let start = Instant::now();
    let mut ways = Vec::new();
    for (boundary, endpoint) in boundaries {
        ways.push(Raw::over(boundary, endpoint).await);
    }
    let mut crossing = Duration::ZERO;
    for way in &mut ways {
        crossing += timed(way).await;
    }
    Took {
        whole: start.elapsed(),
        crossing,
    }
}
