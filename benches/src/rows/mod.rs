//! Everything that is measured alone, in one table. `benches/times.rs` takes the times of its rows, `bin/instructions.rs` counts
//! their instructions.

mod cookies;
mod exchanges;
mod hashes;
mod inputs;
mod tokens;

/// One thing that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name, in both reports and in the baseline.
    pub name: &'static str,
    /// How often one count does it. The rest of a count (making a world, starting the process) is not counted.
    pub times: u32,
    prepare: fn() -> Work,
}

/// What is done over and over. It panics when the outcome is not the right one.
pub type Work = Box<dyn FnMut()>;

impl Row {
    /// Prepares everything, and returns what is to be measured.
    #[must_use]
    pub fn prepare(&self) -> Work {
        (self.prepare)()
    }

    /// The row of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.name == name)
    }
}

const fn row(name: &'static str, times: u32, prepare: fn() -> Work) -> Row {
    Row { name, times, prepare }
}

/// What is measured. To add a row, add a line here and its preparation in the file of its kind.
pub const ROWS: &[Row] = &[
    row("get-session", 200, exchanges::get_session),
    row("get-session, nobody signed in", 200, exchanges::nobody),
    row("get-session, compact cache", 200, exchanges::compact_cache),
    row("sign-in without the hash", 100, exchanges::sign_in),
    row("routing: GET /ok", 200, exchanges::ok),
    row("routing: an unknown path", 200, exchanges::unknown_path),
    row("signed cookie", 200, cookies::signed),
    row("cache cookie, compact", 200, cookies::compact),
    row("cache cookie, JWT with HS256", 200, cookies::jwt),
    row("cache cookie, JWE", 200, cookies::jwe),
    row("JWT, HS256", 200, cookies::hs256),
    row("JWT, EdDSA", 20, tokens::eddsa),
    row("JWT, EdDSA, again", 200, tokens::eddsa_again),
    row("JWT, ES256", 20, tokens::es256),
    row("JWT, RS256", 20, tokens::rs256),
    row("JSON body of a sign-up, read and validated", 200, inputs::sign_up_body),
    row("JSON body of 16 KiB, read", 20, inputs::large_body),
    row("hash: argon2id m=19456,t=2,p=1", 1, hashes::argon2id),
    row("hash: scrypt of the reference", 1, hashes::scrypt),
    row("hash: bcrypt 2^6", 1, hashes::bcrypt),
    row("hash: scrypt ln=10,r=8,p=1", 1, hashes::foreign_scrypt),
    row("hash: Firebase's scrypt ln=10,r=8", 1, hashes::firebase),
    row("hash: PBKDF2 SHA-256 i=1000", 1, hashes::pbkdf2_sha256),
    row("hash: PBKDF2 SHA-512 i=1000", 1, hashes::pbkdf2_sha512),
];
