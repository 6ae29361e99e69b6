//! Runs of a made-up program on a noisy machine, always the same for a seed.

use perprovis_core::histogram::Histogram;
use perprovis_core::snapshot::{Function, Node, Path, Snapshot, Thread};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::Ticks;

use crate::report::Report;

/// What makes runs differ.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noise {
    /// Deviation of the logarithm of a run's speed.
    pub(super) run: f64,
    /// Deviation of the logarithm of the speed of a function in a run, as by the layout of memory.
    pub(super) layout: f64,
    /// Share of the calls that are interrupted, for a time with infinite variance.
    pub(super) interrupted: f64,
    /// Share of the calls that take 1.6 times as long.
    pub(super) second_mode: f64,
    /// Deviation of the logarithm of a speed that changes slowly within a run.
    pub(super) wandering: f64,
}

/// Requests of a run.
const REQUESTS: usize = 60;
/// The functions below `request`: name, calls of a request, nanoseconds of a call.
pub(super) const FUNCTIONS: [(&str, usize, f64); 8] = [
    ("app::parse", 2, 30_000.0),
    ("app::query", 1, 200_000.0),
    ("app::sort", 3, 9_000.0),
    ("app::hash", 2, 27_000.0),
    ("app::render", 1, 60_000.0),
    ("app::escape", 12, 400.0),
    ("app::compress", 1, 40_000.0),
    ("app::log", 4, 90.0),
];

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// In 0..1: G. Marsaglia, *Xorshift RNGs*, 2003, with the multiplier of S. Vigna.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        ((mixed >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// G. E. P. Box and M. E. Muller, *A Note on the Generation of Random Normal Deviates*, 1958.
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// Some `count` of these, each at most once.
    pub(super) fn draw<'r>(&mut self, from: &'r [Report], count: usize) -> Vec<&'r Report> {
        let mut left: Vec<&Report> = from.iter().collect();
        let mut one = || left.swap_remove((self.uniform() * left.len() as f64) as usize);
        (0..count).map(|_| one()).collect()
    }
}

/// Adds one call of `ticks`, `own` of them in the function itself.
fn add(statistics: &mut Statistics, ticks: f64, own: f64) {
    let (ticks, own) = (ticks.round() as u64, own.round() as u64);
    let mut histogram = Histogram::default();
    histogram.record(Ticks(ticks));
    statistics.merge(&Statistics {
        count: 1,
        sum: Ticks(ticks),
        total: Ticks(ticks),
        self_time: Ticks(own),
        min: Ticks(ticks),
        max: Ticks(ticks),
        squares: u128::from(ticks) * u128::from(ticks),
        histogram,
        ..Statistics::default()
    });
}

/// One run; `slower` says how many times as long the calls of a function take.
pub(super) fn run(noise: Noise, slower: impl Fn(&str) -> f64, random: &mut Random) -> Report {
    let speed = (noise.run * random.normal()).exp();
    let layouts = FUNCTIONS.map(|_| (noise.layout * random.normal()).exp());
    let mut sums = FUNCTIONS.map(|_| Statistics::default());
    let mut request = Statistics::default();
    let mut wandering = random.normal();
    for _ in 0..REQUESTS {
        let own = 5_000.0 * speed;
        let mut took = own;
        for (index, &(name, calls, nanos)) in FUNCTIONS.iter().enumerate() {
            for _ in 0..calls {
                wandering = 0.99 * wandering + 0.14 * random.normal(); // of variance 1
                let mut call = nanos * speed * layouts[index] * slower(name);
                call *= (noise.wandering * wandering + 0.02 * random.normal()).exp();
                if random.uniform() < noise.second_mode {
                    call *= 1.6;
                }
                if random.uniform() < noise.interrupted {
                    call += 20_000.0 * random.uniform().powf(-1.0 / 1.5); // V. Pareto's, of shape 1.5
                }
                add(&mut sums[index], call, call);
                took += call;
            }
        }
        add(&mut request, took, own);
    }
    // `request` is the last function and the first path.
    let last = FUNCTIONS.len() as u32;
    let below = (0..last).map(|function| Path { parent: Some(0), function });
    let paths: Vec<Path> =
        std::iter::once(Path { parent: None, function: last }).chain(below).collect();
    let all = std::iter::once(&request).chain(&sums).zip(0..);
    let nodes = all.map(|(statistics, path)| Node {
        path,
        calls: statistics.count,
        self_time: statistics.self_time,
        ..Node::default()
    });
    let threads = vec![Thread { id: 1, nodes: nodes.collect(), ..Thread::default() }];
    let leaves = FUNCTIONS.iter().map(|(name, ..)| *name).zip(sums);
    let functions = leaves.chain([("app::request", request)]).map(|(name, statistics)| Function {
        name: name.into(),
        statistics,
        slowest: vec![],
    });
    let functions = functions.collect();
    Report::from_snapshot(Snapshot { functions, paths, threads, ..Snapshot::default() })
}
