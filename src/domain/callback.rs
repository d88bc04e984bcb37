//! The page that a browser goes on to when a link has done its work.

use http::StatusCode;

use super::errors;
use crate::{
    engine::{ApiError, Exit},
    wire::redirect::append_query_params,
};

/// The `callbackURL` of a link that was followed. Whether it is trusted is for the gate to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback(Option<String>);

impl Callback {
    /// Reads a `callbackURL`; empty is as good as absent.
    ///
    /// # Errors
    /// `INVALID_CALLBACK_URL` for what cannot stand in a redirect, so that nothing is done before the client is refused.
    pub fn read(given: Option<String>) -> Result<Self, ApiError> {
        let given = given.filter(|url| !url.is_empty());
        match given.as_deref().map(|url| append_query_params(url, &[])) {
            Some(None) => Err(errors::INVALID_CALLBACK_URL),
            Some(Some(url)) => Ok(Self(Some(url))),
            None => Ok(Self(None)),
        }
    }

    /// The page, if one was named.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Ends the handler by a redirect to the page, if one was named.
    ///
    /// # Errors
    /// The redirect.
    pub fn follow(&self) -> Result<(), Exit> {
        self.url().map_or(Ok(()), |url| Err(Exit::Redirect(url.to_owned())))
    }

    /// Refuses the link: by `?error=CODE` on the page if one was named, else as 401. The reference's `redirectOnError`.
    #[must_use]
    pub fn refuse(&self, error: ApiError) -> Exit {
        let told = error.code.and_then(|code| append_query_params(self.url()?, &[("error", code)]));
        told.map_or_else(|| error.status(StatusCode::UNAUTHORIZED).into(), Exit::Redirect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(exit: Exit) -> String {
        match exit {
            Exit::Redirect(target) => target,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_is_told_before_the_fragment_of_the_page() {
        let callback = Callback::read(Some("/done?x=1#y".to_owned())).unwrap();
        assert_eq!(location(callback.refuse(errors::INVALID_TOKEN)), "/done?x=1&error=INVALID_TOKEN#y");
        assert_eq!(location(callback.follow().unwrap_err()), "/done?x=1#y");
    }

    #[test]
    fn without_a_page_a_refusal_is_an_answer() {
        for given in [None, Some(String::new())] {
            let callback = Callback::read(given).unwrap();
            assert!(callback.follow().is_ok());
            let Exit::Refused(error) = callback.refuse(errors::INVALID_TOKEN) else { panic!("not refused") };
            assert_eq!((error.status, error.code), (StatusCode::UNAUTHORIZED, Some("INVALID_TOKEN")));
        }
    }

    #[test]
    fn a_page_that_no_header_can_name_is_refused() {
        for given in ["//evil.test", "done", "/\\evil.test", "/..//evil.test"] {
            assert_eq!(Callback::read(Some(given.to_owned())), Err(errors::INVALID_CALLBACK_URL), "{given}");
        }
    }
}
