//! The usual paths against the others: the same program, once with the counter driven by hand and
//! once with a manual clock, which never takes a usual path, gives the same snapshot.

#![expect(unsafe_code, reason = "calls the usual paths directly")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use proptest::prelude::*;

use crate::callsite::Callsite;
use crate::clock::by_hand;
use crate::limits::Limits;
use crate::manual::ManualClock;
use crate::recorder::Recorder;
use crate::scope::{Scope, TaggedScope};
use crate::slot;
use crate::snapshot::Snapshot;
use crate::thread::Thread;

/// More than are looked at one by one; two share a name.
static SITES: [Callsite; 10] = [
    Callsite::named("a"),
    Callsite::named("b"),
    Callsite::named("c"),
    Callsite::named("a"),
    Callsite::named("d"),
    Callsite::named("e"),
    Callsite::named("f"),
    Callsite::named("g"),
    Callsite::named("h"),
    Callsite::named("i"),
];

#[derive(Clone, Debug)]
enum Step {
    Enter(usize),
    EnterTagged(usize),
    EnterNamed(usize),
    Leave,
    /// Leaves so many times and enters again: one call after the other, as in a loop.
    Loop(usize, u8, u64),
    Advance(u64),
    /// The innermost of the open calls but one is closed first.
    LeaveOuter,
    Unwind(usize),
    Read,
    Clear,
}

#[expect(dead_code, reason = "closed when dropped")]
enum Open {
    Plain(Scope),
    Tagged(TaggedScope),
}

/// One of the two clocks, in the same ticks.
enum Time {
    Counter,
    Manual(ManualClock),
}

impl Time {
    fn advance(&self, ticks: u64) {
        match self {
            Time::Counter => by_hand::set(by_hand::ticks().map(|now| now + ticks)),
            Time::Manual(clock) => clock.advance(Duration::from_nanos(ticks)),
        }
    }
}

fn run(program: &[Step], limits: Limits, time: &Time) -> Vec<Snapshot> {
    let clock = match time {
        Time::Counter => {
            by_hand::set(Some(1)); // as the manual clock's zero
            None
        }
        Time::Manual(clock) => Some(clock.clone()),
    };
    let recorder = Recorder::with(true, limits, clock);
    let mut snapshots = Vec::new();
    let mut open = Vec::new();
    for step in program {
        match *step {
            Step::Enter(site) => open.push(Open::Plain(Scope::enter(&recorder, &SITES[site]))),
            Step::EnterTagged(site) => {
                let metadata = || vec![("site".into(), site.into())];
                let scope = TaggedScope::enter(&recorder, &SITES[site], metadata);
                open.push(Open::Tagged(scope));
            }
            Step::EnterNamed(site) => {
                let scope = Scope::enter_named(&recorder, &SITES[site].name());
                open.push(Open::Plain(scope));
            }
            Step::Leave => drop(open.pop()),
            Step::Loop(site, times, ticks) => {
                for turn in 0..u64::from(times) {
                    let _scope = Scope::enter(&recorder, &SITES[site]);
                    time.advance(ticks + turn % 3);
                }
            }
            Step::Advance(ticks) => time.advance(ticks),
            Step::LeaveOuter if open.len() > 1 => drop(open.remove(open.len() - 2)),
            Step::LeaveOuter => {}
            Step::Unwind(site) => {
                let unwound = catch_unwind(AssertUnwindSafe(|| {
                    let _scope = Scope::enter(&recorder, &SITES[site]);
                    time.advance(3);
                    resume_unwind(Box::new(()));
                }));
                assert!(unwound.is_err());
            }
            Step::Read => snapshots.push(recorder.collect().1),
            Step::Clear => recorder.clear(),
        }
    }
    snapshots.push(recorder.collect().1);
    while open.pop().is_some() {
        time.advance(1);
    }
    snapshots.push(recorder.collect().1);
    by_hand::set(None);
    snapshots
}

fn assert_same(counter: &Snapshot, manual: &Snapshot) {
    assert_eq!(counter.functions, manual.functions);
    assert_eq!(counter.paths, manual.paths);
    assert_eq!(counter.threads, manual.threads);
    assert_eq!(counter.exited, manual.exited);
    assert_eq!(counter.exited_threads, manual.exited_threads);
    assert_eq!(counter.calls, manual.calls);
    assert_eq!(counter.open, manual.open);
    assert_eq!(counter.dropped, manual.dropped);
    assert_eq!(counter.clock.started, manual.clock.started);
    assert_eq!(counter.clock.now, manual.clock.now);
}

fn ticks() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1u64..40, 2 => 1u64..5_000, 1 => 1u64 << 31..1 << 33]
}

fn steps() -> impl Strategy<Value = Step> {
    let site = || 0..SITES.len();
    prop_oneof![
        8 => site().prop_map(Step::Enter),
        1 => site().prop_map(Step::EnterTagged),
        1 => site().prop_map(Step::EnterNamed),
        9 => Just(Step::Leave),
        3 => (site(), 1u8..60, ticks()).prop_map(|(site, times, ticks)| Step::Loop(site, times, ticks)),
        9 => ticks().prop_map(Step::Advance),
        1 => Just(Step::LeaveOuter),
        1 => site().prop_map(Step::Unwind),
        1 => Just(Step::Read),
        1 => Just(Step::Clear),
    ]
}

/// Advances before every step, so that no two calls begin in the same tick.
fn programs() -> impl Strategy<Value = Vec<Step>> {
    let step = (ticks(), steps()).prop_map(|(ticks, step)| [Step::Advance(ticks), step]);
    prop::collection::vec(step, 1..150).prop_map(|steps| steps.into_iter().flatten().collect())
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = Limits {
        calls_per_thread: 10,
        slowest_per_function: 2,
        depth: 3,
        call_paths: 12,
        names: 5,
        ..Limits::DEFAULT
    };
    let wrapping = Limits { calls_per_thread: 300, slowest_per_function: 5, ..Limits::DEFAULT };
    let nothing = Limits { calls_per_thread: 0, slowest_per_function: 0, ..Limits::DEFAULT };
    let none_at_all = Limits { calls_in_all: 0, depth: 0, ..Limits::DEFAULT };
    prop::sample::select(vec![Limits::DEFAULT, small, wrapping, nothing, none_at_all])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn the_usual_paths_count_what_the_others_count(program in programs(), limits in limits()) {
        let counter = run(&program, limits, &Time::Counter);
        let manual = run(&program, limits, &Time::Manual(ManualClock::new()));
        prop_assert_eq!(counter.len(), manual.len());
        counter.iter().zip(&manual).for_each(|(counter, manual)| assert_same(counter, manual));
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn every_call_is_counted_and_every_tick_is_somebodys(program in programs()) {
        let calm: Vec<Step> =
            program.into_iter().filter(|step| !matches!(step, Step::Clear | Step::LeaveOuter)).collect();
        let time = Time::Counter;
        let snapshots = run(&calm, Limits::DEFAULT, &time);
        let last = &snapshots[snapshots.len() - 1];
        let calls: u64 = last.functions.iter().map(|function| function.statistics.count).sum();
        let entered: u64 = calm.iter().map(|step| match step {
            Step::Enter(_) | Step::EnterTagged(_) | Step::EnterNamed(_) | Step::Unwind(_) => 1,
            Step::Loop(_, times, _) => u64::from(*times),
            _ => 0,
        }).sum();
        prop_assert_eq!(calls, entered);
        prop_assert_eq!(calls, last.calls.len() as u64 + last.dropped.log_calls);
        let nodes = || last.threads.iter().flat_map(|thread| &thread.nodes);
        prop_assert_eq!(nodes().map(|node| node.calls).sum::<u64>(), calls);
        let in_tree: u64 = nodes().map(|node| node.self_time.0).sum();
        let in_functions: u64 = last.functions.iter().map(|function| function.statistics.self_time.0).sum();
        prop_assert_eq!(in_tree, in_functions);
        let outermost = last.calls.iter().filter(|call| {
            call.path.is_some_and(|path| last.paths[path as usize].parent.is_none())
        });
        prop_assert_eq!(in_tree, outermost.map(|call| call.duration.0).sum::<u64>());
        for function in &last.functions {
            let read = &function.statistics;
            let id = last.functions.iter().position(|other| other.name == function.name).unwrap() as u32;
            let mut durations: Vec<u64> =
                last.calls.iter().filter(|call| call.function == id).map(|call| call.duration.0).collect();
            durations.sort_unstable_by(|left, right| right.cmp(left));
            prop_assert_eq!(read.count, durations.len() as u64);
            prop_assert_eq!(read.sum.0, durations.iter().sum::<u64>());
            prop_assert_eq!(read.max.0, durations.first().copied().unwrap_or(0));
            prop_assert_eq!(read.min.0, durations.last().copied().unwrap_or(0));
            let squares: u128 = durations.iter().map(|&ticks| u128::from(ticks) * u128::from(ticks)).sum();
            prop_assert_eq!(read.squares, squares);
            prop_assert_eq!(read.histogram.count(), read.count);
            let slowest: Vec<u64> = function.slowest.iter().map(|call| call.duration.0).collect();
            durations.truncate(16);
            prop_assert_eq!(slowest, durations);
        }
    }
}

/// What the other tests of this file rest on.
#[test]
fn a_repeated_call_takes_the_usual_paths() {
    by_hand::set(Some(1));
    let limits = Limits { slowest_per_function: 1, ..Limits::DEFAULT };
    let recorder = Recorder::with(true, limits, None);
    for ticks in [2, 9] {
        let _scope = Scope::enter(&recorder, &SITES[0]);
        Time::Counter.advance(ticks);
    }
    let slot = slot::get();
    assert_eq!(slot.usual_token.get(), recorder.token());
    let call = Thread::enter_usual(slot, std::ptr::from_ref(&SITES[0]).addr()).unwrap();
    Time::Counter.advance(5);
    // SAFETY: the memory in use is owned by this thread.
    let thread = unsafe { &*slot.counting.get() };
    // The first of its octave makes the octave's counters; these are there.
    assert!(thread.leave_usual(slot, call, by_hand::ticks().unwrap()));
    let read = recorder.collect().1;
    assert_eq!(read.functions[0].statistics.count, 3);
    assert_eq!(read.functions[0].statistics.sum.0, 16);
    by_hand::set(None);
}

#[test]
fn a_counter_that_steps_back_takes_no_time() {
    by_hand::set(Some(100));
    let recorder = Recorder::new();
    let scope = Scope::enter(&recorder, &SITES[0]);
    by_hand::set(Some(50));
    drop(scope);
    let read = recorder.collect().1;
    assert_eq!((read.functions[0].statistics.count, read.functions[0].statistics.sum.0), (1, 0));
    assert_eq!(read.clock.faults.negative_calls, 1);
    by_hand::set(None);
}
