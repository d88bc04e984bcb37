//! Fuzzes `kernia::testing::fuzz`: the target `sql`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("sql", data));
