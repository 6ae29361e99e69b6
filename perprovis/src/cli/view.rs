//! How text is shown: as wide as the terminal, and with its colours.

use std::io;

use perprovis::{ColorChoice, SortBy, TextOptions};

use super::output::Output;

/// Options of all commands that show the text report.
#[derive(clap::Args)]
pub(super) struct View {
    /// Show so many functions at most.
    #[arg(long, short = 'n', value_name = "FUNCTIONS", default_value_t = TextOptions::DEFAULT_TOP)]
    pub(super) top: usize,

    /// Put the functions with the largest first.
    #[arg(long, short, value_name = "BY", value_enum, default_value_t = Sort::Total)]
    pub(super) sort: Sort,

    #[command(flatten)]
    layout: Layout,
}

/// Options of all commands that show text.
#[derive(clap::Args)]
pub(super) struct Layout {
    /// Let no line be wider. Else as wide as the terminal, or 100 columns where there is none.
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,

    /// Use colours. `auto` is for terminals, and obeys NO_COLOR and CLICOLOR_FORCE.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

/// When colours are used.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// What functions are sorted by.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Sort {
    /// Time with callees
    Total,
    /// Time without profiled callees
    #[value(name = "self")]
    Own,
    /// Number of calls
    Calls,
    /// Mean duration of a call
    Avg,
    /// The longest call
    Max,
}

impl Layout {
    /// For text that goes there.
    pub(super) fn options(&self, output: &Output) -> TextOptions {
        let options = TextOptions::new().color(match self.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        });
        let options = self.width.map_or(options, |columns| options.width(columns));
        match output {
            Output::Stdout => options.for_stream(&io::stdout()),
            Output::File(_) => options,
        }
    }
}

impl View {
    pub(super) fn options(&self) -> TextOptions {
        let sort = match self.sort {
            Sort::Total => SortBy::TotalTime,
            Sort::Own => SortBy::SelfTime,
            Sort::Calls => SortBy::CallCount,
            Sort::Avg => SortBy::AvgTime,
            Sort::Max => SortBy::MaxTime,
        };
        self.layout.options(&Output::Stdout).top(self.top).sort(sort)
    }
}
