//! Threads that act one at a time, in a given order: their calls overlap, and every run is the same.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use perprovis::TaggedScope;

/// What a thread is told to do; it may leave scopes open for its later acts.
type Act = Box<dyn FnOnce(&mut Vec<TaggedScope>) + Send>;

/// The threads. When it is dropped, they close what they left open, and end.
pub(crate) struct Stage {
    actors: Vec<Actor>,
}

struct Actor {
    acts: Option<Sender<Act>>,
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Stage {
    /// A thread for each name.
    pub(crate) fn of(names: &[&str]) -> Stage {
        Stage { actors: names.iter().map(|name| Actor::start(name)).collect() }
    }

    /// How many threads there are.
    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }

    /// Has one thread act, and waits until it did.
    pub(crate) fn on(
        &self,
        thread: usize,
        act: impl FnOnce(&mut Vec<TaggedScope>) + Send + 'static,
    ) {
        let actor = &self.actors[thread];
        let acts = actor.acts.as_ref().expect("taken only on drop");
        acts.send(Box::new(act)).expect("the thread runs until its acts end");
        actor.done.recv().expect("no act panics");
    }

    /// Has a thread open a scope, until the end.
    pub(crate) fn open(&self, thread: usize, scope: impl FnOnce() -> TaggedScope + Send + 'static) {
        self.on(thread, |open| open.push(scope()));
    }
}

impl Actor {
    fn start(name: &str) -> Actor {
        let (acts, todo) = channel::<Act>();
        let (finished, done) = channel();
        let act_all = move || {
            let mut open = Vec::new();
            for act in todo {
                act(&mut open);
                finished.send(()).expect("the stage waits for it");
            }
            while open.pop().is_some() {} // the innermost first
        };
        let thread = Builder::new().name(name.to_owned()).spawn(act_all);
        Actor { acts: Some(acts), done, thread: Some(thread.expect("a thread can be started")) }
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        drop(self.acts.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no act panics");
        }
    }
}
