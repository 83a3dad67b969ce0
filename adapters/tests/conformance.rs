//! The conformance suite finds a boundary that breaks it. Those of Unbroken are tried in `tests/`,
//! where the stage starts their brokers.

use std::net::IpAddr;
use std::sync::Arc;

use futures::FutureExt;
use unbroken_adapters::conformance::{CLAUSES, Ground};
use unbroken_adapters::memory::Memory;
use unbroken_adapters::tap::{Recorder, Tap};
use unbroken_adapters::{
    Address, Boundary, BoundaryError, Carrier, Descriptor, Handler, Message, Receipt, Refusal,
    Semantics, Serving, Side,
};

/// Each clause that these keep.
async fn kept(boundary: impl Boundary + 'static) -> Vec<&'static str> {
    let ground = Ground::new(Arc::new(boundary), "");
    let mut kept = Vec::new();
    for (name, clause) in CLAUSES {
        if clause(&ground).await.is_ok() {
            kept.push(*name);
        }
    }
    kept
}

#[tokio::test]
async fn a_boundary_that_loses_its_carrier_is_found_out() {
    let kept = kept(Mistaken(Memory::default(), Mistake::LosesCarriers)).await;
    let looks_elsewhere = |name: &&str| {
        let carrier = [
            "carries",
            "repeats",
            "delivers",
            "crosses",
            "taps",
            "brings",
            "does",
            "hands_over_several",
            "fans",
        ];
        !carrier.iter().any(|begins| name.starts_with(begins))
    };
    let expected: Vec<_> = CLAUSES
        .iter()
        .map(|(name, _)| *name)
        .filter(looks_elsewhere)
        .collect();
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_boundary_that_sends_twice_is_found_out() {
    let kept = kept(Mistaken(Memory::default(), Mistake::SendsTwice)).await;
    for clause in [
        "delivers_no_more_than_asked",
        "taps_both_sides",
        "hands_over_several_as_one",
        "brings_again_what_was_not_taken",
    ] {
        assert!(!kept.contains(&clause), "{clause}");
    }
}

#[tokio::test]
async fn a_boundary_that_does_not_know_its_error_is_found_out() {
    let kept = kept(Mistaken(Memory::default(), Mistake::RefusesAlways)).await;
    assert!(!kept.contains(&"says_that_nobody_listens"));
}

#[tokio::test]
async fn a_boundary_that_brings_again_what_was_rejected_is_found_out() {
    let kept = kept(Mistaken(Memory::default(), Mistake::BringsAllAgain)).await;
    assert!(!kept.contains(&"does_not_bring_again_what_was_rejected"));
}

#[tokio::test]
async fn a_boundary_whose_groups_share_is_found_out() {
    let kept = kept(Mistaken(Memory::default(), Mistake::KnowsNoGroups)).await;
    assert!(!kept.contains(&"fans_out_as_described"));
}

/// A boundary that would work, were it not for this.
struct Mistaken(Memory, Mistake);

enum Mistake {
    LosesCarriers,
    SendsTwice,
    RefusesAlways,
    BringsAllAgain,
    KnowsNoGroups,
}

#[async_trait::async_trait]
impl Boundary for Mistaken {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        self.0.semantics(address, side)
    }

    fn place(&self, address: &Address) -> String {
        self.0.place(address)
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        self.0.declare(address).await
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let Self(memory, mistake) = self;
        let carrier = match mistake {
            Mistake::LosesCarriers => Carrier::new(),
            Mistake::SendsTwice => {
                memory.send(address, message.clone()).await?;
                message.carrier
            }
            Mistake::BringsAllAgain | Mistake::KnowsNoGroups => message.carrier,
            Mistake::RefusesAlways => {
                return Err(BoundaryError::Refused {
                    boundary: self.descriptor().name,
                    address: address.clone(),
                    reason: "on principle".to_owned(),
                });
            }
        };
        memory.send(address, Message { carrier, ..message }).await
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let changed: fn(Refusal) -> Result<(), Refusal> = match self.1 {
            Mistake::BringsAllAgain => |refusal| Err(Refusal::Again(refusal.to_string())),
            _ => Err,
        };
        let address = match self.1 {
            Mistake::KnowsNoGroups => &Address::parse(&format!("memory://{}", address.host()))?,
            _ => address,
        };
        let handler: Handler = Arc::new(move |delivery| {
            let outcome = handler(delivery);
            async move { outcome.await.or_else(changed) }.boxed()
        });
        self.0.serve(address, max_messages, handler).await
    }

    async fn tap(
        &self,
        address: &Address,
        bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        self.0.tap(address, bind, recorder).await
    }
}
