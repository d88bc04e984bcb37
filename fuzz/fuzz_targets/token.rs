//! Fuzzes `kernia::testing::fuzz::token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::token(data));
