//! Fuzzes `kernia::testing::fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::request(data));
