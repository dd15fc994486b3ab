//! libFuzzer on `bodies::time`.
#![no_main]

#[path = "../bodies.rs"]
#[allow(dead_code, reason = "each target takes one body")]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::time(bytes));
