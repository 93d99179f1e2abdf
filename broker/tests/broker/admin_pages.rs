//! The admin pages over HTTP: who may do what, and what is refused.

use crate::{
    browser::{Answer, Browser},
    harness::{PASSWORD, Rig, account, record},
};
use hyper::Method;
use mitblick_broker::{
    accounts::{PasswordState, Role},
    audit::Action,
    data_dir::DataDir,
    open_store,
    store::{Change, NewAccount, Store, sqlite::Sqlite},
    web::admin::routes::{Need, ROUTES, Verb},
};
use std::collections::BTreeSet;

/// A name that would be a program if it were not shown as text.
pub(crate) const SCRIPT: &str = "\"><svg/onload=alert(1)>";

pub(crate) async fn store(rig: &Rig) -> Sqlite {
    open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap()
}

/// `anna` and `berta` are advisors; with them one of each other kind, and the
/// main user is `chef`.
pub(crate) async fn staffed() -> Rig {
    let rig = Rig::start().await;
    let store = store(&rig).await;
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let initial = PasswordState::Initial { until_unix_s: now as i64 + 72 * 60 * 60 };
    let expired = PasswordState::Initial { until_unix_s: 1 };
    for (name, role, state) in [
        ("chef", Role::LocalAdmin, PasswordState::Own),
        ("lokal", Role::LocalAdmin, PasswordState::Own),
        ("lokal2", Role::LocalAdmin, PasswordState::Own),
        ("pruefer", Role::Auditor, PasswordState::Own),
        ("neu", Role::LocalAdmin, initial),
        ("zuspaet", Role::Advisor, expired),
        (SCRIPT, Role::Advisor, initial),
    ] {
        let mut new: NewAccount = account(name).await;
        new.role = role;
        new.password.state = state;
        new.display_name = format!("<script>alert('{name}')</script>");
        store.add_account(new, record(Action::AccountAdded)).await.unwrap();
    }
    let handed = store.hand_over("chef", record(Action::MainUserHandedOver)).await.unwrap();
    let removed = store.remove_account("maria", record(Action::AccountRemoved)).await.unwrap();
    assert_eq!((handed, removed), (Change::Made, Change::Made));
    store.close().await;
    rig
}

pub(crate) fn at(rig: &Rig) -> Browser {
    let browser = Browser::new(rig.broker.admin_address().unwrap());
    let origin = browser.origin();
    browser.with("origin", origin).with("sec-fetch-site", "same-origin")
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn token(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    let rest =
        cookie.strip_prefix("__Host-sid=").unwrap_or_else(|| panic!("no cookie: {} {}", answer.status, answer.text()));
    let (token, attributes) = rest.split_once(';').unwrap();
    assert_eq!(attributes, " Path=/; Secure; HttpOnly; SameSite=Strict");
    token.to_owned()
}

pub(crate) async fn try_sign_in(browser: &Browser, name: &str, password: &str) -> Answer {
    browser.send(Method::POST, "/sign-in", &form(&[("name", name), ("password", password)])).await
}

/// A browser that is signed in, and what its forms carry.
pub(crate) struct Signed {
    pub(crate) browser: Browser,
    pub(crate) csrf: String,
}

impl Signed {
    pub(crate) async fn new(rig: &Rig, name: &str) -> Self {
        let answer = try_sign_in(&at(rig), name, PASSWORD).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.text());
        Self::with(at(rig), &token(&answer)).await
    }

    pub(crate) async fn with(browser: Browser, token: &str) -> Self {
        let browser = browser.with("cookie", format!("other=1; __Host-sid={token}"));
        let page = browser.get("/password").await.text();
        let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        assert_eq!(csrf.len(), 43);
        Self { browser, csrf }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.browser.get(path).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", self.csrf.as_str())]).collect();
        self.browser.send(Method::POST, path, &form(&fields)).await
    }

    /// Sends a form with a file.
    pub(crate) async fn upload(&self, path: &str, file: &[u8]) -> Answer {
        let (kind, body) = multipart(&[("csrf", self.csrf.as_bytes()), ("picture", file)]);
        self.browser.send_as(Method::POST, path, &kind, body).await
    }
}

/// A form with files, and its kind.
pub(crate) fn multipart(fields: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, content) in fields {
        let file = if *name == "picture" { "; filename=\"../../<b>ich.png\"" } else { "" };
        body.extend(format!("--SEAM\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--SEAM--\r\n");
    ("multipart/form-data; boundary=SEAM".to_owned(), body)
}

/// What a request that passes is answered with, if it carries no more than
/// what the guard asks for.
fn passed(verb: Verb, path: &str) -> u16 {
    match (verb, path) {
        (Verb::Post, "/sign-in") => 403,
        (Verb::Get, "/") | (Verb::Post, "/sign-out" | "/profile" | "/sessions/end") => 303,
        (Verb::Post, "/password" | "/users/new" | "/rules") => 422,
        (Verb::Post, "/profile/portrait" | "/rules/logo") => 422,
        (Verb::Post, "/profile/portrait/remove" | "/rules/logo/remove") => 303,
        (Verb::Get, "/users/change" | "/users/portrait" | "/profile/portrait" | "/rules/logo") => 404,
        (Verb::Post, path) if path.starts_with("/users/") || path.starts_with("/workplaces/") => 404,
        (Verb::Post, "/profile/second-factor") => 422,
        (Verb::Post, "/profile/second-factor/remove" | "/profile/recovery-codes") => 403,
        _ => 200,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_role_as_the_rules_say() {
    let rig = staffed().await;
    let open = ["/healthz", "/readyz", "/metrics", "/style.css", "/icon.svg", "/sign-in"];
    let everyone = ["/password", "/sign-out"];
    let own_password = [
        "/",
        "/profile",
        "/profile/portrait",
        "/profile/portrait/remove",
        "/profile/second-factor",
        "/profile/second-factor/remove",
        "/profile/recovery-codes",
    ];
    let reading = ["/audit", "/audit/export", "/statistics", "/rules", "/rules/logo"];
    for name in ["", "neu", "anna", "pruefer", "lokal", "chef"] {
        let signed = if name.is_empty() { None } else { Some(Signed::new(&rig, name).await) };
        // Signing out comes last, signing in would end this login.
        let mut routes: Vec<_> = ROUTES.into_iter().filter(|(_, path, _)| *path != "/sign-out").collect();
        routes.retain(|(verb, path, _)| (*verb, *path) != (Verb::Post, "/sign-in") || signed.is_none());
        routes.push((Verb::Post, "/sign-out", Need::SignedIn));
        for (verb, path, _) in routes {
            let answer = match (&signed, verb) {
                (None, Verb::Get) => at(&rig).get(path).await,
                (None, Verb::Post) => at(&rig).send(Method::POST, path, "a=b").await,
                (Some(signed), Verb::Get) => signed.get(path).await,
                (Some(signed), Verb::Post) => signed.post(path, &[]).await,
            };
            let may = match name {
                _ if open.contains(&path) => true,
                "" => false,
                // Nobody here is halfway in.
                _ if path == "/sign-in/code" => false,
                _ if everyone.contains(&path) => true,
                "neu" => false,
                "pruefer" | "lokal" if verb == Verb::Post && path.starts_with("/rules") => false,
                _ if own_password.contains(&path) => true,
                "pruefer" => reading.contains(&path),
                "lokal" => path != "/workplaces/approve",
                "chef" => true,
                _ => false,
            };
            let halfway = path == "/sign-in/code";
            let expected = match (may, name, verb) {
                (true, _, _) => passed(verb, path),
                (false, _, Verb::Get) if halfway => 303,
                (false, _, Verb::Post) if halfway => 401,
                (false, "" | "neu", Verb::Get) => 303,
                (false, "", Verb::Post) => 401,
                (false, _, _) => 403,
            };
            assert_eq!(answer.status, expected, "{verb:?} {path} as {name:?}");
            if expected == 303 && !may {
                assert_eq!(
                    answer.header("location"),
                    if name.is_empty() || halfway { "/sign-in" } else { "/password" }
                );
            }
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
            assert!(!answer.text().contains("<script"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_table_is_not_there() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    for path in ["/nothing", "/users/", "/users/new/x", "/sessions/end", "/.git/config", "//", "/%2e%2e/users"] {
        assert_eq!(chef.get(path).await.status, 404, "{path}");
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        assert_eq!(chef.browser.send(method.clone(), "/users", "").await.status, 404, "{method}");
    }
    let paths: BTreeSet<_> = ROUTES.into_iter().map(|(verb, path, _)| (format!("{verb:?}"), path)).collect();
    assert_eq!(paths.len(), ROUTES.len(), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_must_come_from_a_form_of_these_pages() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let origin = at(&rig).origin();
    let body = form(&[("csrf", &chef.csrf), ("name", "anna")]);
    let cookie = chef.browser.headers.iter().find(|(name, _)| *name == "cookie").unwrap().1.clone();
    let bare = Browser::new(chef.browser.address).with("cookie", cookie);
    for (from, site, well) in [
        (None, None, false),
        (Some("https://evil.example"), None, false),
        (Some("null"), None, false),
        (Some("http://127.0.0.1"), None, false),
        (Some(origin.as_str()), None, true),
        (None, Some("same-origin"), true),
        (Some("null"), Some("same-origin"), true),
        (None, Some("same-site"), false),
        (None, Some("cross-site"), false),
        (None, Some("none"), false),
        (Some(origin.as_str()), Some("cross-site"), false),
        (Some("https://evil.example"), Some("same-origin"), false),
    ] {
        let mut browser = bare.clone();
        if let Some(from) = from {
            browser = browser.with("origin", from);
        }
        if let Some(site) = site {
            browser = browser.with("sec-fetch-site", site);
        }
        let answer = browser.send(Method::POST, "/users/block", &body).await;
        assert_eq!(answer.status, if well { 303 } else { 403 }, "{from:?} {site:?}");
        let answer = browser.send(Method::POST, "/sign-in", "name=x&password=y").await;
        assert!(answer.text().contains("id=\"main\""));
        assert_eq!(answer.text().contains("name=\"password\""), well, "{from:?} {site:?}");
    }
    for csrf in ["", "x", &"a".repeat(43), &chef.csrf[1..]] {
        let answer = chef.browser.send(Method::POST, "/users/block", &form(&[("csrf", csrf), ("name", "berta")])).await;
        assert_eq!(answer.status, 403, "{csrf}");
    }
    let lokal = Signed::new(&rig, "lokal").await;
    let stolen =
        lokal.browser.send(Method::POST, "/users/block", &form(&[("csrf", &chef.csrf), ("name", "berta")])).await;
    assert_eq!(stolen.status, 403, "another login's form");
    let store = store(&rig).await;
    assert!(!store.account("berta").await.unwrap().unwrap().blocked);
    assert_eq!(chef.post("/users/block", &[("name", &"x".repeat(20_000))]).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_finds_itself_at_its_address_step_by_step() {
    let rig = staffed().await;
    let page = Signed::new(&rig, "lokal").await.post("/system/test?lang=en", &[]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert_eq!(text.matches("badge good").count(), 5, "{text}");
    assert!(text.contains("Programs and browsers find this broker"), "{text}");
}
