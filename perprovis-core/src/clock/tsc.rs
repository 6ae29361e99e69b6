//! The CPU's invariant counter: one instruction, the same rate on all cores.
//!
//! On x86-64 there are two. `rdtsc` reads the time while up to a hundred instructions before it are still to
//! be done: a body of 150 ns, each step of which needs the one before, ends 25 ns too early, to its
//! caller's account, and begins so much too early if its caller was at work. `rdtscp` waits until everything
//! before it has been executed, which costs 6 ns a reading on Intel, 12 ns a call: half of what a call costs
//! as a whole. So it is for those who ask for it, by the feature `ordered-clock`.
//!
//! Miri, which interprets, has no such instruction, and takes the operating system's clock as other
//! processors do.

#![cfg_attr(
    all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)),
    expect(unsafe_code, reason = "the instruction itself")
)]

/// Reads the counter. Only meaningful, and on x86-64 only there at all, where [`is_invariant`] holds.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
pub(crate) fn read() -> u64 {
    #[cfg(not(feature = "ordered-clock"))]
    // SAFETY: every x86-64 CPU has the instruction.
    return unsafe { core::arch::x86_64::_rdtsc() };
    #[cfg(feature = "ordered-clock")]
    {
        let mut number = 0; // of the core: not needed
        // SAFETY: asked for by `is_invariant`.
        unsafe { core::arch::x86_64::__rdtscp(&raw mut number) }
    }
}

/// Whether the counter can be read and runs at one rate whatever the CPU's frequency and sleep state:
/// CPUID leaf 0x8000_0001, EDX bit 27, and leaf 0x8000_0007, EDX bit 8 (*Intel 64 and IA-32
/// Architectures Software Developer's Manual*, vol. 3, "Invariant TSC"; *AMD64 Architecture
/// Programmer's Manual*, vol. 3, "TscInvariant").
#[cfg(all(target_arch = "x86_64", not(miri)))]
pub(crate) fn is_invariant() -> bool {
    #[allow(unused_unsafe, reason = "safe or unsafe by compiler version")]
    let leaf = |number| {
        // SAFETY: every x86-64 CPU has CPUID.
        unsafe { core::arch::x86_64::__cpuid(number) }
    };
    leaf(0x8000_0000).eax >= 0x8000_0007
        && leaf(0x8000_0001).edx & (1 << 27) != 0
        && leaf(0x8000_0007).edx & (1 << 8) != 0
}

/// Reads the virtual counter, which is invariant by architecture (*Arm Architecture Reference
/// Manual*, "The Generic Timer").
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[inline(always)]
pub(crate) fn read() -> u64 {
    let ticks: u64;
    // SAFETY: the register is readable from user mode on every system that std supports.
    unsafe {
        core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags));
    }
    ticks
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
pub(crate) fn is_invariant() -> bool {
    true
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn read() -> u64 {
    0 // never chosen
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn is_invariant() -> bool {
    false
}
