//! The company's page on the relay's port.

use crate::{
    browser::Browser,
    harness::{PATIENCE, Rig, until},
    webdriver::Chromium,
};
use mitblick_broker::metrics::Count;
use sha2::{Digest, Sha256};
use std::{fs, io::Read, path::Path, time::Duration};
use tempfile::TempDir;

const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130";

fn programs() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["mitblick-customer-0.1.0-linux-x86_64", "mitblick-customer-0.1.0-windows-x86_64.exe"] {
        fs::write(dir.path().join(name), format!("this is {name}").repeat(50_000)).unwrap();
    }
    dir
}

async fn offering(downloads: &Path) -> Rig {
    let downloads = downloads.to_owned();
    Rig::with(|config| {
        config.organisation = Some("Muster <Bank> & Söhne".to_owned());
        config.downloads = Some(downloads);
        config.telephone = Some("+49 30 123456".to_owned());
    })
    .await
}

fn at(rig: &Rig) -> Browser {
    Browser::new(rig.target.address).with("user-agent", LINUX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_browsers_share_one_port() {
    let rig = offering(programs().path()).await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let page = at(&rig).get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    advisor.relay(b"still paired").await;
    assert_eq!(customer.next().await, crate::harness::Got::Relayed(b"still paired".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_speak_the_browsers_language_or_the_chosen_one() {
    let rig = offering(programs().path()).await;
    for path in ["/", "/security", "/test/result", "/nothing"] {
        let german = at(&rig).with("accept-language", "de-AT,en;q=0.5");
        let english = at(&rig).with("accept-language", "fr");
        assert!(german.get(path).await.text().contains("<html lang=\"de\">"), "{path}");
        assert!(english.get(path).await.text().contains("<html lang=\"en\">"), "{path}");
        let chosen = german.get(&format!("{path}?lang=en")).await.text();
        assert!(chosen.contains("<html lang=\"en\">") && chosen.contains("/security?lang=en"), "{path}");
    }
    let test = at(&rig).get("/test?lang=de").await;
    assert_eq!(test.status, 303);
    let result = at(&rig).get(test.header("location")).await.text();
    assert!(result.contains("TLS 1.3") && result.contains("MLKEM") && result.contains(" ms"), "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_headers_no_cookie_no_script_and_nothing_from_elsewhere() {
    let rig = offering(programs().path()).await;
    let zip = "/download/mitblick-0.1.0-linux-x86_64.zip";
    for path in
        ["/", "/security", "/test", "/test/result?t=x", "/nothing", "/style.css", "/icon.svg", zip, "/download/%2e"]
    {
        let answer = at(&rig).get(path).await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
        if answer.header("content-type").starts_with("text/html") {
            let text = answer.text();
            assert!(!text.contains("<script") && !text.contains("://") && !text.contains("style=\""), "{path}");
            assert!(!text.contains("<Bank>"), "the company's name is shown as text: {path}");
        }
    }
    let post = at(&rig).send(hyper::Method::POST, "/", "a=b").await;
    assert_eq!(post.status, 405);
    assert!(!post.header("content-security-policy").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_holds_program_and_address_and_its_hashes_stand_on_the_page() {
    let folder = programs();
    let rig = offering(folder.path()).await;
    let page = at(&rig).get("/").await.text();
    let program = fs::read(folder.path().join("mitblick-customer-0.1.0-linux-x86_64")).unwrap();
    let answer = at(&rig).get("/download/mitblick-0.1.0-linux-x86_64.zip").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"mitblick-0.1.0-linux-x86_64.zip\"");
    assert!(page.contains(&hex(&Sha256::digest(&answer.body))), "the archive's hash");
    assert!(page.contains(&hex(&Sha256::digest(&program))), "the program's hash");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
    let mut address = String::new();
    archive.by_name("mitblick/mitblick-broker.address").unwrap().read_to_string(&mut address).unwrap();
    assert_eq!(address.trim(), rig.broker.connect_string());
    let mut inside = Vec::new();
    archive.by_name("mitblick/mitblick-customer").unwrap().read_to_end(&mut inside).unwrap();
    assert_eq!(inside, program);
    for other in ["/download/broker.sqlite", "/download/..%2fbroker.sqlite", "/download/mitblick-customer"] {
        assert_eq!(at(&rig).get(other).await.status, 404, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_program_is_offered_after_a_reload() {
    let folder = programs();
    let rig = offering(folder.path()).await;
    fs::write(folder.path().join("mitblick-customer-0.2.0-linux-x86_64"), "new").unwrap();
    let mut config = crate::harness::relaxed(rig.dir.path());
    config.downloads = Some(folder.path().to_owned());
    rig.broker.reload(Ok(config.clone()));
    let page = at(&rig).get("/").await.text();
    assert!(page.contains("version 0.2.0"), "{page}");
    config.downloads = Some(folder.path().join("gone"));
    rig.broker.reload(Ok(config));
    assert_eq!(rig.broker.metrics().value(Count::ReloadFailed), 1);
    assert_eq!(at(&rig).get("/download/mitblick-0.2.0-linux-x86_64.zip").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_get_an_answer_or_an_end_and_harm_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rig = Rig::with(|config| {
        config.timing.introduction = Duration::from_millis(400);
        config.timing.stall = Duration::from_millis(400);
    })
    .await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000));
    for bytes in [
        b"\x00\x01\x02\x03".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /?lang=%%%&t=-99999999999999999999 HTTP/1.1\r\nhost: \xff\r\naccept-language: \xff;q=\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        long.as_bytes(),
    ] {
        let mut socket = at(&rig).tls().await;
        let _ = socket.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("waits for ever");
    }
    // One who asks for much and reads nothing.
    let mut greedy = at(&rig).tls().await;
    for _ in 0..2_000 {
        if greedy.write_all(b"GET /style.css HTTP/1.1\r\nhost: a\r\n\r\n").await.is_err() {
            break;
        }
        if rig.broker.metrics().value(Count::WebStalled) > 0 {
            break;
        }
    }
    let metrics = rig.broker.metrics();
    until("it is let go", || metrics.value(Count::Connections) == metrics.value(Count::ConnectionsEnded)).await;
    assert_eq!(at(&rig).get("/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_browsers() {
    let rig = Rig::with(|config| config.drain = Duration::from_secs(3_600)).await;
    let _idle = at(&rig).tls().await;
    tokio::time::timeout(PATIENCE, rig.broker.stop(std::future::pending())).await.expect("waits for a browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_finds_the_way_in_both_languages_by_day_and_by_night() {
    let rig = offering(programs().path()).await;
    for (language, heading, security, test) in [
        ("de", "Sie telefonieren gerade mit uns?", "Prüfen Sie es:", "Hin und zurück"),
        ("en", "You are on the phone with us?", "Check it:", "There and back"),
    ] {
        let chromium = Chromium::start(language).await;
        chromium.open(&at(&rig).origin()).await;
        chromium.says(heading).await;
        chromium.says("+49 30 123456").await;
        chromium.look(&format!("company-start-{language}")).await;
        chromium.click("nav a:nth-child(2)").await;
        chromium.says(security).await;
        chromium.look(&format!("company-security-{language}")).await;
        chromium.click("nav a:nth-child(3)").await;
        chromium.says(test).await;
        chromium.look(&format!("company-test-{language}")).await;
        let other = chromium.text_of(".language").await;
        chromium.click(".language").await;
        assert_ne!(chromium.text_of(".language").await, other);
        chromium.click("nav a:nth-child(1)").await;
        assert!(chromium.url().await.contains("lang="), "the choice stays");
        chromium.quit().await;
    }
}
