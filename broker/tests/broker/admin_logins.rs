//! Signing in at the admin pages, and what ends that.

use crate::{
    admin_pages::{Signed, at, staffed, store, token, try_sign_in},
    harness::{PASSWORD, record},
};
use mitblick_broker::{accounts::Role, audit::Action, store::Store};
use mitblick_protocol::broker_msg::FromBroker;

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
        (
            PASSWORD,
            "gruene wiese unter schnee",
            "graue wiese unter schnee",
            "entries of the new password differ",
            "sind verschieden",
        ),
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
