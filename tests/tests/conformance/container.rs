//! A subject in a container, and where it reaches this process.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use testcontainers::bollard::Docker;
use testcontainers::core::{Host, IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use unbroken::check::probe::Listening;
use unbroken::collector::{Receiver, Store};
use unbroken_adapters::Address;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The port that every subject serves HTTP on.
const PORT: u16 = 8080;
const EXPORT_INTERVAL_MS: u32 = 200;
/// The name under which containers find this process, where its network has no address here.
const HOST: &str = "host.docker.internal";

pub(crate) struct Engine {
    docker: Docker,
    /// The address that this host has on the network of containers, if it has one.
    gateway: Option<IpAddr>,
}

/// A subject that runs. Dropping it removes it.
pub(crate) struct Running {
    /// Where it takes requests.
    pub(crate) target: Address,
    /// Where it is to call.
    pub(crate) probe: Listening,
    /// Where its spans come.
    pub(crate) spans: Store,
    _receiver: Receiver,
    _container: ContainerAsync<GenericImage>,
}

impl Engine {
    /// The engine, if there is one.
    pub(crate) async fn connect() -> Option<Self> {
        let docker = Docker::connect_with_defaults().ok()?;
        let docker = docker.negotiate_version().await.ok()?;
        let gateway = gateway(&docker).await;
        Some(Self { docker, gateway })
    }

    pub(crate) async fn has(&self, image: &str) -> bool {
        self.docker.inspect_image(image).await.is_ok()
    }

    /// Starts an image of ours, and waits until it is ready.
    pub(crate) async fn start(&self, image: &str) -> Result<Running, Failure> {
        let (name, tag) = image.split_once(':').ok_or("an image without a tag")?;
        let host = self.gateway.map_or(Host::HostGateway, Host::Addr);
        let bind = self.gateway.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let spans = Store::new();
        let receiver = Receiver::start(bind, 0, spans.clone()).await?;
        let collector = format!("http://{HOST}:{}", receiver.local_addr().port());
        let container = GenericImage::new(name, tag)
            .with_exposed_port(PORT.tcp())
            .with_wait_for(WaitFor::message_on_either_std("ready"))
            .with_host(HOST, host)
            .with_env_var("OTEL_SERVICE_NAME", "subject")
            .with_env_var("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
            .with_env_var("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
            .with_env_var("OTEL_BSP_SCHEDULE_DELAY", EXPORT_INTERVAL_MS.to_string())
            .start()
            .await?;
        let port = container.get_host_port_ipv4(PORT).await?;
        let probe = match self.gateway {
            Some(gateway) => format!("http={gateway}:0"),
            None => format!("http=127.0.0.1:0,as=http://{HOST}"),
        };
        Ok(Running {
            target: Address::parse(&format!("http://127.0.0.1:{port}/"))?,
            probe: probe.parse()?,
            spans,
            _receiver: receiver,
            _container: container,
        })
    }
}

async fn gateway(docker: &Docker) -> Option<IpAddr> {
    let network = docker.inspect_network("bridge", None).await.ok()?;
    let config = network.ipam?.config?.into_iter().next()?;
    let gateway: IpAddr = config.gateway?.parse().ok()?;
    TcpListener::bind((gateway, 0)).is_ok().then_some(gateway)
}
