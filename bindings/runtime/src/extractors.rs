//! The types that handlers take. Each binding declares them, since a framework's trait can only be implemented there.

/// Declares `Session`, `User`, `Fresh` and `Require`, the arguments of an application's handlers.
#[doc(hidden)]
#[macro_export]
macro_rules! extractors {
    () => {
        /// Whoever is signed in: the session and its user. Answers 401 when nobody is.
        ///
        /// `U` and `S` have the fields that plugins and the application have added to users and sessions.
        #[derive(Clone, Debug)]
        pub struct Session<U = $crate::JsonMap, S = $crate::JsonMap>(
            pub $crate::SessionOutput<$crate::SessionRecord<S>, $crate::UserRecord<U>>,
        );

        /// The user who is signed in. Answers 401 when nobody is.
        #[derive(Clone, Debug)]
        pub struct User<U = $crate::JsonMap>(pub $crate::UserRecord<U>);

        /// `T` of a session that was made lately. Answers 403 when it is too old (`session.fresh_age`).
        #[derive(Clone, Debug)]
        pub struct Fresh<T = Session>(pub T);

        /// `T` of whoever meets the requirement `R`.
        #[derive(Debug)]
        pub struct Require<R, T = Session>(pub T, ::core::marker::PhantomData<fn(R)>);

        impl<U, S> ::core::ops::Deref for Session<U, S> {
            type Target = $crate::SessionOutput<$crate::SessionRecord<S>, $crate::UserRecord<U>>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<U> ::core::ops::Deref for User<U> {
            type Target = $crate::UserRecord<U>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<T> ::core::ops::Deref for Fresh<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<R, T> ::core::ops::Deref for Require<R, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<U: $crate::Added, S: $crate::Added> $crate::FromCurrent for Session<U, S> {
            async fn from_current(current: &$crate::Current<'_>) -> Result<Self, $crate::Rejection> {
                current.read().map(Self)
            }
        }

        impl<U: $crate::Added> $crate::FromCurrent for User<U> {
            async fn from_current(current: &$crate::Current<'_>) -> Result<Self, $crate::Rejection> {
                current.read::<U, $crate::JsonMap>().map(|session| Self(session.user))
            }
        }

        impl<T: $crate::FromCurrent> $crate::FromCurrent for Fresh<T> {
            async fn from_current(current: &$crate::Current<'_>) -> Result<Self, $crate::Rejection> {
                current.require_fresh()?;
                T::from_current(current).await.map(Self)
            }
        }

        impl<R: $crate::Requirement, T: $crate::FromCurrent> $crate::FromCurrent for Require<R, T> {
            async fn from_current(current: &$crate::Current<'_>) -> Result<Self, $crate::Rejection> {
                R::check(current).await?;
                T::from_current(current).await.map(|inner| Self(inner, ::core::marker::PhantomData))
            }
        }
    };
}

/// The type of fields that plugins and the application have added.
pub trait Added: serde::de::DeserializeOwned + Send {}

impl<T: serde::de::DeserializeOwned + Send> Added for T {}
