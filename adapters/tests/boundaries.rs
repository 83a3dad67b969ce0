//! The conformance suite, mounted for every boundary.

use std::sync::Arc;

use unbroken_adapters::conformance::{self, Ground};
use unbroken_adapters::{Boundary, grpc::Grpc, http::Http, memory::Memory};

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
                assert_eq!(conformance::CLAUSES.map(|(name, _)| name), mounted);
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

fn direct(boundary: impl Boundary + 'static) -> Ground {
    Ground::new(Arc::new(boundary), "")
}
