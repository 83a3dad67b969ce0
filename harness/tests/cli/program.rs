//! The command as a child process. Nothing here sleeps: every wait is for an output, or for an
//! end, and has a deadline.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long anything may take that is going to happen, on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// `unbroken run`, with what is to be said to it.
pub(crate) struct Program {
    command: Command,
}

/// One that has been started.
pub(crate) struct Running {
    pub(crate) pid: u32,
    ended: Receiver<Ended>,
    has_ended: bool,
}

/// What one left.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    /// Runs a file of `tests/features`.
    pub(crate) fn run(feature: &str) -> Self {
        Self::with(&["run"]).and(&[&path_of(feature)])
    }

    /// With these arguments only.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unbroken"));
        command.env("NO_COLOR", "1").env_remove("RUST_LOG");
        // Who tests us there is not to be told of what we find on purpose.
        command.env_remove("GITHUB_ACTIONS");
        Self { command }.and(arguments)
    }

    /// Runs a file of `tests/features` until even its reaper has ended.
    pub(crate) fn until_reaped(feature: &str) -> Self {
        Self::until_reaped_with(&["run", &path_of(feature)])
    }

    /// With these arguments, until even its reaper has ended: that one, too, gets a copy of standard
    /// output, as file 3, which is at its end only when nobody has it any more.
    pub(crate) fn until_reaped_with(arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_unbroken");
        let script = r#"exec "$0" "$@" 3>&1"#;
        command.args(["-c", script, program]).args(arguments);
        // As a terminal does, so that a signal can go to all of it at once.
        command.env("NO_COLOR", "1").process_group(0);
        Self { command }
    }

    pub(crate) fn and(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With another Docker engine.
    pub(crate) fn docker_at(mut self, host: &str) -> Self {
        self.command.env("DOCKER_HOST", host);
        self
    }

    /// Where no Docker engine is.
    pub(crate) fn without_docker(self) -> Self {
        self.docker_at("tcp://127.0.0.1:1")
    }

    pub(crate) fn start(mut self) -> Running {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("it starts");
        let pid = child.id();
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let (sender, ended) = channel();
        thread::spawn(move || {
            let err = thread::spawn(move || read(&mut err));
            let out = read(&mut out);
            let err = err.join().unwrap_or_default();
            let code = child.wait().ok().and_then(|status| status.code());
            // A test that has failed no longer looks.
            let _ = sender.send(Ended { code, out, err });
        });
        Running {
            pid,
            ended,
            has_ended: false,
        }
    }

    /// Starts it, and waits for its end.
    pub(crate) fn play_out(self) -> Ended {
        self.start().ended()
    }
}

impl Running {
    /// Waits for its end, and for that of whoever has its standard output.
    pub(crate) fn ended(mut self) -> Ended {
        let ended = self.ended.recv_timeout(PATIENCE);
        self.has_ended = ended.is_ok();
        ended.unwrap_or_else(|_| panic!("{} has not ended within {PATIENCE:?}", self.pid))
    }

    /// Sends a signal to it and to everything in its group, as a terminal does.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = kill(signal, &format!("-{}", self.pid));
        assert!(sent, "{signal} cannot be sent to {}", self.pid);
    }
}

impl Drop for Running {
    /// A test that fails leaves nothing running; its reaper does the rest.
    fn drop(&mut self) {
        if !self.has_ended {
            kill("KILL", &self.pid.to_string());
        }
    }
}

/// The whole path of a file of `tests/features`, or of one that is given with its path.
pub(crate) fn path_of(feature: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/features");
    folder.join(feature).display().to_string()
}

/// A copy of a file of `tests/features` with the port that the test got for 65535.
pub(crate) fn with_port(feature: &str, port: u16) -> String {
    let text = std::fs::read_to_string(path_of(feature)).expect("it is there");
    let copy: PathBuf = [env!("CARGO_TARGET_TMPDIR"), &format!("{port}-{feature}")]
        .iter()
        .collect();
    std::fs::write(&copy, text.replace("65535", &port.to_string())).expect("it can be written");
    copy.display().to_string()
}

/// What a run says of each of its scenarios, from the headline on.
pub(crate) fn scenarios(out: &str) -> Vec<String> {
    let mut scenarios: Vec<String> = Vec::new();
    for line in out.lines() {
        if line.starts_with(['✔', '✘']) {
            scenarios.push(String::new());
        }
        if let Some(scenario) = scenarios.last_mut() {
            scenario.push_str(line);
            scenario.push('\n');
        }
    }
    // The last is followed by the closing lines.
    if let Some(last) = scenarios.last_mut() {
        let lines: Vec<_> = last.lines().collect();
        let closing = lines.iter().rposition(|line| line.is_empty());
        *last = lines[..closing.map_or(lines.len(), |at| at + 1)].join("\n");
        last.push('\n');
    }
    scenarios
}

fn kill(signal: &str, whom: &str) -> bool {
    let status = Command::new("kill")
        .args(["-s", signal, "--", whom])
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn read(from: &mut Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read until it broke is what there is to show.
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
