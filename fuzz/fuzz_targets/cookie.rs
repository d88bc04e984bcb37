//! Fuzzes `kernia::testing::fuzz::cookie`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::cookie(data));
