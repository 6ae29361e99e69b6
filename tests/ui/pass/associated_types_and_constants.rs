//! Associated types and constants in signatures and bodies of generic impls.
#![deny(warnings)]

use perprovis::profile;

trait Codec {
    type Item<'a>
    where
        Self: 'a;
    const SIZE: usize;

    fn decode<'a>(&'a self, bytes: &'a [u8]) -> Self::Item<'a>;
}

struct Chunks<const N: usize>;

impl<const N: usize> Codec for Chunks<N> {
    type Item<'a> = &'a [u8];
    const SIZE: usize = N;

    #[profile]
    fn decode<'a>(&'a self, bytes: &'a [u8]) -> Self::Item<'a> {
        static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        &bytes[..Self::SIZE]
    }
}

#[profile]
fn decode_with<'a, C: Codec>(codec: &'a C, bytes: &'a [u8]) -> (C::Item<'a>, usize)
where
    C::Item<'a>: Clone,
{
    (codec.decode(bytes).clone(), <C as Codec>::SIZE)
}

#[profile]
async fn decode_later<'a, C: Codec>(codec: &'a C, bytes: &'a [u8]) -> <C as Codec>::Item<'a> {
    decode_with_bytes::<C>(codec, bytes)
}

#[profile]
fn decode_with_bytes<'a, C: Codec>(codec: &'a C, bytes: &'a [u8]) -> C::Item<'a> {
    codec.decode(bytes)
}

fn main() {
    assert_eq!(decode_with(&Chunks::<2>, b"abc"), (&b"ab"[..], 2));
    assert_eq!(futures::executor::block_on(decode_later(&Chunks::<1>, b"abc")), b"a");
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!(calls("decode"), 2);
}
