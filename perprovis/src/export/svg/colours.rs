//! A colour for every function: the same in every picture, told apart by colour-blind eyes, light enough
//! for black text.

use inferno::flamegraph::color::{BackgroundColor, Color, StrokeColor};

use crate::report::Report;

use super::super::folded::frame;
use super::Colours;

/// Behind the frames, in a light window.
pub(super) const BACKGROUND: BackgroundColor = BackgroundColor::Flat(rgb(0xff_ffff));
/// Round the frames of a difference.
pub(super) const OUTLINE: StrokeColor = StrokeColor::Color(rgb(0xaa_aaaa));
/// The frame below all others, and what stands for no function.
const NEUTRAL: Color = rgb(0xdd_dddd);
/// The "light" scheme of Paul Tol (*Colour Schemes*, <https://sronpersonalpages.nl/~pault/>), made for
/// areas with black text, without its grey. The contrast of black on the darkest is 8 to 1.
const HUES: [Color; 8] = [
    rgb(0x77_aadd), // light blue
    rgb(0xee_8866), // orange
    rgb(0xee_dd88), // light yellow
    rgb(0xff_aabb), // pink
    rgb(0x99_ddff), // light cyan
    rgb(0x44_bb99), // mint
    rgb(0xbb_cc33), // pear
    rgb(0xaa_aa00), // olive
];
/// Percent of white in a hue, so that of two functions with one hue most still differ.
const TINTS: [u16; 3] = [0, 18, 36];

const fn rgb(hex: u32) -> Color {
    let [_, r, g, b] = hex.to_be_bytes();
    Color { r, g, b }
}

/// The colours of all frames of a report.
pub(super) fn of(report: &Report) -> Colours {
    let mut colours = Colours::default();
    for function in &report.functions {
        colours.insert(frame(&function.name), colour(&function.name));
    }
    colours.insert("", NEUTRAL);
    colours.insert("[truncated]", NEUTRAL);
    colours
}

/// The colour of a function.
fn colour(name: &str) -> Color {
    let hash = hash(name);
    let (hue, tint) = (HUES[(hash % 8) as usize], TINTS[(hash / 8 % 3) as usize]);
    let light = |part: u8| {
        let part = u16::from(part);
        u8::try_from(part + (255 - part) * tint / 100).unwrap_or(u8::MAX)
    };
    Color { r: light(hue.r), g: light(hue.g), b: light(hue.b) }
}

/// 64-bit FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), the same on all machines, its upper half folded into
/// the lower one, which alone depends too little on the first letters.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast of black text, as the Web Content Accessibility Guidelines 2
    /// define them.
    fn contrast_of_black(on: Color) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * linear(on.r) + 0.7152 * linear(on.g) + 0.0722 * linear(on.b);
        (luminance + 0.05) / 0.05
    }

    #[test]
    fn black_text_is_readable_on_all() {
        for name in (0..1000).map(|number| format!("app::f{number}")) {
            assert!(contrast_of_black(colour(&name)) > 7.0, "{name}");
        }
        assert!(contrast_of_black(NEUTRAL) > 7.0);
    }

    #[test]
    fn a_name_keeps_its_colour_and_names_spread_over_all() {
        assert_eq!(colour("shop::main"), colour("shop::main"));
        let mut used: Vec<[u8; 3]> = (0..240)
            .map(|number| colour(&format!("app::f{number}")))
            .map(|colour| [colour.r, colour.g, colour.b])
            .collect();
        used.sort_unstable();
        assert!(used.chunk_by(|left, right| left == right).count() == 24);
        assert!(used.chunk_by(|left, right| left == right).all(|same| same.len() < 30));
    }
}
