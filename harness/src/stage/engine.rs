//! The Docker engine, as far as a stage needs it: one network, and containers on it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::time::Duration;

use testcontainers::ImageExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::models::NetworkCreateRequest;
use testcontainers::core::Host;
use testcontainers::runners::AsyncRunner;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::container::{Prepared, Spec};
use super::images::ImageName;
use super::reaper::{self, Reaper};
use super::running::Running;
use super::{StageError, images};

/// The name under which containers find this process.
pub(super) const HOST: &str = "host.docker.internal";

/// The label that every container and network of a stage bears, with the stage's name.
pub(super) const LABEL: &str = "unbroken.stage";

/// A connection to the engine, and the network of this stage.
pub(super) struct Engine {
    docker: Docker,
    network: String,
    gateway: Option<IpAddr>,
    labels: HashMap<String, String>,
    /// What is being removed.
    removals: TaskTracker,
    /// Outlives this process, and removes what it leaves.
    _reaper: Option<Reaper>,
}

impl Engine {
    /// Connects, makes the network, and starts the reaper before there is anything to reap.
    pub(super) async fn connect(stage: &str) -> Result<Self, StageError> {
        let connect = async {
            let docker = Docker::connect_with_defaults()?;
            docker.negotiate_version().await
        };
        let docker = connect
            .await
            .map_err(|error| StageError::docker("be reached", &error))?;
        reaper::sweep(&docker).await;
        let reaper = Reaper::start(stage)
            .map_err(|e| StageError::Harness(format!("the reaper does not start: {e}")))?;
        let labels = reaper::labels(stage);
        let network = format!("unbroken-{stage}");
        let request = NetworkCreateRequest {
            name: network.clone(),
            labels: Some(labels.clone()),
            ..NetworkCreateRequest::default()
        };
        docker
            .create_network(request)
            .await
            .map_err(|error| StageError::docker("make a network", &error))?;
        let gateway = gateway(&docker, &network).await;
        Ok(Self {
            docker,
            network,
            gateway,
            labels,
            removals: TaskTracker::new(),
            _reaper: reaper,
        })
    }

    /// Removes everything that bears the label of a stage, and waits for what is being removed: a
    /// network can go only when its containers are gone.
    pub(super) async fn clear(&self, stage: &str) {
        const PATIENCE: Duration = Duration::from_secs(30);
        reaper::remove(&self.docker, stage).await;
        self.removals.close();
        let _ = timeout(PATIENCE, self.removals.wait()).await;
        reaper::remove(&self.docker, stage).await;
    }

    /// Where receivers of this process must bind so that containers reach them: the address of
    /// the stage's own network if this host has it, and so nothing beyond this machine; else
    /// loopback, to which desktop engines forward.
    pub(super) fn bind(&self) -> IpAddr {
        self.gateway.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// How containers call what is bound to [`bind`](Self::bind).
    pub(super) fn host_as_seen_inside(&self) -> String {
        self.gateway
            .map_or_else(|| HOST.to_owned(), |gateway| gateway.to_string())
    }

    /// Runs a container on the stage's network, and waits until it is ready.
    ///
    /// It starts in a task of its own: one that is dropped half-way removes itself within the drop,
    /// and only a worker's thread may wait there (see [`Running`]).
    pub(super) async fn run(&self, spec: Spec, deadline: Duration) -> Result<Running, StageError> {
        let what = format!(
            "{} ({}:{})",
            spec.name, spec.image.repository, spec.image.tag
        );
        let host = match self.gateway {
            Some(gateway) => Host::Addr(gateway),
            None => Host::HostGateway,
        };
        let name = self.name_of(&spec.name);
        let (ready, whose) = (spec.ready.clone(), spec.whose);
        let ends = Instant::now() + deadline;
        let request = Prepared::of(spec)
            .with_network(&self.network)
            .with_host(HOST, host)
            .with_labels(&self.labels)
            .with_startup_timeout(deadline)
            .with_hostname(&name)
            .with_container_name(name);
        let (docker, removals) = (self.docker.clone(), self.removals.clone());
        let starting = tokio::spawn(async move {
            let container = match timeout_at(ends, request.start()).await {
                Ok(Ok(container)) => container,
                Ok(Err(error)) => return Err(StageError::docker(&format!("start {what}"), &error)),
                Err(_) => return Err(StageError::late(&what, deadline)),
            };
            let running = Running::new(docker, container, what, whose, removals);
            match timeout_at(ends, running.says(&ready)).await {
                Ok(said) => said.map(|()| running),
                Err(_) => Err(running.unready(&ready, deadline).await),
            }
        });
        AbortOnDropHandle::new(starting).await?
    }

    /// How containers of this stage call another one, by the name of its [`Spec`].
    pub(super) fn name_of(&self, name: &str) -> String {
        format!("{}-{name}", self.network)
    }

    /// The image of a name in `containers/images.txt`.
    pub(super) async fn image(&self, name: &str) -> Result<ImageName, StageError> {
        images::of(&self.docker, name).await
    }

    /// The image of a subject, by the name that its owner gave it.
    pub(super) async fn image_of_subject(&self, image: &str) -> Result<ImageName, StageError> {
        images::of_subject(&self.docker, image).await
    }
}

/// The gateway of the network, if it is an address of this host.
async fn gateway(docker: &Docker, network: &str) -> Option<IpAddr> {
    let network = docker.inspect_network(network, None).await.ok()?;
    let config = network.ipam?.config?.into_iter().next()?;
    let gateway: IpAddr = config.gateway?.parse().ok()?;
    TcpListener::bind((gateway, 0)).is_ok().then_some(gateway)
}
