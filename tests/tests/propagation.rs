//! Every scenario of this project, against real brokers.

use std::process::ExitCode;

fn main() -> ExitCode {
    unbroken::main("../features")
}
