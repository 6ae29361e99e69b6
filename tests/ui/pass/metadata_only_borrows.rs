//! Metadata takes nothing: its variables may be moved, changed and mutably borrowed by the body.
#![deny(warnings)]

use std::fmt::{Debug, Display};

use perprovis::profile;

struct Request {
    id: u64,
    body: Option<String>,
}

impl Request {
    #[profile(metadata(id = self.id, body = ?self.body, has_body = self.body.is_some()))]
    fn into_body(self) -> Option<String> {
        self.body
    }

    #[profile(metadata(id = self.id))]
    fn renumber(&mut self) -> &mut u64 {
        self.id += 1;
        &mut self.id
    }

    #[profile(metadata(id = self.id, length = text.len(), %text))]
    async fn append(&mut self, text: String) -> &str {
        self.body.insert(text)
    }
}

#[profile(metadata(?debug, %display, length = values.len(), first = ?values.first()))]
fn generic<D: Debug>(debug: D, display: impl Display, mut values: Vec<u8>) -> (D, String, Vec<u8>) {
    values.clear();
    (debug, display.to_string(), values)
}

#[profile(metadata(sum = left + right, ?pair, block = { let x = 1; x + 1 }, text = "a,b"))]
fn expressions((left, right): (u8, u8), pair @ [_, _]: [u8; 2]) -> u8 {
    left + right + pair[0]
}

fn main() {
    let mut request = Request { id: 7, body: None };
    *request.renumber() += 1;
    assert_eq!(futures::executor::block_on(request.append("x".into())), "x");
    assert_eq!(request.into_body().as_deref(), Some("x"));
    assert_eq!(generic('d', 1.5, vec![3]).2.len(), 0);
    assert_eq!(expressions((1, 2), [3, 4]), 6);
    let calls = perprovis::global().all_calls();
    let metadata: Vec<String> = calls.iter().map(|call| call.metadata.to_string()).collect();
    assert_eq!(
        metadata,
        [
            "id=7",
            "id=9 length=1 text=x",
            "id=9 body=Some(\"x\") has_body=true",
            "debug='d' display=1.5 length=1 first=Some(3)",
            "sum=3 pair=[3, 4] block=2 text=a,b",
        ]
    );
}
