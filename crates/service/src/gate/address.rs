//! Which addresses an account lets in: addresses, networks and patterns, parted by commas.

use regex::{Regex, RegexBuilder};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use types::{Error, Result};

/// Longest list, bytes.
const TEXT_CAP: usize = 4096;
/// Most entries.
const ENTRIES_CAP: usize = 100;
/// Bytes that a compiled pattern may take.
const PATTERN_CAP: usize = 64 * 1024;

/// The entries of a list. An empty list lets nobody in.
#[derive(Debug, Clone, Default)]
pub struct Addresses(Vec<Entry>);

#[derive(Debug, Clone)]
enum Entry {
    Network(IpAddr, u8),
    Pattern(Regex),
}

impl Addresses {
    /// Reads a list. An entry is an address, a network (`10.0.0.0/8`), or else a regular expression that must match a whole
    /// address; it runs in linear time. Commas inside brackets and braces belong to the entry.
    ///
    /// # Errors
    /// Names the field `addresses`, the entry, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > TEXT_CAP {
            return Err(wrong(format!("must have at most {TEXT_CAP} characters")));
        }
        let entries = split(text)?;
        if entries.len() > ENTRIES_CAP {
            return Err(wrong(format!("must have at most {ENTRIES_CAP} entries")));
        }
        entries
            .into_iter()
            .map(entry)
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Whether an address is let in; one that cannot be read is not.
    pub fn allow(&self, address: &str) -> bool {
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            return false;
        };
        let address = plain(address);
        self.0.iter().any(|entry| match entry {
            Entry::Network(network, bits) => within(address, *network, *bits),
            Entry::Pattern(pattern) => pattern.is_match(&address.to_string()),
        })
    }
}

fn wrong(text: impl Into<String>) -> Error {
    Error::field("addresses", text)
}

/// Parts the list at commas that stand outside brackets, braces and parentheses.
fn split(text: &str) -> Result<Vec<&str>> {
    let (mut parts, mut start, mut open, mut escaped) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' | '{' | '(' => open += 1,
            ']' | '}' | ')' => {
                let left = open.checked_sub(1);
                open = left.ok_or_else(|| wrong(format!("{c:?} closes nothing")))?;
            }
            ',' if open == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if open > 0 {
        return Err(wrong("a bracket or brace is not closed"));
    }
    parts.push(&text[start..]);
    Ok(parts
        .into_iter()
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect())
}

fn entry(text: &str) -> Result<Entry> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Entry::Network(plain(address), 128));
    }
    if let Some((address, bits)) = text.split_once('/')
        && let Ok(address) = address.parse::<IpAddr>()
    {
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse::<u8>().ok().filter(|bits| *bits <= most);
        let bits =
            bits.ok_or_else(|| wrong(format!("{text:?}: the part after / must be 0 to {most}")))?;
        return Ok(match mapped(address) {
            Some(inner) if bits >= 96 => Entry::Network(inner.into(), bits - 96),
            _ => Entry::Network(address, bits),
        });
    }
    // alone first, so that an entry cannot close the group around it
    let pattern = compile(text).and_then(|_| compile(&format!(r"\A(?:{text})\z")));
    pattern.map(Entry::Pattern).map_err(|error| {
        let text = format!("{text:?} is no address, no network, and no pattern");
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => other
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned(),
        };
        wrong(format!("{text}: {reason}"))
    })
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_CAP)
        .dfa_size_limit(PATTERN_CAP * 4)
        .nest_limit(30)
        .build()
}

fn mapped(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(six) => six.to_ipv4_mapped(),
    }
}

/// An IPv4 address that came as IPv6 is IPv4.
fn plain(address: IpAddr) -> IpAddr {
    mapped(address).map_or(address, IpAddr::V4)
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let mask = u32::MAX
                .checked_shl(32 - u32::from(bits.min(32)))
                .unwrap_or(0);
            a.to_bits() & mask == n.to_bits() & mask
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let mask = u128::MAX
                .checked_shl(128 - u32::from(bits.min(128)))
                .unwrap_or(0);
            Ipv6Addr::to_bits(a) & mask == n.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn allows(list: &str, address: &str) -> bool {
        Addresses::parse(list).expect(list).allow(address)
    }

    #[test]
    fn addresses_networks_and_patterns_are_told_apart() {
        for (list, address, fits) in [
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.50", false),
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:7::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("10.0.0.5", "::ffff:10.0.0.5", true),
            ("::ffff:10.0.0.5", "10.0.0.5", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            (r"192\.168\.1\.\d{1,3}", "192.168.1.77", true),
            (r"192\.168\.1\.\d", "192.168.1.77", false),
            ("92.168.1.7", "192.168.1.7", false),
            ("a|10.0.0.1", "10.0.0.1", true),
            ("", "10.0.0.1", false),
            ("10.0.0.1", "nonsense", false),
            ("10.0.0.1", "", false),
        ] {
            assert_eq!(allows(list, address), fits, "{list} {address}");
        }
    }

    #[test]
    fn commas_inside_brackets_and_braces_belong_to_the_entry() {
        let list = r" 10.0.0.1 , 10\.1\.\d{1,2}\.[1,2], (?:10\.2\.0\.1|a,b) ,, 10.3.0.0/16";
        for address in ["10.0.0.1", "10.1.22.2", "10.2.0.1", "10.3.9.9"] {
            assert!(allows(list, address), "{address}");
        }
        assert!(!allows(list, "10.1.222.2"));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_entry() {
        for list in [
            "10.0.0.0/33",
            "2001:db8::/129",
            "10.0.0.0/x",
            "(",
            "a]",
            r"a)|(?:b",
            "[a",
            r"\d{2000}{200}",
        ] {
            let error = Addresses::parse(list).expect_err(list);
            assert_eq!(error.fields[0].field, "addresses", "{list}");
        }
        assert!(Addresses::parse(&"10.0.0.1,".repeat(101)).is_err());
        assert!(Addresses::parse(&"1".repeat(5000)).is_err());
    }

    #[test]
    fn a_pattern_runs_in_linear_time() {
        let list = Addresses::parse(r"(1*)*(1*)*(1*)*x").expect("list");
        let begun = Instant::now();
        for _ in 0..100 {
            assert!(!list.allow("1111:1111:1111:1111:1111:1111:1111:1111"));
        }
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
}
