//! What all trials share: each subject is started and checked by the first that asks for it.

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use libtest_mimic::Failed;
use testcontainers::bollard::Docker;
use tokio::runtime::Runtime;
use unbroken::check::Check;
use unbroken::check::probe::Listening;
use unbroken::check::spans::Collector;
use unbroken::stage::{Hosted, Lodger, Options, Stage};
use unbroken_adapters::{Address, Format};

use crate::beyond;
use crate::findings::Shown;
use crate::subjects::{SUBJECTS, Subject};
use crate::suite::SETTINGS;

/// The port that every subject serves HTTP on.
const PORT: u16 = 8080;
/// What every subject logs when it is ready.
pub(crate) const READY: &str = "ready";
/// Nothing comes for so long only where nothing comes at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Many times the interval at which the subjects export.
pub(crate) const SETTLE: Duration = Duration::from_secs(3);

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct Bench {
    runtime: Runtime,
    there: Vec<bool>,
    shown: [OnceLock<Result<Shown, String>>; SUBJECTS.len()],
    beyond: [OnceLock<Result<Vec<Shown>, String>>; SUBJECTS.len()],
    /// With the brokers.
    stage: Stage,
}

impl Bench {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Runtime::new()?;
        Ok(Self {
            there: runtime.block_on(there()),
            runtime,
            shown: [const { OnceLock::new() }; SUBJECTS.len()],
            beyond: [const { OnceLock::new() }; SUBJECTS.len()],
            stage: Stage::new(Options::default()),
        })
    }

    /// Whether the image of a subject is here.
    pub(crate) fn is_there(&self, place: usize) -> bool {
        self.there[place]
    }

    /// What a subject shows.
    pub(crate) fn shown(&self, place: usize) -> Result<&Shown, Failed> {
        let shown = self.shown[place].get_or_init(|| {
            let shown = self.runtime.block_on(show(&SUBJECTS[place]));
            shown.map_err(|error| error.to_string())
        });
        shown.as_ref().map_err(Failed::from)
    }

    /// What a subject shows over other boundaries.
    pub(crate) fn beyond(&self, place: usize) -> Result<&[Shown], Failed> {
        let shown = self.beyond[place].get_or_init(|| {
            let checked = beyond::check(&SUBJECTS[place], &self.stage);
            self.runtime
                .block_on(checked)
                .map_err(|error| error.to_string())
        });
        shown.as_deref().map_err(Failed::from)
    }

    /// Removes everything that was started.
    pub(crate) fn close(&self) {
        self.runtime.block_on(self.stage.close());
    }
}

/// Which of the images are here.
async fn there() -> Vec<bool> {
    let docker = Docker::connect_with_defaults();
    let docker = match docker {
        Ok(docker) => docker.negotiate_version().await.ok(),
        Err(_) => None,
    };
    let mut there = Vec::new();
    for subject in SUBJECTS {
        there.push(match &docker {
            Some(docker) => docker.inspect_image(subject.image).await.is_ok(),
            None => false,
        });
    }
    there
}

/// Starts a subject on a stage of its own, where no other's spans come, and checks it.
async fn show(subject: &'static Subject) -> Result<Shown, Failure> {
    let stage = Stage::new(Options::default());
    let lodger = Lodger {
        image: subject.image.to_owned(),
        port: Some(PORT),
        ready: Some(READY.to_owned()),
        environment: BTreeMap::new(),
    };
    let shown = match stage.host(&lodger).await {
        Ok(hosted) => check(subject, &stage, &hosted).await,
        Err(error) => Err(error.into()),
    };
    stage.close().await;
    shown
}

async fn check(
    subject: &'static Subject,
    stage: &Stage,
    hosted: &Hosted,
) -> Result<Shown, Failure> {
    let endpoint = hosted.endpoint.as_ref().ok_or("no port is mapped")?;
    let target = Address::parse(&format!("http://{endpoint}/"))?;
    let probe = format!("http={}:0,as=http://{}:0", hosted.bind, hosted.host);
    let probe: Listening = probe.parse()?;
    let at = |(strict, spec)| Check {
        probe: Some(probe.clone()),
        // What is stock in all of them.
        formats: vec![Format::TraceContext, Format::Baggage],
        timeout: PATIENCE,
        spec,
        strict,
        ..Check::of(target.clone())
    };
    let collector = Collector {
        store: stage.store().clone(),
        settle: SETTLE,
    };
    let check = Check {
        collector: Some(collector),
        ..at((2, 2))
    };
    let checked = check.go().await?;
    let mut tested = Vec::new();
    for setting in SETTINGS {
        tested.push(at(setting).suite().await?.tests);
    }
    Ok(Shown::over_http(subject, checked, tested))
}
