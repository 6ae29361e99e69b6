#![deny(unconditional_recursion)]

fn plain(number: u32) -> u32 {
    plain(number + 1)
}

#[perprovis::profile]
fn profiled(number: u32) -> u32 {
    profiled(number + 1)
}

struct Number(u32);

impl Number {
    fn plain(&self) -> u32 {
        self.plain() + 1
    }

    #[perprovis::profile(name = "method", metadata(number = self.0))]
    fn profiled(&self) -> u32 {
        self.profiled() + 1
    }
}

fn main() {
    assert_eq!(plain(1), profiled(1));
    assert_eq!(Number(1).plain(), Number(1).profiled());
}
