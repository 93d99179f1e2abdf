//! The trail and its figures on the admin pages.

use crate::{
    admin_pages::{Signed, staffed, store},
    harness::record,
};
use mitblick_broker::{audit::Action, store::Store};
use mitblick_protocol::{
    broker_msg::{FromBroker, ToBroker},
    number::Routing,
};

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
