//! Figures in the Prometheus text format, version 0.0.4.

mod exposition;
mod histogram;
mod requests;

pub(crate) use exposition::Exposition;
pub(crate) use histogram::Histogram;
pub(crate) use requests::RequestMetrics;

/// The content type of the text.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
