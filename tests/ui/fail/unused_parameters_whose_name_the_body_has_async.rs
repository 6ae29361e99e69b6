// The attribute knows words, not variables: a word of the body that means something else is no use.
#![deny(unused_variables, unused_assignments)]

async fn plain_named_in_a_string(parameter: u8) -> &'static str {
    "parameter"
}

#[perprovis::profile]
async fn profiled_named_in_a_string(parameter: u8) -> &'static str {
    "parameter"
}

async fn plain_shadowed(parameter: u8) -> u8 {
    let parameter = 1;
    parameter
}

#[perprovis::profile]
async fn profiled_shadowed(parameter: u8) -> u8 {
    let parameter = 1;
    parameter
}

async fn plain_assigned(mut parameter: u8) {
    parameter = 1;
}

#[perprovis::profile]
async fn profiled_assigned(mut parameter: u8) {
    parameter = 1;
}

fn main() {
    drop((plain_named_in_a_string(1), profiled_named_in_a_string(1)));
    drop((plain_shadowed(1), profiled_shadowed(1)));
    drop((plain_assigned(1), profiled_assigned(1)));
}
