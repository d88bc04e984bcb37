//! Kernia over hyper: [`AuthService`] is a tower service for any framework that takes one, [`AuthLayer`] puts it and the session of
//! each request into such a framework, [`Server`] is a whole server for HTTP/1.1 and HTTP/2 without TLS.
//!
//! Handlers ask for whoever is signed in by [`extract`]: a [`Session`], a [`User`], something [`Fresh`], or what they [`Require`].

mod body;
mod connection;
mod layer;
mod request;
mod server;
mod service;

use bytes::Bytes;
use http_body_util::Full;

pub use http::{Request, Response, StatusCode};
pub use hyper::body::Incoming;
pub use kernia_runtime::*;
pub use layer::{AuthLayer, WithAuth, extract};
pub use server::{Server, ServerSettings, Stopped};
pub use service::AuthService;

/// The answer of a handler that needs no body of a kind of its own.
pub type Answer = Response<Full<Bytes>>;

kernia_runtime::extractors!();
