//! Making, sending and judging codes, and finding users by their number.

use super::{
    errors,
    options::{Judge, PhoneNumberOptions, Verified, Verifier},
    schema::PHONE_NUMBER,
};
use crate::{
    crypto::digest::constant_time_eq,
    domain::{
        Cx,
        code::{self, Code, Refusal},
        commit, mail, verification,
    },
    engine::{ApiError, Exit, Message},
    schema::{Row, USER},
    store::{Batch, Filter, Query},
    wire::id::{Alphabet, random_string},
};

/// Bytes of a number, whatever the application allows. A column that is looked up by has a limit in some databases, and no number
/// has more than 15 digits (E.164).
const MAX_NUMBER_BYTES: usize = 64;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Proves a number, and signs in.
    Verification,
    /// Replaces a forgotten password.
    Reset,
}

impl Purpose {
    /// The identifier under which a code is kept, as in the reference.
    pub(super) fn identifier(self, number: &str) -> String {
        match self {
            Self::Verification => format!("phone-number-otp-{number}"),
            Self::Reset => format!("phone-number-reset-{number}"),
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Verification => mail::PHONE_NUMBER_OTP,
            Self::Reset => mail::PHONE_NUMBER_RESET_OTP,
        }
    }
}

/// The user with this number.
pub(super) async fn find_user(cx: &mut Cx, number: &str) -> Result<Option<Row>, Exit> {
    if !fits(number) {
        return Ok(None);
    }
    Ok(cx.read(Query::one(USER, Filter::eq(PHONE_NUMBER, number))).await?.first())
}

/// Whether a number can be stored and looked up everywhere.
fn fits(number: &str) -> bool {
    !number.is_empty() && number.len() <= MAX_NUMBER_BYTES && !number.chars().any(char::is_control)
}

/// Refuses a number that is not allowed.
///
/// # Errors
/// `INVALID_PHONE_NUMBER`.
pub(super) async fn check_number(cx: &mut Cx, options: &PhoneNumberOptions, number: &str) -> Result<(), Exit> {
    cx.ensure(fits(number), errors::INVALID_PHONE_NUMBER)?;
    let Some(Judge(judge)) = &options.phone_number_validator else { return Ok(()) };
    let allowed = cx.run(judge(number.to_owned())).await?;
    cx.ensure(allowed, errors::INVALID_PHONE_NUMBER)
}

/// Makes a code for `number` and sends it; if it is `for_nobody`, does as much work, and nothing stays.
pub(super) async fn offer(
    cx: &mut Cx,
    options: &PhoneNumberOptions,
    number: &str,
    purpose: Purpose,
    for_nobody: bool,
) -> Result<(), Exit> {
    let sends = match purpose {
        Purpose::Verification => options.send_otp,
        Purpose::Reset => options.send_password_reset_otp,
    };
    // Counted for nobody too, each number by itself, and before the code that was sent last is replaced.
    if sends && !mail::admits(cx, purpose.message(), number).await {
        return Ok(());
    }
    let made = random_string(cx.entropy(), Alphabet::Digits, options.length());
    // What nobody can have as a number is not put anywhere.
    let identifier = purpose.identifier(if for_nobody { "" } else { number });
    let put = if for_nobody { code::pretend } else { code::put };
    let batch = put(cx, Batch::new(), &identifier, &made, options.lifetime());
    commit::commit(cx, batch).await?;
    if sends && !for_nobody {
        let mut message = Message::text(purpose.message(), number);
        message.otp = Some(made);
        mail::hand_over(cx, message).await;
    }
    Ok(())
}

/// A guess that is right.
pub(super) enum Proof {
    /// It is what this server has stored, and is to be spent or kept.
    Stored(Code),
    /// The application says so. What this server has stored goes with it.
    Told(Batch),
}

impl Proof {
    /// What spends it.
    pub(super) fn spent(self, cx: &Cx) -> Batch {
        match self {
            Self::Stored(code) => code.spend(Batch::new(), cx),
            Self::Told(batch) => batch,
        }
    }

    /// Lets it be good for the request that is to use it.
    ///
    /// # Errors
    /// `INVALID_OTP` when another guess was judged meanwhile.
    pub(super) async fn keep(&self, cx: &mut Cx) -> Result<(), Exit> {
        let kept = match self {
            Self::Stored(code) => code.keep(cx).await?,
            Self::Told(_) => true,
        };
        cx.ensure(kept, errors::INVALID_OTP)
    }
}

/// Judges a guess: by the application's own way if there is one, else by what is stored.
///
/// # Errors
/// `INVALID_OTP`, `OTP_EXPIRED`, `OTP_NOT_FOUND`, `TOO_MANY_ATTEMPTS`.
pub(super) async fn judge(
    cx: &mut Cx,
    options: &PhoneNumberOptions,
    number: &str,
    purpose: Purpose,
    guess: &str,
) -> Result<Proof, Exit> {
    let identifier = purpose.identifier(number);
    if let Some(Verifier(verify)) = &options.verify_otp {
        let right = cx.run(verify(number.to_owned(), guess.to_owned())).await?;
        cx.ensure(right, errors::INVALID_OTP)?;
        return Ok(Proof::Told(verification::forget(cx, Batch::new(), &identifier)));
    }
    let right = |_: &Cx, stored: &str| constant_time_eq(stored.as_bytes(), guess.as_bytes());
    let judged = code::guess(cx, &identifier, options.allowed_attempts, right).await?;
    Ok(Proof::Stored(judged.map_err(error)?))
}

fn error(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Missing => errors::OTP_NOT_FOUND,
        Refusal::Expired => errors::OTP_EXPIRED,
        Refusal::Exhausted => errors::TOO_MANY_ATTEMPTS,
        Refusal::Wrong => errors::INVALID_OTP,
    }
}

/// Spends a right guess for nothing: the request is refused with `error`.
pub(super) async fn refuse(cx: &mut Cx, proof: Proof, error: ApiError) -> Exit {
    let spent = proof.spent(cx);
    match commit::try_commit(cx, spent).await {
        Ok(Ok(_)) => error.into(),
        Ok(Err(_)) => errors::INVALID_OTP.into(),
        Err(exit) => exit,
    }
}

/// Tells the application that `user` has proven `number`.
pub(super) async fn tell(cx: &mut Cx, options: &PhoneNumberOptions, number: &str, user: &Row) -> Result<(), Exit> {
    if let Some(Verified(told)) = &options.on_verification {
        cx.run(told(number.to_owned(), user.clone())).await?;
    }
    Ok(())
}
