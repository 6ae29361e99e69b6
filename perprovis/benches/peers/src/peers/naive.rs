//! What one writes in an afternoon: a lock, a map from names to all durations.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Recording;
use crate::workload::workloads;

static DURATIONS: LazyLock<Mutex<HashMap<&'static str, Vec<Duration>>>> =
    LazyLock::new(Mutex::default);

struct Scope {
    name: &'static str,
    start: Instant,
}

impl Scope {
    fn enter(name: &'static str) -> Scope {
        Scope { name, start: Instant::now() }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let duration = self.start.elapsed();
        let mut durations = DURATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        durations.entry(self.name).or_default().push(duration);
    }
}

macro_rules! enter {
    ($name:literal) => {
        let _scope = Scope::enter($name);
    };
}

workloads!(enter);

pub(super) struct Session;

impl Recording for Session {
    fn start() -> Session {
        Session
    }

    fn recorded(self) -> Option<u64> {
        let durations = DURATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        Some(durations.values().map(|calls| calls.len() as u64).sum())
    }
}
