//! The `phanloai` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    phanloai::cli::main()
}
