//! Kernia over hyper: [`AuthService`] is a tower service for any framework that takes one, [`AuthLayer`] puts it and the session of
//! each request into such a framework, [`Server`] is a whole server for HTTP/1.1 and HTTP/2 without TLS.

mod body;
mod connection;
mod layer;
mod request;
mod server;
mod service;

pub use layer::{AuthLayer, WithAuth, request_head};
pub use server::{Server, ServerSettings, Stopped};
pub use service::AuthService;

pub use kernia_runtime::*;

kernia_runtime::extractors!();
