//! Fuzzes `kernia::testing::fuzz::address`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::address(data));
