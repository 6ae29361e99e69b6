//! The tail of an async body is inferred from, and coerced to, the return type.
#![deny(warnings)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::num::ParseIntError;

use perprovis::profile;

#[profile]
async fn collected() -> Vec<usize> {
    (0..9).collect()
}

#[profile]
async fn converted() -> String {
    "x".into()
}

#[profile]
async fn defaulted() -> BTreeMap<u8, Vec<u8>> {
    Default::default()
}

#[profile]
async fn transposed(texts: &[&str]) -> Result<Vec<u32>, ParseIntError> {
    Ok(texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?)
}

#[profile]
async fn boxed(fine: bool) -> Result<Box<dyn Debug>, Box<dyn Error>> {
    if fine { Ok(Box::new(7)) } else { Err("not fine".into()) }
}

#[profile]
async fn coerced() -> Box<dyn Debug> {
    Box::new(7)
}

#[profile]
async fn slice() -> &'static [u8] {
    &[1, 2]
}

#[profile]
async fn pointer() -> fn(u8) -> u8 {
    |value| value + 1
}

#[profile]
async fn number() -> Option<u8> {
    "7".parse().ok()
}

fn main() {
    futures::executor::block_on(async {
        assert_eq!(collected().await.len(), 9);
        assert_eq!(converted().await, "x");
        assert!(defaulted().await.is_empty());
        assert_eq!(transposed(&["1", "2"]).await, Ok(vec![1, 2]));
        assert_eq!(format!("{:?}", boxed(true).await.unwrap()), "7");
        assert_eq!(boxed(false).await.unwrap_err().to_string(), "not fine");
        assert_eq!(format!("{:?}", coerced().await), "7");
        assert_eq!(slice().await, [1, 2]);
        assert_eq!(pointer().await(1), 2);
        assert_eq!(number().await, Some(7));
    });
}
