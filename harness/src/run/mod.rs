//! A run: every scenario of some feature files, on one stage.

mod ledger;
#[cfg(test)]
mod matrix;
mod mount;
mod writer;

use std::path::PathBuf;
use std::process::ExitCode;

use cucumber::event::ScenarioFinished;
use cucumber::{World as _, cli};

use crate::rules::Level;
use crate::stage::{Options, Stage};
use crate::steps::World;
use ledger::{Key, Ledger, Record};
use mount::Mount;
pub use writer::Detail;
use writer::Terminal;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Run {
    /// Feature files, or folders of them.
    pub features: Vec<PathBuf>,
    /// How the stage behaves.
    pub options: Options,
    /// Which findings make a run red.
    pub fail_on: Level,
    /// How much of a scenario that is green is shown.
    pub detail: Detail,
    /// Which scenarios, how many at a time, and what to do with those that fail.
    pub filter: Filter,
}

/// Which scenarios, how many at a time, and what to do with those that fail.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Filter {
    /// Only scenarios whose name matches this regular expression
    #[arg(long, short, value_name = "REGEX")]
    pub name: Option<String>,
    /// Only scenarios whose tags fit this expression: "@kafka and not @slow"
    #[arg(long, short, value_name = "EXPRESSION", conflicts_with = "name")]
    pub tags: Option<String>,
    /// How many scenarios run side by side
    #[arg(long, short, value_name = "N", default_value_t = 8)]
    pub concurrency: usize,
    /// How often a scenario that fails is tried again
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retry: usize,
    /// Stop at the first scenario with a step that fails
    #[arg(long)]
    pub fail_fast: bool,
}

/// How a run ended, as the exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// 0: every scenario is green.
    Conforms,
    /// 1: there are findings.
    Findings,
    /// 2: a scenario, or the command, makes no sense.
    Usage,
    /// 3: something could not run, and nothing worse happened.
    CouldNotRun,
}

impl Run {
    /// Every scenario of these feature files, with the defaults.
    pub fn of(features: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            features: features.into_iter().map(Into::into).collect(),
            options: Options::default(),
            fail_on: Level::Must,
            detail: Detail::Failures,
            filter: Filter {
                concurrency: 8,
                ..Filter::default()
            },
        }
    }

    /// Runs on a stage of its own, which is closed at the end, or when the process is told to
    /// stop.
    pub async fn go(&self) -> Ending {
        let stage = Stage::new(self.options.clone());
        let ending = tokio::select! {
            ending = self.go_on(&stage) => ending,
            signal = stopped() => {
                eprintln!("stopped by {signal}: removing what was started");
                Ending::CouldNotRun
            }
        };
        stage.close().await;
        ending
    }

    /// Runs on a stage that somebody else closes.
    pub async fn go_on(&self, stage: &Stage) -> Ending {
        let name = match self
            .filter
            .name
            .as_deref()
            .map(regex::Regex::new)
            .transpose()
        {
            Ok(name) => name,
            Err(error) => return usage(&format!("--name is no regular expression: {error}")),
        };
        let tags = match self.filter.tags.as_deref().map(str::parse).transpose() {
            Ok(tags) => tags,
            Err(error) => return usage(&format!("--tags is no tag expression: {error}")),
        };
        let ledger = Ledger::default();
        let (stage, fail_on, records) = (stage.clone(), self.fail_on, ledger.clone());
        let mount = Mount::over(stage.boundaries());
        let writer = World::cucumber::<PathBuf>()
            .with_parser(mount)
            .with_writer(Terminal::new(ledger, self.detail))
            .before(move |feature, rule, scenario, world| {
                let rule = rule.into_iter().flat_map(|rule| &rule.tags);
                let tags = feature.tags.iter().chain(rule).chain(&scenario.tags);
                world.enter(stage.clone(), fail_on, scenario, tags.cloned().collect());
                Box::pin(std::future::ready(()))
            })
            .after(move |feature, _, scenario, ended, world| {
                if let Some(world) = world {
                    let at_its_end = matches!(ended, ScenarioFinished::StepPassed);
                    let (verdict, judgement, known, unasked) = world.leave(at_its_end);
                    let record = Record {
                        verdict,
                        judgement,
                        known,
                        unasked,
                    };
                    records.put(Key::of(feature, scenario), record);
                }
                Box::pin(std::future::ready(()))
            })
            .with_cli(cli::Opts {
                re_filter: name,
                tags_filter: tags,
                parser: cli::Empty,
                runner: cucumber::runner::basic::Cli {
                    concurrency: Some(self.filter.concurrency.max(1)),
                    fail_fast: self.filter.fail_fast,
                    retry: Some(self.filter.retry),
                    retry_after: None,
                    retry_tag_filter: None,
                },
                writer: cli::Empty,
                custom: cli::Empty,
            })
            .run(self.features.clone())
            .await;
        writer.tally.ending()
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Conforms => 0,
            Ending::Findings => 1,
            Ending::Usage => 2,
            Ending::CouldNotRun => 3,
        })
    }
}

fn usage(why: &str) -> Ending {
    eprintln!("{why}");
    Ending::Usage
}

/// Waits for Ctrl-C, or for whatever else asks a process to stop, and says which.
pub(crate) async fn stopped() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let asked = |kind| async move {
            match signal(kind) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = asked(SignalKind::interrupt()) => "Ctrl-C",
            _ = asked(SignalKind::terminate()) => "SIGTERM",
            _ = asked(SignalKind::hangup()) => "SIGHUP",
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
        "Ctrl-C"
    }
}
