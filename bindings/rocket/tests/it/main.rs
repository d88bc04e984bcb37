//! Rocket applications with Kernia, on real sockets.
#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod given;
mod guards;
mod requests;
