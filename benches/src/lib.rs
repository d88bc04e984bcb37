//! What costs how much: rows that are measured alone, and whole servers under load.

#[cfg(feature = "servers")]
pub mod load;
pub mod rows;

use serde::Serialize;

/// The row that the floor answers, as large as a session and its user.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    session: Session,
    user: User,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    expires_at: String,
    token: String,
    created_at: String,
    updated_at: String,
    ip_address: String,
    user_agent: String,
    user_id: String,
    id: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    name: String,
    email: String,
    email_verified: bool,
    image: Option<String>,
    created_at: String,
    updated_at: String,
    id: String,
}

/// The token of the floor's one session.
pub const TOKEN: &str = "n79Zhqm4THVZgBj2Otpgx97JITsv83Vt";
/// The secret that signs it.
pub const SECRET: &str = "a-secret-for-benches-0123456789-ABCDEFGHIJKL";

impl Answer {
    /// The floor's one session.
    #[must_use]
    pub fn fixed() -> Self {
        let moment = || "2026-01-01T00:00:00.000Z".to_owned();
        let id = || "abcdefghijklmnopqrstuvwxyzABCDEF".to_owned();
        Self {
            session: Session {
                expires_at: moment(),
                token: TOKEN.to_owned(),
                created_at: moment(),
                updated_at: moment(),
                ip_address: String::new(),
                user_agent: String::new(),
                user_id: id(),
                id: id(),
            },
            user: User {
                name: "Test User".to_owned(),
                email: "ada@example.com".to_owned(),
                email_verified: false,
                image: None,
                created_at: moment(),
                updated_at: moment(),
                id: id(),
            },
        }
    }
}
