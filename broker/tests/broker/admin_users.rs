//! Users on the admin pages: who may change whom, and their names.

use crate::admin_pages::{SCRIPT, Signed, at, staffed, store, token, try_sign_in};
use mitblick_broker::store::Store;
use mitblick_protocol::broker_msg::{FromBroker, SignInRefusal};

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
