//! The admin pages over HTTP: who may do what, and what is refused.

use crate::{
    browser::{Answer, Browser},
    harness::{Got, PASSWORD, Rig, account, record},
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
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd, Password, SignInRefusal, ToBroker},
    number::Routing,
};
use std::collections::BTreeSet;

/// A name that would be a program if it were not shown as text.
const SCRIPT: &str = "\"><svg/onload=alert(1)>";

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
async fn a_sign_in_makes_a_new_token_whatever_the_browser_came_with() {
    let rig = staffed().await;
    let planted = "a".repeat(43);
    let fixed = at(&rig).with("cookie", format!("__Host-sid={planted}"));
    let answer = try_sign_in(&fixed, "chef", PASSWORD).await;
    let first = token(&answer);
    assert_ne!(first, planted);
    assert_eq!(fixed.get("/users").await.status, 303, "the planted token is nobody's");

    let signed = Signed::with(at(&rig), &first).await;
    let again = try_sign_in(&signed.browser, "chef", PASSWORD).await;
    assert_ne!(token(&again), first);
    assert_eq!(signed.get("/users").await.status, 303, "the token of before is void");
    for cookie in ["__Host-sid=", "__Host-sid", "sid=x", "__Host-sid=\"", "__Host-sid=a b"] {
        assert_eq!(at(&rig).with("cookie", cookie).get("/users").await.status, 303, "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_with_sign_out_password_role_and_block() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let anna = Signed::new(&rig, "anna").await;
    assert_eq!(anna.get("/profile").await.status, 200);
    assert_eq!(anna.post("/sign-out", &[]).await.status, 303);
    assert_eq!(anna.get("/profile").await.status, 303);

    for (path, fields) in [
        ("/users/role", &[("name", "anna"), ("role", "auditor")][..]),
        ("/users/block", &[("name", "anna")]),
        ("/users/unblock", &[("name", "anna")]),
    ] {
        if path == "/users/unblock" {
            assert_eq!(try_sign_in(&at(&rig), "anna", PASSWORD).await.status, 403, "blocked");
            assert_eq!(chef.post(path, fields).await.status, 303);
            Signed::new(&rig, "anna").await;
            continue;
        }
        let anna = Signed::new(&rig, "anna").await;
        assert_eq!(chef.post(path, fields).await.status, 303, "{path}");
        assert_eq!(anna.get("/profile").await.status, 303, "{path}");
    }

    // A change at the command line counts too.
    let berta = Signed::new(&rig, "berta").await;
    let store = store(&rig).await;
    store.set_role("berta", Role::Auditor, record(Action::RoleChanged)).await.unwrap();
    assert_eq!(berta.get("/profile").await.status, 303);

    let (one, other) = (Signed::new(&rig, "lokal").await, Signed::new(&rig, "lokal").await);
    let new = "gruene wiese unter altem schnee";
    let changed = one.post("/password", &[("present", PASSWORD), ("new", new), ("again", new)]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert_eq!((one.get("/profile").await.status, other.get("/profile").await.status), (303, 303));
    let one = Signed::with(at(&rig), &token(&changed)).await;
    assert_eq!(one.get("/profile").await.status, 200);
    assert_eq!(try_sign_in(&at(&rig), "lokal", PASSWORD).await.status, 403);
    let trail = chef.get("/audit/export?format=json&name=lokal&action=password_changed").await.text();
    assert!(trail.lines().count() == 1 && trail.contains("\"actor\":\"account:lokal\""), "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refused_password_is_told_its_rule_in_both_languages() {
    let rig = staffed().await;
    let anna = Signed::new(&rig, "anna").await;
    for (present, new, again, english, german) in [
        (PASSWORD, "kurz", "kurz", "at least 15", "mindestens 15"),
        (
            PASSWORD,
            "regen ueber anna wald",
            "regen ueber anna wald",
            "must not contain the name",
            "darf den Namen nicht",
        ),
        (PASSWORD, "aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa", "first that are guessed", "zuerst geraten"),
        (PASSWORD, "gruene wiese unter schnee", "graue wiese unter schnee", "two ways", "zwei verschiedene"),
        (PASSWORD, PASSWORD, PASSWORD, "had this password before", "hatte das Konto schon"),
        (
            "falsch",
            "gruene wiese unter schnee",
            "gruene wiese unter schnee",
            "present password is wrong",
            "bisherige Passwort ist",
        ),
    ] {
        let fields = [("present", present), ("new", new), ("again", again)];
        let said = anna.post("/password?lang=en", &fields).await;
        assert!(said.status >= 400 && said.text().contains(english), "{new}: {}", said.text());
        let said = anna.post("/password?lang=de", &fields).await;
        assert!(said.status >= 400 && said.text().contains(german), "{new}: {}", said.text());
    }
    assert!(anna.get("/profile").await.status == 200, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_exchange_the_same_password_one_comes_first() {
    let rig = staffed().await;
    let (one, other) = (Signed::new(&rig, "anna").await, Signed::new(&rig, "anna").await);
    let change = async |signed: &Signed, new: &str| {
        signed.post("/password", &[("present", PASSWORD), ("new", new), ("again", new)]).await.status
    };
    let news = ["gruene wiese unter schnee", "graue wiese unter schnee"];
    let (first, second) = tokio::join!(change(&one, news[0]), change(&other, news[1]));
    let made = [first, second].map(|status| status == 303);
    assert!(made[0] != made[1], "{first} {second}");
    for (new, made) in news.into_iter().zip(made) {
        assert_eq!(try_sign_in(&at(&rig), "anna", new).await.status == 303, made, "{new}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_made_and_changed_only_as_their_role_allows() {
    let rig = staffed().await;
    let (chef, lokal) = (Signed::new(&rig, "chef").await, Signed::new(&rig, "lokal").await);
    let made =
        lokal.post("/users/new", &[("name", "Carla"), ("display_name", "Carla Berg"), ("role", "advisor")]).await;
    assert_eq!(made.status, 200);
    let page = made.text();
    let password = page.split_once("id=\"initial\">").unwrap().1.split('<').next().unwrap().to_owned();
    assert!(!lokal.get("/users").await.text().contains(&password), "shown once");
    // The initial password opens nothing but the way to another one.
    let carla = Signed::with(at(&rig), &token(&try_sign_in(&at(&rig), "carla", &password).await)).await;
    assert_eq!(carla.get("/profile").await.header("location"), "/password");
    let mut program = rig.target.connect().await;
    program.sign_in("carla", &password).await;
    assert_eq!(program.hear().await, FromBroker::SignInRefused(SignInRefusal::MustChangePassword));

    for (who, path, fields, status) in [
        (&lokal, "/users/new", &[("name", "carla"), ("role", "advisor")][..], 409),
        (&lokal, "/users/new", &[("name", "a b"), ("role", "advisor")], 422),
        (&lokal, "/users/new", &[("name", "dora"), ("role", "main_user")], 422),
        (&chef, "/users/new", &[("name", "dora"), ("role", "main_user")], 422),
        (&lokal, "/users/new", &[("name", "dora"), ("role", "local_admin")], 403),
        (&lokal, "/users/new", &[("name", "dora"), ("role", "root")], 422),
        (&lokal, "/users/role", &[("name", "anna"), ("role", "local_admin")], 403),
        (&lokal, "/users/role", &[("name", "lokal"), ("role", "advisor")], 403),
        (&lokal, "/users/role", &[("name", "lokal2"), ("role", "advisor")], 403),
        (&lokal, "/users/password", &[("name", "lokal2")], 403),
        (&lokal, "/users/remove", &[("name", "lokal2")], 403),
        (&lokal, "/users/remove", &[("name", "chef")], 403),
        (&lokal, "/users/password", &[("name", "chef")], 403),
        (&lokal, "/users/block", &[("name", "chef")], 403),
        (&chef, "/users/remove", &[("name", "chef")], 403),
        (&chef, "/users/remove", &[("name", "nobody")], 404),
        (&chef, "/users/role", &[("name", "anna"), ("role", "local_admin")], 303),
        (&chef, "/users/remove", &[("name", "lokal2")], 303),
    ] {
        let answer = who.post(path, fields).await;
        assert_eq!(answer.status, status, "{path} {fields:?}: {}", answer.text());
    }
    let names: Vec<String> =
        store(&rig).await.accounts().await.unwrap().into_iter().map(|account| account.name).collect();
    assert!(
        names.contains(&"chef".to_owned())
            && !names.contains(&"lokal2".to_owned())
            && !names.contains(&"dora".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_programs_are_shown_as_text() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let encoded: String = form_urlencoded::byte_serialize(SCRIPT.as_bytes()).collect();
    for path in ["/users", &format!("/users/change?name={encoded}"), &format!("/audit?name={encoded}")] {
        let page = chef.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        assert!(text.contains("svg/onload") && !text.contains("<svg/onload"), "{path}");
        assert!(!text.contains("<script"), "{path}");
    }
    let refused = try_sign_in(&at(&rig), SCRIPT, "falsch").await.text();
    assert!(!refused.contains("<svg/onload"));
    chef.post("/profile", &[("display_name", "<b>\u{202e}x</b>"), ("language", "../etc")]).await;
    let profile = chef.get("/profile").await.text();
    assert!(profile.contains("&lt;b&gt;\u{fffd}x") && !profile.contains("<b>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_a_session_and_ends_it_and_the_trail_says_so() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    customer.relay(&[7; 5_000]).await;
    assert!(matches!(advisor.next().await, Got::Relayed(_)));
    let page = chef.get("/sessions").await.text();
    assert!(page.contains("<strong>anna</strong>") && page.contains("5.0 kB"), "{page}");
    let session = page.split_once("name=\"session\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(chef.get("/sessions?refresh=on").await.header("refresh"), "5");
    let ended = chef.post("/sessions/end", &[("session", &session)]).await;
    assert_eq!(ended.header("location"), "/sessions?done=ended");
    for program in [&mut advisor, &mut customer] {
        assert_eq!(program.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    }
    for over in [session.as_str(), "99", "", "-1", "x"] {
        assert_eq!(chef.post("/sessions/end", &[("session", over)]).await.header("location"), "/sessions?done=over");
    }
    let trail = chef.get("/audit/export?format=csv&action=session_stopped").await;
    assert_eq!(trail.header("content-disposition"), "attachment; filename=\"mitblick-audit.csv\"");
    assert!(trail.text().contains("account:chef,session_stopped,session:"), "{}", trail.text());
    let began = chef.get("/audit/export?format=csv&action=session_began").await.text();
    assert!(began.contains("waited_s="), "{began}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_or_removed_advisors_sessions_and_numbers_end_at_once() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let (mut waiting, routing) = rig.target.waiting().await;
    for (name, client) in [("anna", &mut advisor), ("anna.1", &mut waiting)] {
        assert_eq!(chef.post("/users/block", &[("name", name)]).await.status, 303);
        assert_eq!(client.hear().await, FromBroker::SignedOut, "{name}");
        while client.next().await != Got::Nothing {}
    }
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    let mut late = rig.target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::JoinFailed);
    let mut again = rig.target.connect().await;
    again.sign_in("anna", PASSWORD).await;
    assert_eq!(again.hear().await, FromBroker::SignInRefused(SignInRefusal::Blocked));
    // So it is with a removed one.
    let mut removed = rig.target.advisor("berta").await;
    assert_eq!(chef.post("/users/remove", &[("name", "berta")]).await.status, 303);
    assert_eq!(removed.hear().await, FromBroker::SignedOut);
    removed.closed().await;
    // Nor is there a way around by another password.
    let [present, new] = [PASSWORD, "zweite wolke kamel tasse"].map(|text| Password(text.to_owned()));
    again.say(&ToBroker::ChangePassword { name: "anna".to_owned(), present, new }).await;
    assert_eq!(again.hear().await, FromBroker::SignInRefused(SignInRefusal::Blocked));
    let page = try_sign_in(&at(&rig), "anna", PASSWORD).await;
    assert!(page.status == 403 && page.text().contains("Your account is blocked"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_counted_and_told_and_nothing_tells_which_names_exist() {
    let rig = staffed().await;
    let (known, unknown) = (try_sign_in(&at(&rig), "anna", "x").await, try_sign_in(&at(&rig), "nobody", "x").await);
    assert_eq!((known.status, unknown.status), (403, 403));
    assert_eq!(known.text().replace("anna", "?"), unknown.text().replace("nobody", "?"));
    assert!(known.text().contains("4 tries are left"), "{}", known.text());
    // Tries in the program and on the pages are counted together.
    let mut program = rig.target.connect().await;
    program.sign_in("anna", "x").await;
    assert_eq!(program.hear().await, FromBroker::SignInFailed { retry_after_s: 0, tries_left: 3 });
    for says in ["2 tries are left", "1 try is left", "in 1 min"] {
        let told = try_sign_in(&at(&rig), "anna", "x").await.text();
        assert!(told.contains(says), "{told}");
    }
    let locked = try_sign_in(&at(&rig), "anna", PASSWORD).await;
    assert_eq!(locked.status, 429);
    assert!(locked.text().contains("in 1 min"));
    assert_eq!(try_sign_in(&at(&rig), "zuspaet", PASSWORD).await.status, 403);
    let chef = Signed::new(&rig, "chef").await;
    let trail = chef.get("/audit?action=pages_sign_in&outcome=wrong_password").await.text();
    assert!(trail.contains("a stranger") && trail.contains("wrong password") && !trail.contains("nobody"), "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_filtered_paged_and_exported_as_it_is_filtered() {
    let rig = staffed().await;
    let store = store(&rig).await;
    store.record((0..130).map(|_| record(Action::NumberBurned)).collect()).await.unwrap();
    let pruefer = Signed::new(&rig, "pruefer").await;
    let first = pruefer.get("/audit?action=number_burned").await.text();
    assert_eq!(first.matches("<tr>").count(), 51);
    let older =
        first.split_once("href=\"/audit?action=number_burned&amp;before=").unwrap().1.split('"').next().unwrap();
    let second = pruefer.get(&format!("/audit?action=number_burned&before={older}")).await.text();
    assert_eq!(second.matches("<tr>").count(), 51);
    let csv = pruefer.get("/audit/export?format=csv&action=number_burned").await.text();
    assert_eq!(csv.lines().count(), 131);
    assert_eq!(pruefer.get("/audit/export?format=json&to=2001-01-01").await.text(), "");
    for odd in ["from=x&to=9999-99-99", "before=-1", "before=x", "name=%ff%00", "from=-009999-01-01&to=9999-12-31", "%"]
    {
        assert_eq!(pruefer.get(&format!("/audit?{odd}")).await.status, 200, "{odd}");
    }
    let exported = pruefer.get("/audit?action=audit_exported").await.text();
    assert!(exported.contains("entries=130"), "{exported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistyped_numbers_are_counted_by_day_over_a_restart() {
    let rig = staffed().await;
    for _ in 0..7 {
        let mut customer = rig.target.connect().await;
        customer.say(&ToBroker::Join { routing: Routing::new(4711).unwrap() }).await;
        assert_eq!(customer.hear().await, FromBroker::JoinFailed);
    }
    let wrong =
        |page: &str| page.split("<dt>Numbers mistyped</dt><dd>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let page = Signed::new(&rig, "pruefer").await.get("/statistics?days=7&lang=en").await.text();
    assert_eq!(wrong(&page), "7", "those of the last hour");
    let rig = rig.restarted().await;
    let page = Signed::new(&rig, "pruefer").await.get("/statistics?days=7&lang=en").await.text();
    assert_eq!(wrong(&page), "7");
    let trail = store(&rig).await.audit_entries(0, 1_000).await.unwrap();
    let entries: Vec<_> = trail.iter().filter(|entry| entry.action == "joins_failed").collect();
    assert!(entries.len() == 1 && entries[0].counts == "joins=7" && entries[0].actor == "broker");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_without_its_beginning_says_so() {
    let rig = staffed().await;
    let store = store(&rig).await;
    let pruefer = Signed::new(&rig, "pruefer").await;
    assert!(!pruefer.get("/audit").await.text().contains("no longer here"));
    let third = &store.audit_entries(2, 1).await.unwrap()[0];
    let last = mitblick_broker::audit::Point { seq: third.seq, hash: third.hash };
    store.cut_audit(last).await.unwrap().unwrap();
    let page = pruefer.get("/audit").await.text();
    assert!(page.contains("Entries up to no. 3 are no longer here"), "{page}");
    assert!(page.contains("old entries removed") && page.contains("entries=3 up_to_entry=3"), "{page}");
    let page = pruefer.get("/audit?lang=de").await.text();
    assert!(page.contains("Die Einträge bis Nr. 3 gibt es nicht mehr"), "{page}");
    let csv = pruefer.get("/audit/export?format=csv&action=audit_cut").await.text();
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows.len() == 3 && rows[0].starts_with("seq,") && rows[1].starts_with("3,"), "{csv}");
    assert!(rows[1].contains(",broker,removed_up_to_here,") && rows[2].contains(",audit_cut,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_do_not_tell_small_numbers() {
    let rig = staffed().await;
    let store = store(&rig).await;
    let ended = |name: &str, count: u32| {
        let actor = mitblick_broker::audit::Actor::Account(name.to_owned());
        let one = mitblick_broker::audit::Record::new(&actor, Action::SessionEnded).count("lasted_s", 600);
        (0..count).map(|_| one.clone()).collect::<Vec<_>>()
    };
    store.record(ended("anna", 12)).await.unwrap();
    store.record(ended("berta", 3)).await.unwrap();
    let pruefer = Signed::new(&rig, "pruefer").await;
    let page = pruefer.get("/statistics?days=7").await.text();
    assert!(
        page.contains(
            "<td>anna</td><td class=\"number\">12</td><td class=\"number\">10 min</td><td class=\"number\">–</td>"
        ),
        "{page}"
    );
    assert!(page.contains("<td>berta</td><td class=\"number\">1–4</td><td class=\"number\">–</td>"), "{page}");
    assert!(page.contains("about 15") && page.contains("<svg"));
}
