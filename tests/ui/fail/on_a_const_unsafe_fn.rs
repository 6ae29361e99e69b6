struct Pointer(*const u8);

impl Pointer {
    #[perprovis::profile]
    pub const unsafe fn read(&self) -> u8 {
        unsafe { *self.0 }
    }
}

fn main() {
    assert_eq!(unsafe { Pointer(&1).read() }, 1);
}
