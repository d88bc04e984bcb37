//! Tests of the engine from outside: whole servers in memory, driven by requests.

mod pipeline;
mod malformed;
mod sweeps;
mod corpora;
