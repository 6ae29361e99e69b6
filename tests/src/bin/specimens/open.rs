//! Scopes that are open while the report is taken: on several threads, over completed calls or none,
//! inside a poll; and a task that is suspended, which is on nobody's stack.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use perprovis::{ManualClock, Profiler, Report, profile};

use super::stage::Stage;

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static PROFILER: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

#[profile(profiler = PROFILER)]
fn handle(nanos: u64) {
    CLOCK.advance_nanos(nanos);
}

/// Suspended after its first poll.
#[profile(profiler = PROFILER)]
async fn wait() {
    CLOCK.advance_nanos(3_000);
    poll_fn(|_| Poll::<()>::Pending).await;
}

/// Takes a report of itself.
#[profile(profiler = PROFILER, metadata(purpose = "report"))]
async fn observe() -> Report {
    CLOCK.advance_nanos(9_000);
    let _scope = PROFILER.block("look");
    CLOCK.advance_nanos(1_000);
    PROFILER.report()
}

fn poll<T>(future: Pin<&mut (dyn Future<Output = T> + Send)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Taken from inside a poll.
pub(crate) fn report() -> Report {
    let stage = Stage::of(&["worker 1", "worker 2", "idle", "observer"]);
    let _main = PROFILER.block("main");
    CLOCK.advance_nanos(20_000);
    let _serve = PROFILER.block("serve").with("port", 8080);

    stage.open(0, || PROFILER.block("run"));
    for round in 1..=20 {
        stage.on(0, move |_| handle(1_000 * round));
        CLOCK.advance_nanos(500);
    }
    stage.open(0, || PROFILER.block("handle").with("user_id", 7));
    CLOCK.advance_nanos(40_000);
    stage.open(0, || PROFILER.block("query").with("sql", "SELECT 1"));

    stage.open(1, || PROFILER.block("handle"));
    CLOCK.advance_nanos(25_000);
    stage.open(1, || PROFILER.block("handle")); // inside itself
    stage.open(2, || PROFILER.block("never done"));
    CLOCK.advance_nanos(10_000);

    let waiting: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>> = Mutex::new(Box::pin(wait()));
    let (send, receive) = channel();
    stage.on(1, move |_| {
        assert!(poll(waiting.lock().expect("locked once").as_mut()).is_pending());
        send.send(waiting).expect("the other end waits");
    });
    let _suspended = receive.recv();
    CLOCK.advance_nanos(5_000);

    let (send, receive) = channel();
    stage.on(3, move |_| {
        let mut observing: Pin<Box<dyn Future<Output = Report> + Send>> = Box::pin(observe());
        if let Poll::Ready(report) = poll(observing.as_mut()) {
            send.send(report).expect("the other end waits");
        }
    });
    receive.recv().expect("nothing suspends `observe`")
}
