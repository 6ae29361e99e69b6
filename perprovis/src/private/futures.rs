//! What `#[profile]` names for functions whose calls are futures.

use std::future::Future;
use std::marker::PhantomData;
use std::panic::UnwindSafe;
use std::pin::Pin;
pub use std::pin::pin;
use std::task::{Context, Poll};

use perprovis_core::Profiled;

use super::{Callsite, Metadata, Profiler, TaggedScope, Task, global, profile_future};

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

/// Stands before what is there for its types only.
pub fn unreachable() -> ! {
    unreachable!("stands behind `if false`")
}

/// Calls a closure. As an argument of this one it may give away what it captured.
#[inline(always)]
pub fn call<T>(make: impl FnOnce() -> T) -> T {
    make()
}

/// The call of a function that returns a `P`, which is a future in a box.
#[derive(Debug)]
pub struct Boxed<P> {
    task: Task,
    output: PhantomData<fn() -> P>,
}

/// The call of a function that returns something else: open until it returns.
#[derive(Debug)]
pub struct Unboxed {
    scope: TaggedScope,
}

/// Only a type tells whether it is a future in a box, since it may have an alias. A method of the right
/// type comes before this one.
pub trait NoFuture {
    fn __perprovis_begin(self, task: Task) -> Unboxed;
}

impl<T> NoFuture for Output<T> {
    fn __perprovis_begin(self, task: Task) -> Unboxed {
        Unboxed { scope: task.enter() }
    }
}

impl Unboxed {
    pub fn wrap<F>(self, future: F) -> Pin<Box<F>> {
        Box::pin(future)
    }

    pub fn wrap_made<T>(self, make: impl FnOnce() -> T) -> T {
        let _scope = self.scope;
        make()
    }
}

macro_rules! boxed_future {
    ($($bound:tt)*) => {
        impl<'a, T> Output<Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>> {
            pub fn __perprovis_begin(self, task: Task) -> Boxed<Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>> {
                Boxed { task, output: self.0 }
            }
        }

        /// The future, recorded from its first poll to completion.
        impl<'a, T> Boxed<Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>> {
            pub fn wrap(
                self,
                future: impl Future<Output = T> $($bound)* + 'a,
            ) -> Pin<Box<dyn Future<Output = T> $($bound)* + 'a>> {
                Box::pin(profile_future(self.task, future))
            }

            pub fn wrap_made(
                self,
                make: impl FnOnce() -> Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>,
            ) -> Pin<Box<dyn Future<Output = T> $($bound)* + 'a>>
            where
                T: 'a,
            {
                Box::pin(profile_future(self.task, make()))
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
