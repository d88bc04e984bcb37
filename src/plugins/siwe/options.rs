//! What an operator can decide about sign-in with wallets.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Serialize};

/// The options of sign-in with wallets. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SiweOptions {
    /// The site that messages must name: host and port, as in the address bar.
    pub domain: String,
    /// What made-up addresses of wallets without one end with; by default `siwe.placeholder.invalid`.
    #[serde(default)]
    pub email_domain_name: Option<String>,
    /// Whether wallets may sign in without an address.
    #[serde(default = "yes")]
    pub anonymous: bool,
    #[serde(skip)]
    pub(super) nonce: Option<NonceGenerator>,
    #[serde(skip)]
    pub(super) contracts: Option<ContractWallets>,
    #[serde(skip)]
    pub(super) ens: Option<EnsLookup>,
}

fn yes() -> bool {
    true
}

impl SiweOptions {
    /// For the site at `domain`.
    #[must_use]
    pub fn new(domain: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            email_domain_name: None,
            anonymous: true,
            nonce: None,
            contracts: None,
            ens: None,
        }
    }

    /// Makes nonces: 8 to 250 letters and digits, hard to guess, and never the same twice.
    #[must_use]
    pub fn generate_nonce<F>(mut self, generate: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        self.nonce = Some(NonceGenerator(Arc::new(move || Box::pin(generate()))));
        self
    }

    /// Says whether a contract accepts a signature that is not of the address's own key (ERC-1271, ERC-6492): for wallets that are
    /// contracts. It asks the chain. Without it, they cannot sign in.
    #[must_use]
    pub fn contract_wallets<F>(mut self, accepts: impl Fn(ContractSignature) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.contracts = Some(ContractWallets(Arc::new(move |signature| Box::pin(accepts(signature)))));
        self
    }

    /// Finds the name and the image of a new user's wallet.
    #[must_use]
    pub fn ens_lookup<F>(mut self, look_up: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = EnsName> + Send + 'static,
    {
        self.ens = Some(EnsLookup(Arc::new(move |address| Box::pin(look_up(address)))));
        self
    }
}

/// A signature that only a contract can judge.
#[derive(Clone, Debug)]
pub struct ContractSignature {
    /// The wallet, in the mixed case of ERC-55.
    pub address: String,
    /// The chain.
    pub chain_id: i64,
    /// The message.
    pub message: String,
    /// The hash of the message that the contract is asked about (EIP-191).
    pub hash: [u8; 32],
    /// The signature, as it came.
    pub signature: String,
}

/// What a wallet is called.
#[derive(Clone, Debug, Default)]
pub struct EnsName {
    /// The name; the address, if there is none.
    pub name: Option<String>,
    /// The address of an image.
    pub avatar: Option<String>,
}

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application's own nonces.
#[derive(Clone)]
pub struct NonceGenerator(pub(super) Arc<dyn Fn() -> Answer<String> + Send + Sync>);

/// The application's way to ask contracts.
#[derive(Clone)]
pub struct ContractWallets(pub(super) Arc<dyn Fn(ContractSignature) -> Answer<bool> + Send + Sync>);

/// The application's way to find names.
#[derive(Clone)]
pub struct EnsLookup(pub(super) Arc<dyn Fn(String) -> Answer<EnsName> + Send + Sync>);

impl fmt::Debug for NonceGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceGenerator")
    }
}

impl fmt::Debug for ContractWallets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContractWallets")
    }
}

impl fmt::Debug for EnsLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnsLookup")
    }
}
