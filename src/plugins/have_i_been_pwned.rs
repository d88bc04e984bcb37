//! The have-i-been-pwned plugin: nobody gets a password that is known from a breach.
//!
//! The service <https://haveibeenpwned.com/Passwords> is told the first five of the forty digits of a password's SHA-1 and answers
//! hundreds of ends, among which the password's own is looked for here. The answer is padded, so that its length tells nothing either.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    crypto::{digest::sha1, hex},
    domain::{
        Cx, Hooks, PasswordHook, Plugin,
        errors::error_codes,
        outgoing::{Call, Configured},
    },
    engine::{ApiError, Exit},
};

const RANGES: &str = "https://api.pwnedpasswords.com/range/";
/// How many digits of a hash leave the server.
const TOLD_DIGITS: usize = 5;
/// The largest count that the reference can read.
const MAX_COUNT: u64 = (1 << 53) - 1;

/// The paths on which passwords are looked up unless the options name others, as in the reference.
pub const DEFAULT_PATHS: [&str; 7] = [
    "/sign-up/email",
    "/change-password",
    "/reset-password",
    "/email-otp/reset-password",
    "/phone-number/reset-password",
    "/admin/create-user",
    "/admin/set-user-password",
];

error_codes! {
    /// The password is known from a breach.
    PASSWORD_COMPROMISED = BAD_REQUEST, "The password you entered has been compromised. Please choose a different password.";
}

/// The service could not be asked, or its answer not be read.
pub const FAILED: ApiError =
    ApiError::uncoded(StatusCode::INTERNAL_SERVER_ERROR, "Failed to check password. Please try again later.");

/// Passwords that are in no breach.
#[derive(Clone, Debug, Default)]
pub struct HaveIBeenPwned {
    options: HaveIBeenPwnedOptions,
}

/// What an operator can decide about passwords from breaches.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HaveIBeenPwnedOptions {
    /// Whether passwords are looked up at all.
    pub enabled: bool,
    /// What people read who chose such a password.
    pub custom_password_compromised_message: Option<String>,
    /// The routes on which passwords are looked up that become a user's; by default [`DEFAULT_PATHS`].
    pub paths: Vec<String>,
}

impl Default for HaveIBeenPwnedOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            custom_password_compromised_message: None,
            paths: DEFAULT_PATHS.map(str::to_owned).to_vec(),
        }
    }
}

impl HaveIBeenPwnedOptions {
    fn refusal(&self) -> ApiError {
        match self.custom_password_compromised_message.clone().filter(|message| !message.is_empty()) {
            Some(message) => PASSWORD_COMPROMISED.message(message),
            None => PASSWORD_COMPROMISED,
        }
    }
}

impl HaveIBeenPwned {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: HaveIBeenPwnedOptions) -> Self {
        Self { options }
    }
}

impl Plugin for HaveIBeenPwned {
    fn id(&self) -> &'static str {
        "have-i-been-pwned"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn hooks(&self) -> Hooks {
        if !self.options.enabled {
            return Hooks::default();
        }
        let (paths, refusal) = (self.options.paths.clone(), self.options.refusal());
        let guard = PasswordHook::new(move |cx, password| {
            let looks_up = paths.iter().any(|path| path == cx.request.template);
            let refusal = refusal.clone();
            Box::pin(async move {
                let compromised = looks_up && is_compromised(cx, password).await?;
                cx.ensure(!compromised, refusal)
            })
        });
        Hooks { passwords: vec![guard], ..Hooks::default() }
    }

    fn errors(&self) -> &'static [ApiError] {
        ALL
    }
}

/// Whether `password` is known from a breach: the reference's `isPasswordCompromised`.
///
/// # Errors
/// [`FAILED`], or the same with the status that the service has answered: what could not be looked up is not let pass.
pub async fn is_compromised(cx: &mut Cx, password: &str) -> Result<bool, Exit> {
    let digest = hex::encode(&sha1(password.as_bytes())).to_uppercase();
    let (told, kept) = digest.split_at(TOLD_DIGITS);
    let call = Call::get(format!("{RANGES}{told}")).header("add-padding", "true");
    let answered = call.send(cx, &Configured("have-i-been-pwned")).await.ok_or(FAILED)?;
    if !answered.status.is_success() {
        let status = answered.status.as_u16();
        return Err(FAILED.message(format!("Failed to check password. Status: {status}")).into());
    }
    let count = count(&String::from_utf8_lossy(&answered.body), kept).ok_or(FAILED)?;
    Ok(count > 0)
}

/// How often the password whose hash ends so was met in breaches, by the lines `END:COUNT` of an answer. Those that only pad it count
/// none. `None` when its count is no number.
fn count(answer: &str, end: &str) -> Option<u64> {
    let mut lines = answer.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let own = lines.find_map(|line| {
        let (name, count) = line.split_at_checked(end.len())?;
        count.strip_prefix(':').filter(|_| name.eq_ignore_ascii_case(end))
    });
    let Some(text) = own else { return Some(0) };
    let count = text.parse::<u64>().ok().filter(|count| *count <= MAX_COUNT)?;
    (count.to_string() == text).then_some(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const END: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

    #[test]
    fn the_own_line_is_found_among_others() {
        let others = "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n011053FD0102E94D6AE2F8B83D76FAF94F6:0";
        assert_eq!(count(others, END), Some(0));
        for line in [format!("{END}:9545824"), format!("{}:9545824", END.to_lowercase())] {
            for answer in [format!("{line}\r\n{others}"), format!("{others}\r\n{line}"), format!("{others}\n{line}\n")]
            {
                assert_eq!(count(&answer, END), Some(9_545_824), "{answer}");
            }
        }
        assert_eq!(count("", END), Some(0));
    }

    #[test]
    fn case_020_a_line_that_only_pads_the_answer_is_no_hit() {
        assert_eq!(count(&format!("{END}:0\r\n"), END), Some(0));
    }

    #[test]
    fn what_is_no_count_is_none() {
        for text in ["", "many", "-1", "+1", "01", "1.5", " 1", "1 ", "9007199254740992"] {
            assert_eq!(count(&format!("{END}:{text}"), END), None, "{text:?}");
        }
        assert_eq!(count(&format!("{END}:9007199254740991"), END), Some(MAX_COUNT));
    }

    proptest! {
        #[test]
        fn takes_any_answer(answer: String) {
            prop_assert_eq!(count(&answer, END), Some(0));
        }

        #[test]
        fn takes_any_count(text: String) {
            let read = count(&format!("{END}:{text}"), END);
            prop_assert!(read.is_none_or(|count| text.starts_with(&count.to_string())));
        }
    }
}
