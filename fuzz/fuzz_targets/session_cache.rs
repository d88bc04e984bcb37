//! Fuzzes `kernia::testing::fuzz`: the target `session_cache`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia::testing::fuzz::run("session_cache", data));
