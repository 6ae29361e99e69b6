//! `#[tokio::main]` below: what is measured is the future.
#![deny(warnings)]

#[perprovis::profile]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), String> {
    tokio::task::yield_now().await;
    assert_eq!(tokio::spawn(async { 1 }).await.map_err(|error| error.to_string())?, 1);
    Ok(())
}
