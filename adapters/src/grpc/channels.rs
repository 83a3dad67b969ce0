//! One connection for each endpoint, shared by every service of this process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint, Error};

/// How many are kept. A run uses a handful; every tap adds a port of its own, which is never used
/// again after its scenario, so the least recently used one goes first. To lose one costs a
/// connect.
const MOST: usize = 64;

/// A host that swallows packets must not hold a channel for minutes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Channels by endpoint, the most recently used last.
#[derive(Default)]
pub(super) struct Channels {
    kept: Mutex<Vec<(String, Channel)>>,
}

impl Channels {
    /// The channel to `host:port`. It connects when it is first used; a call in progress keeps
    /// its channel, whatever becomes of the place in here.
    pub(super) fn to(&self, endpoint: &str) -> Result<Channel, Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match kept.iter().position(|(found, _)| found == endpoint) {
            Some(at) => kept.remove(at),
            None => (endpoint.to_owned(), connect(endpoint)?),
        };
        if kept.len() == MOST {
            kept.remove(0);
        }
        let channel = entry.1.clone();
        kept.push(entry);
        Ok(channel)
    }

    /// Forgets a channel that failed: who comes next connects anew instead of waiting in line.
    pub(super) fn forget(&self, endpoint: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(found, _)| found != endpoint);
    }
}

fn connect(endpoint: &str) -> Result<Channel, Error> {
    let endpoint = Endpoint::from_shared(format!("http://{endpoint}"))?
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT);
    Ok(endpoint.connect_lazy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_least_recently_used_channel_goes_first() {
        let channels = Channels::default();
        let to = |port: usize| channels.to(&format!("127.0.0.1:{port}")).map(drop);
        for port in 1..=MOST {
            to(port).expect("valid");
        }
        to(1).expect("valid");
        to(MOST + 1).expect("valid");
        let kept = channels.kept.lock().expect("not poisoned");
        let has = |endpoint: &str| kept.iter().any(|(found, _)| found == endpoint);
        assert_eq!(kept.len(), MOST);
        assert!(has("127.0.0.1:1") && !has("127.0.0.1:2"));
    }

    #[tokio::test]
    async fn a_failed_channel_is_forgotten() {
        let channels = Channels::default();
        channels.to("127.0.0.1:1").map(drop).expect("valid");
        channels.forget("127.0.0.1:1");
        assert!(channels.kept.lock().expect("not poisoned").is_empty());
    }
}
