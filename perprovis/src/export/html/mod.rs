//! A page of its own: the report with all its views in one HTML file (WHATWG, *HTML Living
//! Standard*, <https://html.spec.whatwg.org>), to explore in any browser, from disk, offline.
//!
//! The page's parts are plain files in `page/`: the markup, the style, and modules of JavaScript.
//! [`data`] embeds the report. A file opened from disk may not import its neighbours, so the modules
//! are put one behind the other into a single inline module, each in a function of its own that returns
//! what it exports:
//!
//! ```text
//! import { time } from './format.js';        const { bar, h } = (() => {
//! export function h(tag) { ... }             function h(tag) { ... }
//! export function bar(share) { ... }         function bar(share) { ... }
//!                                            return { h, bar }; })();
//! ```
//!
//! That asks of them that each stands behind those it imports in [`MODULES`], that an import takes one
//! line and renames nothing, that only declarations are exported, and that no two export the same name;
//! tests see to it. So the files stay ordinary modules, and there is no build step.
//!
//! Nothing of the report is markup: it is base64, and the page makes text nodes of it. On top of
//! that its Content-Security-Policy forbids every connection, every script but its own, and (Trusted
//! Types) every assignment of strings to `innerHTML`.
//!
//! Times are ticks in the data and become nanoseconds in the page, with the rate beside them. Memory
//! beside the report: see [`data`].

mod base64;
mod data;
#[cfg(test)]
mod decode;
mod difference;
mod encoder;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::report::Report;

use difference::Earlier;

/// The markup; `{{style}}`, `{{data}}` and `{{script}}` stand for the rest.
const PAGE: &str = include_str!("page/page.html");

/// The style: what stands later overrides what stands before.
const STYLES: &[&str] = &[
    include_str!("page/tokens.css"),
    include_str!("page/frame.css"),
    include_str!("page/parts.css"),
    include_str!("page/overview.css"),
    include_str!("page/functions.css"),
    include_str!("page/drawn.css"),
    include_str!("page/function.css"),
    include_str!("page/narrow.css"),
];

/// How the lines begin that join modules.
const IMPORT: &str = "import ";
const EXPORT: &str = "export ";

/// The modules: each behind those that it imports.
const MODULES: &[&str] = &[
    include_str!("page/bytes.js"),
    include_str!("page/statistics.js"),
    include_str!("page/weights.js"),
    include_str!("page/model.js"),
    include_str!("page/format.js"),
    include_str!("page/vision.js"),
    include_str!("page/colour.js"),
    include_str!("page/dom.js"),
    include_str!("page/tree.js"),
    include_str!("page/canvas.js"),
    include_str!("page/tooltip.js"),
    include_str!("page/histogram.js"),
    include_str!("page/calls.js"),
    include_str!("page/frame.js"),
    include_str!("page/layout.js"),
    include_str!("page/overview.js"),
    include_str!("page/columns.js"),
    include_str!("page/functions.js"),
    include_str!("page/flame.js"),
    include_str!("page/function.js"),
    include_str!("page/lanes.js"),
    include_str!("page/laneview.js"),
    include_str!("page/minimap.js"),
    include_str!("page/pointing.js"),
    include_str!("page/timeline.js"),
    include_str!("page/app.js"),
];

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    write_page(report, None, writer)
}

/// Writes `report`, and what changed since `before`.
fn write_page(report: &Report, before: Option<&Report>, writer: &mut dyn Write) -> io::Result<()> {
    let earlier = before.map(|before| Earlier::new(before, report));
    for part in PAGE.split("{{") {
        let Some((name, rest)) = part.split_once("}}") else {
            writer.write_all(part.as_bytes())?;
            continue;
        };
        match name {
            "style" => STYLES.iter().try_for_each(|style| writer.write_all(style.as_bytes()))?,
            "data" => data::write(report, earlier.as_ref(), writer)?,
            _ => MODULES.iter().try_for_each(|module| write_module(module, writer))?,
        }
        writer.write_all(rest.as_bytes())?;
    }
    writer.flush()
}

/// A module as a function that returns what it exports.
fn write_module(module: &str, writer: &mut dyn Write) -> io::Result<()> {
    let names = exports(module).collect::<Vec<_>>().join(", ");
    writeln!(writer, "const {{ {names} }} = (() => {{")?;
    for line in module.lines().filter(|line| !line.starts_with(IMPORT)) {
        writeln!(writer, "{}", line.strip_prefix(EXPORT).unwrap_or(line))?;
    }
    writeln!(writer, "return {{ {names} }};\n}})();")
}

/// The names that a module exports: `export function name(`, `export const name =` and so on.
fn exports(module: &str) -> impl Iterator<Item = &str> {
    let declarations = module.lines().filter_map(|line| line.strip_prefix(EXPORT));
    declarations.filter_map(|line| line.split([' ', '(', '=']).nth(1))
}
