//! Raw identifiers as names of functions, types, modules, parameters and metadata.
#![deny(warnings)]

use perprovis::profile;

mod r#mod {
    pub struct Request {
        pub r#type: u8,
    }

    impl Request {
        #[super::profile(metadata(r#type = self.r#type))]
        pub fn r#move(&self) -> u8 {
            self.r#type
        }
    }
}

#[profile]
fn r#match(r#in: u8) -> u8 {
    r#in
}

#[profile]
async fn r#loop(r#while: u8, r#for: String) -> String {
    format!("{for}{while}")
}

fn main() {
    assert_eq!(r#match(1), 1);
    assert_eq!(r#mod::Request { r#type: 2 }.r#move(), 2);
    assert_eq!(futures::executor::block_on(r#loop(3, "x".into())), "x3");
    let calls = perprovis::global().all_calls();
    assert!(calls.iter().any(|call| call.metadata.to_string() == "type=2"), "{calls:?}");
}
