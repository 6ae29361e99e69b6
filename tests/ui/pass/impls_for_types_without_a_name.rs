//! Impls for slices, tuples, references, pointers and trait objects.
#![deny(warnings)]

use std::fmt::Debug;

use perprovis::profile;

trait Weight {
    fn weight(&self) -> usize;
}

impl Weight for (u8, u8) {
    #[profile]
    fn weight(&self) -> usize {
        usize::from(self.0 + self.1)
    }
}

impl Weight for &[u8] {
    #[profile]
    fn weight(&self) -> usize {
        self.len()
    }
}

impl Weight for fn(u8) -> u8 {
    #[profile]
    fn weight(&self) -> usize {
        usize::from(self(1))
    }
}

impl Weight for dyn Debug {
    #[profile]
    fn weight(&self) -> usize {
        format!("{self:?}").len()
    }
}

impl<T: Weight + ?Sized, const N: usize> Weight for [Box<T>; N] {
    #[profile]
    fn weight(&self) -> usize {
        self.iter().map(|item| item.weight()).sum()
    }
}

fn main() {
    assert_eq!((1, 2).weight(), 3);
    assert_eq!((&[1, 2][..]).weight(), 2);
    assert_eq!((u8::wrapping_neg as fn(u8) -> u8).weight(), 255);
    let boxed: Box<dyn Debug> = Box::new("abc");
    assert_eq!([boxed].weight(), 5);
    let report = perprovis::global().report();
    let names: Vec<&str> = report.functions().iter().map(|stats| stats.name.as_str()).collect();
    assert_eq!(names.len(), 5, "a row for each type: {names:?}");
}
