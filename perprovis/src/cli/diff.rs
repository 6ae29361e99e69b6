//! `perprovis diff`.

use std::ffi::OsString;
use std::io;

use clap::ValueEnum;
use perprovis::{Error, TextOptions};

use super::failure::{Exit, Failure, Outcome};
use super::output::Output;
use super::sides::Sides;
use super::view::Layout;

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis diff before.json after.json
  perprovis diff runs/before/ runs/after/ -o change.svg
  perprovis diff --base old-*.json --new new-*.json --format markdown";

/// There are two ways to name the sides.
const USAGE: &str = "\
perprovis diff [OPTIONS] <BASE> <NEW>
       perprovis diff [OPTIONS] --base <FILE>... --new <FILE>...";

/// Show what changed between profiles.
///
/// For each function how much more or less time it takes, with an interval, and whether it is slower,
/// faster, the same, or whether the runs do not tell. Several runs a side, alternating, tell small changes from
/// noise: name folders of them, or use --base and --new.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub(super) struct Arguments {
    #[command(flatten)]
    sides: Sides,

    /// Write to this file, in the format of its ending: .txt, .md, .json, .svg (flame graph, slower
    /// red, faster blue) or .html (a page to explore). `-` is standard output.
    #[arg(long, short, value_name = "OUT", default_value = "-")]
    output: OsString,

    /// The format, where OUT does not say. On standard output it is text unless told otherwise.
    #[arg(long, short, value_name = "FORMAT", value_enum)]
    format: Option<Picture>,

    /// Show so many functions at most.
    #[arg(long, short = 'n', value_name = "FUNCTIONS", default_value_t = TextOptions::DEFAULT_TOP)]
    top: usize,

    #[command(flatten)]
    layout: Layout,
}

/// How a difference can be looked at.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Picture {
    /// A table for terminals
    Text,
    /// A table for a comment on a pull request
    #[value(alias = "md")]
    Markdown,
    /// For programs
    Json,
    /// A flame graph: slower red, faster blue
    Svg,
    /// A page to explore in a browser
    Html,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let output = Output::from(self.output.clone());
        let picture = self.format.map_or_else(|| Picture::of(&output), Ok)?;
        let text = match picture {
            Picture::Svg | Picture::Html => {
                self.draw(&output, picture)?;
                return Ok(Exit::Fine);
            }
            Picture::Text => {
                self.sides.compare()?.to_text_with(self.layout.options(&output).top(self.top))
            }
            Picture::Markdown => self.sides.compare()?.to_markdown(self.top),
            Picture::Json => self.sides.compare()?.to_json() + "\n",
        };
        output.put(&text)?;
        Ok(Exit::Fine)
    }

    fn draw(&self, output: &Output, picture: Picture) -> Result<(), Failure> {
        let (base, new) = self.sides.merged()?;
        let drawn: Result<(), Error> = match (output, picture) {
            (Output::File(path), Picture::Svg) => new.export_svg_difference(&base, path),
            (Output::File(path), _) => new.export_html_difference(&base, path),
            (Output::Stdout, Picture::Svg) => new.write_svg_difference(&base, io::stdout().lock()),
            (Output::Stdout, _) => new.write_html_difference(&base, io::stdout().lock()),
        };
        drawn.map_err(|error| Failure::about(output, &error))
    }
}

impl Picture {
    /// By the ending of a file's name.
    fn of(output: &Output) -> Result<Picture, Failure> {
        let Output::File(path) = output else { return Ok(Picture::Text) };
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        Ok(match &*ending {
            "txt" => Picture::Text,
            "md" => Picture::Markdown,
            "json" => Picture::Json,
            "svg" => Picture::Svg,
            "html" => Picture::Html,
            _ => {
                return Err(Failure::new(format!(
                    "cannot tell the format of {path:?} by its name; it may end with .txt, .md, .json, .svg, \
                     .html, or use --format"
                )));
            }
        })
    }
}
