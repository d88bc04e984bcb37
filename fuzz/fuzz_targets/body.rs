//! Fuzzes `kernia::testing::fuzz::body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::body(data));
