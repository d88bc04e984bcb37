//! A plugin of one's own: nobody gets an account without an invitation, and an invitation makes one account.
#![allow(clippy::print_stdout, reason = "it is how this program tells where it listens")]

use std::env;

use axum::{Router, http::Method, http::StatusCode};
use kernia::domain::{Cx, Draft, Hooks, Installation, Plugin, Route, WriteHook, WriteKind, commit, id, session};
use kernia::engine::{Answers, ApiError, Endpoint, Exit};
use kernia::schema::{Field, FieldType, Name, Row, Table, USER};
use kernia::store::{Batch, Expect, Filter, Statement};
use kernia::wire::id::generate_id;
use kernia_axum::*;

// the plugin
const INVITE: Name = Name::constant("invite");
const NOT_INVITED: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "An invitation is needed");

struct Invites;

impl Plugin for Invites {
    fn id(&self) -> &'static str {
        "invites"
    }

    fn tables(&self) -> Vec<Table> {
        vec![Table::new(INVITE, [Field::required("code", FieldType::Text).unique()])]
    }

    fn routes(&self) -> Vec<Route> {
        vec![Route::new(CreateInvite)]
    }

    fn hooks(&self) -> Hooks {
        let take = WriteHook::new(USER, WriteKind::Create, |cx, user| Box::pin(async { Ok(take_invite(cx, user)?) }));
        Hooks { writes: vec![take], ..Hooks::default() }
    }

    fn errors(&self) -> &'static [ApiError] {
        const { &[NOT_INVITED] }
    }
}

/// The invitation goes in the batch that makes the user: of two who bring the same one, one gets in.
fn take_invite(cx: &Cx, user: &mut Draft) -> Result<(), ApiError> {
    let code = cx.request.body.as_ref().and_then(|body| body["inviteCode"].as_str()).ok_or(NOT_INVITED)?;
    let (filter, expect) = (Filter::eq("code", code.to_owned()), Expect::Rows(1));
    user.demand(Statement::Consume { table: INVITE, filter, expect }, NOT_INVITED);
    Ok(())
}

struct CreateInvite;

#[derive(serde::Serialize, serde::Deserialize)]
struct Created {
    code: String,
}

impl Answers for CreateInvite {
    type Answer = Created;
}

impl Endpoint<Installation> for CreateInvite {
    type Body = ();
    type Output = Created;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "createInvite";
    const PATH: &'static str = "/invite/create";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Created, Exit> {
        // The server's own code may invite too: somebody must be the first.
        if !cx.local.direct {
            session::require(cx).await?;
        }
        let code = generate_id(cx.entropy());
        let row = Row::new().with("id", id::new(cx, &INVITE)).with("code", code.clone());
        commit::commit(cx, Batch::new().insert(INVITE, row)).await?;
        Ok(Created { code })
    }
}
// the end of the plugin

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder()
        .email_and_password()
        .plugin(Invites)
        .database(&env::var("DATABASE_URL").unwrap_or("sqlite:app.db".to_owned()))
        .start()
        .await?;
    println!("the first invitation: {}", auth.api().call::<CreateInvite, Created>().await?.value.code);
    let app = Router::new().with_auth(&auth).with_state(auth.clone());
    let listener = tokio::net::TcpListener::bind(env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
