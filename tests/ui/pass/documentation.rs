//! Documentation of every form, under a lint that wants it everywhere.
#![deny(warnings, missing_docs, unused_doc_comments)]

/// Above.
#[perprovis::profile]
pub fn above() {}

#[perprovis::profile]
/// Below.
pub fn below() {}

/** A block. */
#[perprovis::profile(name = "block")]
#[doc = "As an attribute."]
pub async fn block() {}

#[perprovis::profile(metadata(one = 1))]
#[doc = concat!("From a ", "macro.")]
pub fn from_a_macro() {}

/// A trait.
pub trait Documented {
    /// A method.
    #[perprovis::profile]
    fn method(&self) {}
}

impl Documented for () {}

fn main() {
    above();
    below();
    futures::executor::block_on(block());
    from_a_macro();
    ().method();
    assert_eq!(perprovis::global().report().functions().len(), 5);
}
