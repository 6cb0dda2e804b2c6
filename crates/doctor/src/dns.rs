//! Which resolver package net takes for an ordinary name, and why.
//!
//! Source: golang/go src/net/conf.go, initConfVal and lookupOrder, and dnsconfig_unix.go (go1.26).

use crate::Machine;
use elfin_goenv::GoFlags;
use elfin_schema::{Dns, DnsReason};

pub(crate) const RESOLV_CONF: &str = "/etc/resolv.conf";
pub(crate) const NSSWITCH: &str = "/etc/nsswitch.conf";

/// The options of resolv.conf that Go knows; those with `:` take a value.
const KNOWN: &[&str] = &[
    "ndots:",
    "timeout:",
    "attempts:",
    "rotate",
    "single-request",
    "single-request-reopen",
    "use-vc",
    "usevc",
    "tcp",
    "trust-ad",
    "edns0",
    "no-reload",
];
/// The other directives that it knows.
const DIRECTIVES: &[&str] = &["nameserver", "domain", "search", "options", "lookup"];
/// Variables that ask for the C library; the first even if it is empty.
const VARIABLES: [&str; 3] = ["LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"];

/// Follows Go's own order of questions.
pub(crate) fn resolver(machine: &Machine, cgo: bool, goflags: &str) -> Dns {
    let says = |go, why, text: &str| Dns { go, why, text: text.to_owned() };
    let flags = GoFlags::parse(goflags);
    let tags = flags.value("tags").unwrap_or_default().to_owned();
    let tag = |name: &str| tags.split([',', ' ']).any(|it| it == name);
    let debug = machine.variable("GODEBUG").unwrap_or_default();
    let mode = debug.split(',').find_map(|it| it.strip_prefix("netdns=")).unwrap_or_default();
    let mode = mode.split('+').find(|it| ["go", "cgo"].contains(it)).unwrap_or_default();
    if !cgo {
        return says(true, DnsReason::NoCgo, "CGO_ENABLED=0");
    }
    if tag("netgo") {
        return says(true, DnsReason::Tag, "netgo");
    }
    if mode == "go" {
        return says(true, DnsReason::Godebug, "netdns=go");
    }
    if tag("netcgo") || mode == "cgo" {
        let (why, text) = match mode {
            "cgo" => (DnsReason::Godebug, "netdns=cgo"),
            _ => (DnsReason::Tag, "netcgo"),
        };
        return says(false, why, text);
    }
    let set = VARIABLES.iter().enumerate().find(|(index, name)| {
        let value = machine.environment.get(**name);
        value.is_some_and(|value| *index == 0 || !value.is_empty())
    });
    if let Some((_, name)) = set {
        return says(false, DnsReason::Variable, name);
    }
    if let Some(line) = machine.read(RESOLV_CONF).and_then(|text| unknown_option(&text)) {
        return says(false, DnsReason::ResolvConf, &line);
    }
    match machine.read(NSSWITCH).and_then(|text| unknown_source(&text)) {
        Some(source) => says(false, DnsReason::Nsswitch, &source),
        None => says(true, DnsReason::Usual, ""),
    }
}

/// A line or an option that Go does not know.
fn unknown_option(text: &str) -> Option<String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with([';', '#']));
    for line in lines {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        if !DIRECTIVES.contains(&first) {
            return Some(first.to_owned());
        }
        let is_known = |word: &str| {
            KNOWN.iter().any(|known| match known.ends_with(':') {
                true => word.starts_with(known),
                false => word == *known,
            })
        };
        if first == "options"
            && let Some(unknown) = words.find(|word| !is_known(word))
        {
            return Some(unknown.to_owned());
        }
    }
    None
}

/// A source of `hosts:` that makes Go ask the C library for an ordinary name: all but files and dns
/// without criteria of their own, and those that only serve this machine's name and `.local`.
fn unknown_source(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let hosts = lines.into_iter().find_map(|line| line.strip_prefix("hosts:"))?;
    let mut last = "";
    for word in hosts.split_whitespace() {
        let is_criterion = word.starts_with('[');
        // What Go takes for the usual: to go on unless something was found.
        let is_usual = word.eq_ignore_ascii_case("[success=return]")
            || word.eq_ignore_ascii_case("[notfound=continue]")
            || word.eq_ignore_ascii_case("[unavail=continue]")
            || word.eq_ignore_ascii_case("[tryagain=continue]");
        if is_criterion && !is_usual && ["files", "dns"].contains(&last) {
            return Some(format!("{last} {word}"));
        }
        let is_known = is_criterion
            || ["files", "dns", "myhostname"].contains(&word)
            || word.starts_with("mdns");
        if !is_known {
            return Some(word.to_owned());
        }
        if !is_criterion {
            last = word;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)], cgo: bool, flags: &str) -> (bool, DnsReason) {
        let pairs = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let dns = resolver(&Machine::here(pairs), cgo, flags);
        (dns.go, dns.why)
    }

    #[test]
    fn what_is_asked_for_comes_before_what_is_found() {
        let cgo = [("GODEBUG", "x=1,netdns=cgo+2")];
        assert_eq!(told(&cgo, false, ""), (true, DnsReason::NoCgo));
        assert_eq!(told(&cgo, true, "-tags=a,netgo"), (true, DnsReason::Tag));
        assert_eq!(told(&cgo, true, ""), (false, DnsReason::Godebug));
        assert_eq!(told(&[("GODEBUG", "netdns=1")], true, "-tags=netcgo"), (false, DnsReason::Tag));
        assert_eq!(told(&[("LOCALDOMAIN", "")], true, ""), (false, DnsReason::Variable));
    }

    #[test]
    fn options_and_sources_that_go_does_not_know_are_named() {
        assert_eq!(
            unknown_option("# c\nnameserver 1.1.1.1\noptions edns0 trust-ad ndots:2\n"),
            None
        );
        let inet6 = unknown_option("options edns0 inet6\n");
        assert_eq!(inet6.as_deref(), Some("inet6"));
        assert_eq!(unknown_option("sortlist 10.0.0.0\n").as_deref(), Some("sortlist"));
        let hosts = |sources: &str| unknown_source(&format!("passwd: x\nhosts:  {sources} # c\n"));
        assert_eq!(hosts("files dns"), None);
        assert_eq!(hosts("files mdns4_minimal [NOTFOUND=return] dns myhostname"), None);
        assert_eq!(hosts("files resolve dns").as_deref(), Some("resolve"));
        assert_eq!(hosts("dns [!UNAVAIL=return] files").as_deref(), Some("dns [!UNAVAIL=return]"));
    }
}
