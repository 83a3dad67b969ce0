//! The brokers of a stage: each is started by the first scenario that needs it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use unbroken_adapters::Broker;

use super::StageError;
use super::container::{Spec, Whose};
use super::engine::Engine;
use super::running::Running;

/// A broker that takes connections.
pub(super) struct Started {
    /// From this process: `127.0.0.1:49153`.
    pub(super) outside: String,
    /// From containers of the stage: `unbroken-1a2b3c4d-kafka:19092`.
    pub(super) inside: String,
    pub(super) running: Arc<Running>,
    _watch: AbortOnDropHandle<()>,
}

/// Starts a broker, and puts its name into `dead` when it ends.
pub(super) async fn start(
    engine: &Engine,
    broker: &Broker,
    deadline: Duration,
    dead: watch::Sender<Vec<&'static str>>,
) -> Result<Started, StageError> {
    let strings = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let environment = broker.environment.iter();
    let spec = Spec {
        whose: Whose::Ours,
        image: engine.image(broker.name).await?,
        name: broker.name.to_owned(),
        ports: vec![broker.port],
        environment: environment
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        command: strings(broker.command),
        ready: broker.ready.to_owned(),
        after_start: strings(broker.after_start),
        executable: None,
    };
    let running = Arc::new(engine.run(spec, deadline).await?);
    let (watched, name) = (Arc::clone(&running), broker.name);
    let watch = tokio::spawn(async move {
        watched.ended().await;
        dead.send_modify(|dead| dead.push(name));
    });
    Ok(Started {
        outside: running.endpoint(broker.port).await?,
        inside: format!("{}:{}", engine.name_of(broker.name), broker.network_port),
        running,
        _watch: AbortOnDropHandle::new(watch),
    })
}
