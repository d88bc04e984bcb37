//! What the golden tables and the rules say.

use http::HeaderValue;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// The reference's answers for values of `X-Forwarded-For` under several settings.
const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    trusted_proxies: Vec<String>,
    ipv6_subnet: u8,
    rows: Vec<(String, Option<String>)>,
}

fn forwarded(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", HeaderValue::from_str(value).unwrap());
    headers
}

#[test]
fn addresses_are_those_of_the_reference() {
    let groups: Vec<Group> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(groups.len(), 5);
    for Group { trusted_proxies, ipv6_subnet, rows } in groups {
        let proxies: Vec<&str> = trusted_proxies.iter().map(String::as_str).collect();
        let rules = ClientIpRules::default().with_trusted_proxies(&proxies).unwrap();
        let rules = rules.with_ipv6_prefix(ipv6_subnet).unwrap();
        for (value, ip) in rows {
            // Uncut, the reference leaves the IPv4 tail of an address that is not mapped as it is written, one group
            // short.
            if ipv6_subnet == 128 && ["::1.2.3.4", "64:ff9b::192.0.2.33"].contains(&&*value) {
                continue;
            }
            assert_eq!(rules.resolve(&forwarded(&value), None), ip, "{value:?} {proxies:?} /{ipv6_subnet}");
        }
    }
}

#[test]
fn headers_are_asked_in_order_and_repeated_lines_are_one_chain() {
    let rules = ClientIpRules::default().with_headers(&["cf-connecting-ip", "X-Real-IP"]).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-real-ip", HeaderValue::from_static("203.0.113.7"));
    headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.1"));
    assert_eq!(rules.resolve(&headers, None).as_deref(), Some("203.0.113.7"));
    headers.insert("cf-connecting-ip", HeaderValue::from_static("198.51.100.2"));
    assert_eq!(rules.resolve(&headers, None).as_deref(), Some("198.51.100.2"));
    headers.append("cf-connecting-ip", HeaderValue::from_static("198.51.100.3"));
    assert_eq!(rules.resolve(&headers, None).as_deref(), Some("203.0.113.7"));
}

#[test]
fn where_the_peer_is_the_client_only_proxies_are_believed() {
    let seen = |proxies: &[&str], header: &str, peer: Option<&str>| {
        let rules = ClientIpRules::default().with_peer_as_client(true).with_trusted_proxies(proxies).unwrap();
        rules.resolve(&forwarded(header), peer.map(|peer| peer.parse().unwrap()))
    };
    let (client, proxy) = (Some("::ffff:198.51.100.9"), Some("::ffff:10.0.0.1"));
    for header in ["1.1.1.1", "1.1.1.1, 2.2.2.2", "x"] {
        assert_eq!(seen(&[], header, client).as_deref(), Some("198.51.100.9"), "{header}");
        assert_eq!(seen(&["10.0.0.0/8"], header, client).as_deref(), Some("198.51.100.9"), "{header}");
        assert_eq!(seen(&["10.0.0.0/8"], header, None), None, "{header}");
    }
    assert_eq!(seen(&["10.0.0.0/8"], "1.1.1.1, 2.2.2.2", proxy).as_deref(), Some("2.2.2.2"));
    assert_eq!(seen(&["10.0.0.0/8"], "x", proxy).as_deref(), Some("10.0.0.1"));
    let peer = Some("198.51.100.9".parse().unwrap());
    assert_eq!(ClientIpRules::default().resolve(&HeaderMap::new(), peer), None);
}

#[test]
fn a_header_of_other_bytes_is_not_believed() {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", HeaderValue::from_bytes(b"1.1.1.1\xff").unwrap());
    assert_eq!(ClientIpRules::default().resolve(&headers, None), None);
}

#[test]
fn nothing_is_resolved_with_tracking_off() {
    let rules = ClientIpRules::default().with_tracking(Tracking::Disabled);
    assert_eq!(rules.resolve(&forwarded("1.1.1.1"), Some("2.2.2.2".parse().unwrap())), None);
}

#[test]
fn unusable_settings_are_named() {
    let rules = ClientIpRules::default;
    assert_eq!(rules().with_headers(&["a b"]), Err(ClientIpError::Header("a b".into())));
    assert_eq!(rules().with_trusted_proxies(&["10.0.0.0/40"]), Err(ClientIpError::Proxy("10.0.0.0/40".into())));
    assert_eq!(rules().with_ipv6_prefix(129), Err(ClientIpError::Prefix(129)));
    assert!(rules().with_ipv6_prefix(0).is_ok());
}

#[test]
fn a_rate_limit_key_joins_address_and_path() {
    assert_eq!(rate_limit_key(Some("1.2.3.4"), "/a"), "1.2.3.4|/a");
    assert_eq!(rate_limit_key(None, "/a"), "no-trusted-ip|/a");
}

proptest! {
    #[test]
    fn addresses_of_one_prefix_are_one_client(bits in any::<u128>(), other in any::<u128>(), prefix in 0u8..=128) {
        let rules = ClientIpRules::default().with_ipv6_prefix(prefix).unwrap();
        let mask = u128::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
        let (left, right) = (Ipv6Addr::from_bits(bits), Ipv6Addr::from_bits(bits & !mask | other & mask));
        prop_assume!(left.to_ipv4_mapped().is_none() && right.to_ipv4_mapped().is_none());
        let resolve = |address| rules.resolve(&HeaderMap::new(), Some(IpAddr::V6(address)));
        prop_assert_eq!(resolve(left), resolve(right));
    }

    #[test]
    fn what_is_resolved_is_an_address(value in "[0-9a-f:., %]{0,30}") {
        let rules = ClientIpRules::default().with_trusted_proxies(&["10.0.0.0/8"]).unwrap();
        if let Some(ip) = rules.resolve(&forwarded(&value), None) {
            prop_assert!(ip.parse::<IpAddr>().is_ok());
        }
    }
}
