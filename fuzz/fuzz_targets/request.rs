//! Fuzzes `kernia::testing::fuzz`: the target `request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("request", data));
