//! Being nobody in particular. Whoever signs in as somebody after that takes their place.

use serde_json::json;

use super::{Action, Ask, Power, Session};
use crate::{
    judge::Case,
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action {
            name: "sign in as nobody",
            route: "signInAnonymous",
            weight: 2,
            works: true,
            session: Session::Unused,
            powers: &[Power::MakeNobody],
            ask: |_| Ask::post("/sign-in/anonymous", &json!({})),
            judge: is_nobody,
        },
        Action {
            name: "go as nobody",
            route: "deleteAnonymousUser",
            weight: 2,
            works: true,
            session: Session::Confirmed,
            powers: &[Power::DeleteUser],
            ask: |_| Ask::post("/delete-anonymous-user", &json!({})),
            judge: gone,
        },
    ]
}

fn is_nobody(case: &mut Case<'_>) -> Checked {
    let told = &case.answer.json["user"];
    let right = told["isAnonymous"] == true && told["emailVerified"] == false;
    rule("nobody is nobody", case.answer.status != 200 || right, || case.told())
}

fn gone(case: &mut Case<'_>) -> Checked {
    if case.answer.status == 200 { case.ledger.told_over(&case.author.scope) } else { Ok(()) }
}
