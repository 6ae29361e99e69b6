#[perprovis::profile]
#[unsafe(naked)]
extern "C" fn nothing() {
    core::arch::naked_asm!("ret")
}

fn main() {
    nothing();
}
