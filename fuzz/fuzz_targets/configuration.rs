//! Fuzzes the reading of `kernia.toml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kernia_cli::fuzz_configuration(data));
