//! The second factor: on the pages, over the wire and at the command line.

use crate::{
    admin_pages::{Signed, at, form, staffed, store, token, try_sign_in},
    browser::Answer,
    harness::{PASSWORD, Rig, record},
};
use hyper::Method;
use mitblick_broker::{
    audit::Action,
    data_dir::DataDir,
    second_factor::Secret,
    store::{NewSecondFactor, Store},
    vault::Vault,
};
use mitblick_protocol::broker_msg::{FromBroker, Password, ToBroker};
use zeroize::Zeroizing;

fn now() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// RFC 4648, as authenticator programs read it.
fn base32(spelled: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in spelled.bytes().filter(|byte| *byte != b' ') {
        bits = bits << 5 | letters.iter().position(|known| *known == letter).unwrap() as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap().0
}

/// An authenticator program.
struct Phone {
    secret: Secret,
    /// Codes count once: each further one is of a later step.
    steps: i64,
}

impl Phone {
    /// A fresh code; the broker takes those of the next step as well.
    fn code(&mut self) -> String {
        self.steps += 1;
        self.secret.code_at(now() + 30 * (self.steps - 1)).unwrap()
    }
}

/// Sets a second factor up; the phone's codes of now and before are used.
async fn set_up(signed: &Signed) -> (Phone, Vec<String>) {
    let page = signed.get("/profile/second-factor").await.text();
    assert!(page.contains("<svg") && !page.contains("<script"));
    let secret = Secret::from_bytes(Zeroizing::new(base32(between(&page, "id=\"secret\">", "<")))).unwrap();
    let again = signed.get("/profile/second-factor").await.text();
    assert_eq!(between(&again, "id=\"secret\">", "<"), between(&page, "id=\"secret\">", "<"), "one until it is set");
    let wrong = signed.post("/profile/second-factor", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let code_before = async || {
        let code = secret.code_at(now() - 30).unwrap();
        signed.post("/profile/second-factor", &[("code", &code)]).await
    };
    let mut done = code_before().await;
    if done.status == 422 {
        // It was that of the step before the last when it arrived.
        done = code_before().await;
    }
    assert_eq!(done.status, 200);
    let text = done.text();
    let codes: Vec<String> =
        text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().into()).collect();
    assert_eq!(codes.len(), 10);
    assert_eq!(signed.get("/profile").await.status, 303, "the token of before is void");
    (Phone { secret, steps: 0 }, codes)
}

/// Name and password, then the page for the code.
async fn halfway(rig: &Rig, name: &str) -> Signed {
    let answer = try_sign_in(&at(rig), name, PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in/code"));
    let browser = at(rig).with("cookie", format!("__Host-sid={}", token(&answer)));
    let page = browser.get("/sign-in/code").await.text();
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"").to_owned();
    Signed { browser, csrf }
}

async fn with_code(rig: &Rig, name: &str, code: &str) -> Answer {
    halfway(rig, name).await.post("/sign-in/code", &[("code", code)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_factor_a_password_alone_is_only_half_the_way() {
    let rig = staffed().await;
    let (mut phone, codes) = set_up(&Signed::new(&rig, "chef").await).await;
    let half = halfway(&rig, "chef").await;
    for path in ["/", "/users", "/profile", "/password", "/profile/second-factor"] {
        let answer = half.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/sign-in"), "{path}");
    }
    for path in ["/users/block", "/password", "/profile/second-factor/remove", "/sign-out"] {
        assert_eq!(half.post(path, &[("name", "anna")]).await.status, 401, "{path}");
    }
    let forged = at(&rig).with("cookie", half.browser.headers.last().unwrap().1.clone());
    let forged = forged.send(Method::POST, "/sign-in/code", &form(&[("code", "123456"), ("csrf", "x")])).await;
    assert_eq!(forged.status, 403);

    let wrong = half.post("/sign-in/code?lang=de", &[("code", "000000")]).await;
    assert!(wrong.status == 403 && wrong.text().contains("Noch 4 Versuche"), "{}", wrong.text());
    let code = phone.code();
    let right = half.post("/sign-in/code", &[("code", &code)]).await;
    assert_eq!((right.status, right.header("location")), (303, "/"), "{}", right.text());
    let chef = Signed::with(at(&rig), &token(&right)).await;
    assert_eq!(chef.get("/users").await.status, 200);
    assert_eq!(half.get("/sign-in/code").await.status, 303, "the half is over");
    // A code counts once, a recovery code too.
    assert_eq!(with_code(&rig, "chef", &code).await.status, 403);
    assert_eq!(with_code(&rig, "chef", &codes[3].to_uppercase()).await.status, 303);
    assert_eq!(with_code(&rig, "chef", &codes[3]).await.status, 403);
    let page = chef.get("/profile/second-factor?lang=en").await.text();
    assert!(page.contains("9 are left"), "{page}");
    let trail = chef.get("/audit/export?format=csv").await.text();
    for word in ["second_factor_set", "recovery_code_used", "wrong_code"] {
        assert!(trail.contains(word), "{word}");
    }
    assert!(!trail.contains(&codes[0]) && !trail.contains(&*phone.secret.spelled()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_the_password_can_not_try_codes_for_ever() {
    let rig = staffed().await;
    let (mut phone, _) = set_up(&Signed::new(&rig, "lokal").await).await;
    // The right password in between takes nothing back.
    for _ in 0..4 {
        assert_eq!(with_code(&rig, "lokal", "000000").await.status, 403);
    }
    let half = halfway(&rig, "lokal").await;
    let locked = half.post("/sign-in/code?lang=en", &[("code", "000000")]).await;
    assert!(locked.text().contains("in 1 min"), "{}", locked.text());
    assert_eq!(half.post("/sign-in/code", &[("code", &phone.code())]).await.status, 429, "not looked at");
    assert_eq!(try_sign_in(&at(&rig), "lokal", PASSWORD).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_factor_goes_with_password_and_code_or_by_an_admin() {
    let rig = staffed().await;
    let signed = Signed::new(&rig, "lokal").await;
    let (mut phone, codes) = set_up(&signed).await;
    let answer = with_code(&rig, "lokal", &phone.code()).await;
    let lokal = Signed::with(at(&rig), &token(&answer)).await;
    let remove = "/profile/second-factor/remove";
    assert_eq!(lokal.post(remove, &[("present", "falsch"), ("code", &codes[0])]).await.status, 403);
    assert_eq!(lokal.post(remove, &[("present", PASSWORD), ("code", "000000")]).await.status, 403);
    let gone = lokal.post(remove, &[("present", PASSWORD), ("code", &codes[0])]).await;
    assert_eq!(gone.status, 303, "{}", gone.text());
    assert_eq!(try_sign_in(&at(&rig), "lokal", PASSWORD).await.header("location"), "/");

    set_up(&Signed::new(&rig, "anna").await).await;
    let chef = Signed::new(&rig, "chef").await;
    let page = chef.post("/users/second-factor", &[("name", "anna")]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let initial = between(&text, "id=\"initial\">", "<");
    assert_eq!(try_sign_in(&at(&rig), "anna", PASSWORD).await.status, 403, "the password goes with it");
    assert_eq!(try_sign_in(&at(&rig), "anna", initial).await.header("location"), "/password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_shorter_than_fifteen_needs_the_code_beside_it() {
    let rig = staffed().await;
    let (_, codes) = set_up(&Signed::new(&rig, "lokal").await).await;
    let lokal = Signed::with(at(&rig), &token(&with_code(&rig, "lokal", &codes[0]).await)).await;
    let short = "kamel7tasse!";
    let changed = lokal.post("/password", &[("present", PASSWORD), ("new", short), ("again", short)]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    let lokal = Signed::with(at(&rig), &token(&changed)).await;
    let kept = lokal.post("/profile/second-factor/remove?lang=en", &[("present", short), ("code", &codes[1])]).await;
    assert!(kept.status == 422 && kept.text().contains("at least 15"), "{}", kept.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisors_program_is_asked_for_the_code_too() {
    let rig = staffed().await;
    let (mut phone, codes) = set_up(&Signed::new(&rig, "anna").await).await;
    let mut anna = rig.target.connect().await;
    anna.sign_in("anna", PASSWORD).await;
    assert_eq!(anna.hear().await, FromBroker::CodeWanted);
    let code = |text: &str| ToBroker::Code(Password(text.to_owned()));
    for wrong in ["", "12345", "000000"] {
        anna.say(&code(wrong)).await;
        assert!(matches!(anna.hear().await, FromBroker::SignInFailed { retry_after_s: 0, .. }), "{wrong}");
    }
    anna.say(&code(&phone.code())).await;
    assert!(matches!(anna.hear().await, FromBroker::SignedIn { .. }));
    anna.open_number().await;

    // A password is changed with a code as well, over the wire and by hand.
    let mut other = rig.target.connect().await;
    let [present, new] = [PASSWORD, "kamel7tasse!"].map(|text| Password(text.to_owned()));
    other.say(&ToBroker::ChangePassword { name: "anna".into(), present, new }).await;
    assert_eq!(other.hear().await, FromBroker::CodeWanted);
    other.say(&code(&codes[0])).await;
    assert!(matches!(other.hear().await, FromBroker::SignedIn { .. }));
    let change = |code: &str, new: &str| {
        let input = format!("kamel7tasse!\n{code}\n{new}\n");
        crate::process::run(&["advisor", "change-password", "anna"], rig.dir.path(), &input, "C")
    };
    let wrong = tokio::task::block_in_place(|| change("000000", "gruene wiese unter schnee"));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("The code is wrong"), "{wrong:?}");
    let right = tokio::task::block_in_place(|| change(&codes[1], "gruene wiese unter schnee"));
    assert!(right.status.success(), "{right:?}");
    assert_eq!(other.hear().await, FromBroker::SignedOut, "the password is another one now");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_not_in_the_database() {
    let rig = staffed().await;
    let (phone, codes) = set_up(&Signed::new(&rig, "anna").await).await;
    let account = store(&rig).await.account("anna").await.unwrap().unwrap();
    let sealed = account.second_factor.unwrap();
    let secret = phone.secret.as_bytes();
    assert!(!sealed.windows(secret.len()).any(|window| window == secret));
    rig.broker.stop(std::future::ready(())).await;
    let written: Vec<u8> = ["broker.sqlite", "broker.sqlite-wal"]
        .iter()
        .flat_map(|name| std::fs::read(rig.dir.path().join(name)).unwrap_or_default())
        .collect();
    for needle in [secret, codes[0].as_bytes(), codes[0].replace('-', "").as_bytes()] {
        assert!(!written.windows(needle.len()).any(|window| window == needle));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matters_most_asks_for_a_fresh_code_and_keeps_the_form() {
    let rig = staffed().await;
    let lokal = Signed::new(&rig, "lokal").await;
    let store = store(&rig).await;
    // It has a factor from now on, and this login has never given a code.
    let account = store.account("lokal").await.unwrap().unwrap();
    let secret = Secret::generated().unwrap();
    let vault = Vault::open(&DataDir::open(rig.dir.path()).unwrap()).unwrap();
    let sealed = vault.seal(account.id, secret.as_bytes()).unwrap();
    let factor = NewSecondFactor { sealed, used_step: 0, recovery_hashes: Vec::new() };
    store.set_second_factor(account.id, Some(factor), record(Action::SecondFactorSet)).await.unwrap();

    let blocked = async || store.account("anna").await.unwrap().unwrap().blocked;
    let asked = lokal.post("/users/block", &[("name", "anna")]).await;
    let page = asked.text();
    assert_eq!(asked.status, 403);
    assert!(page.contains("name=\"name\" value=\"anna\"") && page.contains("name=\"code\""), "{page}");
    assert_eq!(lokal.post("/users/block", &[("name", "anna"), ("code", "000000")]).await.status, 403);
    assert!(!blocked().await);
    let code = secret.code_at(now()).unwrap();
    let done = lokal.post("/users/block", &[("name", "anna"), ("code", &code)]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(blocked().await);
    assert_eq!(lokal.post("/users/unblock", &[("name", "anna")]).await.status, 303, "the code is fresh");
    assert_eq!(lokal.post("/profile", &[("display_name", "Lokal")]).await.status, 303);
}
