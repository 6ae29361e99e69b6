//! Scopes are not `Send`, futures and profilers are: what this calls is ambiguous for a `Send` type.
#![deny(warnings)]

use perprovis::{Profiled, Profiler, Report, Scope, TaggedScope};

trait NotSend<Reason> {
    fn holds() {}
}

struct AlsoSend;

impl<T: ?Sized> NotSend<()> for T {}
impl<T: ?Sized + Send> NotSend<AlsoSend> for T {}

fn is_send_and_sync<T: Send + Sync>() {}

fn main() {
    <Scope as NotSend<_>>::holds();
    <TaggedScope as NotSend<_>>::holds();
    is_send_and_sync::<Profiler>();
    is_send_and_sync::<Report>();
    is_send_and_sync::<Profiled<std::future::Ready<u8>>>();
}
