//! What the application decides for each request anew, where options say the same for all.

use super::{RouteRequest, options::Limit, provider::OwnCode};

/// From a request to the origins whose pages may use this server for it, besides those of the options, and written as there. The
/// reference's `trustedOrigins` as a function.
pub type TrustOrigins = OwnCode<RouteRequest, Vec<String>>;
/// From a request to how often it may be made; `None` lifts the limit. The reference's functions in `customRules`.
pub type LimitRule = OwnCode<LimitedRequest, Option<Limit>>;

/// A request that is to be counted. Neither its query nor its body is read yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LimitedRequest {
    /// The request.
    pub request: RouteRequest,
    /// How often it may be made if nothing else is said.
    pub usual: Limit,
}

impl LimitedRequest {
    pub(crate) fn new(request: RouteRequest, usual: Limit) -> Self {
        Self { request, usual }
    }
}
