//! Annotated methods do not change whether a trait can be made into an object.
#![deny(warnings)]

use perprovis::profile;

trait Shape {
    fn area(&self) -> f64;

    #[profile]
    fn name(&self) -> String {
        format!("shape of {}", self.area())
    }

    #[profile]
    fn scaled<T: Into<f64>>(&self, factor: T) -> f64
    where
        Self: Sized,
    {
        self.area() * factor.into()
    }
}

impl Shape for f64 {
    #[profile]
    fn area(&self) -> f64 {
        self * self
    }
}

impl dyn Shape {
    #[profile]
    fn is_small(&self) -> bool {
        self.area() < 10.0
    }
}

fn main() {
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(2.0), Box::new(4.0)];
    assert_eq!(shapes[0].name(), "shape of 4");
    assert_eq!(shapes.iter().filter(|shape| shape.is_small()).count(), 1);
    assert_eq!(2.0.scaled(2u8), 8.0);
    assert_eq!(perprovis::global().function_stats("area").unwrap().call_count, 4);
}
