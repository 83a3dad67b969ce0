//! The command line.

mod check;
mod rules;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

use crate::role;
use crate::rules::Level;
use crate::run::{Detail, Filter, Run};
use crate::stage::Options;
use check::CheckArguments;

/// A propagation conformance test harness: proves that a trace stays one connected tree.
#[derive(Parser)]
#[command(name = "unbroken", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run scenarios
    #[command(after_help = EXIT_CODES)]
    Run {
        /// Feature files, or folders of them
        #[arg(required = true)]
        features: Vec<PathBuf>,
        /// How much to show of a scenario that is green
        #[arg(long, value_enum, default_value_t = Detail::Full)]
        detail: Detail,
        #[command(flatten)]
        how: How,
    },
    /// Does a service honour W3C Trace Context? It is asked in the protocol of the W3C suite
    #[command(after_help = EXIT_CODES)]
    Check(Box<CheckArguments>),
    /// List the rules and the cases of `check`, or explain one
    Rules {
        /// Such as LINK-004 or WIRE-006a
        id: Option<String>,
    },
}

/// The arguments of a program whose `main` is [`crate::main`].
#[derive(Parser)]
#[command(after_help = EXIT_CODES)]
struct TestArguments {
    /// How much to show of a scenario that is green
    #[arg(long, value_enum, default_value_t = Detail::Failures)]
    detail: Detail,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
struct How {
    #[command(flatten)]
    filter: Filter,
    /// How long one scenario may take once everything it needs is started, in seconds. A service that is asked whether it
    /// honours W3C Trace Context is given up when nothing has come for a sixth of that, and not before 5 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Which findings make the run red
    #[arg(long, value_enum, default_value_t = FailOn::Must)]
    fail_on: FailOn,
    /// Put no taps on the hops: faster, but what needs the carrier is not shown, and nobody can say
    /// who lost what
    #[arg(long)]
    no_taps: bool,
    /// How long to wait for the late spans of subjects that run beside us, in seconds: a little more
    /// than their export interval (`OTEL_BSP_SCHEDULE_DELAY`)
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = value_parser!(u64).range(..=3600))]
    settle: u64,
    /// Where subjects that run beside us export their spans to, by OTLP over gRPC or HTTP
    #[arg(long, value_name = "PORT", default_value_t = 4318)]
    otlp_port: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Must,
    Should,
    May,
}

impl From<FailOn> for Level {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Must => Self::Must,
            FailOn::Should => Self::Should,
            FailOn::May => Self::May,
        }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 conforms, 1 findings, 2 a scenario or the command makes no sense, 3 could not run";

/// Everything that the command `unbroken` does.
pub fn main() -> ExitCode {
    begin(|arguments: Arguments| match arguments.command {
        Command::Run {
            features,
            detail,
            how,
        } => go(&how.run(features, detail)),
        Command::Check(arguments) => arguments.go(),
        Command::Rules { id } => rules::explain(id.as_deref()),
    })
}

/// Everything that a test whose scenarios are in this folder does.
pub(crate) fn test(features: PathBuf) -> ExitCode {
    begin(|arguments: TestArguments| go(&arguments.how.run(vec![features], arguments.detail)))
}

/// Plays the role that this process may have, or reads its arguments.
fn begin<A: Parser>(act: impl FnOnce(A) -> ExitCode) -> ExitCode {
    if let Some(code) = role::play() {
        return code;
    }
    log_to_stderr();
    match A::try_parse() {
        Ok(arguments) => act(arguments),
        Err(error) => {
            // Nobody can be told that nobody can be told.
            let _ = error.print();
            // Help and version are no errors.
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

impl How {
    fn run(self, features: Vec<PathBuf>, detail: Detail) -> Run {
        Run {
            features,
            options: Options {
                timeout: Duration::from_secs(self.timeout),
                taps: !self.no_taps,
                settle: Duration::from_secs(self.settle),
                otlp_port: self.otlp_port,
                ..Options::default()
            },
            fail_on: self.fail_on.into(),
            detail,
            filter: self.filter,
        }
    }
}

/// Runs to the end on a runtime of its own.
fn go(run: &Run) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::from(3);
        }
    };
    let ending = runtime.block_on(run.go());
    // What still blocks, blocks on a broker that is gone.
    runtime.shutdown_background();
    ending.into()
}

/// `RUST_LOG` says how much; by default only what needs attention. That a client library lost its
/// broker is said by the stage, with the broker's name.
fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    let default = || EnvFilter::new("warn,lapin=off,testcontainers=off");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default());
    // Somebody who embeds us may have set one up already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
