//! The engine's routes.

use actix_web::{HttpRequest, HttpResponse, Scope, dev::Payload, http::StatusCode, web};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use kernia_runtime::Auth;

use crate::{body, convert};

/// The engine's routes alone, at its base path: `App::new().service(routes(auth))`. Actix takes the first service that fits, so they
/// belong before scopes that their base path lies in.
///
/// Extractors need [`with_auth`](crate::with_auth), which answers the routes too, unless the base path is `/`: there the routes come
/// last, as `routes(auth)`.
pub fn routes(auth: Auth) -> Scope {
    let base = auth.engine().base_path().to_owned();
    web::scope(&base).default_service(web::to(move |request: HttpRequest, payload: web::Payload| {
        let auth = auth.clone();
        async move { answer(&auth, &request, payload.into_inner()).await }
    }))
}

/// Answers one request.
pub(crate) async fn answer(auth: &Auth, request: &HttpRequest, payload: Payload) -> HttpResponse<Bytes> {
    let Some(parts) = convert::parts(request) else {
        return HttpResponse::with_body(StatusCode::BAD_REQUEST, Bytes::new());
    };
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let body = body::read(payload, announced.unwrap_or_default(), auth.body_limit());
    convert::response(&auth.answer(parts, body).await)
}
