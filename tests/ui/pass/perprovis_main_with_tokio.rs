//! `#[perprovis::main]` above and below `#[tokio::main]`: the report comes when the runtime has ended,
//! and with it the tasks.
#![deny(warnings)]

#[perprovis::profile(name = "task")]
async fn task() {
    std::future::pending().await
}

mod above {
    #[perprovis::main(top = 5)]
    #[tokio::main(flavor = "current_thread")]
    #[perprovis::profile(name = "main")]
    pub async fn main() -> Result<(), String> {
        super::run().await
    }
}

mod below {
    #[tokio::main(flavor = "current_thread")]
    #[perprovis::main(top = 5)]
    #[perprovis::profile(name = "main")]
    pub async fn main() -> Result<(), String> {
        super::run().await
    }
}

async fn run() -> Result<(), String> {
    tokio::spawn(task());
    tokio::task::yield_now().await;
    Ok(())
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("above") => return above::main().unwrap(),
        Some("below") => return below::main().unwrap(),
        _ => {}
    }
    for order in ["above", "below"] {
        let program = std::env::current_exe().unwrap();
        let output = std::process::Command::new(program).arg(order).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{order}: {stderr}");
        assert!(stderr.contains("perprovis: 1 call of 2 functions"), "{order}: {stderr}");
        assert!(!stderr.contains("running now"), "{order}: {stderr}");
        assert!(stderr.contains("cancelled"), "{order}: {stderr}");
    }
}
