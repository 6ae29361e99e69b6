//! Type parameters that may be unsized, and methods of unsized types.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn length<T: ?Sized + AsRef<str>>(text: &T) -> usize {
    text.as_ref().len()
}

#[profile]
async fn length_later<T: ?Sized + AsRef<str>>(text: &T) -> usize {
    text.as_ref().len()
}

trait Sum {
    type Output;

    fn sum(&self) -> Self::Output;

    #[profile]
    fn boxed_sum(self: Box<Self>) -> Self::Output {
        self.sum()
    }
}

impl Sum for [u8] {
    type Output = u32;

    #[profile]
    fn sum(&self) -> Self::Output {
        self.iter().copied().map(u32::from).sum()
    }
}

impl Sum for str {
    type Output = usize;

    #[profile]
    fn sum(&self) -> usize {
        self.len()
    }
}

fn main() {
    assert_eq!(length("abc") + length(&String::from("d")), 4);
    assert_eq!(futures::executor::block_on(length_later("abc")), 3);
    assert_eq!([1, 2][..].sum(), 3);
    assert_eq!(Box::<str>::from("ab").boxed_sum(), 2);
}
