//! Where the server is, and whether what goes there is encrypted.

use kernia::domain::options::{BaseUrl, Mode, Protocol};
use url::{Host, Url};

use super::Finding;
use crate::config::Config;

const CHECK: &str = "base_url";

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let options = &config.options;
    let production = options.mode == Mode::Production;
    let mut findings = Vec::new();
    match &options.base_url {
        None => findings.push(Finding::warning(
            CHECK,
            "base_url is missing",
            "links in messages and the server's own origin are taken from what each request claims",
            "set base_url to the address that browsers use, such as \"https://auth.example.com\"",
        )),
        Some(BaseUrl::PerHost(hosts)) if hosts.protocol != Some(Protocol::Https) && production => {
            findings.push(Finding::warning(
                CHECK,
                "base_url.protocol is not \"https\"",
                "a request that claims to be plain HTTP gets links and cookies for plain HTTP",
                "set base_url.protocol = \"https\"",
            ));
        }
        Some(BaseUrl::PerHost(_)) => findings.push(Finding::good(CHECK, "several hosts, by each request")),
        Some(BaseUrl::Fixed(text)) => match Url::parse(text) {
            // The engine says what is wrong with it.
            Err(_) => {}
            Ok(url) => fixed(&mut findings, &url, production),
        },
    }
    let listen = config.server.listen.0.ip();
    let address = &options.advanced.ip_address;
    let believes = !address.use_peer_address && address.trusted_proxies.is_empty() && !address.disable_ip_tracking;
    if production && !listen.is_loopback() && believes {
        findings.push(Finding::warning(
            "client_address",
            "clients reach this server directly or through proxies it does not know",
            "whoever connects can name any address in X-Forwarded-For, and so escape rate limits",
            "list your proxies in advanced.ip_address.trusted_proxies, or set use_peer_address if there are none",
        ));
    }
    findings
}

fn fixed(findings: &mut Vec<Finding>, url: &Url, production: bool) {
    let local = is_local(url);
    if url.scheme() != "https" && !local {
        findings.push(Finding::error(
            CHECK,
            format!("base_url is {}, without TLS", origin(url)),
            "passwords and session cookies cross the network readable, and browsers keep cookies less safely",
            "put a proxy with TLS in front, and write https:// in base_url",
        ));
    } else if production && local {
        findings.push(Finding::warning(
            CHECK,
            format!("base_url is {}, which only this machine can reach", origin(url)),
            "links in messages lead nowhere for anybody else",
            "set base_url to the address that browsers use, or mode = \"development\"",
        ));
    } else {
        findings.push(Finding::good(CHECK, origin(url)));
    }
    if !production && !local {
        findings.push(Finding::error(
            "mode",
            "mode is \"development\", and base_url is public",
            "rate limits are off, so passwords can be guessed as fast as the machine hashes",
            "set mode = \"production\"",
        ));
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Without a path, and without a password that somebody may have left in it.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
