//! Fuzzes `kernia::testing::fuzz`: the target `passkey`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("passkey", data));
