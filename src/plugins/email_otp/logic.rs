//! Making, sending and judging codes.

use super::{
    errors,
    options::{EmailOtpOptions, Generate, Purpose, Resend},
};
use crate::{
    domain::{
        Cx,
        code::{self, Code, Refusal},
        commit, errors as base, mail, user,
    },
    engine::{ApiError, Exit, Message},
    store::Batch,
    wire::{
        email::is_email,
        id::{Alphabet, random_string},
    },
};

/// The identifier under which a code is kept, as in the reference.
pub(super) fn identifier(purpose: Purpose, whose: &str) -> String {
    format!("{}-otp-{whose}", purpose.as_str())
}

/// The identifier of a code by which `user_id` changes its address to `new_email`.
pub(super) fn change_identifier(user_id: &str, new_email: &str) -> String {
    identifier(Purpose::ChangeEmail, &format!("{user_id}:{new_email}"))
}

/// An address in the form in which it is stored.
///
/// # Errors
/// `INVALID_EMAIL`.
pub(super) fn address(given: &str) -> Result<String, ApiError> {
    let email = user::normalize_email(given);
    if is_email(&email) { Ok(email) } else { Err(base::INVALID_EMAIL) }
}

/// A new code.
pub(super) fn new_code(cx: &Cx, options: &EmailOtpOptions, email: &str, purpose: Purpose) -> String {
    let own = options.generate_otp.as_ref().and_then(|Generate(generate)| generate(email, purpose));
    let digits = || random_string(cx.entropy(), Alphabet::Digits, options.otp_length);
    own.filter(|code| !code.is_empty()).unwrap_or_else(digits)
}

/// Adds to `batch` that a new code is kept under `identifier`, or, if it is for nobody, that as much is done and nothing stays.
/// Answers the code too.
pub(super) fn new_kept(
    cx: &Cx,
    batch: Batch,
    options: &EmailOtpOptions,
    (email, purpose): (&str, Purpose),
    identifier: &str,
    for_somebody: bool,
) -> (Batch, String) {
    let made = new_code(cx, options, email, purpose);
    let stored = options.store_otp.stored(cx, &made);
    let put = if for_somebody { code::put } else { code::pretend };
    (put(cx, batch, identifier, &stored, options.expires_in), made)
}

/// Sends a code for `purpose` to `email` if `to` says where to; else does as much work, and no more than before can be told from it.
pub(super) async fn offer(
    cx: &mut Cx,
    options: &EmailOtpOptions,
    email: &str,
    purpose: Purpose,
    to: Option<&str>,
) -> Result<(), Exit> {
    // Counted for nobody too, and before the code that was sent last is replaced.
    if !mail::admits(cx, kind_of(purpose), to.unwrap_or(email)).await {
        return Ok(());
    }
    let identifier = identifier(purpose, email);
    let known = reusable(cx, options, &identifier).await?;
    if let (Some((kept, known)), Some(to)) = (known, to)
        && kept.renew(cx, options.expires_in).await?
    {
        send(cx, purpose, to, known).await;
        return Ok(());
    }
    let (batch, made) = new_kept(cx, Batch::new(), options, (email, purpose), &identifier, to.is_some());
    commit::commit(cx, batch).await?;
    if let Some(to) = to {
        send(cx, purpose, to, made).await;
    }
    Ok(())
}

/// The code under `identifier` that can be sent once more.
async fn reusable(cx: &mut Cx, options: &EmailOtpOptions, identifier: &str) -> Result<Option<(Code, String)>, Exit> {
    if options.resend_strategy == Resend::Rotate || !options.store_otp.is_recoverable() {
        return Ok(None);
    }
    let kept = code::find(cx, identifier).await?.filter(|kept| kept.failures() < options.allowed());
    Ok(kept.and_then(|kept| {
        let known = options.store_otp.reveal(cx, kept.stored())?;
        Some((kept, known))
    }))
}

/// The message that brings a code for `purpose`.
pub(super) fn kind_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::EmailVerification => mail::EMAIL_VERIFICATION_OTP,
        Purpose::SignIn => mail::SIGN_IN_OTP,
        Purpose::ForgetPassword => mail::FORGET_PASSWORD_OTP,
        Purpose::ChangeEmail => mail::CHANGE_EMAIL_OTP,
    }
}

/// Sends a code to an address that [may get](mail::admits) it.
pub(super) async fn send(cx: &mut Cx, purpose: Purpose, to: &str, code: String) {
    let mut message = Message::new(kind_of(purpose), to);
    message.otp = Some(code);
    mail::hand_over(cx, message).await;
}

/// The code under `identifier`, if `guess` is it. It is to be spent or kept.
///
/// # Errors
/// `INVALID_OTP`, `OTP_EXPIRED`, `TOO_MANY_ATTEMPTS`.
pub(super) async fn judge(cx: &mut Cx, options: &EmailOtpOptions, identifier: &str, guess: &str) -> Result<Code, Exit> {
    let right = |cx: &Cx, stored: &str| options.store_otp.matches(cx, stored, guess);
    let judged = code::guess(cx, identifier, options.allowed(), right).await?;
    judged.map_err(|refusal| error(refusal).into())
}

fn error(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Missing | Refusal::Wrong => errors::INVALID_OTP,
        Refusal::Expired => errors::OTP_EXPIRED,
        Refusal::Exhausted => errors::TOO_MANY_ATTEMPTS,
    }
}

/// Lets a code that was guessed right be good for the request that is to use it.
///
/// # Errors
/// `INVALID_OTP` when another guess was judged meanwhile.
pub(super) async fn keep(cx: &mut Cx, code: &Code) -> Result<(), Exit> {
    let kept = code.keep(cx).await?;
    cx.ensure(kept, errors::INVALID_OTP)
}

/// Spends a code that was guessed right, for nothing: the request is refused with `error`.
pub(super) async fn refuse(cx: &mut Cx, code: &Code, error: ApiError) -> Exit {
    let spent = code.spend(Batch::new(), cx);
    match commit::try_commit(cx, spent).await {
        Ok(Ok(_)) => error.into(),
        Ok(Err(_)) => errors::INVALID_OTP.into(),
        Err(exit) => exit,
    }
}
