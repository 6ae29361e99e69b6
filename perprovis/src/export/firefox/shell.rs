//! Everything but samples and markers, made by `fxprof-processed-profile`.

use std::io;

use fxprof_processed_profile::{
    Frame, FrameFlags, FrameInfo, Profile, ReferenceTimestamp, SamplingInterval, ThreadHandle,
    Timestamp,
};
use serde_json::{Map, Value};

use crate::report::Report;

use super::category::Categories;
use super::millis;
use super::schema::Schemas;
use super::track::{Labels, Track};

/// The distance of samples, which the profiler wants to know although there is none: the least time
/// that can be selected.
const INTERVAL_NANOS: u64 = 1_000;
/// The number of the process, which the report does not know.
const PROCESS: u32 = 1;

/// The file without samples and markers.
pub(super) struct Shell {
    pub(super) profile: Map<String, Value>, // without its threads
    pub(super) threads: Vec<Map<String, Value>>, // without samples and markers
    /// The category of each function.
    pub(super) categories: Vec<u64>,
}

impl Shell {
    pub(super) fn new(
        report: &Report,
        labels: &Labels<'_>,
        tracks: &[Track<'_>],
        schemas: &Schemas<'_>,
    ) -> io::Result<Shell> {
        let program = program(report);
        let never = ReferenceTimestamp::from_millis_since_unix_epoch(0.0);
        let mut profile =
            Profile::new(program, never, SamplingInterval::from_nanos(INTERVAL_NANOS));
        profile.set_symbolicated(true);
        let zero = Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(program, PROCESS, zero);
        let categories = Categories::new(report, &mut profile);
        schemas.register(&mut profile);
        for (index, track) in tracks.iter().enumerate() {
            let thread = profile.add_thread(process, index as u32, zero, index == 0);
            intern_stacks(&mut profile, thread, track, labels, &categories);
        }
        let Value::Object(mut whole) = serde_json::to_value(&profile)? else {
            return Err(io::Error::other("the profile is no object"));
        };
        if let Some(Value::Object(meta)) = whole.get_mut("meta") {
            // Without these the profile ends with the last sample.
            meta.insert("profilingStartTime".into(), 0.into());
            let end = millis(report.clock.rate, report.clock.run_ticks);
            meta.insert("profilingEndTime".into(), end.into());
            // It hides threads of few samples, however long those last.
            let all: Vec<usize> = (0..tracks.len()).collect();
            meta.insert("initialVisibleThreads".into(), all.into());
        }
        let function = report.functions.iter();
        let categories =
            function.map(|function| serde_json::to_value(categories.of(&function.name)));
        let categories = categories.map(|value| value.map(|value| value.as_u64().unwrap_or(0)));
        let categories = categories.collect::<Result<_, _>>()?;
        let threads = in_order(whole.remove("threads"), tracks);
        Ok(Shell { profile: whole, threads, categories })
    }
}

/// Puts the stacks of `track` into the tables of `thread`. The crate numbers them as they come; since
/// all are different, these are their indexes in `track`.
fn intern_stacks(
    profile: &mut Profile,
    thread: ThreadHandle,
    track: &Track<'_>,
    labels: &Labels<'_>,
    categories: &Categories<'_>,
) {
    let mut frames = vec![None; labels.names.len()];
    let mut stacks = Vec::with_capacity(track.stacks.len());
    for stack in &track.stacks {
        let name = labels.names[stack.label as usize];
        let frame = *frames[stack.label as usize].get_or_insert_with(|| {
            let frame = Frame::Label(profile.intern_string(name));
            let category_pair = categories.of(name).into();
            let info = FrameInfo { frame, category_pair, flags: FrameFlags::empty() };
            profile.intern_frame(thread, info)
        });
        let parent = stack.parent.map(|parent| stacks[parent as usize]);
        stacks.push(profile.intern_stack(thread, parent, frame));
    }
}

/// The threads in the order of `tracks`: the crate sorts them. Names and numbers are set here, since
/// the crate calls a main thread by its process, and has numbers of 32 bits.
fn in_order(threads: Option<Value>, tracks: &[Track<'_>]) -> Vec<Map<String, Value>> {
    let mut sorted = vec![Map::new(); tracks.len()];
    let Some(Value::Array(threads)) = threads else { return sorted };
    for thread in threads {
        let Value::Object(mut thread) = thread else { continue };
        let index = thread.get("tid").and_then(Value::as_str).and_then(|tid| tid.parse().ok());
        let Some(index) = index.filter(|&index: &usize| index < tracks.len()) else { continue };
        let track = &tracks[index];
        let id = track.id.map_or_else(|| track.name.clone(), |id| id.to_string());
        thread.insert("tid".into(), id.into());
        thread.insert("name".into(), track.name.as_str().into());
        thread.remove("samples");
        thread.remove("markers");
        sorted[index] = thread;
    }
    sorted
}

/// What to call the program: by the crate of its largest root.
fn program(report: &Report) -> &str {
    let root = report.tree.roots().next().map_or("", |root| root.name());
    match root.split_once("::") {
        Some((name, _)) if !name.is_empty() => name,
        _ => "profiled program",
    }
}
