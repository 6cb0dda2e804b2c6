//! How names are resolved: programs that ask, in every root, while its files are as odd as those of
//! real machines.

use super::built::Built;
use super::names::{DOMAIN, MANY, NameServer};
use super::place::Place;
use super::{RootsError, Shop};
use crate::events::Phase;
use crate::variant::Variant;
use elfin_process::{Tool, ToolError};
use elfin_schema::{NameAnswer, NameOddity, NameTrial, Resolver};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
/// Where resolvers ask unless they are told otherwise.
const DNS: u16 = 53;
const SILENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Every trial.
pub(super) fn trials() -> Vec<NameTrial> {
    let server = "nameserver 127.0.0.1\n";
    let usual = Some("hosts: files dns\n".to_owned());
    let trial = |id, host: &str, last: &[u8], more: &str| NameTrial {
        id,
        name: format!("{host}.{DOMAIN}"),
        resolv_conf: Some(format!("{more}{server}")),
        nsswitch: usual.clone(),
        hosts: String::new(),
        addresses: last.iter().map(|it| format!("192.0.2.{it}")).collect(),
    };
    let search = format!("search {DOMAIN}\n");
    let mut many: Vec<u8> = (1..=MANY).collect();
    many.sort_by_key(u8::to_string);
    vec![
        trial(NameOddity::Plain, "name", &[1], ""),
        NameTrial { name: "short".into(), ..trial(NameOddity::Search, "short", &[2], &search) },
        trial(NameOddity::Ndots, "name", &[1], &format!("{search}options ndots:5\n")),
        trial(
            NameOddity::DeadFirst,
            "name",
            &[1],
            &format!("nameserver {SILENT}\noptions timeout:1\n"),
        ),
        trial(NameOddity::UnknownOption, "name", &[1], "options no-such-option\n"),
        NameTrial { resolv_conf: None, ..trial(NameOddity::NoResolvConf, "name", &[1], "") },
        NameTrial {
            nsswitch: Some("hosts: files\n".into()),
            ..trial(NameOddity::FilesOnly, "name", &[], "")
        },
        NameTrial { nsswitch: None, ..trial(NameOddity::NoNsswitch, "name", &[1], "") },
        NameTrial {
            hosts: format!("192.0.2.200 pinned.{DOMAIN}\n"),
            ..trial(NameOddity::HostsFile, "pinned", &[200], "")
        },
        trial(NameOddity::Large, "many", &many, ""),
    ]
}

/// A program that resolves, built one way in one root.
pub(super) struct Probe {
    pub(super) place: usize,
    pub(super) way: Variant,
    pub(super) built: Built,
}

/// Who asks where: for each root every way, built there or else where it was built first.
fn askers<'p>(places: &[Place], probes: &'p [Probe]) -> Vec<(usize, &'p Probe, bool)> {
    let mut ways: Vec<&Variant> = Vec::new();
    for probe in probes {
        if !ways.contains(&&probe.way) {
            ways.push(&probe.way);
        }
    }
    let mut askers = Vec::new();
    for (at, place) in places.iter().enumerate() {
        for way in &ways {
            let runs = |probe: &&Probe| {
                probe.built.interpreter.as_ref().is_none_or(|path| place.has(path))
            };
            let of = || probes.iter().filter(|it| it.way == **way);
            let Some(probe) = of().find(|it| it.place == at).or_else(|| of().find(runs)) else {
                continue;
            };
            askers.push((at, probe, false));
            // Where there is no C library in it, there is nothing to force.
            if probe.built.interpreter.is_some() {
                askers.push((at, probe, true));
            }
        }
    }
    askers
}

/// Makes every trial with every program that asks.
pub(super) fn run(
    shop: &Shop<'_>,
    places: &[Place],
    probes: &[Probe],
    trials: &[NameTrial],
) -> Result<Vec<Resolver>, RootsError> {
    let os = |source| RootsError::Network { doing: "serving names at 127.0.0.1:53", source };
    let server = NameServer::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, DNS))).map_err(os)?;
    // Nobody reads from it: it takes questions and never answers.
    let _silent = UdpSocket::bind((SILENT, DNS)).map_err(os)?;
    let askers = askers(places, probes);
    shop.progress.plan(Phase::Probe, askers.len() * trials.len());
    let mut resolvers = Vec::new();
    for (at, probe, forced) in askers {
        let place = &places[at];
        let mut answers = Vec::new();
        for trial in trials {
            let doing = format!("{} {}", place.facts.name, trial.name);
            answers.push(shop.progress.job(Phase::Probe, &doing, || {
                place.resolve_by(
                    trial.resolv_conf.as_deref(),
                    trial.nsswitch.as_deref(),
                    &trial.hosts,
                )?;
                let _ = server.take_asked(); // a late one of the trial before
                let mut answer = ask(shop, place, probe, forced, trial)?;
                answer.asked = server.take_asked();
                Ok::<_, RootsError>(answer)
            })?);
        }
        resolvers.push(Resolver {
            built_in: places[probe.place].facts.name.clone(),
            way: probe.way.to_string(),
            run_in: place.facts.name.clone(),
            forced,
            answers,
        });
    }
    Ok(resolvers)
}

/// What the probe program prints.
#[derive(Deserialize)]
struct Printed {
    addresses: Vec<String>,
    says: String,
    ms: f64,
}

fn ask(
    shop: &Shop<'_>,
    place: &Place,
    probe: &Probe,
    forced: bool,
    trial: &NameTrial,
) -> Result<NameAnswer, RootsError> {
    let debug = if forced { "netdns=cgo+2" } else { "netdns=2" };
    let tool = Tool::new(&probe.built.path).arg(&trial.name).in_root(&place.at).dir("/");
    let mut answer = NameAnswer {
        right: false,
        addresses: Vec::new(),
        says: String::new(),
        used: String::new(),
        ms: 0.0,
        asked: Vec::new(),
    };
    let output = match tool.env("GODEBUG", debug).timeout(LIMIT).run(shop.cancel) {
        Ok(output) => output,
        Err(ToolError::Interrupted) => return Err(RootsError::interrupted()),
        Err(error) => return Ok(NameAnswer { says: error.to_string(), ..answer }),
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    answer.used = used(&said).to_owned();
    match serde_json::from_slice::<Printed>(&output.stdout) {
        Ok(printed) => {
            answer.right = printed.addresses == trial.addresses;
            answer.addresses = printed.addresses;
            answer.says = printed.says;
            answer.ms = printed.ms;
        }
        Err(_) => answer.says = format!("{}: {}", output.exit, said.trim()),
    }
    Ok(answer)
}

/// What Go says that it chose: `go package net: hostLookupOrder(NAME) = cgo`.
fn used(said: &str) -> &str {
    let order = said.lines().find_map(|line| line.split_once("hostLookupOrder("));
    order.and_then(|(_, rest)| rest.split_once(" = ")).map_or("", |(_, chosen)| chosen.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_chose_is_read() {
        let said = "go package net: confVal.netCgo = false  netGo = false\n\
                    go package net: hostLookupOrder(name.elfin.test) = files,dns\n";
        assert_eq!(used(said), "files,dns");
        assert_eq!(used("oh\n"), "");
    }

    #[test]
    fn no_trial_stands_twice_and_each_says_what_is_right() {
        let trials = trials();
        for (index, trial) in trials.iter().enumerate() {
            assert!(trials[..index].iter().all(|it| it.id != trial.id));
            assert_eq!(trial.addresses.is_empty(), trial.id == NameOddity::FilesOnly);
            // As the probe sorts them.
            let mut sorted = trial.addresses.clone();
            sorted.sort();
            assert_eq!(sorted, trial.addresses);
        }
    }
}
