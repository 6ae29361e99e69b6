//! `#[tokio::main]` above: what is measured is the function that runs the future.
#![deny(warnings)]

#[tokio::main(flavor = "current_thread")]
#[perprovis::profile]
async fn main() -> Result<(), String> {
    tokio::task::yield_now().await;
    assert_eq!(tokio::spawn(async { 1 }).await.map_err(|error| error.to_string())?, 1);
    Ok(())
}
