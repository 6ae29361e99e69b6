//! Async tasks on several threads: moved between polls, joined, cancelled, unwinding, with metadata.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use perprovis::{ManualClock, ProfileFuture, Profiler, Report, profile, profile_block};
use perprovis_tests::Random;

use super::stage::Stage;

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static PROFILER: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

const REQUESTS: u64 = 40;
/// Dropped before it completes.
const CANCELLED: u64 = 5;
/// Unwinds in its second poll.
const PANICKING: u64 = 11;

/// A task that any thread may poll next; `None` once it ended.
type Task = Arc<Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

#[profile(profiler = PROFILER, metadata(id, path = "/orders"))]
async fn request(id: u64) {
    authorise(id).await;
    join(query(id, 2 + id % 3), render(id)).await;
    profile_block!(profiler = PROFILER, "respond", bytes = id * 1_000, { work(40_000 + id * 100) });
}

#[profile(profiler = PROFILER)]
async fn authorise(id: u64) {
    work(25_000);
    suspend().await;
    if id == PANICKING {
        resume_unwind(Box::new("on purpose")); // a panic without a message on the terminal
    }
    work(5_000);
}

#[profile(profiler = PROFILER, metadata(rows))]
async fn query(id: u64, rows: u64) {
    for row in 0..rows {
        work(15_000 + 3_000 * ((id + row) % 7));
        suspend().await;
    }
    decode(rows);
}

#[profile(profiler = PROFILER)]
async fn render(id: u64) {
    work(60_000 + 1_000 * id);
    async { suspend().await }.profiled_on(&PROFILER, "template cache").await;
    work(30_000);
}

#[profile(profiler = PROFILER)]
fn decode(rows: u64) {
    work(4_000 * rows);
}

fn work(nanos: u64) {
    CLOCK.advance_nanos(nanos);
}

/// Pending once.
async fn suspend() {
    let mut suspended = false;
    poll_fn(
        |_| if std::mem::replace(&mut suspended, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

/// Polls both until both are done.
async fn join(first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut first_runs, mut second_runs) = (true, true);
    poll_fn(|context| {
        first_runs = first_runs && first.as_mut().poll(context).is_pending();
        second_runs = second_runs && second.as_mut().poll(context).is_pending();
        if first_runs || second_runs { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

/// Polls a task that has not ended.
fn poll(task: &Task) {
    let mut task = task.lock().expect("no panic leaves this function");
    let Some(future) = task.as_mut() else { return };
    let mut context = Context::from_waker(Waker::noop());
    let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
    if !matches!(polled, Ok(Poll::Pending)) {
        *task = None;
    }
}

/// Requests that three workers take turns to poll, while a fourth thread is busy all the time.
pub(crate) fn report() -> Report {
    let stage = Stage::of(&["worker 1", "worker 2", "worker 3", "housekeeping"]);
    let workers = stage.len() - 1;
    for worker in 0..workers {
        stage.open(worker, || PROFILER.block("run tasks"));
    }
    stage.open(workers, || PROFILER.block("housekeeping"));

    let mut random = Random(4);
    let mut tasks: Vec<(u64, Task)> = Vec::new();
    let mut started = 0;
    while started < REQUESTS || !tasks.is_empty() {
        if started < REQUESTS && tasks.len() < 6 {
            tasks.push((started, Arc::new(Mutex::new(Some(Box::pin(request(started)))))));
            started += 1;
        }
        let (id, task) = tasks[random.below(tasks.len() as u64) as usize].clone();
        let cancelled = id == CANCELLED && random.below(2) == 0;
        stage.on(random.below(workers as u64) as usize, move |_| {
            poll(&task);
            if cancelled {
                *task.lock().expect("no panic leaves `poll`") = None;
            }
        });
        work(2_000 + random.below(20_000)); // nobody polls
        stage.on(workers, |_| {
            profile_block!(profiler = PROFILER, "sweep", { work(500) });
        });
        tasks.retain(|(_, task)| task.lock().expect("no panic leaves `poll`").is_some());
    }
    drop(stage);
    PROFILER.report()
}
