//! `POST /siwe/verify`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        errors::{self, refuse},
        logic::{SiweMessage, Validity, checksummed, is_nonce, is_signed_by, message_hash, normalize_domain},
        options::{ContractSignature, ContractWallets, EnsLookup, EnsName, SiweOptions},
        schema::WALLET,
    },
    identifier,
};
use crate::{
    domain::{
        Cx, Installation, account, commit, errors as core_errors, event, id,
        session::{self, Remember, Session},
        user, verification,
    },
    engine::{ApiError, Endpoint, Exit},
    schema::USER,
    store::{Batch, Conflict, Expect, Filter, Query, Row},
    wire::{
        email::PLACEHOLDER_DOMAIN,
        shape::{EmailText, NonEmptyText, input},
    },
};

/// The provider of accounts that are wallets.
const PROVIDER: &str = "siwe";
/// Another request may decide for the same wallet or address at the same time.
const TRIES: usize = 3;

/// Signs in the owner of a wallet.
pub struct VerifySiweMessage {
    pub(super) options: Arc<SiweOptions>,
}

input! {
    /// A signed message.
    pub struct Body (strict) {
        /// The message (EIP-4361).
        message: NonEmptyText,
        /// The signature in hexadecimal digits.
        signature: NonEmptyText,
        /// The address of a new user, if nobody has it.
        email: Option<EmailText>,
    }
}

/// Who is signed in.
#[derive(Clone, Deserialize, Serialize)]
pub struct Output {
    /// The session's token.
    pub token: String,
    /// `true`.
    pub success: bool,
    /// The user.
    pub user: Owner,
}

/// The owner of a wallet.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// The user's id.
    pub id: String,
    /// The wallet, in the mixed case of ERC-55.
    pub wallet_address: String,
    /// The chain.
    pub chain_id: i64,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A wallet on a chain.
struct Wallet {
    address: String,
    chain_id: i64,
    /// Whether it is a contract's word that it is theirs, and not the address's own key.
    is_contract: bool,
}

impl Endpoint<Installation> for VerifySiweMessage {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifySiweMessage";
    const PATH: &'static str = "/siwe/verify";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        if !self.options.anonymous && body.email.is_none() {
            let said = "[body.email] Email is required when the anonymous plugin option is disabled.";
            return Err(core_errors::VALIDATION_ERROR.message(said).into());
        }
        let message = SiweMessage::parse(&body.message);
        let nonce = message.nonce.clone().filter(|nonce| is_nonce(nonce));
        let nonce = nonce.ok_or_else(|| refuse(&errors::UNAUTHORIZED_SIWE_MESSAGE_MISMATCH))?;
        let remembered = verification::find(cx, &identifier(&nonce)).await?;
        let remembered = remembered.ok_or_else(|| refuse(&errors::UNAUTHORIZED_INVALID_OR_EXPIRED_NONCE))?;
        let spent = verification::spend(Batch::new(), &remembered, cx);
        let wallet = match self.prove(cx, &message, &body).await? {
            Ok(wallet) => wallet,
            Err(error) => {
                // A nonce is good for one try, whatever becomes of it.
                let taken = commit::try_commit(cx, spent).await?;
                return Err(refuse(&taken.map_or(errors::UNAUTHORIZED_INVALID_OR_EXPIRED_NONCE, |_| error)));
            }
        };
        let session = self.sign_in(cx, &wallet, body.email.as_deref(), &spent).await?;
        let token = session.token().to_owned();
        let user =
            Owner { id: session.user_id().to_owned(), wallet_address: wallet.address, chain_id: wallet.chain_id };
        Ok(Output { token, success: true, user })
    }
}

impl VerifySiweMessage {
    /// The wallet that has signed the message for this site and this moment.
    async fn prove(&self, cx: &mut Cx, message: &SiweMessage, body: &Body) -> Result<Result<Wallet, ApiError>, Exit> {
        let here = normalize_domain(&self.options.domain);
        let for_here = message.domain.as_deref().is_some_and(|domain| normalize_domain(domain) == here);
        let (Some(address), Some(chain_id), true) = (&message.address, message.chain_id, for_here) else {
            return Ok(Err(errors::UNAUTHORIZED_SIWE_MESSAGE_MISMATCH));
        };
        match message.validity(cx.now()) {
            _ if chain_id == 0 => return Ok(Err(errors::UNAUTHORIZED_SIWE_MESSAGE_MISMATCH)),
            Validity::Valid => {}
            Validity::Early => return Ok(Err(errors::UNAUTHORIZED_SIWE_MESSAGE_NOT_YET_VALID)),
            Validity::Late => return Ok(Err(errors::UNAUTHORIZED_SIWE_MESSAGE_EXPIRED)),
            Validity::Unreadable => return Ok(Err(errors::UNAUTHORIZED_SIWE_MESSAGE_MISMATCH)),
        }
        let address = checksummed(address);
        let hash = message_hash(&body.message);
        let is_contract = !is_signed_by(&address, &hash, &body.signature);
        if is_contract {
            let Some(ContractWallets(accepts)) = &self.options.contracts else {
                return Ok(Err(errors::INVALID_SIGNATURE));
            };
            let (message, signature) = (body.message.to_string(), body.signature.to_string());
            let asked = ContractSignature { address: address.clone(), chain_id, message, hash, signature };
            if !cx.run(accepts(asked)).await? {
                return Ok(Err(errors::INVALID_SIGNATURE));
            }
        }
        Ok(Ok(Wallet { address, chain_id, is_contract }))
    }

    /// Signs in the owner, who becomes one if the wallet has none. The nonce is spent in the same stroke.
    ///
    /// A key is the same on all chains, and so is its owner. Beyond the reference, a contract is not: on another chain anybody may have put
    /// another one at its address.
    async fn sign_in(&self, cx: &mut Cx, wallet: &Wallet, email: Option<&str>, spent: &Batch) -> Result<Session, Exit> {
        for _ in 0..TRIES {
            let known = of_address(cx, &wallet.address).await?;
            let elsewhere = known.first().filter(|_| !wallet.is_contract);
            let owner = known.iter().find(|row| is_on(row, wallet)).or(elsewhere);
            let owner = match owner {
                Some(row) => user::find_by_id(cx, row.text("userId")).await?,
                None => None,
            };
            let (user, batch, is_new) = match owner {
                Some(owner) if known.iter().any(|row| is_on(row, wallet)) => {
                    let own = at(wallet).and(Filter::eq("userId", owner.id()));
                    let batch = spent.clone().check(WALLET, own, Expect::AtLeast(1));
                    (owner, batch, false)
                }
                Some(owner) => {
                    let batch = spent.clone().check(USER, Filter::eq("id", owner.id()), Expect::Rows(1));
                    let batch = add_wallet(cx, batch, wallet, owner.id(), false);
                    (owner, batch, false)
                }
                None => {
                    let apart = wallet.is_contract && !known.is_empty();
                    let (user, batch) = self.registering(cx, wallet, email, apart, spent).await?;
                    (user, batch, true)
                }
            };
            match session::try_issue(cx, user, Remember::AsBefore, batch).await? {
                Ok(session) => {
                    if is_new {
                        let detail = vec![("method", PROVIDER.to_owned())];
                        event::emit(cx, event::USER_CREATED, Some(session.user_id()), detail).await;
                    }
                    return Ok(session);
                }
                Err(conflict) if is_spent(&conflict) => {
                    return Err(refuse(&errors::UNAUTHORIZED_INVALID_OR_EXPIRED_NONCE));
                }
                Err(_) => {}
            }
        }
        Err(refuse(&errors::FAILED))
    }

    /// Somebody new. The address that the client names becomes theirs only if nobody has it, and counts as unproven. What is made up
    /// of the wallet's says which chain it is on, if it is to be told `apart` from another wallet's.
    async fn registering(
        &self,
        cx: &mut Cx,
        wallet: &Wallet,
        email: Option<&str>,
        apart: bool,
        spent: &Batch,
    ) -> Result<(Row, Batch), Exit> {
        let domain = self.options.email_domain_name.as_deref().filter(|domain| !domain.is_empty());
        let domain = domain.map_or_else(|| format!("siwe.{PLACEHOLDER_DOMAIN}"), str::to_owned);
        let chain = if apart { format!("-{}", wallet.chain_id) } else { String::new() };
        let mut address = format!("{}{chain}@{domain}", wallet.address);
        if let Some(email) = email.filter(|_| !self.options.anonymous)
            && user::find_by_email(cx, email).await?.is_none()
        {
            email.clone_into(&mut address);
        }
        let EnsName { name, avatar } = match &self.options.ens {
            Some(EnsLookup(look_up)) => cx.run(look_up(wallet.address.clone())).await?,
            None => EnsName::default(),
        };
        let now = cx.now();
        let user = Row::new()
            .with("name", name.unwrap_or_else(|| wallet.address.clone()))
            .with("email", user::normalize_email(&address))
            .with("emailVerified", false)
            .with("image", avatar.unwrap_or_default())
            .with("createdAt", now)
            .with("updatedAt", now)
            .with("id", id::new(cx, &USER));
        let unowned = if apart { at(wallet) } else { Filter::eq("address", wallet.address.as_str()) };
        let batch = spent.clone().check(WALLET, unowned, Expect::Rows(0)).insert(USER, user.clone());
        let batch = add_wallet(cx, batch, wallet, user.id(), true);
        Ok((user, batch))
    }
}

/// Whether it was the nonce that another request has spent: its statements are the first.
fn is_spent(conflict: &Conflict) -> bool {
    conflict.statement == 0
}

async fn of_address(cx: &mut Cx, address: &str) -> Result<Vec<Row>, Exit> {
    Ok(cx.read(Query::many(WALLET, Filter::eq("address", address))).await?.rows)
}

fn at(wallet: &Wallet) -> Filter {
    Filter::eq("address", wallet.address.as_str()).and(Filter::eq("chainId", wallet.chain_id))
}

fn is_on(row: &Row, wallet: &Wallet) -> bool {
    row.get("chainId").as_int() == Some(wallet.chain_id)
}

/// Adds to `batch` that the wallet is one of `user_id`'s, and a way for them to sign in. The batch fails when it is somebody's.
fn add_wallet(cx: &Cx, batch: Batch, wallet: &Wallet, user_id: &str, is_primary: bool) -> Batch {
    let row = Row::new()
        .with("userId", user_id)
        .with("address", wallet.address.as_str())
        .with("chainId", wallet.chain_id)
        .with("isPrimary", is_primary)
        .with("createdAt", cx.now())
        .with("id", id::new(cx, &WALLET));
    let account = Row::new()
        .with("providerId", PROVIDER)
        .with("accountId", format!("{}:{}", wallet.address, wallet.chain_id))
        .with("userId", user_id);
    account::link(cx, batch.insert(WALLET, row), account)
}
