//! `perprovis completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::failure::{Exit, Outcome};
use super::output;

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis completions bash > ~/.local/share/bash-completion/completions/perprovis
  perprovis completions fish > ~/.config/fish/completions/perprovis.fish
  perprovis completions zsh > ~/.zfunc/_perprovis      # a folder of $fpath";

/// Print a completion script for a shell.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell to complete for.
    shell: Shell,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut super::Arguments::command(),
            "perprovis",
            &mut script,
        );
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Fine)
    }
}
