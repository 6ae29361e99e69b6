//! What our pictures have beside what `inferno` draws: a dark background where the reader wants one,
//! times for people, and a picture of nothing.

use std::io::{self, Write};

use crate::HumanTime;

use super::super::folded::SEMICOLON;

/// Stands behind the number of nanoseconds of a frame, until `write` finds it there.
pub(super) const UNIT: &str = "ns";

/// Behind the style sheet of `inferno`. Frames stay as light as they are in a dark window, and their
/// text black; only what is round them changes. The gaps between frames are strokes of the
/// background's colour.
const STYLE: &str = "\
#title { font-weight:bold; }
#subtitle { fill:#666; }
#search { opacity:0.6; }
#frames rect { stroke:#fff; stroke-width:0.7; }
#frames > *:hover > text { stroke:none; }
#frames > *:hover > rect { stroke:#000; stroke-width:1; }
@media (prefers-color-scheme: dark) {
svg { background:#16181d; }
rect[fill=\"url(#background)\"] { fill:#16181d; }
#title, #details, #unzoom, #search, #matched { fill:#eee; }
#subtitle { fill:#aaa; }
#frames rect { stroke:#16181d; }
#frames > *:hover > rect { stroke:#fff; }
}
";

/// What a picture of no time at all shows.
const EMPTY: &str = r##"<?xml version="1.0" standalone="no"?>
<svg version="1.1" xmlns="http://www.w3.org/2000/svg" width="1200" height="120" viewBox="0 0 1200 120">
<style type="text/css">
text { font-family:monospace; font-size:12px; text-anchor:middle; fill:#000; }
rect { fill:#fff; }
#title { font-size:17px; font-weight:bold; }
@media (prefers-color-scheme: dark) { rect { fill:#16181d; } text { fill:#eee; } }
</style>
<rect width="100%" height="100%"/>
<text id="title" x="50%" y="45">perprovis flame graph</text>
<text x="50%" y="80">Nothing to show: no time was recorded. Put #[profile] on a function and call it before taking the report.</text>
</svg>
"##;

/// Writes a picture of nothing.
pub(super) fn write_empty(writer: &mut dyn Write) -> io::Result<()> {
    writer.write_all(EMPTY.as_bytes())
}

/// Writes what `inferno` drew, with our style and times for people in the titles of frames.
pub(super) fn write(picture: &[u8], writer: &mut dyn Write) -> io::Result<()> {
    let picture = str::from_utf8(picture)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let (head, frames) = picture.split_once("</style>").unwrap_or((picture, ""));
    writer.write_all(head.as_bytes())?;
    writer.write_all(STYLE.as_bytes())?;
    writer.write_all(b"</style>")?;
    // Only stacks need it, and not every font has it.
    let frames = frames.replace(SEMICOLON, ";");
    let mut parts = frames.split("<title>");
    writer.write_all(parts.next().unwrap_or_default().as_bytes())?;
    for part in parts {
        let (title, rest) = part.split_once("</title>").unwrap_or((part, ""));
        write!(writer, "<title>{}</title>{rest}", Title(title))?;
    }
    Ok(())
}

/// The title of a frame: `name (1,234,567 ns, 12.34%)`, the time written as a person reads it.
struct Title<'t>(&'t str);

impl std::fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = self.0.rsplit_once(" (").and_then(|(name, numbers)| {
            let (count, share) = numbers.split_once(" ns, ")?;
            let nanos: f64 = count.replace(',', "").parse().ok()?;
            Some((name, HumanTime::from_nanos(nanos), share))
        });
        match found {
            Some((name, time, share)) => write!(f, "{name} ({time}, {share}"),
            None => f.write_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_show_times_for_people() {
        let title = |title| Title(title).to_string();
        assert_eq!(title("a::b (1,234,567 ns, 12.34%)"), "a::b (1.23 ms, 12.34%)");
        assert_eq!(title("all (7 ns, 100%)"), "all (7.00 ns, 100%)");
        assert_eq!(
            title("f (1 ns, x) (2,000 ns, 1.00%; -3.00%)"),
            "f (1 ns, x) (2.00 µs, 1.00%; -3.00%)"
        );
        assert_eq!(title("unlike"), "unlike");
    }
}
