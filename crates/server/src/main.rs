//! hubnet
fn main() {}
