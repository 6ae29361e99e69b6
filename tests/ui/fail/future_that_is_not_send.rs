use std::rc::Rc;

async fn plain(shared: Rc<u8>) -> u8 {
    std::future::ready(()).await;
    *shared
}

#[perprovis::profile]
async fn profiled(shared: Rc<u8>) -> u8 {
    std::future::ready(()).await;
    *shared
}

fn send<T: Send>(_: T) {}

fn main() {
    send(plain(Rc::new(1)));
    send(profiled(Rc::new(1)));
}
