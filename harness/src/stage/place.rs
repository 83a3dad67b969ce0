//! Where the hops of a scene take place.
//!
//! Each address has two faces: one for this process and its neighbours on the host, and one for
//! containers on the stage's network. Whoever is given an address is given the face it can reach.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures::future::try_join_all;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use unbroken_adapters::tap::{Recorder, Sighting, Tap, bridge};
use unbroken_adapters::{Address, Boundary, Maker, Medium};

use super::engine::Engine;
use super::running::Running;
use super::{Plan, Shared, StageError, passage};
use crate::evidence::token;
use crate::route::{Hop, Origin};

/// The two faces of an address.
#[derive(Clone, Debug)]
pub(super) struct Faces {
    pub(super) outside: Address,
    pub(super) inside: Address,
}

/// Where one hop takes place.
pub(super) struct Place {
    /// Where its sender is to send.
    pub(super) sender: Faces,
    /// Where its receiver is to receive; a direct hop's receiver has a port only later.
    pub(super) receiver: Option<Faces>,
    pub(super) taps: Vec<Tap>,
    /// What the taps see, if there are any.
    pub(super) seen: Option<UnboundedReceiver<Sighting>>,
    /// The real part that it passes through, if it does.
    pub(super) middle: Option<Running>,
}

/// An address, as it is with a tap before it.
pub(super) struct Tapped {
    pub(super) sender: Faces,
    pub(super) receiver: Faces,
    pub(super) tap: Option<Tap>,
}

/// Where everything of a scene is bound, and how both worlds call it.
pub(super) struct Ground<'a> {
    pub(super) shared: &'a Arc<Shared>,
    /// There only if a broker or a container is.
    pub(super) engine: Option<&'a Engine>,
    pub(super) bind: IpAddr,
    pub(super) run: u32,
    /// Whether taps look at the hops.
    pub(super) taps: bool,
}

impl<'a> Ground<'a> {
    /// Receivers leave loopback only where a container must reach them.
    pub(super) async fn of(
        shared: &'a Arc<Shared>,
        plan: &Plan,
        run: u32,
    ) -> Result<Self, StageError> {
        let contained = plan.cast.keys().any(|service| plan.is_contained(service));
        let contained = contained || !plan.middles.is_empty();
        let brokered = |medium| matches!(medium, Medium::Broker(_));
        let brokered = plan
            .route
            .hops()
            .iter()
            .any(|hop| brokered(hop.over.medium));
        let engine = match contained || brokered {
            true => Some(shared.engine().await?),
            false => None,
        };
        let bind = match engine {
            Some(engine) if contained => engine.bind(),
            _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        Ok(Self {
            shared,
            engine,
            bind,
            run,
            taps: shared.options.taps,
        })
    }

    /// The same, where nothing is to stand between.
    pub(super) fn without_taps(self) -> Self {
        Self {
            taps: false,
            ..self
        }
    }

    /// The places of all hops over a broker or inside this process: their addresses are known
    /// before anybody listens. The others are `None` as yet.
    ///
    /// All brokers start side by side, and each hop goes on when its own is there: what is made on
    /// one for the first time is made while a slower one is still starting.
    pub(super) async fn named(&self, plan: &Plan) -> Result<Vec<Option<Place>>, StageError> {
        let hops = plan.route.hops().iter().enumerate();
        let places = hops.map(|(index, hop)| async move {
            let (outside, inside) = match hop.over.medium {
                Medium::Direct => return Ok(None),
                Medium::Process => (String::new(), String::new()),
                Medium::Broker(broker) => self.shared.broker(broker).await?,
            };
            let outside = self.named_address(plan, index, &outside)?;
            let inside = self.named_address(plan, index, &inside)?;
            let declared = self.boundary(&outside)?.declare(&outside).await;
            declared.map_err(StageError::setting_the_scene)?;
            let place = self.place(plan, index, Faces { outside, inside }).await?;
            Ok::<_, StageError>(Some(place))
        });
        try_join_all(places).await
    }

    /// The address of a hop that is known before anybody listens there. Whoever shares the
    /// messages of another hop gets them at its place; where dead letters go, the place that they
    /// come from says.
    fn named_address(
        &self,
        plan: &Plan,
        index: usize,
        endpoint: &str,
    ) -> Result<Address, StageError> {
        let hop = &plan.route.hops()[index];
        let name = |hop: usize| token(self.run, hop).to_string();
        let Origin::Shared(other) = hop.origin else {
            let address = address_of(hop, endpoint, &name(index))?;
            let mut letters = plan.route.sharing(index);
            let letters = letters.find(|&letters| plan.route.hops()[letters].is_dead_letter());
            return Ok(match letters.filter(|&letters| letters != index) {
                Some(letters) => {
                    let fault = plan.fault(letters, Maker::Middle);
                    let name = match fault.is_some() || plan.middles.contains_key(&letters) {
                        true => before(&name(letters)),
                        false => name(letters),
                    };
                    address.with_param("dead-letter", &name)
                }
                None => address,
            });
        };
        let address = address_of(hop, endpoint, &name(other))?;
        Ok(address.with_param("group", &name(index)))
    }

    /// A place for an address that is known: with a middle if the hop is to have one, and with
    /// taps if there are to be taps.
    pub(super) async fn place(
        &self,
        plan: &Plan,
        index: usize,
        address: Faces,
    ) -> Result<Place, StageError> {
        let hop = &plan.route.hops()[index];
        let fault = plan.fault(index, Maker::Middle);
        let boundary = self.boundary(&address.outside)?;
        if let Some(middle) = plan.middles.get(&index) {
            return passage::through(self, plan, index, &boundary, address, middle).await;
        }
        let (sightings, seen) = mpsc::unbounded_channel();
        let recorder = Recorder::from(sightings);
        let recorder = match fault.and_then(|fault| fault.middle(hop.over)) {
            Some(middle) if hop.over.is_messaging() => {
                let endpoint = address.outside.endpoint();
                let name = token(self.run, index).to_string();
                let before = address_of(hop, &endpoint, &before(&name))?;
                let recorder = recorder.changing(middle);
                let tap = bridge(boundary, &before, &address.outside, recorder).await?;
                let inside = before.behind(&address.inside.endpoint())?;
                return Ok(Place {
                    sender: Faces {
                        outside: tap.sender.clone(),
                        inside,
                    },
                    receiver: Some(address),
                    taps: vec![tap],
                    seen: Some(seen),
                    middle: None,
                });
            }
            Some(middle) => Some(recorder.changing(middle)),
            None => self.taps.then_some(recorder),
        };
        let tapped = self.tapped(&boundary, address, recorder).await?;
        Ok(Place {
            sender: tapped.sender,
            receiver: Some(tapped.receiver),
            seen: tapped.tap.is_some().then_some(seen),
            taps: tapped.tap.into_iter().collect(),
            middle: None,
        })
    }

    /// Puts a tap before an address, if there is a recorder for one.
    pub(super) async fn tapped(
        &self,
        boundary: &Arc<dyn Boundary>,
        address: Faces,
        recorder: Option<Recorder>,
    ) -> Result<Tapped, StageError> {
        let Some(recorder) = recorder else {
            return Ok(Tapped {
                sender: address.clone(),
                receiver: address,
                tap: None,
            });
        };
        let tap = boundary.tap(&address.outside, self.bind, recorder).await?;
        let face = |tapped: &Address| match *tapped == address.outside {
            true => Ok(address.clone()),
            false => self.ours(tapped.clone()),
        };
        Ok(Tapped {
            sender: face(&tap.sender)?,
            receiver: face(&tap.receiver)?,
            tap: Some(tap),
        })
    }

    /// The engine, where a container is wanted.
    pub(super) fn engine(&self) -> Result<&'a Engine, StageError> {
        let missing =
            || StageError::Harness("a container is wanted on a stage without Docker".to_owned());
        self.engine.ok_or_else(missing)
    }

    /// The faces of something that this process listens on.
    pub(super) fn ours(&self, outside: Address) -> Result<Faces, StageError> {
        let inside = match (self.engine, outside.port()) {
            (Some(engine), Some(port)) => {
                outside.behind(&format!("{}:{port}", engine.host_as_seen_inside()))?
            }
            _ => outside.clone(),
        };
        Ok(Faces { outside, inside })
    }

    fn boundary(&self, address: &Address) -> Result<Arc<dyn Boundary>, StageError> {
        Ok(Arc::clone(self.shared.boundaries.at(address)?))
    }
}

/// The address of a hop at an endpoint, with what the route says of it.
pub(super) fn address_of(hop: &Hop, endpoint: &str, token: &str) -> Result<Address, StageError> {
    let address = hop.over.address_of(endpoint, token)?;
    let params = hop.params.iter();
    Ok(params.fold(address, |address, (key, value)| {
        address.with_param(key, value)
    }))
}

/// The name of the place before a middle.
pub(super) fn before(token: &str) -> String {
    format!("{token}_before")
}

impl Faces {
    /// The face that a service can reach.
    pub(super) fn for_whom(&self, contained: bool) -> &Address {
        match contained {
            true => &self.inside,
            false => &self.outside,
        }
    }
}
