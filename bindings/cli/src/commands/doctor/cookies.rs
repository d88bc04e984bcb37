//! Whether browsers keep the cookies, and keep them safe.

use kernia::{
    domain::{
        cookies::{AuthCookies, CookieSpec},
        options::{BaseUrl, Mode, Options},
    },
    wire::cookie::SameSite,
};
use url::Url;

use super::Finding;

const CHECK: &str = "cookies";

pub(super) fn check(options: &Options) -> Vec<Finding> {
    let base_url = match &options.base_url {
        Some(BaseUrl::Fixed(url)) => Some(url.as_str()),
        _ => None,
    };
    let cookies = AuthCookies::new(options, base_url);
    let mut findings = Vec::new();
    for cookie in [&cookies.session_token, &cookies.session_data, &cookies.dont_remember] {
        attributes(&mut findings, options, cookie, base_url);
    }
    if options.advanced.cross_sub_domain_cookies.enabled && cookies.session_token.attributes.domain.is_none() {
        findings.push(Finding::error(
            CHECK,
            "advanced.cross_sub_domain_cookies is enabled, and no domain is known",
            "cookies are not shared",
            "set advanced.cross_sub_domain_cookies.domain, or base_url",
        ));
    }
    if findings.is_empty() {
        let spec = &cookies.session_token;
        let secure = if spec.attributes.secure { ", Secure" } else { "" };
        findings.push(Finding::good(CHECK, format!("{}{secure}, HttpOnly", spec.name)));
    }
    // What holds for all cookies is said once.
    findings.dedup_by(|later, earlier| later.why == earlier.why && later.fix == earlier.fix);
    findings
}

fn attributes(findings: &mut Vec<Finding>, options: &Options, cookie: &CookieSpec, base_url: Option<&str>) {
    let CookieSpec { name, attributes } = cookie;
    let url = base_url.and_then(|url| Url::parse(url).ok());
    let https = url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !attributes.secure && attributes.same_site == Some(SameSite::None) {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is SameSite=None without Secure"),
            "browsers refuse such cookies, so nobody stays signed in",
            "serve over https, or leave same_site at lax",
        ));
    } else if !attributes.secure && (https || (url.is_none() && options.mode == Mode::Production)) {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is not Secure"),
            "browsers also send it without TLS, where others can read it",
            "leave advanced.use_secure_cookies and the cookies' secure attribute out: with https they are on",
        ));
    }
    if attributes.secure
        && url.as_ref().is_some_and(|url| url.scheme() == "http" && url.host_str() != Some("localhost"))
    {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is Secure, but base_url is http"),
            "browsers do not keep it, so nobody stays signed in",
            "write https:// in base_url, or leave advanced.use_secure_cookies out",
        ));
    }
    if attributes.partitioned && !attributes.secure {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is Partitioned without Secure"),
            "browsers refuse such cookies",
            "serve over https, or leave partitioned out",
        ));
    }
    if !attributes.http_only {
        findings.push(Finding::warning(
            CHECK,
            format!("{name} can be read by scripts"),
            "any script that gets into a page can take the session along",
            "leave http_only out",
        ));
    }
    if attributes.same_site == Some(SameSite::None) && attributes.secure {
        findings.push(Finding::warning(
            CHECK,
            format!("{name} is sent along from every site"),
            "only the origin check is left between other sites and your users' sessions",
            "leave same_site at lax, unless your pages are on another site than this server",
        ));
    }
    if let (Some(domain), Some(host)) = (&attributes.domain, url.as_ref().and_then(Url::host_str)) {
        domains(findings, name, domain, host);
    }
}

fn domains(findings: &mut Vec<Finding>, name: &str, domain: &str, host: &str) {
    let bare = domain.trim_start_matches('.').to_ascii_lowercase();
    if host != bare && !host.ends_with(&format!(".{bare}")) {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is for {bare}, and the server is {host}"),
            "browsers refuse cookies for a domain that the server is not in",
            "set the cookies' domain to that of base_url, or to one above it",
        ));
    } else if !bare.contains('.') && bare != "localhost" {
        findings.push(Finding::error(
            CHECK,
            format!("{name} is for all of .{bare}"),
            "browsers refuse cookies for a whole registry",
            "set the cookies' domain to your own, such as example.com",
        ));
    }
}
