//! What an import is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kernia::domain::user_import::MAX_USERS;

use super::{ImportFailure, Source, hash_config::HashConfig};

/// Bring in users of another system, with their passwords.
///
/// Hashes are kept as they are and replaced at each user's next sign-in. Nobody is brought in twice: an import that was cut short can
/// simply be run again, and with --resume it goes on where it was.
///
/// Exit codes: 0 when all users are there, 1 when something failed, 2 when arguments or configuration are wrong, 3 when some records
/// were left out, 130 when it was interrupted.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct Import {
    /// The export: JSON (a list, or an object a line) or CSV.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The system that it comes from.
    #[arg(long, value_name = "SYSTEM")]
    pub from: Source,
    /// The rest of the export: Auth0's password hashes, Clerk's CSV, the accounts or identities of the others.
    #[arg(long, value_name = "FILE")]
    pub with: Option<PathBuf>,
    /// Check all and write nothing.
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,
    /// Go on where an import of this file was cut short.
    #[arg(long)]
    pub resume: bool,
    /// How many users are stored at once.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = batch)]
    pub batch: usize,
    /// Firebase's password hash parameters, in a file.
    #[arg(long, value_name = "FILE")]
    pub hash_config: Option<PathBuf>,
    /// The name in the configuration of Firebase's signer key (`firebase` when absent) or of Devise's pepper.
    #[arg(long, value_name = "NAME")]
    pub key: Option<String>,
    /// What becomes of users whose address or other unique value somebody else has.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    pub on_conflict: OnConflict,
    /// What becomes of users whose password hash cannot be kept.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    pub unreadable_hashes: UnreadableHashes,
    /// Keep the users' ids instead of making new ones.
    #[arg(long)]
    pub keep_ids: bool,
    /// Take addresses for verified where the export does not say.
    #[arg(long)]
    pub assume_verified: bool,
    /// Rename a provider of identities, for example okta=company-sso. May be given several times.
    #[arg(long = "provider", value_name = "FROM=TO", value_parser = provider)]
    pub providers: Vec<(String, String)>,
    /// Write the id that each user had and has, as CSV.
    #[arg(long, value_name = "FILE")]
    pub id_map: Option<PathBuf>,
    /// Write all problems, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub problems: Option<PathBuf>,
}

/// What becomes of users whose address or other unique value somebody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnConflict {
    /// They are left out.
    Skip,
    /// The import ends.
    Fail,
}

/// What becomes of users whose password hash cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnreadableHashes {
    /// They are left out.
    Skip,
    /// They come without a password, and set one with a reset.
    Drop,
}

/// What decides what is stored of a user.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) keep_ids: bool,
    pub(super) assume_verified: bool,
    pub(super) unreadable_hashes: UnreadableHashes,
    pub(super) providers: Vec<(String, String)>,
    /// The name of the key that hashes may need.
    pub(super) key: String,
    pub(super) hash_config: Option<HashConfig>,
}

impl Import {
    pub(super) fn settings(&self) -> Result<Settings, ImportFailure> {
        let wrong = |text: &str| Err(ImportFailure::Arguments(text.to_owned()));
        if self.with.is_some() && !self.from.takes_second_file() {
            return wrong("a firebase export is one file; --with is for other systems");
        }
        if self.hash_config.is_some() && self.from != Source::Firebase {
            return wrong("--hash-config is for --from firebase");
        }
        let key = self.key.clone().unwrap_or_else(|| "firebase".to_owned());
        let hash_config = self.hash_config.as_deref().map(|path| HashConfig::load(path, &key)).transpose()?;
        Ok(Settings {
            keep_ids: self.keep_ids,
            assume_verified: self.assume_verified,
            unreadable_hashes: self.unreadable_hashes,
            providers: self.providers.clone(),
            key,
            hash_config,
        })
    }

    /// What must be the same for an interrupted import to go on.
    pub(super) fn identity(&self) -> String {
        let Self { from, with, key, keep_ids, assume_verified, unreadable_hashes, providers, .. } = self;
        format!("{from:?} {with:?} {key:?} {keep_ids} {assume_verified} {unreadable_hashes:?} {providers:?}")
    }
}

fn batch(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(batch @ 1..=MAX_USERS) => Ok(batch),
        _ => Err(format!("a number from 1 to {MAX_USERS}")),
    }
}

fn provider(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => Ok((from.to_owned(), to.to_owned())),
        _ => Err("two names with = between them".to_owned()),
    }
}
