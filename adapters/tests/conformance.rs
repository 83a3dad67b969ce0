//! The conformance suite, mounted for every boundary.

use std::net::IpAddr;
use std::sync::Arc;

use unbroken_adapters::conformance::{self, Ground};
use unbroken_adapters::tap::{Recorder, Tap};
use unbroken_adapters::{
    Address, Boundary, BoundaryError, Carrier, Descriptor, Handler, Message, Receipt, Semantics,
    Serving, Side,
};
use unbroken_adapters::{grpc::Grpc, http::Http, memory::Memory, sqs::Sqs};

/// One test for each clause, so that a failure names it.
macro_rules! mount {
    ($boundary:ident, $ground:expr $(, $ignored:literal)?) => {
        mount!(@clauses $boundary, $ground, ($($ignored)?),
            declares_twice,
            carries_what_is_sent,
            repeats_names_as_described,
            carries_bytes_as_described,
            carries_empty_values_as_described,
            delivers_no_more_than_asked,
            taps_both_sides,
            survives_a_failing_handler,
            stops_when_it_is_dropped,
            says_that_nobody_listens,
        );
    };
    (@clauses $boundary:ident, $ground:expr, $ignored:tt, $($clause:ident,)*) => {
        mod $boundary {
            use super::*;
            $(mount!(@clause $clause, $ground, $ignored);)*

            #[test]
            fn no_clause_is_left_out() {
                let mounted = [$(stringify!($clause)),*];
                let all = conformance::CLAUSES.iter().map(|(name, _)| *name);
                assert_eq!(all.collect::<Vec<_>>(), mounted);
            }
        }
    };
    (@clause $clause:ident, $ground:expr, ($($ignored:literal)?)) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        $(#[ignore = $ignored])?
        async fn $clause() {
            assert_eq!(conformance::$clause(&$ground).await, Ok(()));
        }
    };
}

mount!(memory, direct(Memory::default()));
mount!(http, direct(Http::default()));
mount!(grpc, direct(Grpc::default()));
mount!(
    sqs,
    broker("ELASTICMQ", Sqs::default()),
    "needs ElasticMQ at UNBROKEN_TEST_ELASTICMQ"
);
mount!(
    sqs_trace_header,
    broker("ELASTICMQ", Sqs::default()).with_param("carrier", "header"),
    "needs ElasticMQ at UNBROKEN_TEST_ELASTICMQ"
);

/// A boundary that loses its carrier does not get through.
#[tokio::test]
async fn a_boundary_that_loses_its_carrier_is_found_out() {
    let ground = direct(Forgetful(Memory::default()));
    for (name, clause) in conformance::CLAUSES {
        let kept = clause(&ground).await.is_ok();
        let looks_at_the_carrier = name.starts_with("carries")
            || name.starts_with("repeats")
            || ["delivers_no_more_than_asked", "taps_both_sides"].contains(&name);
        assert_eq!(kept, !looks_at_the_carrier, "{name}");
    }
}

struct Forgetful(Memory);

#[async_trait::async_trait]
impl Boundary for Forgetful {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        self.0.semantics(address, side)
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        self.0.declare(address).await
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let carrier = Carrier::new();
        self.0.send(address, Message { carrier, ..message }).await
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
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

fn direct(boundary: impl Boundary + 'static) -> Ground {
    Ground::new(Arc::new(boundary), "")
}

/// Brokers are started by whoever runs the ignored tests, and shared by them.
fn broker(name: &str, boundary: impl Boundary + 'static) -> Ground {
    let variable = format!("UNBROKEN_TEST_{name}");
    let endpoint = std::env::var(&variable).expect(&variable);
    Ground::new(Arc::new(boundary), endpoint)
}
