//! Whom the server trusts.

use kernia::{
    domain::options::{Mode, Options, OriginCheck},
    wire::origin::{OriginPattern, Relative, origin_of},
};

use super::Finding;

const CHECK: &str = "trusted_origins";
/// Places that nobody means to trust.
const STRANGERS: [&str; 3] = [
    "https://kernia-doctor-stranger.com",
    "https://kernia-doctor-stranger.co.uk",
    "https://x.kernia-doctor-stranger.dev",
];

pub(super) fn check(options: &Options) -> Vec<Finding> {
    let mut findings: Vec<_> = options.trusted_origins.iter().filter_map(|entry| judge(entry, options.mode)).collect();
    if findings.is_empty() {
        let count = options.trusted_origins.len();
        findings.push(Finding::good(CHECK, format!("the server's own and {count} more")));
    }
    if options.advanced.disable_csrf_check == Some(true) {
        findings.push(Finding::error(
            "csrf",
            "advanced.disable_csrf_check is on",
            "any site can make a visitor's browser change things here",
            "leave it out, and list the pages that may in trusted_origins",
        ));
    }
    match &options.advanced.disable_origin_check {
        None | Some(OriginCheck::Everywhere(false)) => {}
        Some(OriginCheck::Paths(paths)) if paths.is_empty() => {}
        Some(OriginCheck::Everywhere(true)) => findings.push(Finding::error(
            "origin_check",
            "advanced.disable_origin_check is on",
            "any site can make a visitor's browser change things here, and links can lead anywhere afterwards",
            "leave it out, and list the pages that may in trusted_origins",
        )),
        Some(OriginCheck::Paths(paths)) => findings.push(Finding::warning(
            "origin_check",
            format!("origins are not checked below {}", paths.join(", ")),
            "any site can make a visitor's browser use these routes",
            "list the pages that may in trusted_origins instead",
        )),
    }
    findings
}

fn judge(entry: &str, mode: Mode) -> Option<Finding> {
    let pattern = OriginPattern::parse(entry);
    if STRANGERS.iter().any(|stranger| pattern.matches(stranger, Relative::Refused)) {
        return Some(Finding::error(
            CHECK,
            format!("{entry} trusts sites of anybody"),
            "such a site can act for your users, and links can lead there with their tokens",
            "name your own domain, such as \"https://*.example.com\"",
        ));
    }
    let wildcard = entry.contains(['*', '?']);
    let web = entry.starts_with("http://") || entry.starts_with("https://");
    if !wildcard && !entry.contains("://") {
        return Some(Finding::warning(
            CHECK,
            format!("{entry} has no scheme and trusts nothing"),
            "an origin is a scheme and a host",
            format!("write \"https://{entry}\""),
        ));
    }
    if let (false, true, Some(origin)) = (wildcard, web, origin_of(entry))
        && origin != entry
    {
        return Some(Finding::warning(
            CHECK,
            format!("{entry} is no origin and trusts nothing"),
            "an origin has no path and no slash at its end",
            format!("write \"{origin}\""),
        ));
    }
    let local = entry.contains("://localhost") || entry.contains("://127.") || entry.contains("://[::1]");
    if mode == Mode::Production && entry.starts_with("http://") && !local {
        return Some(Finding::warning(
            CHECK,
            format!("{entry} is trusted without TLS"),
            "whoever is on the way can change that page, and act for your users",
            "serve that page over https",
        ));
    }
    None
}
