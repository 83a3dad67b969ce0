//! The boundaries of Unbroken: transports, their carriers, taps on
//! the wire, a strict W3C propagator, and the reference service.
//!
//! A map, in the order in which a message meets the parts:
//!
//! | where | what |
//! |---|---|
//! | [`Address`] | where a hop goes: the `url` of the route protocol |
//! | [`Carrier`] | where context stands: an ordered list of name → bytes |
//! | [`Boundary`] | the one trait of a transport: declare, send, serve, tap, and describe itself |
//! | `http` `grpc` `kafka` `amqp` `sqs` `memory` | one folder for each transport |
//! | [`Format`] | in which formats context stands on a carrier |
//! | [`tap`] | recorders on a hop that see the carrier on the wire |
//! | [`w3c`] | `traceparent`, `tracestate` and `baggage`, and the propagator |
//! | [`b3`] [`xray`] | the formats of Zipkin and of AWS |
//! | [`conformance`] | what every boundary must do, to be run against your own |
//! | [`service`] | the reference service: takes its element off a route and sends the rest on |
//!
//! Nothing here judges. To add a boundary, copy the neighbour that is most like it and name it
//! in [`Boundaries::all`]. Start here: [`Boundary`].

mod address;
pub mod amqp;
pub mod b3;
mod boundaries;
mod boundary;
mod carrier;
pub mod conformance;
mod fault;
mod format;
#[cfg(test)]
mod fuzz;
pub mod grpc;
pub mod http;
pub mod kafka;
mod listen;
pub mod memory;
mod reason;
mod relation;
pub mod service;
pub mod sqs;
pub mod tap;
pub mod w3c;
pub mod xray;

pub use address::{Address, AddressError};
pub use boundaries::Boundaries;
pub use boundary::{
    Boundary, BoundaryError, Broker, Capabilities, Delivery, Descriptor, Handler, Limits, Medium,
    Message, Receipt, Refusal, Semantics, Serving, Side,
};
pub use carrier::Carrier;
pub use fault::{Fault, FaultError, Maker};
pub use format::{Format, FormatError};
pub use relation::{Relation, RelationError};
