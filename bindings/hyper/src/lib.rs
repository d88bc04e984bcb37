//! Kernia over hyper: [`KerniaService`] is a tower service for any framework that takes one, [`Server`] is a whole
//! server for HTTP/1.1 and HTTP/2 without TLS.

mod body;
mod connection;
mod request;
mod server;
mod service;

pub use server::{Server, ServerSettings, Stopped};
pub use service::KerniaService;
