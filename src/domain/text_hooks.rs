//! Hooks that are told one text: a path, a password, an address.

use std::{fmt, sync::Arc};

use super::Cx;
use crate::engine::HookFuture;

type Told = dyn for<'a> Fn(&'a mut Cx, &'a str) -> HookFuture<'a, ()> + Send + Sync;

macro_rules! text_hooks {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $name(Arc<Told>);

            impl $name {
                /// What `run` does.
                #[must_use]
                pub fn new(
                    run: impl for<'a> Fn(&'a mut Cx, &'a str) -> HookFuture<'a, ()> + Send + Sync + 'static,
                ) -> Self {
                    Self(Arc::new(run))
                }

                /// Runs it.
                #[must_use]
                pub fn run<'a>(&self, cx: &'a mut Cx, told: &'a str) -> HookFuture<'a, ()> {
                    (self.0)(cx, told)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($name))
                }
            }
        )+
    };
}

text_hooks! {
    /// Runs when a request arrives: it was counted against its rate limit, and nothing else of it was looked at, neither its route
    /// nor its body nor its origin. It is told the path below the base path, in the one spelling that rules about paths see, and may
    /// end the request; what is served then is its [`Exit`](crate::engine::Exit), and no other hook runs. Calls from the server's own
    /// code do not arrive.
    ArrivalHook;

    /// Runs before a password is hashed that a user is to have from now on, and may refuse it. It is told the password.
    PasswordHook;

    /// Sends something by which the owner of an address proves it, in the place of a link. It is told an address of which nobody
    /// knows whether it is somebody's, or proven already: it takes the same time whichever it is, and writes to whoever has it to
    /// prove only.
    VerificationSender;
}
