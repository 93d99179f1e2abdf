//! What a service manager is told, and how the service is packed.

use crate::{
    harness::PATIENCE,
    process::{add_anna, served_in},
};
use std::collections::VecDeque;
use tokio::{net::UnixDatagram, time::timeout};

/// The manager's end, with what it was told.
struct Manager {
    socket: UnixDatagram,
    told: VecDeque<String>,
}

impl Manager {
    /// Waits until a line that begins so is told; what comes before is past.
    async fn hears(&mut self, begin: &str) -> String {
        loop {
            while let Some(line) = self.told.pop_front() {
                if line.starts_with(begin) {
                    return line;
                }
            }
            let mut bytes = [0; 4096];
            let count = timeout(PATIENCE, self.socket.recv(&mut bytes)).await.expect("nothing is told").unwrap();
            self.told.extend(String::from_utf8(bytes[..count].to_vec()).unwrap().lines().map(str::to_owned));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_manager_is_told_that_it_serves_reloads_lives_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    add_anna(&data);
    let path = dir.path().join("notify");
    let mut manager = Manager { socket: UnixDatagram::bind(&path).unwrap(), told: VecDeque::new() };
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "100000")];
    let mut broker = served_in(&data, &[], &environment).await;
    manager.hears("READY=1").await;
    assert!(manager.hears("STATUS=").await.starts_with("STATUS=mitblick://127.0.0.1:"));
    manager.hears("WATCHDOG=1").await;
    broker.target.connect().await;
    broker.signal("-HUP");
    manager.hears("RELOADING=1").await;
    manager.hears("READY=1").await;
    broker.signal("-TERM");
    manager.hears("STOPPING=1").await;
    assert_eq!(broker.ended().await.0, Some(0));
}
