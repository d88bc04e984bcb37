//! The `kernia` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    kernia_cli::main()
}
