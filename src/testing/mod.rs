//! A whole server in memory, for tests: a fixed clock, seeded randomness, captured messages and events, browsers with cookies.
//!
//! ```
//! use kernia::testing::World;
//! use serde_json::json;
//!
//! let world = World::default();
//! let mut browser = world.browser();
//! let answer = browser.post("/sign-up/email", json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse"}));
//! assert_eq!(answer.status, 200);
//! assert_eq!(browser.get("/get-session").json["user"]["email"], "ada@example.com");
//! ```

#[cfg(feature = "passkey")]
mod authenticator;
mod browser;
pub mod fuzz;
mod login;
mod many;
mod outside;
mod placeholder;
mod plugins;
mod secondary;
mod world;

#[cfg(feature = "passkey")]
pub use authenticator::Authenticator;
pub use browser::{Browser, PASSWORD, TestRequest, TestResponse};
pub use login::login_as;
pub use many::{Asking, Many};
pub use outside::Outside;
pub use plugins::every_plugin;
pub use world::{BASE_URL, World, options};
