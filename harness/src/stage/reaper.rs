//! Nothing is left behind: not after a panic, not after a kill.
//!
//! Containers are removed by whoever owns them. What a process that is killed cannot do, a child
//! of it does: it holds the other end of a pipe, and when that ends it removes by label what is
//! still there. When the child was killed too, the next stage on this machine sweeps.

use std::collections::HashMap;
use std::env;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::future::join_all;
use testcontainers::bollard::Docker;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, RemoveContainerOptionsBuilder,
};

use super::engine::LABEL;
use super::role;

/// The label that says which process of which host owns a stage.
const OWNER: &str = "unbroken.owner";

/// The child that outlives us. It is not waited for: it ends once the pipe does.
pub(super) struct Reaper {
    _child: Child,
}

impl Reaper {
    /// Starts the child, in a process group of its own so that Ctrl-C does not reach it.
    ///
    /// An executable that does not ask for its role gets none: what a kill of it leaves behind
    /// is removed by the next stage on this machine.
    pub(super) fn start(stage: &str) -> io::Result<Option<Self>> {
        if !role::can_be_played() {
            tracing::debug!("no reaper: this program does not call unbroken::role::play()");
            return Ok(None);
        }
        let mut command = Command::new(env::current_exe()?);
        command
            .env(role::VARIABLE, role::REAPER)
            .env(role::STAGE, stage)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn()?;
        Ok(Some(Self { _child: child }))
    }
}

/// What the child does with its life.
pub(super) async fn reap(stage: &str) {
    ignore_signals();
    let until_our_parent_ends = tokio::task::spawn_blocking(|| {
        // Nothing is ever written; any end of the pipe is the end of the parent.
        let _ = io::stdin().read_to_end(&mut Vec::new());
    });
    let _ = until_our_parent_ends.await;
    let Ok(docker) = Docker::connect_with_defaults() else {
        return;
    };
    let Ok(docker) = docker.negotiate_version().await else {
        return;
    };
    // A container that was being created when the parent died appears only after a moment, and
    // a network can go only when its containers are gone: so twice.
    let mut rounds = tokio::time::interval(Duration::from_millis(500));
    for _ in 0..2 {
        rounds.tick().await;
        remove(&docker, stage).await;
    }
}

/// What containers and networks of a stage are marked with.
pub(super) fn labels(stage: &str) -> HashMap<String, String> {
    HashMap::from([
        (LABEL.to_owned(), stage.to_owned()),
        (OWNER.to_owned(), owner(std::process::id())),
    ])
}

/// Removes the stages of this host whose owner is no more.
pub(super) async fn sweep(docker: &Docker) {
    let filters = HashMap::from([("label", vec![LABEL])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters);
    let containers = docker.list_containers(Some(options.build())).await;
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let networks = docker.list_networks(Some(options)).await;
    let labels = containers.into_iter().flatten().map(|c| c.labels);
    let labels = labels.chain(networks.into_iter().flatten().map(|n| n.labels));
    for labels in labels.flatten() {
        if let (Some(stage), Some(owner)) = (labels.get(LABEL), labels.get(OWNER))
            && is_dead(owner)
        {
            remove(docker, stage).await;
        }
    }
}

/// Removes every container and every network of a stage.
pub(super) async fn remove(docker: &Docker, stage: &str) {
    let label = format!("{LABEL}={stage}");
    let filters = HashMap::from([("label", vec![label.as_str()])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters);
    let containers = docker.list_containers(Some(options.build())).await;
    let ids = containers.into_iter().flatten().filter_map(|c| c.id);
    let removals = ids.map(|id| async move { remove_container(docker, &id).await });
    join_all(removals).await;
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let networks = docker.list_networks(Some(options)).await;
    for id in networks.into_iter().flatten().filter_map(|n| n.id) {
        let _ = docker.remove_network(&id).await;
    }
}

/// Removes a container, with what it stored.
pub(super) async fn remove_container(docker: &Docker, id: &str) {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true);
    // Somebody else may have been faster: what the engine says is of no interest.
    let _ = docker.remove_container(id, Some(options.build())).await;
}

fn owner(process: u32) -> String {
    format!("{}/{process}", host())
}

/// Whether an owner is known to be gone. Of another host nothing can be said, nor where this
/// process sees others only in part.
fn is_dead(owner: &str) -> bool {
    let Some((host_name, process)) = owner.rsplit_once('/') else {
        return false;
    };
    let lives = |process: &str| Path::new("/proc").join(process).exists();
    // The first process is everybody's: where it is hidden, so are those of other users.
    let sees_all = lives("self") && lives("1");
    host_name == host() && sees_all && !lives(process)
}

/// The name of this host, and the space in which its processes are counted: containers may share
/// the name of their host, and not its processes.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{}/{}", name.trim(), space.display())
}

/// They are meant for the parent.
fn ignore_signals() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ] {
            // The handler stays for as long as the process does, and does nothing.
            let _ = signal(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_dead_when_its_process_is_gone_from_this_host() {
        assert!(!is_dead(&owner(std::process::id())));
        assert!(is_dead(&owner(u32::MAX)));
        assert!(!is_dead("elsewhere/4294967295"));
        let host = host();
        let (name, _) = host.split_once('/').expect("two parts");
        assert!(!is_dead(&format!("{name}/pid:[1]/4294967295")));
    }
}
