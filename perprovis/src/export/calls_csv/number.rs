//! Whole numbers and nanoseconds as digits, in a fraction of the time that `write!` takes: they are half of a row.

use perprovis_core::units::{TickRate, Ticks};

/// Thousandths of nanoseconds up to which a `f64` still tells what is behind the point.
const EXACT_BELOW: f64 = (1u64 << 48) as f64;
/// Rounding errors of a product, relative, with some to spare.
const PRODUCT_ERROR: f64 = 8.0 * f64::EPSILON;

/// The two digits of each number below 100: a division gives two of them.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Appends the digits of a number.
pub(super) fn push(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20]; // as many as there are in 2^64
    let mut at = digits.len();
    while number >= 10 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + number as u8;
    }
    text.extend_from_slice(&digits[at..]);
}

/// Appends nanoseconds without superfluous zeros.
pub(super) fn push_nanos(text: &mut Vec<u8>, rate: TickRate, ticks: Ticks) {
    if rate == TickRate::NANOSECOND {
        return push(text, ticks.0);
    }
    let nanos = rate.nanos(ticks);
    let thousandths = nanos * 1000.0;
    let whole = thousandths as u64; // `as` saturates; not `f64::trunc`, which is a call on older CPUs
    let part = thousandths - whole as f64;
    // Which of two thousandths the middle between them rounds to hangs by its last bits.
    let is_tie = (part - 0.5).abs() <= thousandths * PRODUCT_ERROR;
    if thousandths < EXACT_BELOW && !is_tie {
        // The same digits in a fraction of the time.
        let rounded = whole + u64::from(part > 0.5);
        push(text, rounded / 1000);
        push_thousandths(text, (rounded % 1000) as usize);
    } else {
        let nanos = format!("{nanos:.3}");
        text.extend_from_slice(nanos.trim_end_matches('0').trim_end_matches('.').as_bytes());
    }
}

fn push_thousandths(text: &mut Vec<u8>, thousandths: usize) {
    if thousandths == 0 {
        return;
    }
    let [tens, ones] = PAIRS[thousandths % 100];
    let digits = [b'.', b'0' + (thousandths / 100) as u8, tens, ones];
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    text.extend_from_slice(&digits[..digits.len() - zeros]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(tick: f64, ticks: u64) -> String {
        let mut text = Vec::new();
        push_nanos(&mut text, TickRate::new(tick).unwrap(), Ticks(ticks));
        String::from_utf8(text).unwrap()
    }

    fn expected(tick: f64, ticks: u64) -> String {
        let text = format!("{:.3}", TickRate::new(tick).unwrap().nanos(Ticks(ticks)));
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    #[test]
    fn ticks_become_nanoseconds_with_three_decimals_at_most() {
        for (rate, ticks, text) in [
            (0.25, 1, "0.25"),
            (0.25, 40, "10"),
            (1.0 / 3.0, 1, "0.333"),
            (1.0, u64::MAX, "18446744073709551615"),
            (2.5, 0, "0"),
        ] {
            assert_eq!(nanos(rate, ticks), text);
        }
    }

    #[test]
    fn ties_round_as_in_the_standard_library() {
        for (tick, ticks, expected) in [
            (0.0625, 1, "0.062"),
            (0.1875, 1, "0.188"),
            (0.5, 3, "1.5"),
            (0.25, 4, "1"),
            (0.25, 0, "0"),
        ] {
            assert_eq!(nanos(tick, ticks), expected);
        }
    }

    #[test]
    fn all_lengths_of_numbers_have_the_digits_of_the_standard_library() {
        let tens = (0..20).map(|zeros| 10u64.pow(zeros));
        for number in tens.flat_map(|ten| [ten - 1, ten, ten + 1]).chain([u64::MAX]) {
            let mut text = Vec::new();
            push(&mut text, number);
            assert_eq!(text, number.to_string().into_bytes());
        }
    }

    proptest::proptest! {
        #[test]
        fn nanoseconds_have_the_digits_of_the_standard_library(
            ticks in 0u64..1 << 60,
            shift in 0u32..60,
            tick in 1e-3f64..1e3,
        ) {
            let ticks = ticks >> shift;
            proptest::prop_assert_eq!(nanos(tick, ticks), expected(tick, ticks));
        }
    }
}
