//! A memory allocator whose functions are profiled: what it does inside the profiler is not recorded,
//! and breaks nothing.
#![cfg(feature = "record")]
#![expect(unsafe_code, reason = "a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use perprovis_core::{Callsite, Limits, Recorder, Scope, TaggedScope};

const LIMITS: Limits = Limits { calls_per_thread: 4, slowest_per_function: 2, ..Limits::DEFAULT };

static RECORDER: Recorder = Recorder::with(true, LIMITS, None);
static ALLOC: Callsite = Callsite::named("alloc");
static DEALLOC: Callsite = Callsite::named("dealloc");
static TAGGED: Callsite = Callsite::named("tagged");

thread_local!(static FREED: Cell<u64> = const { Cell::new(0) });

struct Profiled;

// SAFETY: the system's allocator.
unsafe impl GlobalAlloc for Profiled {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _scope = Scope::enter(&RECORDER, &ALLOC);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let scope = Scope::enter(&RECORDER, &DEALLOC);
        if scope.is_recorded() {
            FREED.set(FREED.get() + 1);
        }
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GLOBAL: Profiled = Profiled;

#[test]
fn metadata_that_is_freed_while_a_call_is_recorded_disturbs_nothing() {
    let work = || {
        for call in 0..3_000_u64 {
            let _scope =
                TaggedScope::enter(&RECORDER, &TAGGED, || vec![("call".into(), call.into())]);
        }
        FREED.get()
    };
    let freed = std::thread::spawn(work).join().unwrap();
    let snapshot = RECORDER.snapshot();
    let of =
        |name: &str| snapshot.functions.iter().find(|function| *function.name == *name).unwrap();
    assert_eq!(of("tagged").statistics.count, 3_000);
    assert!(of("dealloc").statistics.count >= freed);
    assert!(snapshot.dropped.unrecorded_calls > 0, "those inside the profiler");
    for function in &snapshot.functions {
        let read = &function.statistics;
        assert_eq!(read.histogram.count(), read.count);
        assert!(function.slowest.windows(2).all(|pair| pair[0].duration >= pair[1].duration));
    }
    for call in &snapshot.calls {
        assert_eq!(
            call.metadata.is_some(),
            *snapshot.functions[call.function as usize].name == *"tagged"
        );
    }
}
