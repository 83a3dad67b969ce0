//! What all trials share: each subject is started and checked by the first that asks for it.

use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use libtest_mimic::Failed;
use tokio::runtime::Runtime;
use unbroken::check::Check;
use unbroken::check::spans::Collector;

use crate::container::{Engine, Failure};
use crate::findings::Shown;
use crate::subjects::SUBJECTS;
use crate::suite::SETTINGS;

/// Nothing comes for so long only where nothing comes at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Many times the interval at which the subjects export.
const SETTLE: Duration = Duration::from_secs(3);

pub(crate) struct Bench {
    runtime: Runtime,
    engine: Option<Engine>,
    shown: [OnceLock<Result<Shown, String>>; SUBJECTS.len()],
    there: Vec<bool>,
}

impl Bench {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Runtime::new()?;
        let engine = runtime.block_on(Engine::connect());
        let there = runtime.block_on(async {
            let mut there = Vec::new();
            for subject in SUBJECTS {
                there.push(match &engine {
                    Some(engine) => engine.has(subject.image).await,
                    None => false,
                });
            }
            there
        });
        Ok(Self {
            runtime,
            engine,
            shown: [const { OnceLock::new() }; SUBJECTS.len()],
            there,
        })
    }

    /// Whether the image of a subject is here.
    pub(crate) fn is_there(&self, place: usize) -> bool {
        self.there[place]
    }

    /// What a subject shows.
    pub(crate) fn shown(&self, place: usize) -> Result<&Shown, Failed> {
        let shown = self.shown[place].get_or_init(|| {
            let shown = self.runtime.block_on(self.show(place));
            shown.map_err(|error| error.to_string())
        });
        shown.as_ref().map_err(Failed::from)
    }

    async fn show(&self, place: usize) -> Result<Shown, Failure> {
        let subject = &SUBJECTS[place];
        let engine = self.engine.as_ref().ok_or("no Docker engine answers")?;
        let running = engine.start(subject.image).await?;
        let at = |strict, spec| Check {
            probe: Some(running.probe.clone()),
            timeout: PATIENCE,
            spec,
            strict,
            ..Check::of(running.target.clone())
        };
        let collector = Collector {
            store: running.spans.clone(),
            settle: SETTLE,
        };
        let check = Check {
            collector: Some(collector),
            ..at(2, 2)
        };
        let checked = check.go().await?;
        let mut tested = Vec::new();
        for (strict, spec) in SETTINGS {
            tested.push(at(strict, spec).suite().await?);
        }
        Ok(Shown::new(subject, checked, tested))
    }
}
