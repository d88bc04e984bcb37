//! Whole servers under load: starting and watching them, and keep-alive connections that ask them things.

mod connection;
mod report;
mod script;
mod server;

pub use self::{
    connection::{Answer, Connection, get, post},
    report::{Latencies, Report},
    script::{Pace, Repeat, Script, drive},
    server::{Memory, Server, free_address},
};
