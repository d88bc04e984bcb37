//! The core endpoints, one file each.

use crate::domain::{Route, api::typed_calls, done::Done, password_sign_in::SignedIn, record::SessionRecord};

pub mod account_info;
pub mod callback_oauth;
pub mod change_email;
pub mod change_password;
pub mod delete_user;
pub mod delete_user_callback;
pub mod error;
pub mod get_access_token;
pub mod get_session;
pub mod link_social;
pub mod list_accounts;
pub mod list_sessions;
pub mod ok;
pub mod refresh_token;
pub mod request_password_reset;
pub mod reset_password;
pub mod reset_password_callback;
pub mod revoke_other_sessions;
pub mod revoke_session;
pub mod revoke_sessions;
pub mod send_verification_email;
pub mod set_password;
pub mod sign_in_email;
pub mod sign_in_social;
pub mod sign_out;
pub mod sign_up_email;
pub mod unlink_account;
pub mod update_session;
pub mod update_user;
pub mod verify_email;
pub mod verify_password;

/// Declares the core routes: [`all`] of them, and a typed method for each.
macro_rules! core_routes {
    ($( $(#[$about:meta])* $name:ident : $endpoint:ident $(, $part:ident)? => $output:ty; )*) => {
        /// All core routes.
        #[must_use]
        pub fn all() -> Vec<Route> {
            vec![
                Route::new(error::ErrorPage),
                $( Route::new($name::$endpoint), )*
            ]
        }

        typed_calls! { $( $(#[$about])* $name: $name::$endpoint $(, $part)? => $output; )* }
    };
}

core_routes! {
    /// `GET /account-info`.
    account_info: AccountInfo, query => account_info::Output;
    /// `GET /callback/:id`. The path's parameter is `id`, the provider.
    callback_oauth: CallbackOAuth => ();
    /// `POST /change-email`.
    change_email: ChangeEmail, body => Done;
    /// `POST /change-password`.
    change_password: ChangePassword, body => change_password::Output;
    /// `POST /delete-user`.
    delete_user: DeleteUser, body => delete_user::Output;
    /// `GET /delete-user/callback`.
    delete_user_callback: DeleteUserCallback, query => delete_user::Output;
    /// `POST /get-access-token`.
    get_access_token: GetAccessToken, body => get_access_token::Output;
    /// `GET /get-session`.
    get_session: GetSession => Option<get_session::Output>;
    /// `POST /link-social`.
    link_social: LinkSocial, body => link_social::Output;
    /// `GET /list-accounts`.
    list_accounts: ListAccounts => Vec<list_accounts::Output>;
    /// `GET /list-sessions`.
    list_sessions: ListSessions => Vec<SessionRecord>;
    /// `GET /ok`.
    ok: Health => ok::Output;
    /// `POST /refresh-token`.
    refresh_token: RefreshToken, body => refresh_token::Output;
    /// `POST /request-password-reset`.
    request_password_reset: RequestPasswordReset, body => request_password_reset::Output;
    /// `POST /reset-password`.
    reset_password: ResetPassword, body => Done;
    /// `GET /reset-password/:token`. The path's parameter is `token`.
    reset_password_callback: ResetPasswordCallback, query => ();
    /// `POST /revoke-other-sessions`.
    revoke_other_sessions: RevokeOtherSessions => Done;
    /// `POST /revoke-session`.
    revoke_session: RevokeSession, body => Done;
    /// `POST /revoke-sessions`.
    revoke_sessions: RevokeSessions => Done;
    /// `POST /send-verification-email`.
    send_verification_email: SendVerificationEmail, body => Done;
    /// `/set-password`, which HTTP does not reach.
    set_password: SetPassword, body => Done;
    /// `POST /sign-in/email`.
    sign_in_email: SignInEmail, body => SignedIn;
    /// `POST /sign-in/social`.
    sign_in_social: SignInSocial, body => sign_in_social::Output;
    /// `POST /sign-out`.
    sign_out: SignOut => sign_out::Output;
    /// `POST /sign-up/email`.
    sign_up_email: SignUpEmail, body => sign_up_email::Output;
    /// `POST /unlink-account`.
    unlink_account: UnlinkAccount, body => Done;
    /// `POST /update-session`.
    update_session: UpdateSession, body => update_session::Output;
    /// `POST /update-user`.
    update_user: UpdateUser, body => Done;
    /// `GET /verify-email`.
    verify_email: VerifyEmail, query => verify_email::Output;
    /// `POST /verify-password`.
    verify_password: VerifyPassword, body => Done;
}
