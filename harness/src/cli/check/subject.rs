//! Who is checked, and where its spans come to: a service that runs already, or an image that is
//! started for as long as the check takes.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, value_parser};
use unbroken_adapters::{Address, Medium};

use crate::check::probe::Listening;
use crate::check::spans::Collector;
use crate::check::{Check, CheckError};
use crate::collector::{Receiver, Store};
use crate::stage::{Hosted, Lodger, Options, Stage, StageError};

#[derive(Args)]
pub(super) struct SubjectArguments {
    /// Where the service takes what it is sent: http://host:port/path, kafka://host:port/topic, …
    #[arg(required_unless_present_any = ["image", "trigger"], conflicts_with = "trigger")]
    target: Option<String>,
    /// Start this image, check what runs in it, and remove it. It is told where to export its spans, which are judged as
    /// well. In TARGET and in a trigger, the host `image` stands for it: `grpc://image:8081/package.Service/Method`
    #[arg(long, value_name = "IMAGE", conflicts_with = "otlp", group = "exports")]
    image: Option<String>,
    /// The port that the image listens on
    #[arg(long, requires = "image", required_unless_present_any = ["target", "trigger"])]
    port: Option<u16>,
    /// The path that is called there, if neither TARGET nor a trigger says where
    #[arg(
        long,
        requires = "image",
        conflicts_with_all = ["target", "trigger"],
        default_value = "/"
    )]
    path: String,
    /// What the image is told by its environment; may be said several times
    #[arg(long, value_name = "NAME=VALUE", requires = "image", value_parser = variable)]
    env: Vec<(String, String)>,
    /// What the image logs when it is ready [default: its port answers]
    #[arg(long, value_name = "TEXT", requires = "image")]
    ready: Option<String>,
    /// Where to listen for the spans of the service, by OTLP over HTTP and gRPC, such as 127.0.0.1:4318:
    /// they are then judged as well
    #[arg(
        long,
        value_name = "ADDRESS",
        conflicts_with = "suite",
        group = "exports"
    )]
    otlp: Option<SocketAddr>,
    /// How long no span may come before those that are missing are given up, in seconds: a little more than
    /// the service's export interval (`OTEL_BSP_SCHEDULE_DELAY`)
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "exports",
        conflicts_with = "suite",
        default_value_t = 6,
        value_parser = value_parser!(u64).range(1..=3600)
    )]
    settle: u64,
}

/// What stands around a check for as long as it takes.
#[derive(Default)]
pub(super) struct Around {
    hosted: Option<Hosted>,
    stage: Option<Stage>,
    _receiver: Option<Receiver>,
}

/// The host of an address that stands for the image.
const IMAGE: &str = "image";

/// More than any service makes of the cases, and little enough for any machine.
const MOST_SPANS: usize = 200_000;

impl SubjectArguments {
    /// Where it takes what it is sent. Of an image, the port is another one once it runs.
    pub(super) fn target(&self) -> Result<Address, CheckError> {
        let target = match (&self.target, self.port) {
            (Some(target), _) => Address::parse(target),
            (None, port) => {
                let path = self.path.trim_start_matches('/');
                Address::parse(&format!(
                    "http://127.0.0.1:{}/{path}",
                    port.unwrap_or_default()
                ))
            }
        };
        target.map_err(|error| CheckError::Mistaken(error.to_string()))
    }

    /// Starts what is to be started, and tells the check of it.
    pub(super) async fn surround(&self, check: &mut Check) -> Result<Around, CheckError> {
        if let Some(image) = &self.image {
            return self.host(image, check).await;
        }
        let Some(address) = self.otlp else {
            return Ok(Around::default());
        };
        let store = Store::with_limit(MOST_SPANS);
        let receiver = Receiver::start(address.ip(), address.port(), store.clone()).await;
        let receiver = receiver.map_err(|error| CheckError::Environment(error.to_string()))?;
        check.collector = Some(self.collector(store));
        Ok(Around {
            _receiver: Some(receiver),
            ..Around::default()
        })
    }

    async fn host(&self, image: &str, check: &mut Check) -> Result<Around, CheckError> {
        let stage = Stage::new(Options::default());
        let named = Some(&check.target).filter(|target| target.host() == IMAGE);
        let port = named.and_then(Address::port);
        let is_called_there = self.target.is_none() || port.is_some();
        let lodger = Lodger {
            image: image.to_owned(),
            port: self.port.or(port),
            ready: self.ready.clone(),
            environment: self.env.iter().cloned().collect(),
        };
        let hosted = match stage.host(&lodger).await {
            Ok(hosted) => hosted,
            Err(error) => {
                stage.close().await;
                return Err(error.into());
            }
        };
        check.collector = Some(self.collector(stage.store().clone()));
        let around = |hosted| Around {
            hosted: Some(hosted),
            stage: Some(stage),
            _receiver: None,
        };
        match introduce(check, &hosted, is_called_there) {
            Ok(()) => Ok(around(hosted)),
            Err(error) => {
                around(hosted).end().await;
                Err(error)
            }
        }
    }

    fn collector(&self, store: Store) -> Collector {
        Collector {
            store,
            settle: Duration::from_secs(self.settle),
        }
    }
}

/// Tells the check where the subject is, and the subject where the probe is.
fn introduce(check: &mut Check, hosted: &Hosted, is_called_there: bool) -> Result<(), CheckError> {
    let mistaken = |error: &dyn std::fmt::Display| CheckError::Mistaken(error.to_string());
    let descriptor = check.boundaries.at(&check.target)?.descriptor();
    if !matches!(descriptor.medium, Medium::Direct) {
        return Ok(());
    }
    if let Some(endpoint) = hosted.endpoint.as_ref().filter(|_| is_called_there) {
        check.target = check.target.behind(endpoint).map_err(|e| mistaken(&e))?;
    }
    // What a trigger brings goes where the service's own environment says.
    if check.probe.is_none() && check.trigger.is_none() {
        let (scheme, bind, host) = (descriptor.scheme, hosted.bind, &hosted.host);
        let probe: Listening = format!("{scheme}={bind}:0,as={scheme}://{host}:0")
            .parse()
            .map_err(|e| mistaken(&e))?;
        check.probe = Some(probe);
    }
    Ok(())
}

impl Around {
    /// Waits until the subject ends by itself, which it should not; forever, if nobody started it.
    pub(super) async fn failure(&self) -> CheckError {
        match &self.hosted {
            Some(hosted) => hosted.ended().await.into(),
            None => std::future::pending().await,
        }
    }

    /// Removes whatever was started.
    pub(super) async fn end(self) {
        if let Some(stage) = &self.stage {
            stage.close().await;
        }
    }
}

impl From<StageError> for CheckError {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Scenario(why) => Self::Mistaken(why),
            other => Self::Environment(other.to_string()),
        }
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not NAME=VALUE")),
    }
}
