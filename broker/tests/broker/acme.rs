//! A certificate from a real authority's software (Let's Encrypt's test server
//! Pebble), proven on the relay's own port.

use crate::{
    browser::Browser,
    harness::{PATIENCE, Rig, until},
};
use mitblick_broker::{acme::AcmeConfig, metrics::Count};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::{Child, Command};
use x509_parser::prelude::{FromDer, X509Certificate};

/// An address that nobody has. The authority must know the relay's before that
/// is started, so it is chosen where the system takes no ports for outgoing
/// connections, which would be in the way by then.
fn free() -> SocketAddr {
    let mut tries = 0;
    loop {
        let port = 15_000 + (getrandom::u64().unwrap() % 15_000) as u16;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().unwrap();
        }
        tries += 1;
        assert!(tries < 100, "no port is free");
    }
}

/// Starts the authority; `relay` is where it looks for proofs.
async fn pebble(folder: &Path, relay: u16) -> (Child, AcmeConfig) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = ca.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(ca, &ca_key)).unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let root = file("root.pem", &root.pem());
    let api = free();
    let settings = serde_json::json!({"pebble": {
        "listenAddress": api.to_string(),
        "managementListenAddress": free().to_string(),
        "certificate": file("leaf.pem", &leaf.pem()),
        "privateKey": file("leaf.key", &key.serialize_pem()),
        "httpPort": 1, "tlsPort": relay,
        "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    let settings = file("pebble.json", &settings.to_string());
    let started = Command::new("pebble")
        .arg("-config")
        .arg(settings)
        // It refuses good nonces by chance unless told not to. The library tries
        // a request three times, so one order in eight would fail.
        .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "0")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the package pebble");
    until("the authority listens", || std::net::TcpStream::connect(api).is_ok()).await;
    let directory = format!("https://localhost:{}/dir", api.port());
    let contact = Some("admin@example.com".to_owned());
    (started, AcmeConfig { domain: "localhost".into(), contact, directory, root: Some(root) })
}

fn issuer(certificate: &[u8]) -> String {
    X509Certificate::from_der(certificate).unwrap().1.issuer().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_get_a_certificate_from_the_authority_and_programs_keep_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let relay = free();
    let (_pebble, acme) = pebble(folder.path(), relay.port()).await;
    let rig = Rig::with(|config| {
        config.listen = relay.to_string();
        config.acme = Some(acme.clone());
    })
    .await;
    let metrics = rig.broker.metrics();
    until("the authority has given one", || {
        assert_eq!(metrics.value(Count::CertificateNotRenewed), 0, "see the log");
        metrics.value(Count::CertificateRenewed) == 1
    })
    .await;
    for address in [relay, rig.broker.admin_address().unwrap()] {
        let shown = Browser::new(address).certificate().await;
        assert!(issuer(&shown).contains("Pebble"), "{}", issuer(&shown));
    }
    // Programs find the pinned key as before, and the proof is gone.
    rig.target.advisor("anna").await;
    assert!(rig.target.tls(&[b"acme-tls/1"]).await.is_err());
    for file in ["acme.key", "acme.account", "acme.crt"] {
        let mode = fs::metadata(rig.dir.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }

    // It is kept: a broker that finds no authority has it too.
    let kept = Browser::new(relay).certificate().await;
    rig.broker.stop(std::future::ready(())).await;
    let mut config = crate::harness::relaxed(rig.dir.path());
    config.acme = Some(AcmeConfig { directory: "https://localhost:1/dir".into(), ..acme });
    let broker = tokio::time::timeout(PATIENCE, mitblick_broker::serve(config)).await.unwrap().unwrap();
    assert_eq!(Browser::new(broker.local_address()).certificate().await, kept);
    assert_eq!(broker.metrics().value(Count::CertificateNotRenewed), 0, "it asks for none before it is time");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_authority_the_broker_serves_with_its_own_certificate() {
    let rig = Rig::with(|config| {
        config.acme = Some(AcmeConfig {
            domain: "localhost".into(),
            contact: None,
            directory: format!("https://{}/dir", free()),
            root: None,
        });
    })
    .await;
    let metrics = rig.broker.metrics();
    until("it was tried", || metrics.value(Count::CertificateNotRenewed) == 1).await;
    let shown = Browser::new(rig.broker.local_address()).certificate().await;
    assert!(issuer(&shown).contains("Mitblick"), "{}", issuer(&shown));
    rig.target.advisor("anna").await;
}
