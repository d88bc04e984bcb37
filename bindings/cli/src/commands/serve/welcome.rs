//! What the first start says beside the ready line.

use super::first_start::SECRET_FILE;

/// How to try the server at this port.
pub(crate) fn text(port: u16, base_path: &str) -> String {
    let origin = format!("http://localhost:{port}");
    let url = format!("{origin}{base_path}");
    format!(
        r#"
  Development: users in ./kernia.db, secret in {SECRET_FILE}, mail in this log.
  Sign up:  curl -c jar {url}/sign-up/email -H 'content-type: application/json' -d '{{"name":"Ada","email":"ada@example.com","password":"correct horse"}}'
  Who am I: curl -b jar {url}/get-session
  From JS:  import {{ createAuthClient }} from "better-auth/client"
            const auth = createAuthClient({{ baseURL: "{origin}" }})
  A page at another port? Write a kernia.toml with its origin in trusted_origins; `kernia secret` prints a secret for it.

"#
    )
}
