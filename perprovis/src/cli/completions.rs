//! `perprovis completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::failure::{Exit, Outcome};
use super::output;

/// Print a completion script for a shell.
///
/// To install it for bash:  perprovis completions bash > ~/.local/share/bash-completion/completions/perprovis
///
/// for fish:  perprovis completions fish > ~/.config/fish/completions/perprovis.fish
///
/// for zsh, into a folder of $fpath:  perprovis completions zsh > ~/.zfunc/_perprovis
#[derive(clap::Args)]
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
