//! The core endpoints, one file each.

use crate::domain::Route;

mod account_info;
mod callback_oauth;
mod change_email;
mod change_password;
mod delete_user;
mod delete_user_callback;
mod error;
mod get_access_token;
mod get_session;
mod link_social;
mod list_accounts;
mod list_sessions;
mod ok;
mod refresh_token;
mod request_password_reset;
mod reset_password;
mod reset_password_callback;
mod revoke_other_sessions;
mod revoke_session;
mod revoke_sessions;
mod send_verification_email;
mod set_password;
mod sign_in_email;
mod sign_in_social;
mod sign_out;
mod sign_up_email;
mod unlink_account;
mod update_session;
mod update_user;
mod verify_email;
mod verify_password;

/// All core routes.
#[must_use]
pub fn all() -> Vec<Route> {
    vec![
        Route::new(account_info::AccountInfo),
        Route::new(callback_oauth::CallbackOAuth),
        Route::new(change_email::ChangeEmail),
        Route::new(change_password::ChangePassword),
        Route::new(delete_user::DeleteUser),
        Route::new(delete_user_callback::DeleteUserCallback),
        Route::new(error::ErrorPage),
        Route::new(get_access_token::GetAccessToken),
        Route::new(get_session::GetSession),
        Route::new(link_social::LinkSocial),
        Route::new(list_accounts::ListAccounts),
        Route::new(list_sessions::ListSessions),
        Route::new(ok::Health),
        Route::new(refresh_token::RefreshToken),
        Route::new(request_password_reset::RequestPasswordReset),
        Route::new(reset_password::ResetPassword),
        Route::new(reset_password_callback::ResetPasswordCallback),
        Route::new(revoke_other_sessions::RevokeOtherSessions),
        Route::new(revoke_session::RevokeSession),
        Route::new(revoke_sessions::RevokeSessions),
        Route::new(send_verification_email::SendVerificationEmail),
        Route::new(set_password::SetPassword),
        Route::new(sign_in_email::SignInEmail),
        Route::new(sign_in_social::SignInSocial),
        Route::new(sign_out::SignOut),
        Route::new(sign_up_email::SignUpEmail),
        Route::new(unlink_account::UnlinkAccount),
        Route::new(update_session::UpdateSession),
        Route::new(update_user::UpdateUser),
        Route::new(verify_email::VerifyEmail),
        Route::new(verify_password::VerifyPassword),
    ]
}
