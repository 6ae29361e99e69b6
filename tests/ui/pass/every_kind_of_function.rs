//! Whatever keywords a function has.
#![deny(warnings)]
#![allow(dead_code)]

use perprovis::profile;

#[profile]
pub(crate) unsafe fn dangerous(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[profile]
extern "C" fn callback(number: i32) -> i32 {
    number + 1
}

#[profile]
fn generic<'a, T, const N: usize>(values: &'a [T; N]) -> impl Iterator<Item = &'a T>
where
    T: PartialEq,
{
    values.iter()
}

#[profile]
async fn asynchronous(text: &str) -> Result<usize, std::num::ParseIntError> {
    let number: usize = text.parse()?;
    if number > 10 {
        return Ok(10);
    }
    Ok(number)
}

#[profile]
fn never(really: bool) -> ! {
    panic!("{really}")
}

#[profile]
#[must_use]
#[inline]
#[track_caller]
fn attributed() -> u8 {
    #![allow(clippy::all)]
    7
}

fn main() {
    let seven = 7;
    assert_eq!(unsafe { dangerous(&seven) }, 7);
    assert_eq!(callback(1), 2);
    assert_eq!(generic(&[1, 2]).count(), 2);
    assert_eq!(attributed(), 7);
    drop(asynchronous("1"));
}
