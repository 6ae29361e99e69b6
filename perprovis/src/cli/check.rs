//! `perprovis check`.

use perprovis::{Comparison, TextOptions};

use super::failure::{Exit, Outcome};
use super::output::{self, Output};
use super::sides::Sides;
use super::view::Layout;

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis check base.json new.json --max-regression 20%
  perprovis check runs/base/ runs/new/
  perprovis check --base base-*.json --new new-*.json --markdown >> $GITHUB_STEP_SUMMARY";

/// There are two ways to name the sides.
const USAGE: &str = "\
perprovis check [OPTIONS] <BASE> <NEW>
       perprovis check [OPTIONS] --base <FILE>... --new <FILE>...";

/// Fail if a function became slower.
///
/// For continuous integration: exits with 1 if the verdict on any function is *slower* and its time in a run
/// grew by more than --max-regression, else with 0. Noise of the machine is no regression: with five or
/// more runs a side, alternating, changes of a few percent are told from it; single runs tell
/// only large ones apart.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub(super) struct Arguments {
    #[command(flatten)]
    sides: Sides,

    /// How much more time a function may take.
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = percent)]
    max_regression: f64,

    /// Print Markdown, for a comment on a pull request.
    #[arg(long)]
    markdown: bool,

    /// Show so many functions at most.
    #[arg(long, short = 'n', value_name = "FUNCTIONS", default_value_t = TextOptions::DEFAULT_TOP)]
    top: usize,

    #[command(flatten)]
    layout: Layout,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let comparison = self.sides.compare()?;
        let table = if self.markdown {
            comparison.to_markdown(self.top)
        } else {
            comparison.to_text_with(self.layout.options(&Output::Stdout).top(self.top))
        };
        output::print(&format!("{table}\n{}\n", self.verdict(&comparison)))?;
        let is_worse = !comparison.regressions(self.max_regression).is_empty();
        Ok(if is_worse { Exit::Regression } else { Exit::Fine })
    }

    /// The result in one line.
    fn verdict(&self, comparison: &Comparison) -> String {
        let limit = self.max_regression * 100.0;
        let worse = comparison.regressions(self.max_regression);
        if worse.is_empty() {
            return format!("No function is slower by more than {limit}%.");
        }
        let worse: Vec<String> = worse
            .iter()
            .map(|function| {
                let (name, growth) = (visible(&function.name), (function.time.ratio - 1.0) * 100.0);
                if self.markdown {
                    // No quote of its own ends the quoted name.
                    format!("`{}` (+{growth:.1}%)", name.replace('`', "'"))
                } else {
                    format!("{name} (+{growth:.1}%)")
                }
            })
            .collect();
        format!("Slower by more than {limit}%: {}.", worse.join(", "))
    }
}

/// A name without what a terminal would act on: it comes from a file.
fn visible(name: &str) -> String {
    let shown = |character: char| match character {
        '\'' | '"' | '\\' => vec![character],
        _ => character.escape_debug().collect(),
    };
    name.chars().flat_map(shown).collect()
}

/// A share of one, from `5%` or `5`.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let percent: Option<f64> = number.parse().ok();
    let percent = percent.filter(|percent| percent.is_finite() && *percent >= 0.0);
    percent
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "expected a percentage such as 5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_files_cannot_act_on_a_terminal() {
        assert_eq!(visible("W<'_, é>::\x1b[31m\n\u{202e}"), "W<'_, é>::\\u{1b}[31m\\n\\u{202e}");
    }

    #[test]
    fn percentages_are_read_with_and_without_their_sign() {
        for (text, share) in
            [("5%", Some(0.05)), ("5", Some(0.05)), ("2.5 %", Some(0.025)), ("0", Some(0.0))]
        {
            assert_eq!(percent(text).ok(), share, "{text}");
        }
        for text in ["", "%", "-1", "NaN", "inf", "5%%", "five"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }
}
