//! The stage that starts the brokers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use tokio::task::LocalSet;
use tokio::time::timeout;
use unbroken::stage::{Lodger, Options, Stage, StageError};
use unbroken_adapters::Medium;

use crate::bench::Bench;

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    let (one, other, third) = (Arc::clone(bench), Arc::clone(bench), Arc::clone(bench));
    vec![
        Trial::test("Stage::waits_for_no_container_within_a_drop", move || {
            third.wait(waits_for_no_container_within_a_drop())
        }),
        Trial::test(
            "Stage::starts_a_broker_that_somebody_gave_up_waiting_for",
            move || one.wait(starts_a_broker_that_somebody_gave_up_waiting_for()),
        ),
        Trial::test(
            "Stage::quotes_a_subject_that_never_says_that_it_is_ready",
            move || other.wait(quotes_a_subject_that_never_says_that_it_is_ready()),
        ),
    ]
}

async fn quotes_a_subject_that_never_says_that_it_is_ready() -> Result<(), Failed> {
    let stage = Stage::new(Options {
        start_timeout: Duration::from_secs(2),
        ..Options::default()
    });
    let lodger = Lodger {
        image: "unbroken/python-fastapi:1".to_owned(),
        port: Some(8080),
        ready: Some("as you like it".to_owned()),
        environment: BTreeMap::new(),
    };
    let hosted = stage.host(&lodger).await.map(drop);
    stage.close().await;
    match hosted {
        Err(StageError::Subject(why))
            if why.contains("did not log \"as you like it\" within 2s; its last words:\n") =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}").into()),
    }
}

/// Whoever waits within a drop takes the wake-ups of all others that are polled on the same thread, as
/// scenarios are: some of them are never woken again. Here, to wait so is forbidden.
async fn waits_for_no_container_within_a_drop() -> Result<(), Failed> {
    let stage = Stage::new(Options::default());
    let lodger = Lodger {
        image: "unbroken/python-fastapi:1".to_owned(),
        port: Some(8080),
        ready: Some("Uvicorn running on".to_owned()),
        environment: BTreeMap::new(),
    };
    let hosts = async {
        for patience in [200, 400, 600] {
            // Some of them give up half-way.
            let _ = timeout(Duration::from_millis(patience), stage.host(&lodger)).await;
        }
        stage.host(&lodger).await.map(drop)
    };
    let hosted = LocalSet::new().run_until(hosts).await;
    stage.close().await;
    Ok(hosted?)
}

/// Another hop of the scenario failed, say, while the broker was on its way up.
async fn starts_a_broker_that_somebody_gave_up_waiting_for() -> Result<(), Failed> {
    let stage = Stage::new(Options::default());
    let sqs = stage.boundaries().named("SQS").ok_or("there is no SQS")?;
    let Medium::Broker(broker) = sqs.descriptor().medium else {
        return Err("SQS needs no broker".into());
    };
    let mut early = Vec::new();
    for patience in [0, 200, 400] {
        let patience = Duration::from_millis(patience);
        early.push(timeout(patience, stage.broker(broker)).await);
    }
    let started = stage.broker(broker).await;
    stage.close().await;
    started.map_err(|error| format!("after {early:?}: {error}"))?;
    Ok(())
}
