//! The reference service keeps every must-rule, and most of the rest.

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use unbroken_adapters::service::{Config, Listen, Service, Taking};
use unbroken_adapters::{Address, Boundaries, Format, Relation};

use super::{check, check_at, pinned};

/// A reference service in this process that listens there, speaks these formats and makes spans so,
/// for as long as `act` takes.
fn speaking<T>(
    formats: &str,
    at: &str,
    provider: impl FnOnce() -> SdkTracerProvider,
    act: impl FnOnce(&Address) -> T,
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
            address: Address::parse(at).expect("an address"),
            relation: Relation::Child,
            taking: Taking::Each,
            fault: None,
        }],
        provider,
        boundaries: Boundaries::all(),
        formats: Format::list(formats).expect("formats"),
        send_timeout: Duration::from_secs(10),
        problems,
    }));
    let service = service.expect("it listens");
    act(service.addresses().next().expect("it listens"))
}

/// One that speaks W3C's format alone.
fn exporting<T>(
    at: &str,
    provider: impl FnOnce() -> SdkTracerProvider,
    act: impl FnOnce(&Address) -> T,
) -> T {
    speaking("tracecontext", at, provider, act)
}

/// The same, where its spans go nowhere.
fn listening<T>(at: &str, act: impl FnOnce(&Address) -> T) -> T {
    exporting(at, SdkTracerProvider::default, act)
}

/// The same over HTTP.
pub(super) fn beside<T>(act: impl FnOnce(u16) -> T) -> T {
    beside_speaking("tracecontext", act)
}

/// The same over HTTP, where it speaks these formats.
pub(super) fn beside_speaking<T>(formats: &str, act: impl FnOnce(u16) -> T) -> T {
    let at = "http://127.0.0.1:0/check";
    speaking(formats, at, SdkTracerProvider::default, |address| {
        act(address.port().expect("an address with a port"))
    })
}

/// The same over HTTP, where its spans go somewhere.
pub(super) fn exporting_beside<T>(
    provider: impl FnOnce() -> SdkTracerProvider,
    act: impl FnOnce(u16) -> T,
) -> T {
    exporting("http://127.0.0.1:0/check", provider, |address| {
        act(address.port().expect("an address with a port"))
    })
}

#[test]
fn the_reference_service_keeps_every_must() {
    let ended = beside(|port| check(port, "/check", &[]));
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    pinned("reference", &ended);
}

#[test]
fn the_suite_says_of_the_reference_service_what_it_says_there() {
    let ended = beside(|port| check(port, "/check", &["--suite", "--spec", "2"]));
    pinned("reference-suite", &ended);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
}

#[test]
fn over_grpc_the_probe_is_on_loopback_if_nothing_is_said() {
    let ended = listening("grpc://127.0.0.1:0/unbroken.Check/Take", |address| {
        check_at(address.as_str(), &[])
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    pinned("reference-grpc", &ended);
}

#[test]
fn the_two_ends_may_be_of_different_boundaries() {
    let http = "http://127.0.0.1:0/check";
    let ended = listening(http, |address| {
        check_at(address.as_str(), &["--probe", "grpc=127.0.0.1:0"])
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let grpc = "grpc://127.0.0.1:0/unbroken.Check/Take";
    let probe = "http=0.0.0.0:0,as=http://localhost:1";
    let ended = listening(grpc, |address| {
        check_at(address.as_str(), &["--probe", probe, "--timeout", "1"])
    });
    // Nobody is there: it does call where it is told to.
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("http://localhost:1/"), "{ended:#?}");
    assert!(ended.out.contains("cannot be reached"), "{ended:#?}");
    let ended = listening(grpc, |address| {
        check_at(address.as_str(), &["--probe", "http=0.0.0.0:0"])
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
}
