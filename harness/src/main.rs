//! The command `unbroken`.

fn main() -> std::process::ExitCode {
    unbroken::cli::main()
}
