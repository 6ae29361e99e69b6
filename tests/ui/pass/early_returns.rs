//! `return`, labels, `break` with a value and `let ... else`, sync and async.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn search(rows: &[&[u8]], wanted: u8) -> Option<(usize, usize)> {
    let mut found = None;
    'rows: for (y, row) in rows.iter().enumerate() {
        for (x, &cell) in row.iter().enumerate() {
            if cell == 0 {
                continue 'rows;
            }
            if cell == wanted {
                found = Some((x, y));
                break 'rows;
            }
        }
    }
    let Some(place) = found else {
        return None;
    };
    Some(place)
}

#[profile]
fn block(number: u8) -> &'static str {
    let size = 'size: {
        if number < 10 {
            break 'size "small";
        }
        "large"
    };
    if number == 0 {
        return "none";
    }
    size
}

#[profile]
async fn retry(mut failures: u32) -> Result<u32, u32> {
    let mut attempts = 0;
    let attempts = 'retry: loop {
        attempts += 1;
        if std::future::ready(failures).await == 0 {
            break 'retry attempts;
        }
        failures -= 1;
        if attempts == 3 {
            return Err(attempts);
        }
    };
    Ok(attempts)
}

#[profile]
async fn stop(now: bool) {
    if now {
        return;
    }
    std::future::ready(()).await;
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(search(&[&[0, 7], &[1, 7]], 7), Some((1, 1)));
    assert_eq!(search(&[], 7), None);
    assert_eq!((block(0), block(1), block(10)), ("none", "small", "large"));
    assert_eq!((block_on(retry(1)), block_on(retry(9))), (Ok(2), Err(3)));
    block_on(stop(true));
    block_on(stop(false));
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("search"), calls("block"), calls("retry"), calls("stop")), (2, 3, 2, 2));
}
