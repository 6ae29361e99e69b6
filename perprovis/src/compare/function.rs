//! One function on both sides, and the verdict on it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use super::change::{Change, Spread};
use super::figure::{Figures, Run, WAYS, Within};
use super::machine::{Machine, median};
use super::{Comparison, student};

/// What became of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It takes more time in a run: its interval lies above one.
    Slower,
    /// It takes less time in a run: its interval lies below one.
    Faster,
    /// It takes the same time, to within [`Comparison::SAME_WITHIN`].
    Same,
    /// The runs do not tell.
    CannotTell,
    /// It is not in the base.
    New,
    /// It is only in the base.
    Gone,
    /// It takes less than [`Comparison::SMALLEST_SHARE`] of the time, and is not judged.
    Small,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Slower => "slower",
            Verdict::Faster => "faster",
            Verdict::Same => "same",
            Verdict::CannotTell => "cannot tell",
            Verdict::New => "new",
            Verdict::Gone => "gone",
            Verdict::Small => "small",
        })
    }
}

/// How one function changed. See [`Comparison`] for what the times are and where intervals come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FunctionComparison {
    /// The full name, the new one if it differs.
    pub name: String,
    /// The full name in the base, if the function has moved since.
    pub moved_from: Option<String>,
    /// What became of it. It goes by `time`.
    pub verdict: Verdict,
    /// Typical time in the function itself, in a run: that of a call, as often as it was called.
    pub time: Change,
    /// Typical time of a call in the function itself. If `time` grew and this did not, the
    /// function is called more often.
    pub per_call: Change,
    /// Completed calls in a run.
    pub count: Change,
    /// Time of all calls, callees included, as it was.
    pub total_time: Change,
    /// Time of all calls without profiled callees, as it was.
    pub self_time: Change,
    /// The median duration of a call, callees included.
    pub median: Change,
    /// The duration that 95 % of the calls do not exceed, callees included.
    pub p95: Change,
    /// Time inside polls; `None` unless async.
    pub busy_time: Option<Change>,
    /// The part of the function itself in the profiled time: the median of the runs, of the side where
    /// it is larger, in 0..=1.
    pub share: f64,
    pub(crate) short: String,
}

/// The part of the error allowed that is for the machine; the rest is for the functions, together.
const MACHINE_ERROR: f64 = 0.2;

/// If more than one function in so many changed against the rest, it may be the rest that changed, and the
/// machine's speed is not known.
const FEW: usize = 4;

/// From so many runs a side on the deviation between them is known well enough to choose by it.
const CHOICE_RUNS: usize = 5;

/// A function in those runs that have it.
struct Pair<'r> {
    name: &'r str,
    old_name: Option<&'r str>,
    base: Vec<&'r Figures>,
    new: Vec<&'r Figures>,
    share: f64,
}

pub(super) fn compare(base: &[Run], new: &[Run]) -> Comparison {
    let pairs = pairs(base, new);
    let is_judged = |pair: &Pair<'_>| {
        let on_both = !pair.base.is_empty() && !pair.new.is_empty();
        on_both && pair.share >= Comparison::SMALLEST_SHARE
    };
    let judged = pairs.iter().filter(|pair| is_judged(pair)).count();
    let error = 1.0 - Comparison::CONFIDENCE;
    let each = error * (1.0 - MACHINE_ERROR) / judged.max(1) as f64;
    let machine = |before: Option<&Machine>| {
        let is_known = |pair: &&Pair<'_>| pair.share >= Comparison::SMALLEST_SHARE / 10.0;
        let row = |pair: &Pair<'_>| pair.row(pair.way(before), base.len(), new.len());
        let rows: Vec<Vec<f64>> = pairs.iter().filter(is_known).filter_map(row).collect();
        Machine::of(&rows, base.len(), error * MACHINE_ERROR)
    };
    // How to look at a function is known better once the machine is out of it.
    let machine = machine(Some(&machine(None)));
    let spread = Spread::of((base.len(), new.len()));

    let compare = |machine: Option<&Machine>| -> Vec<FunctionComparison> {
        let compare = |pair: &Pair<'_>| {
            let mut function = pair.compare(spread, machine, each);
            function.verdict = match (pair.base.is_empty(), pair.new.is_empty()) {
                (true, _) => Verdict::New,
                (_, true) => Verdict::Gone,
                _ if is_judged(pair) => function.judge(),
                _ => Verdict::Small,
            };
            function
        };
        pairs.iter().map(compare).collect()
    };
    let mut noise = Some(&machine).filter(|machine| machine.is_noise());
    let mut functions = compare(noise);
    if noise.is_some() && changed(&functions) > (judged / FEW).max(1) {
        noise = None;
        functions = compare(noise);
    }
    crate::report::shorten_names(
        &mut functions,
        |function| &function.name,
        |function, short| function.short = short,
    );
    Comparison {
        functions,
        runs: (base.len(), new.len()),
        machine: machine.change,
        is_machine_removed: noise.is_some(),
    }
}

/// How many functions are told slower or faster.
fn changed(functions: &[FunctionComparison]) -> usize {
    let is_changed = |function: &&FunctionComparison| {
        matches!(function.verdict, Verdict::Slower | Verdict::Faster)
    };
    functions.iter().filter(is_changed).count()
}

/// All functions, the largest first, then by name.
fn pairs<'r>(base: &'r [Run], new: &'r [Run]) -> Vec<Pair<'r>> {
    let names = |runs: &'r [Run]| -> BTreeSet<&'r str> {
        runs.iter().flat_map(|run| run.functions.keys()).map(String::as_str).collect()
    };
    let (old_names, new_names) = (names(base), names(new));
    let moved = moved(old_names.difference(&new_names), new_names.difference(&old_names));
    let old_places: BTreeSet<&str> = moved.values().copied().collect();
    let of = |runs: &'r [Run], name: &str| -> Vec<&'r Figures> {
        runs.iter().filter_map(|run| run.functions.get(name)).collect()
    };
    // Runs that lack the function have no share of it.
    let share = |figures: &[&Figures], runs: usize| {
        let mut shares: Vec<f64> = figures.iter().map(|figures| figures.share).collect();
        shares.resize(runs, 0.0);
        median(shares)
    };
    let all = old_names.union(&new_names).filter(|name| !old_places.contains(*name));
    let mut pairs: Vec<Pair<'_>> = all
        .map(|&name| {
            let old_name = moved.get(name).copied();
            let (old, now) = (of(base, old_name.unwrap_or(name)), of(new, name));
            let share = share(&old, base.len()).max(share(&now, new.len()));
            Pair { name, old_name, base: old, new: now, share }
        })
        .collect();
    pairs.sort_by(|left, right| {
        right.share.total_cmp(&left.share).then_with(|| left.name.cmp(right.name))
    });
    pairs
}

/// The old name of each new one that is the only one to end as an old one does.
fn moved<'r: 'a, 'a>(
    gone: impl Iterator<Item = &'a &'r str>,
    new: impl Iterator<Item = &'a &'r str>,
) -> HashMap<&'r str, &'r str> {
    let mut by_end: HashMap<&str, (Vec<&'r str>, Vec<&'r str>)> = HashMap::new();
    for &name in gone {
        by_end.entry(crate::report::last_part(name)).or_default().0.push(name);
    }
    for &name in new {
        by_end.entry(crate::report::last_part(name)).or_default().1.push(name);
    }
    let only = |(gone, new): (Vec<&'r str>, Vec<&'r str>)| match (&gone[..], &new[..]) {
        (&[old], &[new]) => Some((new, old)),
        _ => None,
    };
    by_end.into_values().filter_map(only).collect()
}

impl Pair<'_> {
    /// The logarithms of its typical times, if every run has one.
    fn row(&self, way: usize, base: usize, new: usize) -> Option<Vec<f64>> {
        let whole = self.base.len() == base && self.new.len() == new;
        let figures = self.base.iter().chain(&self.new);
        let values = figures.map(|figures| figures.typical[way].time.value);
        let row: Vec<f64> = values.map(f64::ln).collect();
        (whole && row.iter().all(|value| value.is_finite())).then_some(row)
    }

    fn compare(
        &self,
        spread: Option<Spread>,
        machine: Option<&Machine>,
        each: f64,
    ) -> FunctionComparison {
        let way = self.way(machine);
        let blurs = self.base.iter().chain(&self.new).map(|figures| figures.typical[way].blur);
        let blur = blurs.fold(0.0, f64::max);
        let alone = 1.0 - Comparison::CONFIDENCE;
        let change = |of: &dyn Fn(&Figures) -> Within, error: f64, blur: f64| {
            let values = |figures: &[&Figures]| -> Vec<f64> {
                figures.iter().map(|figures| of(figures).value).collect()
            };
            match (spread, &self.base[..], &self.new[..]) {
                (Some(Spread::WithinRuns), [base], [new]) => {
                    Change::within(of(base), of(new), Comparison::SINGLE_RUN)
                }
                (_, base, new) => Change::between(&values(base), &values(new), error, blur),
            }
        };
        let exactly = |value: f64| Within { value, low: value, high: value };
        let bucket = 1.0 / 128.0;
        let typical = |figures: &Figures| figures.typical[way].time;
        let in_run = |figures: &Figures| typical(figures).times(figures.count);
        let mut time = change(&in_run, each, blur);
        let mut per_call = change(&typical, each, blur);
        if let (Some(Spread::WithinRuns), [base], [new]) = (spread, &self.base[..], &self.new[..]) {
            // A small rest of large times may differ more than these.
            let part = base.typical[way].part.min(new.typical[way].part);
            let factor = Comparison::SINGLE_RUN.powf(1.0 / part);
            time = Change::within(in_run(base), in_run(new), factor);
            per_call = Change::within(typical(base), typical(new), factor);
        }
        if let Some(machine) = machine {
            time = self.without(machine, time, &in_run, (each, blur));
            per_call = self.without(machine, per_call, &typical, (each, blur));
        }
        let is_async = self.base.iter().chain(&self.new).any(|figures| figures.busy > 0.0);
        let busy = || change(&|figures| exactly(figures.busy), alone, 0.0);
        FunctionComparison {
            name: self.name.to_owned(),
            moved_from: self.old_name.map(str::to_owned),
            verdict: Verdict::CannotTell,
            time,
            per_call,
            count: self.count(spread, alone),
            total_time: change(&|figures| figures.total, alone, 0.0),
            self_time: change(&|figures| figures.own, alone, 0.0),
            median: change(&|figures| figures.median, alone, bucket),
            p95: change(&|figures| figures.p95, alone, bucket),
            busy_time: is_async.then(busy),
            share: self.share,
            short: String::new(),
        }
    }

    /// The way of looking at the function in which runs of the same side differ least.
    fn way(&self, machine: Option<&Machine>) -> usize {
        if self.base.len().min(self.new.len()) < CHOICE_RUNS {
            return 0;
        }
        let speeds = machine.and_then(|machine| machine.speeds.as_ref());
        let deviation = |way: usize| {
            let logs = |figures: &[&Figures], speeds: Option<&Vec<f64>>| -> Vec<f64> {
                let speed =
                    |run: usize| speeds.map_or(0.0, |speeds| speeds[run.min(speeds.len() - 1)]);
                let runs = figures.iter().enumerate();
                runs.map(|(run, one)| one.typical[way].time.value.ln() - speed(run)).collect()
            };
            let base = logs(&self.base, speeds.map(|(base, _)| base));
            let new = logs(&self.new, speeds.map(|(_, new)| new));
            student::deviation(&base, &new)
        };
        let least = (1..WAYS).fold((0, deviation(0)), |least, way| match deviation(way) {
            deviation if deviation < least.1 => (way, deviation),
            _ => least,
        });
        least.0
    }

    /// A number of calls is what it is: between two runs it is exact if it is equal, else unknown.
    fn count(&self, spread: Option<Spread>, error: f64) -> Change {
        let counts = |figures: &[&Figures]| -> Vec<f64> {
            figures.iter().map(|figures| figures.count).collect()
        };
        let (base, new) = (counts(&self.base), counts(&self.new));
        match (spread, &base[..], &new[..]) {
            (Some(Spread::WithinRuns), &[base], &[new]) if base != new => {
                Change { base, new, ratio: new / base, ..Change::NONE }
            }
            (Some(Spread::WithinRuns), &[base], &[new]) => {
                Change { base, new, ratio: 1.0, low: 1.0, high: 1.0 }
            }
            _ => Change::between(&base, &new, error, 0.0),
        }
    }

    /// `raw` without how fast the machine was. Where the two contradict each other nothing is told.
    fn without(
        &self,
        machine: &Machine,
        raw: Change,
        of: &dyn Fn(&Figures) -> Within,
        (error, blur): (f64, f64),
    ) -> Change {
        let Some((base_speeds, new_speeds)) = &machine.speeds else { return raw };
        let whole = self.base.len() == base_speeds.len() && self.new.len() == new_speeds.len();
        let logs = |figures: &[&Figures], speeds: &[f64]| -> Vec<f64> {
            let runs = figures.iter().zip(speeds);
            runs.map(|(figures, speed)| of(figures).value.ln() - speed).collect()
        };
        let (base, new) = (logs(&self.base, base_speeds), logs(&self.new, new_speeds));
        if !whole || base.iter().chain(&new).any(|value| !value.is_finite()) {
            return raw;
        }
        let change = Change::of_logs(&base, &new, error, blur);
        let change = Change { base: raw.base, new: raw.new, ..change };
        if change.is_more() && raw.is_less() || change.is_less() && raw.is_more() {
            return Change { low: change.low.min(1.0), high: change.high.max(1.0), ..change };
        }
        change
    }
}

impl FunctionComparison {
    /// The verdict on a function that is on both sides and large enough.
    fn judge(&self) -> Verdict {
        // Slow calls outside of the typical ones, of which `time` knows nothing.
        let tail = &self.self_time;
        if self.time.is_within(Comparison::SAME_WITHIN) {
            let contradicts = tail.is_more() || tail.is_less();
            return if contradicts { Verdict::CannotTell } else { Verdict::Same };
        }
        match (self.time.is_more(), self.time.is_less()) {
            (true, _) => Verdict::Slower,
            (_, true) => Verdict::Faster,
            _ => Verdict::CannotTell,
        }
    }
}
