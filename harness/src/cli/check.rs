//! `unbroken check`.

mod progress;
mod reports;
mod subject;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, value_parser};
use unbroken_adapters::{Boundaries, Relation};

use super::FailOn;
use crate::check::exchange::{Header, header};
use crate::check::probe::ListeningError;
use crate::check::progress::Progress;
use crate::check::suite::{Tested, Verdict};
use crate::check::trigger::Trigger;
use crate::check::{Check, CheckError, Ending};
use crate::report;
use crate::run::stopped;
use reports::{Came, Format, Outlet, Report};
use subject::SubjectArguments;

/// What `unbroken check` is told.
#[derive(Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    subject: SubjectArguments,
    /// Instead of the protocol, a request of your own: 'POST URL', or the address of a queue. `{case}` in it, in its body or
    /// in a header stands for the case; where that shows in what reaches the probe, the cases go side by side
    #[arg(long, value_name = "[METHOD ]ADDRESS", conflicts_with = "suite")]
    trigger: Option<String>,
    /// What the trigger says, or @FILE
    #[arg(
        long,
        value_name = "TEXT|@FILE",
        requires = "trigger",
        conflicts_with = "target"
    )]
    body: Option<String>,
    /// A header of every request, such as 'authorization: …'; it is shown nowhere
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<Header>,
    /// Where what it sends on is received: kafka://host:port/topic, http=0.0.0.0:9000, …; behind `,as=` stands what the
    /// service calls instead [default: over HTTP and gRPC, a port on loopback]
    #[arg(long, value_name = "ADDRESS[,as=ADDRESS]")]
    probe: Option<String>,
    /// How the service is to be tied to what it is sent: child, link, either, child+link or root [default: child for a
    /// request, either for a message]
    #[arg(long = "as", value_name = "RELATION", conflicts_with = "suite")]
    relation: Option<Relation>,
    /// Give the verdicts of the W3C suite's 41 tests, by its names
    #[arg(long)]
    suite: bool,
    /// What counts, as the suite's `STRICT_LEVEL`: at 1, what only the suite demands is left out
    #[arg(long, value_name = "LEVEL", default_value_t = 2, value_parser = value_parser!(u8).range(1..=2))]
    strict: u8,
    /// The level of the specification, as the suite's `SPEC_LEVEL` [default: 2, with --suite 1]
    #[arg(long, value_name = "LEVEL", value_parser = value_parser!(u8).range(1..=2))]
    spec: Option<u8>,
    /// The formats that the service speaks, of tracecontext, baggage, b3, b3multi and xray. Each has cases of its own,
    /// and several together have more
    #[arg(
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        default_value = "tracecontext",
        conflicts_with = "suite"
    )]
    propagators: Vec<unbroken_adapters::Format>,
    /// How long nothing may come before what is open is given up, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Which findings make it red
    #[arg(long, value_enum, default_value_t = FailOn::Must, conflicts_with = "suite")]
    fail_on: FailOn,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Write it to files as well: junit=PATH, markdown=PATH, json=PATH
    #[arg(long, value_name = "FORMAT=PATH", value_delimiter = ',')]
    report: Vec<Outlet>,
}

impl CheckArguments {
    pub(super) fn go(self) -> ExitCode {
        let mut check = match self.check() {
            Ok(check) => check,
            Err(error) => return error.into(),
        };
        let runtime = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("no runtime: {error}");
                return ExitCode::from(3);
            }
        };
        let progress = check.progress.clone();
        let came = runtime.block_on(async {
            tokio::select! {
                came = self.perform(&mut check) => came,
                never = progress::show(&progress) => match never {},
                // What was started is left to the reaper.
                signal = stopped() => Err(CheckError::Environment(format!("stopped by {signal}"))),
            }
        });
        runtime.shutdown_background();
        let report = match came {
            Ok(came) => Report {
                check: &check,
                came,
                fail_on: self.fail_on.into(),
            },
            Err(error) => return error.into(),
        };
        let untold = report.tell(self.format, &self.report);
        for error in &untold {
            eprintln!("{error}");
        }
        match untold.is_empty() {
            true => report.ending().into(),
            false => ExitCode::from(3),
        }
    }

    fn check(&self) -> Result<Check, CheckError> {
        let mistaken = |error: &dyn std::fmt::Display| CheckError::Mistaken(error.to_string());
        let probe = self.probe.as_deref().map(str::parse).transpose();
        let trigger = self.trigger.as_deref();
        let trigger = trigger.map(|text| Ok::<_, CheckError>((text, self.said()?)));
        let trigger = trigger
            .transpose()?
            .map(|(text, body)| Trigger::parse(text, body));
        let trigger = trigger.transpose().map_err(|error| mistaken(&error))?;
        let target = match &trigger {
            Some(trigger) => trigger.address("case").map_err(|error| mistaken(&error)),
            None => self.subject.target(),
        };
        Ok(Check {
            target: target?,
            trigger,
            headers: self.headers.clone(),
            probe: probe.map_err(|error: ListeningError| mistaken(&error))?,
            relation: self.relation,
            boundaries: Boundaries::all(),
            timeout: Duration::from_secs(self.timeout),
            spec: self.spec.unwrap_or(if self.suite { 1 } else { 2 }),
            strict: self.strict,
            formats: self.propagators.clone(),
            collector: None,
            progress: Progress::default(),
        })
    }

    /// The body of the trigger.
    fn said(&self) -> Result<Vec<u8>, CheckError> {
        let body = self.body.as_deref().unwrap_or_default();
        let Some(path) = body.strip_prefix('@') else {
            return Ok(body.as_bytes().to_vec());
        };
        std::fs::read(path)
            .map_err(|error| CheckError::Mistaken(format!("{path} cannot be read: {error}")))
    }

    async fn perform(&self, check: &mut Check) -> Result<Came, CheckError> {
        let around = self.subject.surround(check).await?;
        let came = tokio::select! {
            came = self.ask(check) => came,
            error = around.failure() => Err(error),
        };
        around.end().await;
        came
    }

    async fn ask(&self, check: &Check) -> Result<Came, CheckError> {
        Ok(match self.suite {
            true => Came::Suite(check.suite().await?),
            false => Came::Checked(Box::new(check.go().await?)),
        })
    }
}

impl From<CheckError> for ExitCode {
    /// Says what it is on the way.
    fn from(error: CheckError) -> Self {
        // It may hold what a service said, or logged.
        eprintln!("{}", report::visible_lines(&error.to_string()));
        Self::from(match error {
            CheckError::Mistaken(_) => 2,
            CheckError::Environment(_) => 3,
        })
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Conforms => Self::SUCCESS,
            Ending::Findings => Self::from(1),
            Ending::CouldNotRun => Self::from(3),
        }
    }
}

/// The suite knows no third way: a service that does not answer fails.
fn suite_ending(tested: &[Tested]) -> Ending {
    let passed = |test: &Tested| matches!(test.verdict, Verdict::Ok | Verdict::Skipped(_));
    match tested.iter().all(passed) {
        true => Ending::Conforms,
        false => Ending::Findings,
    }
}
