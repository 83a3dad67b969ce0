//! Receivers that are held in the middle of their work, to see whether anybody waits for them.

use opentelemetry::TraceId;
use tokio::time::{Instant, timeout_at};
use unbroken_adapters::service::{Service, Taking};

use super::{Scene, Waiting};
use crate::stage::StageError;
use crate::stage::cast::Actor;

impl Scene<'_> {
    /// Where receivers are held in the middle of their work: waits until their causes have ended,
    /// or until they had time enough for it, and lets them go on. Says of each such hop whether
    /// its cause had ended by then.
    pub(super) async fn hold(
        &mut self,
        entry: &Service,
        trace: TraceId,
    ) -> Result<Vec<(usize, bool)>, StageError> {
        let hops = self.plan.route.hops().iter().enumerate();
        let held = hops.filter(|(_, hop)| hop.taking == Taking::Held);
        let held: Vec<_> = held.map(|(index, _)| index).collect();
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let patience = Instant::now() + self.shared.options.send_timeout() / 2;
        let mut waiting = Waiting::ForSpans(self.shared.store.arrivals());
        let ended = loop {
            let evidence = self.evidence(trace);
            let ended = |hop: usize| !evidence.crossings[hop].causes.is_empty();
            let ended: Vec<_> = held.iter().map(|&hop| (hop, ended(hop))).collect();
            if ended.iter().all(|(_, ended)| *ended) {
                break ended;
            }
            match timeout_at(patience, self.something(&mut waiting)).await {
                Ok(happened) => happened?,
                Err(_) => break ended,
            }
        };
        let services = self.actors.iter().filter_map(Actor::service);
        let mut reached = Vec::new();
        for service in services.chain([entry]) {
            let hops = self.plan.route.reaching(service.name());
            let came = |at: usize| {
                let mut progress = service.progress();
                async move {
                    let came = progress.wait_for(|progress| progress.taken[at] > 0);
                    timeout_at(patience, came).await.is_ok()
                }
            };
            for (at, hop) in hops.enumerate().filter(|(_, hop)| held.contains(hop)) {
                if came(at).await {
                    reached.push(hop);
                }
            }
            service.release();
        }
        Ok(ended
            .into_iter()
            .filter(|(hop, _)| reached.contains(hop))
            .collect())
    }
}
