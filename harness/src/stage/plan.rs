//! What a scenario wants to happen: a route, and who plays its services.

use std::collections::{BTreeMap, BTreeSet};

use unbroken_adapters::service::{Sending, Taking};
use unbroken_adapters::w3c::parse_tracestate;
use unbroken_adapters::{Address, Fault, Maker, Medium, Relation};

use super::Middle;
use crate::request::Request;
use crate::route::{Origin, Route};
use crate::story::OwnAccord;

/// A route and its cast.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For messages and span names.
    pub name: String,
    /// What the request is to do.
    pub route: Route,
    /// Who plays a service; whoever is not in here is the reference service in this process.
    pub cast: BTreeMap<String, Participant>,
    /// What a hop passes through on its way, beside what the boundary itself is.
    pub middles: BTreeMap<usize, Middle>,
    /// Services that export no spans to this collector.
    pub silent: BTreeSet<String>,
    /// What services do of their own accord, and for no request.
    pub own_accord: OwnAccord,
    /// The mistakes that are to be made, by hop. They are no part of the route: whoever judges
    /// must not know of them.
    pub faults: BTreeMap<usize, Fault>,
    /// What the request carries beside its ids, and where it is not to be carried.
    pub request: Request,
}

/// Who plays a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Participant {
    /// The reference service, in a container of its own, exporting over the network.
    Contained,
    /// A subject in a container.
    Image(Subject),
    /// A subject that somebody else runs.
    Listening {
        /// Where it is called.
        address: Address,
    },
}

/// How deep JSON may nest for the commonest of parsers: a hop is a list and an object.
const DEEPEST: usize = 60;

/// A service under test, as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `repository:tag`. It must be here already.
    pub image: String,
    /// Where it listens, if it is called; else it consumes what its environment says.
    pub port: Option<u16>,
    /// What its log says when it is ready.
    pub ready: String,
    /// What it is told beside where to listen and where to export: variables and their values.
    pub environment: BTreeMap<String, String>,
}

impl Plan {
    /// Who plays a service; nobody in particular is the reference service in this process.
    pub fn participant(&self, service: &str) -> Option<&Participant> {
        self.cast.get(service)
    }

    /// Whether the reference service plays a service: it does what it is told.
    fn is_ours(&self, service: &str) -> bool {
        let player = self.participant(service);
        matches!(player, None | Some(Participant::Contained))
    }

    /// The mistake that is to be made on a hop by one of those who can.
    pub fn fault(&self, hop: usize, maker: Maker) -> Option<Fault> {
        let fault = self.faults.get(&hop).copied();
        fault.filter(|fault| fault.maker() == maker)
    }

    /// Makes a mistake part of the first hop from one service to another that suffers none yet;
    /// whether there is one.
    pub fn suffer(&mut self, from: &str, to: &str, fault: Fault) -> bool {
        let mut hops = self.route.hops().iter().enumerate();
        let hop = hops.find(|(index, hop)| {
            hop.from == from && hop.to == to && !self.faults.contains_key(index)
        });
        hop.map(|(index, _)| self.faults.insert(index, fault))
            .is_some()
    }

    /// Whether a service runs in a container, and so sees other addresses than we do.
    pub fn is_contained(&self, service: &str) -> bool {
        matches!(
            self.participant(service),
            Some(Participant::Contained | Participant::Image(_))
        )
    }

    /// Whether services take part that others wrote, and that are started for this.
    pub fn has_images(&self) -> bool {
        let mut cast = self.cast.values();
        cast.any(|participant| matches!(participant, Participant::Image(_)))
    }

    /// Whether a hop goes over the broker of this name.
    pub fn needs(&self, broker: &str) -> bool {
        let mut hops = self.route.hops().iter();
        hops.any(|hop| matches!(hop.over.medium, Medium::Broker(needed) if needed.name == broker))
    }

    /// Why a hop cannot be made as it is to be made, by those who are to make it.
    fn objection_to_a_shape(&self) -> Option<String> {
        let hops = self.route.hops();
        for (index, hop) in hops.iter().enumerate() {
            let told = match hop.origin {
                Origin::Own(Sending::Once | Sending::Retrying) => None,
                Origin::Own(_) if !self.is_ours(&hop.from) => Some(&hop.from),
                _ => None,
            };
            let told = told.or(match hop.taking {
                Taking::AfterFailing | Taking::InBackground if !self.is_ours(&hop.to) => {
                    Some(&hop.to)
                }
                _ => None,
            });
            if let Some(service) = told {
                return Some(format!(
                    "how {hop} is made would have to be told to {service:?}, and only the reference \
                     service can be told"
                ));
            }
            let held = |hop: usize| hops[hop].taking == Taking::Held;
            let mut before = self.route.way(index).skip(1);
            if hop.taking == Taking::Held && before.any(held) {
                return Some(format!(
                    "{hop} comes after a hop that is held, and cannot be held too"
                ));
            }
        }
        None
    }

    /// Why a mistake cannot be made on a hop that is made as this one is, if it cannot.
    fn cannot_be_made_here(&self, index: usize, fault: Fault) -> Option<&'static str> {
        let hop = &self.route.hops()[index];
        let spans = matches!(fault, Fault::NeverExported | Fault::Uninstrumented);
        match (hop.origin, fault.maker()) {
            (Origin::Shared(_), Maker::Sender | Maker::Middle)
            | (Origin::Rejected(_), Maker::Sender) => {
                Some("its message is that of another hop: let that one suffer")
            }
            (Origin::Own(Sending::FromOutbox | Sending::Retrying), Maker::Sender) if spans => {
                Some("the span is made otherwise there")
            }
            _ if hop.taking == Taking::InBackground && fault == Fault::Doubled => {
                Some("its receiver works in the background")
            }
            _ => None,
        }
    }

    /// What a hop must be for a mistake to be one, if it is not.
    fn shape_missing(&self, index: usize, fault: Fault) -> Option<&'static str> {
        let hop = &self.route.hops()[index];
        let several = self.route.messages(index) > 1;
        let (is_so, shape) = match fault {
            Fault::LastIsParent | Fault::LinkMissing => (
                matches!(hop.taking, Taking::Together(_)),
                "is \"taken as one\"",
            ),
            Fault::StreamUnattended => (
                matches!(hop.origin, Origin::Own(Sending::AsOne(_))),
                "is made \"3 as one\"",
            ),
            Fault::DeadLetterStripped => (
                matches!(hop.origin, Origin::Rejected(_)),
                "gets a \"dead letter\"",
            ),
            Fault::Overwritten => (
                hop.origin == Origin::Own(Sending::FromOutbox),
                "is made \"from the outbox\"",
            ),
            Fault::Continued => (
                hop.relation == Relation::Root && several,
                "begins anew (`root`), \"3 times\"",
            ),
            _ => (true, ""),
        };
        (!is_so).then_some(shape)
    }

    /// Why a hop cannot pass through a middle, if it cannot.
    fn cannot_pass(&self, index: usize, middle: &Middle) -> Option<String> {
        let hop = &self.route.hops()[index];
        let name = middle.name();
        if let Some(why) = middle.objection(hop.over) {
            let over = hop.over.name;
            return Some(format!(
                "a hop over {over} cannot pass through {name:?}: {why}"
            ));
        }
        if matches!(hop.origin, Origin::Shared(_)) {
            return Some(format!(
                "the hop to {:?} shares the messages of an earlier one: that one passes through \
                 {name:?}, or none",
                hop.to
            ));
        }
        let fault = self.fault(index, Maker::Middle)?;
        Some(format!(
            "the hop to {:?} passes through {name:?}, and {fault} is made by another middle: one \
             hop, one middle",
            hop.to
        ))
    }

    /// Why this plan cannot be carried out, if it cannot.
    pub fn objection(&self) -> Option<String> {
        let hops = self.route.hops();
        if let Some(deepest) = (0..hops.len()).map(|hop| self.route.depth(hop)).max()
            && deepest > DEEPEST
        {
            return Some(format!(
                "the route is {deepest} hops deep; the body that carries it nests {DEEPEST} at most"
            ));
        }
        let mut middles = self.middles.iter();
        if let Some(why) = middles.find_map(|(&index, middle)| self.cannot_pass(index, middle)) {
            return Some(why);
        }
        for (&index, &fault) in &self.faults {
            let hop = &hops[index];
            if let Some(why) = fault.objection(hop.over, hop.after.is_none()) {
                return Some(format!(
                    "{fault} cannot be made over {}: {why}",
                    hop.over.name
                ));
            }
            if let Some(why) = self.cannot_be_made_here(index, fault) {
                return Some(format!("{fault} cannot be made on {hop}: {why}"));
            }
            if let Some(shape) = self.shape_missing(index, fault) {
                return Some(format!("{fault} can be made only on a hop that {shape}"));
            }
            let service = match fault.maker() {
                Maker::Sender => &hop.from,
                Maker::Receiver => &hop.to,
                Maker::Middle => continue,
            };
            if !self.is_ours(service) {
                return Some(format!(
                    "{service:?} is to make the mistake {fault}, and only the reference service \
                     makes mistakes when it is told to"
                ));
            }
        }
        let services = self.route.services();
        if let Some(objection) = self.objection_to_the_request() {
            return Some(objection);
        }
        let described = self.cast.keys().chain(self.own_accord.keys());
        let described = described.chain(&self.silent);
        let mut described = described.chain(self.request.services());
        if let Some(stranger) = described.find(|name| !services.contains(&name.as_str())) {
            return Some(format!(
                "{stranger:?} is described, but no hop of the route leads to it; there are {}",
                services.join(", ")
            ));
        }
        if let Some(objection) = self.objection_to_a_shape() {
            return Some(objection);
        }
        let mut held = hops.iter().filter(|hop| hop.taking == Taking::Held);
        if let Some(hop) = held.find(|hop| self.cast.contains_key(&hop.to)) {
            return Some(format!(
                "{:?} is to be held, and only the reference service in this process can be",
                hop.to
            ));
        }
        for (service, participant) in &self.cast {
            if service == self.route.entry() {
                return Some(format!(
                    "{service:?} is the entry of the route, and the entry is always ours: put a \
                     client before it"
                ));
            }
            let hops = self
                .route
                .reaching(service)
                .map(|hop| &self.route.hops()[hop]);
            for hop in hops {
                let direct = !hop.over.is_messaging();
                let refused = match participant {
                    Participant::Image(Subject { port: None, .. }) if direct => "no port is given",
                    Participant::Listening { .. } if !direct => "it listens at a URL",
                    Participant::Listening { address } if address.scheme() != hop.over.scheme => {
                        "it listens at a URL of another boundary"
                    }
                    _ if hop.over.medium == Medium::Process && self.is_contained(service) => {
                        "it runs outside of this process"
                    }
                    _ => continue,
                };
                return Some(format!(
                    "{service:?} cannot be reached over {}: {refused}",
                    hop.over.name
                ));
            }
        }
        None
    }

    /// Why the request cannot travel as it is said, if it cannot.
    fn objection_to_the_request(&self) -> Option<String> {
        let Request {
            luggage, formats, ..
        } = &self.request;
        if let Err(error) = parse_tracestate([luggage.trace_state.as_bytes()]) {
            return Some(format!(
                "{:?} is no trace state: {error}",
                luggage.trace_state
            ));
        }
        if let Some(subject) = formats.keys().find(|service| !self.is_ours(service)) {
            return Some(format!(
                "{subject:?} is told what to speak, and only the reference service can be told: \
                 configure it by its own environment"
            ));
        }
        let goes_on = |relation| {
            matches!(
                relation,
                Relation::Child | Relation::ChildAndLink | Relation::Either
            )
        };
        let mut hops = self.route.hops().iter();
        let gate =
            hops.find(|hop| self.request.beyond.contains(&hop.to) && goes_on(hop.relation))?;
        Some(format!(
            "{:?} stands beyond a trust boundary, so its trace begins anew: the hop to it is \
             follows-from or root, and not {}",
            gate.to, gate.relation
        ))
    }
}
