//! A recorder: its switch, its current session, its clock and limits. Any number can exist.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, OnceLock, PoisonError};

use crate::clock::{Clock, calibrate};
use crate::collect;
use crate::filter::Filter;
use crate::limits::Limits;
use crate::manual::ManualClock;
use crate::overhead;
use crate::registry::Session;
use crate::slot;
use crate::snapshot::Snapshot;
use crate::sync::{Mutex, lock};
use crate::thread::Thread;

/// Records nothing. Never the token of a session.
pub(crate) const OFF: u64 = 0;
/// Enabled, but nothing was recorded yet. Never the token of a session.
pub(crate) const UNUSED: u64 = 1;

static NEXT_TOKEN: AtomicU64 = AtomicU64::new(2);

/// Records calls, in a session at a time: the time between two clears.
#[derive(Debug)]
pub struct Recorder {
    /// What the recording path looks at, and all it looks at: [`OFF`], [`UNUSED`], or the token of
    /// the current session.
    token: AtomicU64,
    /// Calls that could not be recorded in the current session.
    unrecorded: AtomicU64,
    settings: StdMutex<Settings>, // not the model's, which cannot be in a `static`
    clock: Option<ManualClock>,
    engine: OnceLock<Arc<Engine>>,
}

/// What a session takes over when it begins.
#[derive(Clone, Debug)]
struct Settings {
    limits: Limits,
    filter: Option<Arc<Filter>>,
}

/// The part of a recorder that outlives it in futures.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The recorder's token, for those that have the engine only.
    token: AtomicU64,
    unrecorded: AtomicU64, // as the recorder's, by futures that outlive it
    pub(crate) session: Mutex<Arc<Session>>,
}

impl Recorder {
    /// A recorder that is enabled, with default limits and the best clock of this machine.
    #[must_use]
    pub const fn new() -> Recorder {
        Recorder::with(true, Limits::DEFAULT, None)
    }

    /// A recorder made to measure.
    #[must_use]
    pub const fn with(enabled: bool, limits: Limits, clock: Option<ManualClock>) -> Recorder {
        Recorder {
            token: AtomicU64::new(if enabled { UNUSED } else { OFF }),
            unrecorded: AtomicU64::new(0),
            settings: StdMutex::new(Settings { limits, filter: None }),
            clock,
            engine: OnceLock::new(),
        }
    }

    /// The same with a filter from the start.
    #[must_use]
    pub fn filtered(self, filter: Option<Filter>) -> Recorder {
        self.settings().filter = filter.map(Arc::new);
        self
    }

    /// Whether calls that begin now are recorded.
    #[inline]
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.token() != OFF
    }

    /// Records calls from now on.
    pub fn enable(&self) {
        slot::exclusive(|| {
            let session = lock(&self.engine().session);
            self.publish(session.token);
        });
    }

    /// Records no call that begins from now on. Open ones are still counted when they end.
    pub fn disable(&self) {
        slot::exclusive(|| {
            let _session = lock(&self.engine().session);
            self.publish(OFF);
        });
    }

    /// Forgets what completed before, and the calls that are open now. Stops nobody.
    pub fn clear(&self) {
        slot::exclusive(|| {
            let mut session = lock(&self.engine().session);
            let fresh = self.session();
            if self.is_enabled() {
                self.publish(fresh.token);
            }
            self.unrecorded.store(0, Ordering::Relaxed);
            self.engine().unrecorded.store(0, Ordering::Relaxed);
            let former = std::mem::replace(&mut *session, fresh);
            drop(session);
            former.close();
        });
    }

    /// Keeps to other limits from now on. Clears: limits are those of a whole session.
    pub fn change_limits(&self, change: impl FnOnce(&mut Limits)) {
        change(&mut self.settings().limits);
        self.clear(); // also if no session is seen: one may be in the making
    }

    /// Records what a filter admits from now on, or everything. Clears, as callsites keep for a whole
    /// session what was decided.
    pub fn set_filter(&self, filter: Option<Filter>) {
        self.settings().filter = filter.map(Arc::new);
        self.clear();
    }

    /// Everything recorded since the last clear, at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let (session, mut snapshot) = self.collect();
        // Only now, as either can take some milliseconds the first time.
        snapshot.clock.rate = calibrate::rate(&session.clock);
        snapshot.overhead = overhead::of(&session.clock);
        // Then the time that the overhead took the first time is a part of the run by itself.
        snapshot.clock.faults.disagreement = calibrate::disagreement(&session.clock);
        snapshot
    }

    /// A snapshot in ticks: without the clock's rate and the overhead.
    pub(crate) fn collect(&self) -> (Arc<Session>, Snapshot) {
        slot::exclusive(|| {
            let engine = self.engine();
            let session = Arc::clone(&lock(&engine.session));
            let unrecorded = [&self.unrecorded, &engine.unrecorded];
            let unrecorded = unrecorded.map(|count| count.load(Ordering::Relaxed)).iter().sum();
            let snapshot = collect::collect(&session, unrecorded);
            (session, snapshot)
        })
    }

    /// See [`Recorder::token`].
    #[inline(always)]
    pub(crate) fn token(&self) -> u64 {
        // Relaxed: a thread compares it to the token it took from a session that it owns memory of.
        self.token.load(Ordering::Relaxed)
    }

    /// This thread's memory in the current session, which becomes the one in use; `None` if the
    /// recorder is off, or the call cannot be recorded.
    pub(crate) fn thread(&self) -> Option<*const Thread> {
        let token = self.token();
        let slot = slot::get();
        match token {
            OFF => None,
            _ if slot.token.get() == token => Some(slot.thread.get()),
            _ => self.switch(token),
        }
    }

    #[cold]
    #[inline(never)]
    fn switch(&self, token: u64) -> Option<*const Thread> {
        let found = slot::switch(token, || {
            // Cleared meanwhile: the call belongs to the session that is current now.
            self.engine().register(token).or_else(|| self.engine().register(UNUSED))
        });
        if found.is_none() {
            self.count_unrecorded();
        }
        found
    }

    pub(crate) fn count_unrecorded(&self) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed); // a number of its own
    }

    /// The engine, made at first use. Only from within [`slot::exclusive`], since it allocates.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        self.engine.get_or_init(|| {
            let session = self.session();
            let token = if self.is_enabled() { session.token } else { OFF };
            // Enabled or disabled meanwhile by another thread: that one waits for the engine, too.
            let _ =
                self.token.compare_exchange(UNUSED, token, Ordering::Relaxed, Ordering::Relaxed);
            Arc::new(Engine::new(token, session))
        })
    }

    fn publish(&self, token: u64) {
        self.token.store(token, Ordering::Relaxed);
        self.engine().token.store(token, Ordering::Relaxed);
    }

    fn clock(&self) -> Clock {
        self.clock.as_ref().map_or_else(Clock::of_machine, |clock| Clock::Manual(clock.clone()))
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> Arc<Session> {
        let token = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed); // only has to be unique
        let Settings { limits, filter } = self.settings().clone();
        let mut session = Session::new(token, limits, self.clock());
        session.filter = filter;
        Arc::new(session)
    }
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder::new()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.get() {
            slot::exclusive(|| {
                engine.token.store(OFF, Ordering::Relaxed);
                let session = Arc::clone(&lock(&engine.session));
                session.close();
            });
            slot::dispose();
        }
    }
}

impl Engine {
    pub(crate) fn new(token: u64, session: Arc<Session>) -> Engine {
        let unrecorded = AtomicU64::new(0);
        Engine { token: AtomicU64::new(token), unrecorded, session: Mutex::new(session) }
    }

    pub(crate) fn count_unrecorded(&self) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed); // a number of its own
    }

    /// See [`Recorder::token`].
    pub(crate) fn token(&self) -> u64 {
        self.token.load(Ordering::Relaxed)
    }

    /// New memory for this thread in the session with this token; `None` if that is over.
    pub(crate) fn register(&self, token: u64) -> Option<Arc<Thread>> {
        let session = Arc::clone(&lock(&self.session));
        let current = token == session.token || token == UNUSED;
        if current { Thread::register(&session) } else { None }
    }
}
