//! Sign-in with Ethereum (EIP-4361): whoever can sign a message with a wallet's key is the wallet's owner.
//!
//! ```
//! use kernia::plugins::siwe::{EnsName, Siwe, SiweOptions};
//!
//! let options = SiweOptions::new("app.example.com").ens_lookup(async |address| EnsName { name: Some(address), avatar: None });
//! let plugin = Siwe::new(options);
//! ```

pub mod errors;

mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use logic::SiweMessage;
pub use options::{ContractSignature, ContractWallets, EnsLookup, EnsName, NonceGenerator, SiweOptions};

use crate::{
    domain::{Plugin, Route, WayIn},
    engine::ApiError,
    schema::Table,
};

/// Sign-in with wallets.
#[derive(Clone, Debug)]
pub struct Siwe {
    options: Arc<SiweOptions>,
}

impl Siwe {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: SiweOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for Siwe {
    fn id(&self) -> &'static str {
        "siwe"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn ways_in(&self) -> Vec<WayIn> {
        vec![WayIn::Rows { table: schema::WALLET, user_id: "userId".into() }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}
