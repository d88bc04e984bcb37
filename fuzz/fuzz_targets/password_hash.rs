//! Fuzzes `kernia::testing::fuzz::password_hash`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::password_hash(data));
