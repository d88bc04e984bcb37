//! The client's address, for rate limits and session rows.

mod network;

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName};
use network::Network;
use thiserror::Error;

/// Stands for the address in a rate-limit key when there is none: all such clients share one counter per path.
pub const NO_TRUSTED_IP: &str = "no-trusted-ip";

/// Where a client's address is looked for. Addresses and networks are parsed once, here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIpRules {
    headers: Vec<HeaderName>,
    trusted_proxies: Vec<Network>,
    ipv6_prefix: u8,
    tracking: Tracking,
    peer_is_client: bool,
}

/// Whether addresses are looked at at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// They are.
    Enabled,
    /// No address is ever resolved; rate limits do not apply then.
    Disabled,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientIpError {
    /// Not the name of an HTTP header.
    #[error("{0:?} is not a header name")]
    Header(String),
    /// Neither an IP address nor a CIDR range.
    #[error("{0:?} is not an IP address or CIDR range")]
    Proxy(String),
    /// Longer than an IPv6 address.
    #[error("an IPv6 prefix has at most 128 bits, not {0}")]
    Prefix(u8),
}

impl Default for ClientIpRules {
    /// `X-Forwarded-For`, no trusted proxies, IPv6 clients told apart by their /64.
    fn default() -> Self {
        Self {
            headers: vec![HeaderName::from_static("x-forwarded-for")],
            trusted_proxies: Vec::new(),
            ipv6_prefix: 64,
            tracking: Tracking::Enabled,
            peer_is_client: false,
        }
    }
}

impl ClientIpRules {
    /// Replaces the headers, asked in order.
    ///
    /// # Errors
    /// [`ClientIpError::Header`].
    pub fn with_headers(mut self, names: &[&str]) -> Result<Self, ClientIpError> {
        let parse = |name: &&str| {
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| ClientIpError::Header((*name).to_owned()))
        };
        self.headers = names.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Replaces the trusted proxies: addresses such as `10.0.0.1` and ranges such as `10.0.0.0/8` or `2001:db8::/32`.
    ///
    /// # Errors
    /// [`ClientIpError::Proxy`]. The reference ignores such an entry.
    pub fn with_trusted_proxies(mut self, ranges: &[&str]) -> Result<Self, ClientIpError> {
        let parse = |range: &&str| Network::parse(range).ok_or_else(|| ClientIpError::Proxy((*range).to_owned()));
        self.trusted_proxies = ranges.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Sets how many leading bits of an IPv6 address tell clients apart, from 0 to 128.
    ///
    /// # Errors
    /// [`ClientIpError::Prefix`].
    pub fn with_ipv6_prefix(mut self, bits: u8) -> Result<Self, ClientIpError> {
        if bits > 128 {
            return Err(ClientIpError::Prefix(bits));
        }
        self.ipv6_prefix = bits;
        Ok(self)
    }

    /// Says whether the other end of the connection is the client, unless it is a trusted proxy.
    #[must_use]
    pub fn with_peer_as_client(mut self, is_client: bool) -> Self {
        self.peer_is_client = is_client;
        self
    }

    /// Switches the look-up on or off.
    #[must_use]
    pub fn with_tracking(mut self, tracking: Tracking) -> Self {
        self.tracking = tracking;
        self
    }

    /// Whether addresses are looked at.
    #[must_use]
    pub const fn tracking(&self) -> Tracking {
        self.tracking
    }

    /// The client's address, in the form in which it is stored and compared.
    ///
    /// The first header that yields an address decides. A header with several hops yields one only when trusted
    /// proxies are known: from the right, the first hop that is none of them. Without trusted proxies a header with
    /// one hop is believed, as in the reference.
    ///
    /// Where the [peer is the client](Self::with_peer_as_client), which the reference cannot see, only trusted proxies are believed: whoever
    /// else connects writes into headers what they like. Without a `peer` nobody is.
    ///
    /// IPv4 is a dotted quad, also where it came mapped into IPv6; IPv6 is cut to the prefix and written in full, in
    /// lower case.
    #[must_use]
    pub fn resolve(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<String> {
        if self.tracking == Tracking::Disabled {
            return None;
        }
        let forwarded = || self.headers.iter().find_map(|name| self.forwarded_by(headers, name));
        let address = match (self.peer_is_client, peer) {
            (false, _) => forwarded()?,
            (true, None) => return None,
            (true, Some(peer)) if self.is_trusted_proxy(peer) => forwarded().unwrap_or(peer),
            (true, Some(peer)) => peer,
        };
        Some(self.normalized(address))
    }

    fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }

    fn forwarded_by(&self, headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
        let mut hops = Vec::new();
        for value in headers.get_all(name) {
            hops.extend(value.to_str().ok()?.split(',').map(str::trim).filter(|hop| !hop.is_empty()));
        }
        if self.trusted_proxies.is_empty() {
            let [only] = hops.as_slice() else { return None };
            return only.parse().ok();
        }
        for hop in hops.iter().rev() {
            let address: IpAddr = hop.parse().ok()?;
            if !self.is_trusted_proxy(address) {
                return Some(address);
            }
        }
        None
    }

    fn normalized(&self, address: IpAddr) -> String {
        match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => expanded(masked(address, self.ipv6_prefix)),
        }
    }
}

/// The key of a rate-limit counter: `<ip>|<path>`. `|` is in no address, so no path can imitate another client.
#[must_use]
pub fn rate_limit_key(ip: Option<&str>, path: &str) -> String {
    format!("{}|{path}", ip.unwrap_or(NO_TRUSTED_IP))
}

fn masked(address: Ipv6Addr, prefix: u8) -> Ipv6Addr {
    let host_bits = 128u32.saturating_sub(u32::from(prefix));
    Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(host_bits).unwrap_or(0))
}

fn expanded(address: Ipv6Addr) -> String {
    address.segments().map(|group| format!("{group:04x}")).join(":")
}

#[cfg(test)]
mod tests;
