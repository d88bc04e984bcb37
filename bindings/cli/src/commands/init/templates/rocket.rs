//! A Rocket application in front of Kernia.
//!
//! Kernia has no binding for Rocket yet, so this forwards /api/auth to `kernia serve`, which runs beside it at the address in
//! AUTH_SERVER. Start both.

use std::{env, io::Cursor};

use rocket::{
    Data, Request, Response, Route,
    data::ToByteUnit as _,
    http::{Header, Method, Status},
    route::{Handler, Outcome},
};

/// What concerns one connection only, and what is said anew.
const NOT_FORWARDED: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    // The client must not choose its own address.
    "x-forwarded-for",
];

#[rocket::get("/")]
fn index() -> &'static str {
    "Hello! Sign in at /api/auth."
}

#[rocket::launch]
fn rocket() -> _ {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let server = env::var("AUTH_SERVER").unwrap_or_else(|_| "http://127.0.0.1:3001".to_owned());
    let forward = Forward { client: client.expect("a client without TLS can be built"), server };
    let methods = [Method::Get, Method::Post, Method::Options];
    let routes: Vec<_> = methods.map(|method| Route::new(method, "/api/auth/<_..>", forward.clone())).into();
    let figment = rocket::Config::figment().merge(("port", 3000));
    rocket::custom(figment).mount("/", rocket::routes![index]).mount("/", routes)
}

#[derive(Clone)]
struct Forward {
    client: reqwest::Client,
    server: String,
}

#[rocket::async_trait]
impl Handler for Forward {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match self.forward(request, data).await {
            Ok(response) => Outcome::Success(response),
            Err(error) => {
                eprintln!("kernia serve does not answer at {}: {error}", self.server);
                Outcome::Error(Status::BadGateway)
            }
        }
    }
}

impl Forward {
    async fn forward<'r>(
        &self,
        request: &Request<'_>,
        data: Data<'_>,
    ) -> Result<Response<'r>, Box<dyn std::error::Error>> {
        let body = data.open(1.mebibytes()).into_bytes().await?;
        if !body.is_complete() {
            return Ok(Response::build().status(Status::PayloadTooLarge).finalize());
        }
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())?;
        let mut forwarded = self.client.request(method, format!("{}{}", self.server, request.uri()));
        for header in request.headers().iter() {
            if !NOT_FORWARDED.contains(&header.name().as_str().to_ascii_lowercase().as_str()) {
                forwarded = forwarded.header(header.name().as_str(), header.value());
            }
        }
        if let Some(address) = request.remote() {
            forwarded = forwarded.header("x-forwarded-for", address.ip().to_string());
        }
        let answer = forwarded.body(body.into_inner()).send().await?;
        let mut response = Response::build();
        response.status(Status::new(answer.status().as_u16()));
        for (name, value) in answer.headers() {
            if !NOT_FORWARDED.contains(&name.as_str()) {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                response.header_adjoin(Header::new(name.as_str().to_owned(), value));
            }
        }
        let body = answer.bytes().await?;
        Ok(response.sized_body(body.len(), Cursor::new(body)).finalize())
    }
}
