//! A call at the end of the process, also when that ends by `std::process::exit`.

#![cfg_attr(any(unix, windows), expect(unsafe_code, reason = "the C library's `atexit`"))]

use std::sync::OnceLock;

static CALL: OnceLock<fn()> = OnceLock::new();

/// Calls `call` when the process exits: when `main` returns, or by `std::process::exit`. Not if it is
/// killed or aborts, nor, on Windows, by `std::process::exit`, which does not tell the C library there.
///
/// By then the thread-locals of the thread that exits are gone, and other threads still run. A panic in
/// `call` ends there. One call per process: false if there is another already, or if the system
/// takes none.
pub fn at_exit(call: fn()) -> bool {
    CALL.set(call).is_ok() && register()
}

#[cfg(any(unix, windows))]
fn register() -> bool {
    unsafe extern "C" {
        // ISO/IEC 9899 (C), 7.22.4.2: returns zero if it succeeds.
        fn atexit(call: extern "C" fn()) -> std::ffi::c_int;
    }
    // SAFETY: the function has this signature in every C library; what it is given lives for ever, and
    // does not unwind.
    unsafe { atexit(run) == 0 }
}

#[cfg(not(any(unix, windows)))]
fn register() -> bool {
    false
}

#[cfg(any(unix, windows))]
extern "C" fn run() {
    if let Some(call) = CALL.get() {
        let _panicked = std::panic::catch_unwind(call);
    }
}
