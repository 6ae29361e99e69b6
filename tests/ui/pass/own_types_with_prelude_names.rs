//! The user's own types, traits and functions with names of the prelude.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, unused_macros)]

use perprovis::profile;

macro_rules! panic {
    () => {};
}
macro_rules! unreachable {
    () => {};
}
macro_rules! line {
    () => {};
}

mod shadowed {
    pub struct Box;
    pub struct String;
    pub struct Vec;
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Result;
    pub struct Ok;
    pub struct Err;
    pub trait Drop {}
    pub trait Send {}
    pub trait Sync {}
    pub trait Copy {}
    pub trait Clone {}
    pub trait Fn {}
    pub trait FnOnce {}
    pub trait Future {}
    pub trait Into {}
    pub trait From {}
    pub trait Default {}
    pub trait Deref {}
    pub fn drop() {}
    pub struct bool;
    pub struct u32;
    pub struct str;

    #[super::profile(name = "plain", metadata(number, ?text, shown = %1.5))]
    pub fn plain(number: i8, text: char) -> i8 {
        let Box = Box;
        drop();
        if text == 'x' { number } else { 0 }
    }

    #[super::profile]
    pub async fn later(_number: i8) -> Option {
        Option
    }

    #[super::profile]
    pub fn unnamed() -> Vec {
        Vec
    }
}

fn main() {
    assert_eq!(shadowed::plain(1, 'x'), 1);
    let shadowed::Option = futures::executor::block_on(shadowed::later(1));
    let shadowed::Vec = shadowed::unnamed();
    assert_eq!(perprovis::global().report().functions().len(), 3);
}
