//! The errors of the anonymous plugin, each under the status at which it is usually thrown.

use crate::domain::errors::error_codes;

error_codes! {
    /// Whoever is anonymous stays the same anonymous user.
    ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY = BAD_REQUEST, "Anonymous users cannot sign in again anonymously";
    /// The session could not be made.
    COULD_NOT_CREATE_SESSION = BAD_REQUEST, "Could not create session";
    /// Anonymous users do not delete themselves here.
    DELETE_ANONYMOUS_USER_DISABLED = BAD_REQUEST, "Deleting anonymous users is disabled";
    /// The user could not be made.
    FAILED_TO_CREATE_USER = INTERNAL_SERVER_ERROR, "Failed to create user";
    /// The user could not be removed.
    FAILED_TO_DELETE_ANONYMOUS_USER = INTERNAL_SERVER_ERROR, "Failed to delete anonymous user";
    /// The sessions could not be ended.
    FAILED_TO_DELETE_ANONYMOUS_USER_SESSIONS = INTERNAL_SERVER_ERROR, "Failed to delete anonymous user sessions";
    /// The application's own address is none.
    INVALID_EMAIL_FORMAT = BAD_REQUEST, "Email was not generated in a valid format";
    /// Whoever is somebody deletes themselves elsewhere.
    USER_IS_NOT_ANONYMOUS = FORBIDDEN, "User is not anonymous";
}
