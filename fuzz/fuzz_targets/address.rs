//! Fuzzes `kernia::testing::fuzz`: the target `address`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("address", data));
