#[perprovis::main(report)]
fn main() -> Result<(), String> {
    let number: u8 = "7";
    Ok(number)
}
