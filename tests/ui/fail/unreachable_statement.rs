#![deny(unreachable_code)]

fn plain() -> u8 {
    return 1;
    2
}

#[perprovis::profile]
fn profiled() -> u8 {
    return 1;
    2
}

async fn plain_later() -> u8 {
    return 1;
    2
}

#[perprovis::profile]
async fn profiled_later() -> u8 {
    return 1;
    2
}

fn plain_never() -> ! {
    panic!();
    loop {}
}

#[perprovis::profile]
fn profiled_never() -> ! {
    panic!();
    loop {}
}

async fn plain_never_later() -> ! {
    panic!();
    loop {}
}

#[perprovis::profile]
async fn profiled_never_later() -> ! {
    panic!();
    loop {}
}

fn main() {
    assert_eq!(plain(), profiled());
    drop((plain_later(), profiled_later()));
    drop((plain_never_later(), profiled_never_later()));
    if plain() == 1 { plain_never() } else { profiled_never() }
}
