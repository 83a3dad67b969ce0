//! A subject in a container by itself, for whoever asks it from here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use super::container::{Spec, Whose};
use super::running::Running;
use super::{Stage, StageError, cast, random};

/// What is to run, and how one knows that it does.
#[derive(Clone, Debug)]
pub struct Lodger {
    /// `repository:tag`. It must be here already.
    pub image: String,
    /// Where it listens, if it is called.
    pub port: Option<u16>,
    /// What its log says when it is ready; if nothing, its port answers then.
    pub ready: Option<String>,
    /// What it is told beside where to export: variables and their values.
    pub environment: BTreeMap<String, String>,
}

impl Lodger {
    /// What its spans say that it is, unless it says so itself.
    fn name(&self) -> &str {
        let last = self.image.rsplit('/').next().unwrap_or_default();
        last.split([':', '@']).next().unwrap_or_default()
    }
}

/// A subject that runs. Dropping it removes it.
pub struct Hosted {
    running: Running,
    /// Where it is called from here: `127.0.0.1:49153`. None if it is not called.
    pub endpoint: Option<String>,
    /// Where something of ours must listen so that it can call that.
    pub bind: IpAddr,
    /// As what it calls that.
    pub host: String,
}

impl Hosted {
    /// Waits until it ends by itself, and says what its last words were.
    pub async fn ended(&self) -> StageError {
        self.running.ended().await
    }
}

/// A port tells nobody when it opens: it is tried so often.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// Where nobody listens inside, an engine that has taken a connection closes it again at once.
const CLOSED_BY: Duration = Duration::from_millis(100);

impl Stage {
    /// Starts a subject that exports to the store of this stage, and waits until it is ready.
    pub async fn host(&self, lodger: &Lodger) -> Result<Hosted, StageError> {
        let shared = &self.shared;
        let engine = shared.engine().await?;
        let run = random();
        let mut environment = cast::telemetry(shared, run, lodger.name()).await?;
        environment.extend(lodger.environment.clone());
        let patience = shared.options.start_timeout;
        let deadline = Instant::now() + patience;
        let spec = Spec {
            whose: Whose::Theirs,
            image: engine.image_of_subject(&lodger.image).await?,
            name: format!("{run:08x}-subject"),
            ports: lodger.port.into_iter().collect(),
            environment,
            command: Vec::new(),
            ready: lodger.ready.clone().unwrap_or_default(),
            after_start: Vec::new(),
            executable: None,
        };
        let running = engine.run(spec, patience).await?;
        let mut endpoint = None;
        if let Some(port) = lodger.port {
            let mapped = match running.endpoint(port).await {
                Ok(mapped) => mapped,
                // Of one that has ended no port is mapped, and that is why.
                Err(error) => {
                    return Err(timeout(CLOSED_BY, running.ended()).await.unwrap_or(error));
                }
            };
            if lodger.ready.is_none() {
                let begun = async {
                    tokio::select! {
                        () = answers(&mapped) => Ok(()),
                        error = running.ended() => Err(error),
                    }
                };
                match timeout_at(deadline, begun).await {
                    Ok(begun) => begun?,
                    Err(_) => return Err(running.silent(port, patience).await),
                }
            }
            endpoint = Some(mapped);
        }
        Ok(Hosted {
            running,
            endpoint,
            bind: engine.bind(),
            host: engine.host_as_seen_inside(),
        })
    }
}

/// Waits until a connection is taken and stays open.
async fn answers(endpoint: &str) {
    let mut tries = interval(BETWEEN_TRIES);
    tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tries.tick().await;
        let Ok(mut stream) = TcpStream::connect(endpoint).await else {
            continue;
        };
        // Whoever speaks first is there as well.
        match timeout(CLOSED_BY, stream.read_u8()).await {
            Err(_) | Ok(Ok(_)) => return,
            Ok(Err(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_service_is_named_after_its_image() {
        let name = |image: &str| {
            let lodger = Lodger {
                image: image.to_owned(),
                port: None,
                ready: None,
                environment: BTreeMap::new(),
            };
            lodger.name().to_owned()
        };
        assert_eq!(name("registry:5000/acme/orders:2"), "orders");
        assert_eq!(name("orders"), "orders");
        assert_eq!(name("acme/orders@sha256:ab"), "orders");
    }

    #[tokio::test]
    async fn a_port_answers_once_a_connection_stays_open() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = listener.local_addr().expect("bound").to_string();
        // As an engine does before anybody listens inside.
        let closing = tokio::spawn(async move {
            for _ in 0..3 {
                drop(listener.accept().await);
            }
            listener
        });
        timeout(Duration::from_secs(20), answers(&endpoint))
            .await
            .expect("it answers in the end");
        assert!(closing.is_finished(), "three connections were closed first");
    }
}
