//! One executable, several roles.
//!
//! A stage starts this very executable again: as its reaper, and, copied into a container, as a
//! reference service. So any program that embeds Unbroken can play every part, and there is no
//! second binary to build, find or ship.

use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{contained, reaper};

/// The environment variable that holds the role.
pub(super) const VARIABLE: &str = "UNBROKEN_ROLE";
/// The role of [`reaper::reap`].
pub(super) const REAPER: &str = "reaper";
/// The role of [`contained::serve`].
pub(super) const SERVICE: &str = "service";
/// For the reaper: the name of the stage.
pub(super) const STAGE: &str = "UNBROKEN_STAGE";
/// For the service: its configuration as JSON.
pub(super) const CONFIGURATION: &str = "UNBROKEN_SERVICE";

/// Whether this process asked for its role. One that did not must not be started again: it would
/// not know that it is somebody else.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether this executable can be started in another role.
pub(super) fn can_be_played() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Plays the role that this process was started for, if there is one. Must be called before
/// anything else in `main`; with `Some`, the process has done its part and is to exit.
pub fn play() -> Option<ExitCode> {
    ASKED.store(true, Ordering::Relaxed);
    let role = env::var(VARIABLE).ok()?;
    let variable = |name| env::var(name).unwrap_or_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return Some(ExitCode::FAILURE);
        }
    };
    Some(match role.as_str() {
        REAPER => {
            runtime.block_on(reaper::reap(&variable(STAGE)));
            ExitCode::SUCCESS
        }
        SERVICE => match runtime.block_on(contained::serve(&variable(CONFIGURATION))) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        other => {
            eprintln!("{VARIABLE}={other:?} is no role of Unbroken");
            ExitCode::from(2)
        }
    })
}
