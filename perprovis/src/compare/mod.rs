//! [`Comparison`]: which functions became slower, and which only look so.
//!
//! # What is compared
//!
//! A run, however many calls it makes, is one measurement: its calls share a processor, its clock speed,
//! its memory layout, and what else the machine does. So the unit is the run, and what tells a change
//! from noise is the spread between runs.
//!
//! The verdict on a function goes by the *typical* time it takes itself in a run: calls, times the
//! interquartile mean of their durations (the mean of the middle half, from the histogram), less that of
//! what it called, as often as it did. A call that was interrupted, or waited for a processor,
//! lies outside of the middle half. On a machine with four busy processes per processor the mean of
//! a function's calls differed between runs by a factor of two to four, their interquartile mean by 3 %,
//! and nearly all of that was common to all functions. From five runs a side on the mean of the calls
//! between the 5th percentile and the median, and that of all calls, are looked at, too, and what differs
//! least between runs of the same side is taken: so where two kinds of calls meet at a quartile, or on a
//! quiet machine, something better than the interquartile mean decides. The price is that a
//! change in few of the calls may not be in it: there total, self and p95 differ, the verdict is never
//! *same*, and tables have a note that names the function.
//!
//! # With several runs a side
//!
//! 1. *The machine.* How fast it was in each run is the median over the functions of how far each
//!    was from its own median. If the sides do not differ in that (B. L. Welch, *The generalization of
//!    "Student's" problem when several different population variances are involved*, 1947, on the
//!    logarithms, at a fifth of the error allowed), it is noise and taken out of every run. If they
//!    do, either the machine or the whole program changed: it stays in, and functions are told slower
//!    only by their plain times. So it does where more than a quarter of the functions would come
//!    out changed: then it may as well be the others that did. It takes
//!    [`Comparison::MACHINE_FUNCTIONS`] functions to tell, and a tenth of the share that is judged will do.
//! 2. *The function.* Welch's interval for the difference of the mean logarithms, that is for the ratio.
//!    The rest of the error is shared by the judged functions (C. E. Bonferroni, *Teoria statistica
//!    delle classi*, 1936): with a probability of [`Comparison::CONFIDENCE`] none of them is told slower
//!    or faster wrongly. A function that is slower with the machine taken out and faster without is neither.
//! 3. Buckets are up to 1.6 % wide, so an interval is widened by what the middle half of the calls could
//!    hide in its buckets.
//!
//! The runs of both sides should alternate: what changes while the first half of all runs is one side and
//! the second half the other cannot be told from a change of the program.
//!
//! If one side has a single run, it is taken to spread as those of the other side do.
//!
//! # With one run a side
//!
//! Nothing tells how runs differ. Intervals are those of the calls: for quantiles between order statistics
//! (H. A. David and H. N. Nagaraja, *Order Statistics*, 2003, section 7.1), for the others from the exact
//! moments; all are widened by the factor [`Comparison::SINGLE_RUN`] on both sides, by which single
//! runs may differ without any change, and more where a function is a small rest of its calls. So only what changed by more gets a verdict, and nothing is *same*.

mod change;
mod figure;
mod function;
mod machine;
#[cfg(test)]
mod simulate;
mod student;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Borrow;

pub use change::Change;
pub use function::{FunctionComparison, Verdict};

use crate::report::Report;
use figure::Run;

/// What changed between two sets of reports, typically runs of a program before and after a change.
///
/// ```
/// # let (old, new) = ([perprovis::Report::default()], [perprovis::Report::default()]);
/// use perprovis::{Comparison, Verdict};
///
/// let comparison = Comparison::of(&old, &new);
/// for function in comparison.functions() {
///     if function.verdict == Verdict::Slower {
///         println!("{} takes {:.2} times as long", function.name, function.time.ratio);
///     }
/// }
/// ```
///
/// `Display` is the table for terminals. How verdicts come about, and their sources, stand
/// in the source of `perprovis::compare`; in short: by the spread between runs, so that five or more
/// alternating runs a side tell changes of a few percent also on a busy machine, and single runs only
/// large ones.
#[derive(Clone, Debug)]
pub struct Comparison {
    functions: Vec<FunctionComparison>, // the largest first
    runs: (usize, usize),
    machine: Change,
    is_machine_removed: bool,
}

impl Comparison {
    /// The probability that no function is told slower or faster wrongly.
    pub const CONFIDENCE: f64 = 0.95;
    /// A change within this share of one, with its whole interval, is [`Verdict::Same`]. Buckets of
    /// histograms are up to 1.6 % wide, so much less cannot be told.
    pub const SAME_WITHIN: f64 = 0.02;
    /// Functions with less than this share of the profiled time, on both sides, are not judged.
    pub const SMALLEST_SHARE: f64 = 0.01;
    /// How many functions it takes to tell the machine from the program.
    pub const MACHINE_FUNCTIONS: usize = 4;
    /// A single run and another one may differ by this factor without any change.
    pub const SINGLE_RUN: f64 = 1.5;

    /// Compares the reports of `base` with those of `new`, each a run. Takes references or reports; of
    /// each only some numbers a function are kept, so an iterator that loads them holds one in memory.
    ///
    /// Functions are the same by name. One that is only in `base` and one that is only in `new` are the
    /// same, too, if they are the only such ones with the same last part of their names: it
    /// has moved to another module.
    #[must_use]
    pub fn of<B: Borrow<Report>, N: Borrow<Report>>(
        base: impl IntoIterator<Item = B>,
        new: impl IntoIterator<Item = N>,
    ) -> Comparison {
        let base: Vec<Run> = base.into_iter().map(|report| Run::of(report.borrow())).collect();
        let new: Vec<Run> = new.into_iter().map(|report| Run::of(report.borrow())).collect();
        function::compare(&base, &new)
    }

    /// All functions with a completed call, by their share of the time on the side where it is larger, the largest first.
    #[must_use]
    pub fn functions(&self) -> &[FunctionComparison] {
        &self.functions
    }

    /// The function of this name, as in [`Report::function`].
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&FunctionComparison> {
        let names = self.functions.iter().map(|function| function.name.as_str());
        crate::report::find_name(names, name).map(|index| &self.functions[index])
    }

    /// The functions whose verdict is [`Verdict::Slower`] and whose time in a run grew by more than
    /// `limit`, a share: 0.05 for 5 %. The largest growth first.
    #[must_use]
    pub fn regressions(&self, limit: f64) -> Vec<&FunctionComparison> {
        let is_worse = |function: &&FunctionComparison| {
            function.verdict == Verdict::Slower && function.time.ratio > 1.0 + limit
        };
        let mut worse: Vec<_> = self.functions.iter().filter(is_worse).collect();
        worse.sort_by(|left, right| right.time.ratio.total_cmp(&left.time.ratio));
        worse
    }

    /// How many runs there are of either side: base, new.
    #[must_use]
    pub fn runs(&self) -> (usize, usize) {
        self.runs
    }

    /// How much slower everything was together. Its times are meaningless and zero.
    #[must_use]
    pub fn machine(&self) -> Change {
        self.machine
    }

    /// Whether [`Comparison::machine`] was taken for noise and removed from the changes by which functions
    /// are judged.
    #[must_use]
    pub fn is_machine_removed(&self) -> bool {
        self.is_machine_removed
    }
}
