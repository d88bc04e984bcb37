//! How strong the secrets are.

use kernia::{
    crypto::secret::{Weakness, weakness},
    domain::options::Options,
};

use super::Finding;

const CHECK: &str = "secret";

pub(super) fn check(options: &Options) -> Vec<Finding> {
    let own = options.secret.iter().map(|secret| ("secret".to_owned(), secret));
    let versions = options.secrets.iter().map(|secret| (format!("secrets version {}", secret.version), &secret.value));
    let named: Vec<_> = own.chain(versions).collect();
    let mut findings: Vec<_> =
        named.iter().filter_map(|(name, secret)| Some(finding(name, weakness(&secret.0)?))).collect();
    if findings.is_empty() && !named.is_empty() {
        findings.push(Finding::good(CHECK, "long, and hard to guess"));
    }
    findings
}

fn finding(name: &str, weakness: Weakness) -> Finding {
    const WHY: &str = "whoever guesses it can sign in as anybody";
    const FIX: &str =
        "take what `kernia secret` prints; with `secrets` the old one stays valid while sessions move over";
    match weakness {
        Weakness::Placeholder => Finding::error(CHECK, format!("{name} is the well-known placeholder"), WHY, FIX),
        Weakness::Short => Finding::error(CHECK, format!("{name} has less than 32 characters"), WHY, FIX),
        _ => Finding::warning(CHECK, format!("{name} repeats few characters"), WHY, FIX),
    }
}
