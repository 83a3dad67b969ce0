//! The stage that starts the brokers.

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use tokio::time::timeout;
use unbroken::stage::{Options, Stage};
use unbroken_adapters::Medium;

use crate::bench::Bench;

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    let bench = Arc::clone(bench);
    vec![Trial::test(
        "Stage::starts_a_broker_that_somebody_gave_up_waiting_for",
        move || bench.wait(starts_a_broker_that_somebody_gave_up_waiting_for()),
    )]
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
