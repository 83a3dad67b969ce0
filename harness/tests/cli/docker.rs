//! What a run has on the Docker engine.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::SystemTime;

use crate::program::PATIENCE;

/// Asks the engine.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output();
    let output = output.expect("the command docker is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Ends the container of this name on the stage of a process, as a crash would.
pub(crate) fn kill_container(of: u32, name: &str) {
    let id = docker(&[
        "ps",
        "--quiet",
        "--filter",
        &owned_by(of),
        "--filter",
        &format!("name=-{name}$"),
    ]);
    assert!(!id.is_empty(), "no container {name} belongs to {of}");
    docker(&["kill", &id]);
}

/// The containers and networks that a process has, or has left.
pub(crate) fn left_by(process: u32) -> String {
    let owned = owned_by(process);
    let listed = |what, format| docker(&[what, "ls", "--filter", &owned, "--format", format]);
    let containers = docker(&[
        "container",
        "ls",
        "--all",
        "--filter",
        &owned,
        "--format",
        "{{.Names}}",
    ]);
    format!("{containers}{}", listed("network", "{{.Name}}"))
}

/// The containers of a process as they are made.
pub(crate) struct Births {
    events: Child,
    names: Receiver<String>,
}

impl Births {
    /// From its first, which may have come already.
    pub(crate) fn of(process: u32, since: SystemTime) -> Self {
        let since = since.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.expect("after 1970").as_secs().to_string();
        let mut events = Command::new("docker")
            .args(["events", "--since", &since, "--filter", "event=create"])
            .args(["--filter", &owned_by(process)])
            .args(["--format", "{{.Actor.Attributes.name}}"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command docker is there");
        let out = events.stdout.take().expect("it is piped");
        let (sender, names) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(out).lines();
            lines
                .map_while(Result::ok)
                .try_for_each(|name| sender.send(name))
        });
        Self { events, names }
    }

    pub(crate) fn next(&self) -> String {
        let name = self.names.recv_timeout(PATIENCE);
        name.expect("a container is made")
    }
}

impl Drop for Births {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.events.kill();
        let _ = self.events.wait();
    }
}

fn owned_by(process: u32) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let space = std::fs::read_link("/proc/self/ns/pid").expect("a space of processes");
    format!(
        "label=unbroken.owner={}/{}/{process}",
        host.trim(),
        space.display()
    )
}
