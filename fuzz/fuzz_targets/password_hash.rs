//! Fuzzes `kernia::testing::fuzz`: the target `password_hash`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("password_hash", data));
