//! Type and constant parameters with bounds, in the list and in a `where` clause.
#![deny(warnings)]

use std::fmt::Debug;
use std::ops::Add;

use perprovis::profile;

#[profile]
fn copy<'a, T: Clone + 'a, const N: usize>(values: &'a [T; N]) -> [T; N]
where
    T: Debug,
{
    let copied = values.clone();
    assert_eq!(format!("{copied:?}"), format!("{values:?}"));
    copied
}

#[profile]
fn sum<T, const START: i64>(values: &[T]) -> i64
where
    T: Copy,
    i64: Add<T, Output = i64>,
{
    values.iter().fold(START, |sum, &value| sum + value)
}

#[profile]
async fn last<T: Clone, const N: usize>(values: [T; N]) -> Option<T> {
    values.last().cloned()
}

fn main() {
    assert_eq!(copy(&["x", "y"]), ["x", "y"]);
    assert_eq!(copy(&[7; 3]), [7; 3]);
    assert_eq!(sum::<i64, 10>(&[1, 2]), 13);
    assert_eq!(futures::executor::block_on(last([1, 2])), Some(2));
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("copy"), calls("sum"), calls("last")), (2, 1, 1));
}
