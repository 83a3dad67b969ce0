//! When nothing more can come.

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::watch;
use unbroken_adapters::service::{Progress, Service, Taking};
use unbroken_adapters::tap::{Point, Sighting};

use super::Plan;
use super::cast::Actor;

/// The services of a scene, where all of them run in this process: they know what they have
/// taken, and their spans are there when they end. So nobody waits for a span that is never made.
pub(super) struct Quiet<'a> {
    plan: &'a Plan,
    services: Vec<Working>,
}

/// One service.
struct Working {
    /// What reaches it, in the order in which it listens.
    hops: Vec<usize>,
    progress: watch::Receiver<Progress>,
}

impl<'a> Quiet<'a> {
    /// `None` where a service, or what stands in the middle, runs elsewhere: what that one is
    /// doing cannot be known.
    pub(super) fn of(plan: &'a Plan, entry: &Service, actors: &[Actor]) -> Option<Self> {
        if !plan.cast.is_empty() || !plan.middles.is_empty() {
            return None;
        }
        let services = [entry].into_iter();
        let services = services.chain(actors.iter().filter_map(Actor::service));
        let services = services.map(|service| Working {
            hops: plan.route.reaching(service.name()).collect(),
            progress: service.progress(),
        });
        Some(Self {
            plan,
            services: services.collect(),
        })
    }

    /// Whether every message has been taken, every carrier seen, and nobody works any more.
    /// `refused` are the hops that a message was turned away from: nothing comes of these.
    pub(super) fn is_so(&self, seen: &[Option<Vec<Sighting>>], refused: &[usize]) -> bool {
        let mut taken = vec![0; seen.len()];
        for Working { hops, progress } in &self.services {
            let progress = progress.borrow();
            if progress.busy > 0 {
                return false;
            }
            for (&hop, &messages) in hops.iter().zip(&progress.taken) {
                taken[hop] = messages;
            }
        }
        (0..taken.len()).all(|hop| self.is_cut(hop, refused) || self.is_done(hop, &taken, seen))
    }

    /// Waits until a service has taken or done something.
    pub(super) async fn changed(&mut self) {
        let services = self.services.iter_mut();
        let mut services: FuturesUnordered<_> =
            services.map(|service| service.progress.changed()).collect();
        // Each service lives as long as its scene.
        services.next().await;
    }

    fn is_done(&self, hop: usize, taken: &[usize], seen: &[Option<Vec<Sighting>>]) -> bool {
        let route = &self.plan.route;
        let again = usize::from(route.hops()[hop].taking == Taking::AfterFailing);
        let at = |hop: usize, point| {
            let seen = seen[hop].as_ref();
            seen.map(|seen| seen.iter().filter(|seen| seen.point == point).count())
        };
        let after = at(hop, Point::AfterMiddle);
        let before = at(route.made_for(hop), Point::BeforeMiddle);
        let taken_here = taken[hop];
        taken_here >= self.messages(hop, taken) + again
            && after.is_none_or(|after| after >= route.carriers(hop) && taken_here >= after)
            && before.is_none_or(|before| before > 0)
    }

    /// How many messages must come: what the route says, or more where its sender was reached
    /// more often than that.
    fn messages(&self, hop: usize, taken: &[usize]) -> usize {
        let route = &self.plan.route;
        let as_planned = route.messages(hop);
        let before = route.hops()[route.made_for(hop)].after;
        let before = before.filter(|&before| route.hops()[before].taking == Taking::Each);
        before.map_or(as_planned, |before| {
            let times = taken[before].max(1) / route.messages(before).max(1);
            as_planned * times.max(1)
        })
    }

    /// Whether a message was turned away here, or on the way to here.
    fn is_cut(&self, hop: usize, refused: &[usize]) -> bool {
        let route = &self.plan.route;
        // Whoever was called and answered with an error may have done something all the same.
        let is_refused = |hop: usize| {
            route.hops()[hop].over.is_messaging()
                && (refused.contains(&hop) || refused.contains(&route.made_for(hop)))
        };
        route.way(hop).any(is_refused)
    }
}
