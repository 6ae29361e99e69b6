//! The command `perprovis`: a thin line between a terminal and the library.
#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
