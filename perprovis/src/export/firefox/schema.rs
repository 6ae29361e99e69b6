//! Schemas: which fields the markers of a function have, and how the profiler reads them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use fxprof_processed_profile::{
    MarkerFieldFlags, MarkerFieldFormat, MarkerLocations, Profile, RuntimeSchemaMarkerField,
    RuntimeSchemaMarkerSchema,
};
use perprovis_core::metadata::Value as Metadata;
use perprovis_core::snapshot::Call;

use crate::export::lanes;
use crate::report::Report;

/// The type of markers that say something of the whole report.
pub(super) const NOTE: &str = "note";
/// The field of calls that unwound.
pub(super) const PANICKED: &str = "panicked";
/// Keys with a meaning of their own in a marker.
const RESERVED: [&str; 3] = ["type", "cause", PANICKED];
/// The largest integer up to which JavaScript knows all.
const EXACT: u64 = 1 << 53;

/// How the profiler reads a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Integer,
    Decimal,
    Text,
}

impl Kind {
    fn of(value: &Metadata) -> Kind {
        match *value {
            Metadata::Int(value) if value.unsigned_abs() <= EXACT => Kind::Integer,
            Metadata::Float(value) if value.is_finite() => Kind::Decimal,
            _ => Kind::Text,
        }
    }

    /// The kind that can say both.
    fn join(self, other: Kind) -> Kind {
        match (self, other) {
            _ if self == other => self,
            (Kind::Text, _) | (_, Kind::Text) => Kind::Text,
            _ => Kind::Decimal,
        }
    }
}

/// The markers of one function.
#[derive(Default)]
pub(super) struct Schema<'r> {
    pub(super) name: String,
    fields: Vec<Field<'r>>,
    of_key: HashMap<Cow<'r, str>, usize>, // as written
    panicked: bool,
}

struct Field<'r> {
    label: &'r str,
    key: Cow<'r, str>, // as written
    kind: Kind,
}

/// One schema per function with a marker, since each has metadata of its own.
pub(super) struct Schemas<'r>(BTreeMap<u32, Schema<'r>>);

impl<'r> Schemas<'r> {
    pub(super) fn new(report: &'r Report) -> Schemas<'r> {
        let mut schemas: BTreeMap<u32, Schema<'r>> = BTreeMap::new();
        for scope in &report.open {
            let function = report.paths[scope.path as usize].function;
            schemas.entry(function).or_insert_with(|| Schema::new(report, function));
        }
        for call in report.log.plain().iter().filter(|call| is_marked(report, call)) {
            let make = || Schema::new(report, call.function);
            let schema = schemas.entry(call.function).or_insert_with(make);
            schema.panicked |= call.panicked;
            for (label, value) in call.metadata.iter().flat_map(|pairs| pairs.iter()) {
                let (key, kind) = (written(label), Kind::of(value));
                let fields = &mut schema.fields;
                let at = *schema.of_key.entry(key).or_insert_with_key(|key| {
                    fields.push(Field { label, key: key.clone(), kind });
                    fields.len() - 1
                });
                fields[at].kind = fields[at].kind.join(kind);
            }
        }
        Schemas(schemas)
    }

    pub(super) fn of(&self, function: u32) -> Option<&Schema<'r>> {
        self.0.get(&function)
    }

    /// Tells the profile.
    pub(super) fn register(&self, profile: &mut Profile) {
        let places = MarkerLocations::MARKER_CHART | MarkerLocations::MARKER_TABLE;
        for schema in self.0.values() {
            let field = |label: &str, key: &str, kind| RuntimeSchemaMarkerField {
                key: key.to_owned(),
                label: label.to_owned(),
                format: match kind {
                    Kind::Integer => MarkerFieldFormat::Integer,
                    Kind::Decimal => MarkerFieldFormat::Decimal,
                    // Inside of the marker, and left out of a profile that is shared cleaned up.
                    Kind::Text => MarkerFieldFormat::SanitizedString,
                },
                flags: MarkerFieldFlags::SEARCHABLE,
            };
            let given =
                schema.fields.iter().map(|known| field(known.label, &known.key, known.kind));
            let panicked = schema.panicked.then(|| field(PANICKED, PANICKED, Kind::Text));
            let fields = given.chain(panicked).collect();
            profile.register_marker_type(RuntimeSchemaMarkerSchema {
                type_name: schema.name.clone(),
                description: None,
                locations: places,
                chart_label: schema.label(),
                tooltip_label: None,
                table_label: schema.label(),
                fields,
                graphs: vec![],
            });
        }
        profile.register_marker_type(RuntimeSchemaMarkerSchema {
            type_name: NOTE.to_owned(),
            description: None,
            locations: places | MarkerLocations::TIMELINE_OVERVIEW,
            chart_label: None,
            tooltip_label: None,
            table_label: None,
            fields: vec![],
            graphs: vec![],
        });
    }
}

impl Schema<'_> {
    fn new(report: &Report, function: u32) -> Self {
        let name = &report.functions[function as usize].name;
        // A prefix, since the profiler has types of its own.
        Schema { name: format!("call:{}", report.short_name(name)), ..Schema::default() }
    }

    /// How to write the field of this key.
    pub(super) fn kind(&self, key: &str) -> Kind {
        self.of_key.get(key).map_or(Kind::Text, |&at| self.fields[at].kind)
    }

    /// What to write beside a marker: its fields. None without a field whose key is a plain word;
    /// others could be taken for syntax.
    fn label(&self) -> Option<String> {
        let is_plain = |key: &str| key.chars().all(|c| c.is_alphanumeric() || c == '_');
        let plain = self.fields.iter().filter(|field| is_plain(&field.key));
        let parts = plain.map(|Field { label, key, .. }| format!("{label}={{marker.data.{key}}}"));
        Some(parts.collect::<Vec<_>>().join(" ")).filter(|label| !label.is_empty())
    }
}

/// The key of a field in a marker: with a mark behind it if markers have such a key already.
pub(super) fn written(key: &str) -> Cow<'_, str> {
    if RESERVED.contains(&key.trim_end_matches('_')) {
        format!("{key}_").into()
    } else {
        key.into()
    }
}

/// Whether a call has a marker.
pub(super) fn is_marked(report: &Report, call: &Call) -> bool {
    call.panicked || call.metadata.is_some() || lanes::is_async(report, call.function)
}
