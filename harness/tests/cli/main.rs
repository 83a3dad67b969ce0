//! The command `unbroken`, as whoever calls it sees it: exit codes, reports, and what it leaves.

mod broken;
mod check;
mod docker;
mod environment;
mod exits;
mod losses;
mod many;
mod program;
mod reports;
mod server;
mod signals;
