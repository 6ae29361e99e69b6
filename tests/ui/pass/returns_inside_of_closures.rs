//! `return` and `?` in closures and async blocks leave these, not the function.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn lengths(texts: &[&str]) -> Vec<usize> {
    texts
        .iter()
        .map(|text| {
            if text.is_empty() {
                return 0;
            }
            text.len()
        })
        .collect()
}

#[profile]
async fn sum(texts: &[&str]) -> u32 {
    let parsed = async {
        let mut sum = 0;
        for text in texts {
            sum += text.parse::<u32>()?;
        }
        Ok::<_, std::num::ParseIntError>(sum)
    };
    let doubled = async |number: u32| {
        if number == 0 {
            return 1;
        }
        number * 2
    };
    let Ok(sum) = parsed.await else {
        return 0;
    };
    doubled(sum).await
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(lengths(&["", "ab"]), [0, 2]);
    assert_eq!(block_on(sum(&["1", "2"])), 6);
    assert_eq!(block_on(sum(&["0"])), 1);
    assert_eq!(block_on(sum(&["x"])), 0);
}
