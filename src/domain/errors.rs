//! The reference's base error codes, each under the status at which it is usually thrown.

use http::StatusCode;

use crate::engine::ApiError;

/// Declares errors: `/// When. NAME = STATUS, "text";`, where the name is the code. `ALL` lists them.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $message:literal;)+) => {
        $(
            $(#[$doc])*
            pub const $name: $crate::engine::ApiError =
                $crate::engine::ApiError::new(::http::StatusCode::$status, stringify!($name), $message);
        )+

        /// All of them.
        pub const ALL: &[$crate::engine::ApiError] = &[$($name),+];
    };
}
pub(crate) use error_codes;

error_codes! {
    /// No provider account of that id.
    ACCOUNT_NOT_FOUND = BAD_REQUEST, "Account not found";
    /// The body is no JSON object.
    BODY_MUST_BE_AN_OBJECT = BAD_REQUEST, "Body must be an object";
    /// Email addresses cannot be changed here.
    CHANGE_EMAIL_DISABLED = BAD_REQUEST, "Change email is disabled";
    /// The user has no password.
    CREDENTIAL_ACCOUNT_NOT_FOUND = BAD_REQUEST, "Credential account not found";
    /// A form on another site tried to sign the browser in.
    CROSS_SITE_NAVIGATION_LOGIN_BLOCKED = FORBIDDEN, "Cross-site navigation login blocked. This request appears to be a CSRF attack.";
    /// `update-user` does not change addresses.
    EMAIL_CAN_NOT_BE_UPDATED = BAD_REQUEST, "Email can not be updated";
    /// Nothing to verify.
    EMAIL_ALREADY_VERIFIED = BAD_REQUEST, "Email is already verified";
    /// The address is not the signed-in user's.
    EMAIL_MISMATCH = BAD_REQUEST, "Email mismatch";
    /// The address must be verified first.
    EMAIL_NOT_VERIFIED = FORBIDDEN, "Email not verified";
    /// Sign-in with a password is off.
    EMAIL_PASSWORD_DISABLED = BAD_REQUEST, "Email and password is not enabled";
    /// Sign-up with a password is off.
    EMAIL_PASSWORD_SIGN_UP_DISABLED = BAD_REQUEST, "Email and password sign up is not enabled";
    /// The session could not be made.
    FAILED_TO_CREATE_SESSION = UNAUTHORIZED, "Failed to create session";
    /// The user could not be made.
    FAILED_TO_CREATE_USER = UNPROCESSABLE_ENTITY, "Failed to create user";
    /// The account's tokens are of no use any more.
    FAILED_TO_GET_ACCESS_TOKEN = BAD_REQUEST, "Failed to get a valid access token";
    /// The session could not be read or is gone.
    FAILED_TO_GET_SESSION = UNAUTHORIZED, "Failed to get session";
    /// Nobody is signed in, or the provider says nothing.
    FAILED_TO_GET_USER_INFO = NOT_FOUND, "Failed to get user info";
    /// No ID token of this provider is accepted.
    ID_TOKEN_NOT_SUPPORTED = NOT_FOUND, "id_token not supported";
    /// The last way to sign in stays.
    FAILED_TO_UNLINK_LAST_ACCOUNT = BAD_REQUEST, "You can't unlink your last account";
    /// Clients must not set this field.
    FIELD_NOT_ALLOWED = BAD_REQUEST, "Field not allowed to be set";
    /// `callbackURL` leads to an origin that is not trusted.
    INVALID_CALLBACK_URL = FORBIDDEN, "Invalid callbackURL";
    /// Not an address.
    INVALID_EMAIL = BAD_REQUEST, "Invalid email";
    /// Wrong address or password; the client does not learn which.
    INVALID_EMAIL_OR_PASSWORD = UNAUTHORIZED, "Invalid email or password";
    /// `errorCallbackURL` leads to an origin that is not trusted.
    INVALID_ERROR_CALLBACK_URL = FORBIDDEN, "Invalid errorCallbackURL";
    /// `newUserCallbackURL` leads to an origin that is not trusted.
    INVALID_NEW_USER_CALLBACK_URL = FORBIDDEN, "Invalid newUserCallbackURL";
    /// The request comes from an origin that is not trusted.
    INVALID_ORIGIN = FORBIDDEN, "Invalid origin";
    /// The password is wrong.
    INVALID_PASSWORD = BAD_REQUEST, "Invalid password";
    /// `redirectTo` leads to an origin that is not trusted.
    INVALID_REDIRECT_URL = FORBIDDEN, "Invalid redirectURL";
    /// The token is wrong, spent or expired.
    INVALID_TOKEN = BAD_REQUEST, "Invalid token";
    /// The token is somebody else's.
    INVALID_USER = UNAUTHORIZED, "Invalid user";
    /// `POST /get-session` is off.
    METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED = METHOD_NOT_ALLOWED, "POST method requires deferSessionRefresh to be enabled in session config";
    /// A required field is missing.
    MISSING_FIELD = BAD_REQUEST, "Field is required";
    /// A browser request that does not say where it comes from.
    MISSING_OR_NULL_ORIGIN = FORBIDDEN, "Missing or null Origin";
    /// The route is off.
    NOT_FOUND = NOT_FOUND, "Not found";
    /// `set-password` replaces nothing.
    PASSWORD_ALREADY_SET = BAD_REQUEST, "User already has a password set";
    /// Too long.
    PASSWORD_TOO_LONG = BAD_REQUEST, "Password too long";
    /// Too short.
    PASSWORD_TOO_SHORT = BAD_REQUEST, "Password too short";
    /// The provider of the account is not configured, so nobody can be asked about it.
    PROVIDER_NOT_CONFIGURED = BAD_REQUEST, "Account is not associated with a configured social provider.";
    /// There is no such provider.
    PROVIDER_NOT_FOUND = NOT_FOUND, "Provider not found";
    /// The provider of the account is not configured, so its tokens cannot be used.
    PROVIDER_NOT_SUPPORTED = BAD_REQUEST, "Provider is not supported.";
    /// Password reset is off.
    RESET_PASSWORD_DISABLED = BAD_REQUEST, "Reset password isn't enabled";
    /// The identity is another user's.
    SOCIAL_ACCOUNT_ALREADY_LINKED = CONFLICT, "Social account already linked";
    /// Too old for something sensitive; sign in again.
    SESSION_EXPIRED = BAD_REQUEST, "Session expired. Re-authenticate to perform this action.";
    /// Too old for something sensitive.
    SESSION_NOT_FRESH = FORBIDDEN, "Session is not fresh";
    /// The link is too old.
    TOKEN_EXPIRED = UNAUTHORIZED, "Token expired";
    /// Nobody is signed in.
    UNAUTHORIZED = UNAUTHORIZED, "Unauthorized";
    /// The address is taken, and sign-up says so.
    USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL = UNPROCESSABLE_ENTITY, "User already exists. Use another email.";
    /// Neither a session nor a user was named.
    USER_ID_OR_SESSION_REQUIRED = BAD_REQUEST, "Either userId or session is required";
    /// The provider knows no address.
    USER_EMAIL_NOT_FOUND = UNAUTHORIZED, "User email not found";
    /// There is no such user.
    USER_NOT_FOUND = BAD_REQUEST, "User not found";
    /// The input has the wrong shape.
    VALIDATION_ERROR = BAD_REQUEST, "Validation Error";
    /// Verification messages are off.
    VERIFICATION_EMAIL_NOT_ENABLED = BAD_REQUEST, "Verification email isn't enabled";
}

/// Neither name, image nor a known field was given.
pub const NO_FIELDS_TO_UPDATE: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "No fields to update");
/// The new address is the old one.
pub const EMAIL_IS_THE_SAME: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Email is the same");
/// Nobody is signed in, said without a body.
pub const BARE_UNAUTHORIZED: ApiError = ApiError::bare(StatusCode::UNAUTHORIZED);
/// The route is off, said without a body.
pub const BARE_NOT_FOUND: ApiError = ApiError::bare(StatusCode::NOT_FOUND);
