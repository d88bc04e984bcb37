//! Databases of real Better Auth releases (tests/golden in the repository).

use std::{fs, path::Path, time::SystemTime};

use kernia::{
    crypto::{
        hotp::Totp,
        secret::{Secret, SecretKeys},
    },
    wire::envelope,
};

use super::server::{Folder, Server, run_with};

/// A golden database: its SQL, and what its first lines say about it.
pub(crate) struct Golden {
    pub(crate) sql: String,
}

impl Golden {
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
        Self { sql: fs::read_to_string(path).unwrap() }
    }

    pub(crate) fn fact(&self, key: &str) -> &str {
        let line = self.sql.lines().find_map(|line| line.strip_prefix(&format!("-- {key}: ")));
        line.expect(key)
    }

    /// The only authenticator key, as it is stored.
    fn app_key(&self) -> String {
        const DIGITS: usize = 144;
        let parts = self.sql.split(|letter: char| !letter.is_ascii_hexdigit() || letter.is_ascii_uppercase());
        parts.filter(|part| part.len() == DIGITS).map(str::to_owned).next().unwrap()
    }

    /// Whether the release knew all that is kept of second factors today.
    pub(crate) fn is_complete(&self) -> bool {
        self.sql.contains("failedVerificationCount") || self.sql.contains("failed_verification_count")
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("BETTER_AUTH_SECRET", self.fact("secret").to_owned())]
    }
}

/// Serves what was adopted: an old session and an old password are good, and so is all that is new.
pub(crate) async fn serves(folder: &Folder, golden: &Golden, environment: &[(&str, String)], sign_up: &str) {
    let toml = fs::read_to_string(folder.path("kernia.toml")).unwrap();
    fs::write(folder.path("kernia.toml"), format!("{toml}\n[server]\nlisten = \"127.0.0.1:0\"\n")).unwrap();
    if !golden.is_complete() {
        let (code, said) = run_with(folder, &["migrate", "--yes"], environment);
        assert_eq!(code, Some(0), "{said}");
    }
    let server = Server::start_with(folder, &["serve"], environment);
    let origin = [("origin", BASE_URL)];

    let answer = server.get("/get-session", &[("cookie", golden.fact("cookie"))]).await;
    let session: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(session["user"]["id"], golden.fact("user"), "{}", answer.body);
    assert_eq!(session["user"]["username"], "ada_x");
    let expires = session["session"]["expiresAt"].as_str().unwrap();
    assert!(["2099-01-01T00:00:00.000Z", "2038-01-01T00:00:00.000Z"].contains(&expires), "{expires}");

    let password = golden.fact("password");
    for (path, body) in [
        ("/sign-in/email", format!("{{\"email\":\"bob@example.com\",\"password\":\"{password}\"}}")),
        ("/sign-in/username", format!("{{\"username\":\"BOB_x\",\"password\":\"{password}\"}}")),
    ] {
        let answer = server.post(path, &body, &origin).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let cookie = answer.cookie("better-auth.session_token");
        let answer = server.get("/get-session", &[("cookie", &cookie)]).await;
        assert!(answer.body.contains("bob@example.com"), "{}", answer.body);
    }
    second_factor(&server, golden).await;
    let wrong = r#"{"email":"bob@example.com","password":"not the one"}"#;
    assert_eq!(server.post("/sign-in/email", wrong, &origin).await.status, 401);
    let answer = server.post("/sign-up/email", sign_up, &origin).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
}

/// Whoever has set an authenticator app up at the old server is asked for its code at the new one.
async fn second_factor(server: &Server, golden: &Golden) {
    let password = golden.fact("password");
    let body = format!("{{\"email\":\"carol@example.com\",\"password\":\"{password}\"}}");
    let held = server.post("/sign-in/email", &body, &[("origin", BASE_URL)]).await;
    assert_eq!(held.body, r#"{"twoFactorRedirect":true,"twoFactorMethods":["totp"]}"#);
    let cookie = held.cookie("better-auth.two_factor");
    let keys = SecretKeys::single(Secret::from(golden.fact("secret")));
    let key = envelope::open(&keys, &golden.app_key()).unwrap();
    let totp = Totp::new(key.expose().as_bytes(), 6, 30);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as i64;
    let body = format!("{{\"code\":\"{}\"}}", totp.code(totp.step(now)));
    let done = server.post("/two-factor/verify-totp", &body, &[("origin", BASE_URL), ("cookie", &cookie)]).await;
    assert!(done.status == 200 && done.body.contains("carol@example.com"), "{} {}", done.status, done.body);
}

pub(crate) const BASE_URL: &str = "http://localhost:3000";
pub(crate) const SIGN_UP: &str = r#"{"name":"Eve","email":"eve@example.com","password":"correct horse"}"#;

impl Folder {
    /// Says in the file what only a person knows: the plan of new users.
    pub(crate) fn choose_plan(&self) {
        let toml = fs::read_to_string(self.path("kernia.toml")).unwrap();
        let plan = "[user.additional_fields.plan]\n";
        fs::write(self.path("kernia.toml"), toml.replace(plan, &format!("{plan}default_value = \"free\"\n"))).unwrap();
    }
}
