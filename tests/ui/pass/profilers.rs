//! Whatever derefs to a profiler.
#![deny(warnings)]

use std::sync::{Arc, LazyLock};

use perprovis::{Profiler, profile};

static LAZY: LazyLock<Profiler> = LazyLock::new(Profiler::new);

struct Service {
    profiler: Arc<Profiler>,
}

impl Service {
    #[profile(profiler = self.profiler)]
    fn handle(&self) -> u32 {
        u32::from(self.profiler.is_enabled())
    }

    #[profile(profiler = self.profiler, name = "fetch")]
    async fn fetch(&self) -> u32 {
        2
    }
}

#[profile(profiler = LAZY)]
fn lazy() {}

#[profile(profiler = profiler)]
fn passed(profiler: &Profiler) -> bool {
    profiler.is_enabled()
}

#[profile(profiler = perprovis::global())]
fn global() {}

fn main() {
    let service = Service { profiler: Arc::new(Profiler::new()) };
    assert_eq!(service.handle(), 1);
    drop(service.fetch());
    lazy();
    assert!(passed(&service.profiler));
    global();
}
