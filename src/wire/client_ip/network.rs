//! CIDR ranges (RFC 4632, RFC 4291 section 2.3).

use std::net::IpAddr;

/// A range of addresses of one family. IPv4 mapped into IPv6 counts as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `address` or `address/prefix`; the prefix is in bits of the family after unmapping.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.rsplit_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().ok()?.to_canonical();
        let bits = family_bits(address);
        let prefix = match prefix {
            None => bits,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= bits)?
            }
            Some(_) => return None,
        };
        Some(Self { address, prefix })
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        family_bits(address) == family_bits(self.address)
            && self.network_part(address) == self.network_part(self.address)
    }

    /// The leading bits of an address, moved to the right.
    fn network_part(&self, address: IpAddr) -> u128 {
        let bits = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        let host_bits = family_bits(address).saturating_sub(self.prefix);
        bits.checked_shr(u32::from(host_bits)).unwrap_or(0)
    }
}

fn family_bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contains(network: &str, address: &str) -> bool {
        Network::parse(network).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_what_shares_its_prefix() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("10.1.2.3", "10.1.2.3"));
        assert!(!contains("10.1.2.3", "10.1.2.4"));
        assert!(contains("0.0.0.0/0", "255.255.255.255"));
        assert!(contains("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!contains("2001:db8::/33", "2001:db8:8000::1"));
    }

    #[test]
    fn families_do_not_mix_except_for_mapped_addresses() {
        assert!(!contains("::/0", "1.2.3.4"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(contains("::ffff:10.0.0.0/8", "10.0.0.1"));
    }

    #[test]
    fn malformed_ranges_are_refused() {
        for text in [
            "",
            "/",
            "x",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0",
            "010.0.0.0/8",
            "::/129",
            "::ffff:10.0.0.0/104",
            "10.0.0.0 /8",
            "fe80::1%eth0",
            "10.0.0.0/999999999999",
        ] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_range_contains_its_own_address(bits in any::<u128>(), prefix in 0u8..=128) {
            let address = std::net::Ipv6Addr::from_bits(bits);
            if let Some(network) = Network::parse(&format!("{address}/{prefix}")) {
                prop_assert!(network.contains(IpAddr::V6(address)));
            }
        }
    }
}
