//! On a `trait`: its default methods. On the `impl` of one: what is written there.
#![deny(warnings)]

use perprovis::profile;

#[profile]
trait Shape {
    const SIDES: u32;

    fn area(&self) -> f64;

    fn describe(&self) -> String {
        format!("{} sides, {} in area", Self::SIDES, self.area())
    }

    fn doubled(self) -> Self
    where
        Self: Sized;
}

struct Square(f64);

#[profile]
impl Shape for Square {
    const SIDES: u32 = 4;

    fn area(&self) -> f64 {
        self.0 * self.0
    }

    fn doubled(self) -> Self {
        Self(self.0 * 2.0)
    }
}

fn main() {
    assert_eq!(Square(1.0).doubled().describe(), "4 sides, 4 in area");
    let report = perprovis::global().report();
    let names = ["describe", "area", "doubled"];
    assert_eq!(names.map(|name| report.function(name).unwrap().call_count), [1, 1, 1]);
    assert_eq!(report.functions().len(), 3);
}
