//! Tokens of a provider as accounts keep them.

use crate::{
    domain::{Cx, provider::Tokens},
    store::Row,
    wire::envelope::{self, looks_sealed},
};

impl Tokens {
    /// The columns of an account that these tokens set, sealed as the installation wants; what the provider did not say is left
    /// out. The scope is not part of it: only linking changes what was granted.
    #[must_use]
    pub fn columns(&self, cx: &Cx) -> Row {
        let mut row = Row::new();
        let sealed = [("accessToken", &self.access_token), ("refreshToken", &self.refresh_token)];
        for (name, token) in sealed {
            if let Some(token) = token {
                row.set(name, seal(cx, token));
            }
        }
        if let Some(token) = &self.id_token {
            row.set("idToken", token.as_str());
        }
        if let Some(moment) = self.access_token_expires_at {
            row.set("accessTokenExpiresAt", moment);
        }
        if let Some(moment) = self.refresh_token_expires_at {
            row.set("refreshTokenExpiresAt", moment);
        }
        row
    }
}

/// A token as it is stored.
#[must_use]
pub(super) fn seal(cx: &Cx, token: &str) -> String {
    if cx.app().options.account.encrypt_oauth_tokens {
        envelope::seal(&cx.app().keys, cx.entropy(), token)
    } else {
        token.to_owned()
    }
}

/// A stored token as the provider knows it. What was stored before encryption was turned on is plain. `None` when it cannot be
/// decrypted.
#[must_use]
pub(super) fn open(cx: &Cx, stored: &str) -> Option<String> {
    if !cx.app().options.account.encrypt_oauth_tokens || !looks_sealed(stored) {
        return Some(stored.to_owned());
    }
    envelope::open(&cx.app().keys, stored).ok().map(|token| token.expose().to_owned())
}
