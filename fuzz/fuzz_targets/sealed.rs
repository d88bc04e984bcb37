//! Fuzzes `kernia::testing::fuzz`: the target `sealed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("sealed", data));
