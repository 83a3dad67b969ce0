//! A container that runs, and what it says.

use std::mem::ManuallyDrop;
use std::time::Duration;

use futures::StreamExt;
use testcontainers::ContainerAsync;
use testcontainers::bollard::Docker;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::container::{Prepared, Whose};
use super::{StageError, reaper};

/// A running container. Dropping it has it removed.
pub(super) struct Running {
    docker: Docker,
    /// It would remove itself within its drop, and wait for that.
    container: ManuallyDrop<ContainerAsync<Prepared>>,
    /// Its name and its image, for messages.
    what: String,
    whose: Whose,
    removals: TaskTracker,
}

impl Drop for Running {
    /// The removal is a task of its own. A container that removes itself waits for that within the
    /// drop, and to wait within what an executor polls is to take the wake-ups that were meant for
    /// the others there: then nobody wakes them any more.
    fn drop(&mut self) {
        // Where there is no runtime any more, the reaper removes it.
        if let Ok(runtime) = Handle::try_current() {
            let (docker, id) = (self.docker.clone(), self.container.id().to_owned());
            let removal = async move { reaper::remove_container(&docker, &id).await };
            self.removals.spawn_on(removal, &runtime);
        }
    }
}

impl Running {
    /// A container that was started, and is removed by one of these tasks.
    pub(super) fn new(
        docker: Docker,
        container: ContainerAsync<Prepared>,
        what: String,
        whose: Whose,
        removals: TaskTracker,
    ) -> Self {
        Self {
            docker,
            container: ManuallyDrop::new(container),
            what,
            whose,
            removals,
        }
    }

    /// Where a port of it is mapped to: `127.0.0.1:49153`.
    pub(super) async fn endpoint(&self, port: u16) -> Result<String, StageError> {
        let unmapped = |error| StageError::docker("map a port", &error);
        let host = self.container.get_host().await.map_err(unmapped)?;
        let port = self.container.get_host_port_ipv4(port).await;
        let port = port.map_err(unmapped)?;
        // IPv4 by name: `localhost` may be tried as ::1 first, where nothing is mapped.
        let host = match host.to_string() {
            local if local == "localhost" => "127.0.0.1".to_owned(),
            other => other,
        };
        Ok(format!("{host}:{port}"))
    }

    /// Waits until its log says these words, on either of its streams.
    pub(super) async fn says(&self, words: &str) -> Result<(), StageError> {
        if words.is_empty() {
            return Ok(());
        }
        let mut log = self
            .docker
            .logs(self.container.id(), Some(log().follow(true).build()));
        let mut heard = [Vec::new(), Vec::new()];
        while let Some(Ok(said)) = log.next().await {
            let stream = usize::from(matches!(said, LogOutput::StdErr { .. }));
            if hears(&mut heard[stream], &said.into_bytes(), words.as_bytes()) {
                return Ok(());
            }
        }
        Err(self.ended().await)
    }

    /// Waits until it ends by itself, and says what its last words were.
    pub(super) async fn ended(&self) -> StageError {
        // Whatever the engine answers, and if it stops answering: the container is no more.
        let _ = self
            .docker
            .wait_container(self.container.id(), None)
            .next()
            .await;
        self.fault("ended by itself").await
    }

    /// That it runs, and has not said by now that it is ready.
    pub(super) async fn unready(&self, words: &str, deadline: Duration) -> StageError {
        self.fault(&format!("did not log {words:?} within {deadline:?}"))
            .await
    }

    /// That it runs, and does not answer at a port.
    pub(super) async fn silent(&self, port: u16, deadline: Duration) -> StageError {
        self.fault(&format!(
            "did not answer at its port {port} within {deadline:?}"
        ))
        .await
    }

    /// Ends it at once, as a crash would.
    pub(super) async fn kill(&self) -> Result<(), StageError> {
        let stopped = self.container.stop_with_timeout(Some(0)).await;
        stopped.map_err(|error| StageError::docker("stop a container", &error))
    }

    async fn fault(&self, what: &str) -> StageError {
        let words = self.last_words().await;
        let why = format!("{} {what}; its last words:\n{words}", self.what);
        match self.whose {
            Whose::Ours => StageError::Environment(why),
            Whose::Theirs => StageError::Subject(why),
        }
    }

    /// The end of what it logged, for messages.
    async fn last_words(&self) -> String {
        const MOST_LINES: usize = 5;
        const LONGEST: usize = 500;
        let mut log = self
            .docker
            .logs(self.container.id(), Some(log().tail("50").build()));
        let mut said = [Vec::new(), Vec::new()];
        while let Some(Ok(output)) = log.next().await {
            let stream = usize::from(matches!(output, LogOutput::StdErr { .. }));
            said[stream].extend(output.into_bytes());
        }
        let said = said.concat();
        let said = String::from_utf8_lossy(&said);
        let lines = said.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<String> = lines
            .map(|line| line.chars().take(LONGEST).collect())
            .collect();
        match lines.is_empty() {
            true => "(none)".to_owned(),
            false => lines[lines.len().saturating_sub(MOST_LINES)..].join("\n"),
        }
    }
}

fn log() -> LogsOptionsBuilder {
    LogsOptionsBuilder::new().stdout(true).stderr(true)
}

/// Whether words stand in what was heard and is heard now, of which no more is kept than may be the
/// beginning of them.
fn hears(heard: &mut Vec<u8>, now: &[u8], words: &[u8]) -> bool {
    heard.extend_from_slice(now);
    let found = heard.windows(words.len()).any(|window| window == words);
    let rest = heard.len().saturating_sub(words.len() - 1);
    heard.drain(..rest);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_heard_however_they_are_cut_and_no_more_is_kept_than_a_beginning() {
        let said = b"not yet. it is ready now";
        for cut in 0..=said.len() {
            let mut heard = Vec::new();
            let (first, second) = said.split_at(cut);
            let heard_by_then = hears(&mut heard, first, b"is ready");
            assert!(heard.len() < b"is ready".len());
            assert_eq!(heard_by_then, cut >= 20);
            assert!(heard_by_then || hears(&mut heard, second, b"is ready"));
        }
        assert!(!hears(&mut Vec::new(), said, b"is  ready"));
    }
}
