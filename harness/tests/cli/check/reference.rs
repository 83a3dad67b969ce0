//! The reference service keeps every must-rule, and most of the rest.

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use unbroken_adapters::service::{Config, Listen, Service, Taking};
use unbroken_adapters::{Address, Boundaries, Format, Relation};

use super::{check, pinned};

/// A reference service in this process, for as long as `act` takes.
pub(super) fn beside<T>(
    provider: impl FnOnce() -> SdkTracerProvider,
    act: impl FnOnce(u16) -> T,
) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // An exporter may need it.
    let provider = {
        let _entered = runtime.enter();
        provider()
    };
    let (problems, _heard) = tokio::sync::mpsc::unbounded_channel();
    let service = runtime.block_on(Service::start(Config {
        name: "subject".to_owned(),
        listen: vec![Listen {
            address: Address::parse("http://127.0.0.1:0/check").expect("an address"),
            relation: Relation::Child,
            taking: Taking::Each,
            fault: None,
        }],
        provider,
        boundaries: Boundaries::all(),
        formats: vec![Format::TraceContext],
        send_timeout: Duration::from_secs(10),
        problems,
    }));
    let service = service.expect("it listens");
    let port = service.addresses().next().and_then(Address::port);
    act(port.expect("an address with a port"))
}

#[test]
fn the_reference_service_keeps_every_must() {
    let ended = beside(SdkTracerProvider::default, |port| {
        check(port, "/check", &[])
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    pinned("reference", &ended);
}

#[test]
fn the_suite_says_of_the_reference_service_what_it_says_there() {
    let ended = beside(SdkTracerProvider::default, |port| {
        check(port, "/check", &["--suite", "--spec", "2"])
    });
    pinned("reference-suite", &ended);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
}
