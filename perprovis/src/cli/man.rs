//! `perprovis man`.

use std::io;

use clap::CommandFactory;

use super::failure::{Exit, Failure, Outcome};
use super::output;

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis man | man -l -
  perprovis man > ~/.local/share/man/man1/perprovis.1";

/// Print the manual page.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let page = page().map_err(|error| Failure::written(&error))?;
        output::print(&String::from_utf8_lossy(&page))?;
        Ok(Exit::Fine)
    }
}

/// The page of the command, with a section for each subcommand.
fn page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = super::Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands() {
        let man = clap_mangen::Man::new(subcommand.clone());
        let heading = format!(".SH \"PERPROVIS {}\"\n", subcommand.get_name().to_uppercase());
        page.extend_from_slice(heading.as_bytes());
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}
