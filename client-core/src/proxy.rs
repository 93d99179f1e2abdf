//! Which HTTP proxy the way to the broker goes through: the one that was given,
//! else the environment's, as `curl` reads it.
//!
//! From the environment the first that is set counts: `https_proxy`,
//! `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY`; but not for hosts that `no_proxy`
//! or `NO_PROXY` names: `*` for all, a name for itself and all below it (a
//! leading dot changes nothing), an address, or a network like `10.0.0.0/8`;
//! with commas between them. A proxy that was given is used for every host.

use crate::{address::BrokerAddress, problem::Problem};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::{env, fmt};

/// Port of a proxy whose address names none.
const DEFAULT_PORT: u16 = 80;
/// Where the environment names a proxy, first come first.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// What stands for no proxy on the command line.
const NONE: &str = "none";

/// An HTTP proxy that connects by CONNECT.
#[derive(Clone)]
pub struct Proxy {
    host: String,
    port: u16,
    /// `Basic` and what follows, for the proxy's eyes alone.
    authorization: Option<String>,
}

/// A proxy that was named can't be used. The setting is told without what may
/// be a password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableProxy {
    /// Where it was named: `--proxy`, or the variable.
    pub setting: String,
}

impl Proxy {
    /// Reads `[http://][user:password@]host[:port]`.
    fn parse(text: &str) -> Option<Self> {
        // Any host will do: all of them go through it.
        let matcher = Matcher::builder().all(text.trim()).build();
        let intercept = matcher.intercept(&"https://host".parse().ok()?)?;
        Self::from_intercept(&intercept)
    }

    fn from_intercept(intercept: &Intercept) -> Option<Self> {
        let uri = intercept.uri();
        if uri.scheme_str() != Some("http") {
            return None;
        }
        let host = uri.host().filter(|host| !host.is_empty())?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        // What is left of a second sign of name and password is neither.
        let authority = uri.authority().map(|authority| authority.as_str()).filter(|text| !text.contains('@'))?;
        // A port that is none would silently be the usual one.
        let port = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
        let port = match port.rsplit_once(':') {
            Some((_, port)) => port.parse().ok()?,
            None => DEFAULT_PORT,
        };
        let authorization = match intercept.basic_auth() {
            Some(value) => Some(value.to_str().ok()?.to_owned()),
            None => None,
        };
        Some(Self { host, port, authorization })
    }

    /// Its host name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it is to be told of who asks.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Host and port for people.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Without the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("place", &self.place()).finish_non_exhaustive()
    }
}

/// The way to the broker.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where it is.
    pub broker: BrokerAddress,
    /// What lies before it, or why that can't be used.
    pub proxy: Result<Option<Proxy>, UnusableProxy>,
}

impl Route {
    /// The way to this broker: through the proxy that was given, unless that is
    /// `none`; else through the environment's.
    pub fn to(broker: BrokerAddress, given: Option<&str>) -> Self {
        Self::by(broker, given, |name| env::var(name).ok())
    }

    /// Straight to this broker.
    pub fn direct(broker: BrokerAddress) -> Self {
        Self { broker, proxy: Ok(None) }
    }

    fn by(broker: BrokerAddress, given: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let set =
                |name: &&'static str| variable(name).filter(|text| !text.trim().is_empty()).map(|text| (*name, text));
            names.iter().find_map(set)
        };
        let proxy = match given {
            Some(NONE) => Ok(None),
            Some(text) => proxy_of("--proxy", text),
            None => match first(&VARIABLES) {
                Some(_) if first(&EXCEPTIONS).is_some_and(|(_, list)| is_excepted(&broker, &list)) => Ok(None),
                Some((name, text)) => proxy_of(name, &text),
                None => Ok(None),
            },
        };
        Self { broker, proxy }
    }
}

fn proxy_of(setting: &str, text: &str) -> Result<Option<Proxy>, UnusableProxy> {
    Proxy::parse(text).map(Some).ok_or_else(|| UnusableProxy { setting: setting.to_owned() })
}

impl From<&UnusableProxy> for Problem {
    fn from(unusable: &UnusableProxy) -> Self {
        Self::ProxySetting { setting: unusable.setting.clone() }
    }
}

fn is_excepted(broker: &BrokerAddress, list: &str) -> bool {
    if list.split(',').any(|entry| entry.trim() == "*") {
        return true;
    }
    let bare = |entry: &str| entry.trim().trim_end_matches('.').trim_matches(['[', ']']).to_owned();
    let list = list.split(',').map(bare).collect::<Vec<_>>().join(",");
    let matcher = Matcher::builder().all("http://proxy").no(list).build();
    let place = format!("https://{}", broker.place());
    place.parse().is_ok_and(|place| matcher.intercept(&place).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(place: &str) -> BrokerAddress {
        format!("mitblick://{place}#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").parse().unwrap()
    }

    /// Where the way to this broker goes through, in this environment.
    fn through(place: &str, given: Option<&str>, environment: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable =
            |name: &str| environment.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        let route = Route::by(broker(place), given, variable);
        route.proxy.map(|proxy| proxy.map(|proxy| proxy.place())).map_err(|unusable| unusable.setting)
    }

    #[test]
    fn a_proxy_is_read_as_curl_reads_it() {
        for (text, place, authorization) in [
            ("http://proxy.example:3128", "proxy.example:3128", None),
            ("http://proxy.example:3128/", "proxy.example:3128", None),
            (" proxy.example:8080 ", "proxy.example:8080", None),
            ("http://proxy.example", "proxy.example:80", None),
            ("http://[::1]:3128", "[::1]:3128", None),
            ("http://[::1]", "[::1]:80", None),
            ("http://anna:secret@10.0.0.1:3128", "10.0.0.1:3128", Some("Basic YW5uYTpzZWNyZXQ=")),
            ("http://anna:p%40ss%3Aw@proxy:1", "proxy:1", Some("Basic YW5uYTpwQHNzOnc=")),
        ] {
            let proxy = Proxy::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((proxy.place().as_str(), proxy.authorization()), (place, authorization), "{text}");
            assert!(!format!("{proxy:?}").contains("YW5uYT"), "the password is nobody else's");
        }
        for bad in [
            "",
            "http://",
            "socks5://proxy:1080",
            "https://proxy:443",
            "ftp://proxy",
            "http://proxy:99999",
            "http://proxy:x",
            "http://a b:1",
            "http://:3128",
            "//",
            "http://a:b@c:d@proxy:1",
            "\u{0}",
            "http://pro\nxy:1",
        ] {
            assert!(Proxy::parse(bad).is_none(), "{bad:?} is {:?}", Proxy::parse(bad));
        }
    }

    #[test]
    fn what_was_given_goes_before_the_environment_and_none_is_none() {
        let environment = [("https_proxy", "http://from-environment:1"), ("no_proxy", "*")];
        assert_eq!(through("help.example:443", Some("given:2"), &environment), Ok(Some("given:2".into())));
        assert_eq!(through("help.example:443", Some("none"), &environment[..1]), Ok(None));
        assert_eq!(through("help.example:443", None, &environment), Ok(None));
        assert_eq!(through("help.example:443", None, &[]), Ok(None));
    }

    #[test]
    fn the_first_variable_that_is_set_counts_and_a_wrong_one_is_named() {
        let all = [("ALL_PROXY", "a:1"), ("all_proxy", "b:1"), ("HTTPS_PROXY", "c:1"), ("https_proxy", "d:1")];
        for (count, place) in ["a:1", "b:1", "c:1", "d:1"].into_iter().enumerate() {
            assert_eq!(through("help.example:443", None, &all[..=count]), Ok(Some(place.into())));
        }
        assert_eq!(
            through("help.example:443", None, &[("https_proxy", " "), ("ALL_PROXY", "a:1")]),
            Ok(Some("a:1".into()))
        );
        assert_eq!(through("help.example:443", None, &[("http_proxy", "a:1"), ("HTTP_PROXY", "a:1")]), Ok(None));
        let wrong = through("help.example:443", None, &[("all_proxy", "socks5://u:secret@proxy:1080")]);
        assert_eq!(wrong, Err("all_proxy".into()));
        assert_eq!(through("help.example:443", Some("socks5://proxy"), &[]), Err("--proxy".into()));
    }

    #[test]
    fn exceptions_hold_for_names_below_addresses_and_networks() {
        for (place, list, direct) in [
            ("help.example:443", "help.example", true),
            ("help.example:443", "HELP.example", true),
            ("help.example:443", "example", true),
            ("help.example:443", ".example", true),
            ("help.example:443", "example.", true),
            ("help.example:443", "other.example, example", true),
            ("help.example:443", "*", true),
            ("help.example:443", "a,*", true),
            ("help.example:443", "elp.example", false),
            ("help.example:443", "help.example.org", false),
            ("help.example:443", "", false),
            ("10.1.2.3:443", "10.0.0.0/8", true),
            ("10.1.2.3:443", "10.1.2.3", true),
            ("10.1.2.3:443", "*", true),
            ("10.1.2.3:443", "10.1.2.4,11.0.0.0/8,2.3", false),
            ("[fd00::1]:443", "fd00::/8", true),
            ("[fd00::1]:443", "[fd00::1]", true),
            ("[fd00::1]:443", "fe80::/10", false),
        ] {
            let environment = [("HTTPS_PROXY", "proxy:1"), ("NO_PROXY", list)];
            let expected = if direct { None } else { Some("proxy:1".to_owned()) };
            assert_eq!(through(place, None, &environment), Ok(expected), "{place} {list}");
        }
    }
}
