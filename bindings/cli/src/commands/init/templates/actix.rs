//! An Actix application in front of Kernia.
//!
//! Kernia has no binding for Actix yet, so this forwards /api/auth to `kernia serve`, which runs beside it at the address in
//! AUTH_SERVER. Start both.

use std::{env, io};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::{HOST, HeaderName},
    web,
};
use awc::Client;

/// What concerns one connection only.
const HOP_BY_HOP: [&str; 6] = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

#[actix_web::main]
async fn main() -> io::Result<()> {
    println!("listening on http://localhost:3000");
    HttpServer::new(|| {
        App::new()
            .app_data(web::Data::new(Client::builder().disable_redirects().finish()))
            .route("/", web::get().to(|| async { "Hello! Sign in at /api/auth." }))
            .route("/api/auth/{path:.*}", web::to(forward))
    })
    .bind("127.0.0.1:3000")?
    .run()
    .await
}

async fn forward(request: HttpRequest, body: web::Payload, client: web::Data<Client>) -> HttpResponse {
    let server = env::var("AUTH_SERVER").unwrap_or_else(|_| "http://127.0.0.1:3001".to_owned());
    let mut forwarded = client.request_from(format!("{server}{}", request.uri()), request.head()).no_decompress();
    forwarded.headers_mut().remove(HOST);
    // The client must not choose its own address.
    forwarded.headers_mut().remove(HeaderName::from_static("x-forwarded-for"));
    if let Some(address) = request.peer_addr() {
        forwarded = forwarded.insert_header(("x-forwarded-for", address.ip().to_string()));
    }
    match forwarded.send_stream(body).await {
        Ok(answer) => {
            let mut response = HttpResponse::build(answer.status());
            for (name, value) in answer.headers() {
                if !HOP_BY_HOP.contains(&name.as_str()) {
                    response.append_header((name.clone(), value.clone()));
                }
            }
            response.streaming(answer)
        }
        Err(error) => {
            eprintln!("kernia serve does not answer at {server}: {error}");
            HttpResponse::BadGateway().finish()
        }
    }
}
