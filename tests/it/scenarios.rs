//! What holds wherever sessions and one-time values are kept, and whatever ids are. This file is a module of `main.rs` once for
//! each place and kind of ids, and the module's name says which.

mod accounts;
mod anonymous;
mod bearer;
mod callback;
mod code;
mod custom_session;
mod device_authorization;
mod email;
mod email_change;
mod email_otp;
mod foreign_hash;
mod generic_oauth;
mod i18n;
mod jwt;
mod last_login_method;
mod magic_link;
mod multi_session;
mod oauth_popup;
mod oauth_proxy;
mod one_tap;
mod one_time_token;
mod own_password;
#[cfg(feature = "passkey")]
mod passkey;
mod password_reset;
mod phone_number;
mod pipeline;
mod policy;
mod race;
mod session_lookup;
mod sessions;
mod sign_in;
pub(crate) mod siwe;
mod social;
mod sweeps;
mod two_factor;
mod user;
mod user_deletion;
mod username;

use std::ops::Deref;

use kernia::{
    domain::{
        Plugin,
        options::{IdStrategy, Options},
    },
    testing,
};

use crate::stepping;

/// Where the scenarios of this module keep sessions and one-time values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Database,
    Secondary,
    Both,
}

fn setting() -> (Place, IdStrategy) {
    match module_path!() {
        "it::in_database" => (Place::Database, IdStrategy::Random),
        "it::in_secondary_storage" => (Place::Secondary, IdStrategy::Random),
        "it::in_both" => (Place::Both, IdStrategy::Random),
        "it::numbered" => (Place::Database, IdStrategy::Serial),
        "it::numbered_in_secondary_storage" => (Place::Secondary, IdStrategy::Serial),
        "it::numbered_in_both" => (Place::Both, IdStrategy::Serial),
        other => panic!("{other} is no setting"),
    }
}

fn place() -> Place {
    setting().0
}

/// A server in memory, of the place of this module.
#[derive(Debug)]
struct World(testing::World);

impl World {
    fn new(options: Options) -> Self {
        Self::with_plugins(options, Vec::new())
    }

    fn changed(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = testing::options();
        change(&mut options);
        Self::new(options)
    }

    fn with_plugins(mut options: Options, plugins: Vec<Box<dyn Plugin>>) -> Self {
        options.advanced.database.generate_id = setting().1;
        let both = place() == Place::Both;
        options.session.store_session_in_database = both;
        options.verification.store_in_database = both;
        Self(match place() {
            Place::Database => testing::World::with_plugins(options, plugins),
            Place::Secondary | Place::Both => testing::World::with_secondary_storage(options, plugins),
        })
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new(testing::options())
    }
}

impl Deref for World {
    type Target = testing::World;

    fn deref(&self) -> &testing::World {
        &self.0
    }
}
