//! What `#[profile]` names for functions whose calls are futures.

use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::UnwindSafe;
use std::pin::Pin;
pub use std::pin::pin;
use std::task::{Context, Poll, Waker};

use perprovis_core::Profiled;

use super::{Callsite, Metadata, Profiler, Task, global, profile_future};

pub fn task(site: &'static Callsite) -> Task {
    Task::new(&global().recorder, site)
}

pub fn task_on(profiler: &Profiler, site: &'static Callsite) -> Task {
    Task::on(&profiler.recorder, site)
}

pub fn task_with(site: &'static Callsite, metadata: impl FnOnce() -> Metadata) -> Task {
    task(site).with_metadata(metadata)
}

pub fn task_on_with(
    profiler: &Profiler,
    site: &'static Callsite,
    metadata: impl FnOnce() -> Metadata,
) -> Task {
    task_on(profiler, site).with_metadata(metadata)
}

/// A future that stays where it is, in the future of an `async fn`. Safe to leave by a panic if that one
/// is, as if it were here.
#[derive(Debug)]
pub struct InPlace<'a, F>(Pin<&'a mut F>);

impl<F: UnwindSafe> UnwindSafe for InPlace<'_, F> {}

impl<F: Future> Future for InPlace<'_, F> {
    type Output = F::Output;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(context)
    }
}

/// Records a future as `task`.
#[inline(always)]
pub const fn profile_in_place<F>(task: Task, future: Pin<&mut F>) -> Profiled<InPlace<'_, F>> {
    Profiled::new(task, InPlace(future))
}

/// Carries the return type of a function into the future that holds its body.
#[derive(Debug)]
pub struct Output<T>(PhantomData<fn() -> T>);

impl<T> Clone for Output<T> {
    fn clone(&self) -> Output<T> {
        *self
    }
}

impl<T> Copy for Output<T> {}

/// Of whatever type it is used as.
pub const fn output<T>() -> Output<T> {
    Output(PhantomData)
}

/// A value that is never made: stands behind `if false`, for its type only.
pub fn never<T>(_: Output<T>) -> T {
    unreachable!("stands behind `if false`")
}

/// Calls a closure. As an argument of this one it may give away what it captured.
#[inline(always)]
pub fn call<T>(make: impl FnOnce() -> T) -> T {
    make()
}

/// What a function does to make a `T`, which may be a future in a box: only its type tells, and
/// that may have an alias. A method of the right type comes before the one of [`NoFuture`].
#[derive(Debug)]
pub struct Made<M, T> {
    task: Task,
    make: M,
    made: PhantomData<fn() -> T>,
}

#[inline(always)]
pub const fn made<T, M: FnOnce() -> T>(task: Task, make: M) -> Made<M, T> {
    Made { task, make, made: PhantomData }
}

macro_rules! boxed_future {
    ($($bound:tt)*) => {
        impl<'a, T, M> Made<M, Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>>
        where
            T: 'a,
            M: FnOnce() -> Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>,
        {
            /// The future, recorded from its first poll to completion.
            pub fn profiled(self) -> Pin<Box<dyn Future<Output = T> $($bound)* + 'a>> {
                Box::pin(profile_future(self.task, (self.make)()))
            }
        }
    };
}
boxed_future!();
boxed_future!(+ Send);
boxed_future!(+ Sync);
boxed_future!(+ Unpin);
boxed_future!(+ Send + Sync);
boxed_future!(+ Send + Unpin);
boxed_future!(+ Send + Sync + Unpin);

/// For what is no future: making it is the call.
pub trait NoFuture<T> {
    fn profiled(self) -> T;
}

impl<T, M: FnOnce() -> T> NoFuture<T> for Made<M, T> {
    fn profiled(self) -> T {
        let mut make = Some(self.make);
        // A future that is done at its first poll is a call.
        let call = poll_fn(|_| make.take().map_or(Poll::Pending, |make| Poll::Ready(make())));
        match pin!(profile_future(self.task, call)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => unreachable!("polled once"),
        }
    }
}
