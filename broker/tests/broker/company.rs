//! The company's page on the relay's port.

use crate::{
    admin_pages::{Signed, staffed},
    browser::Browser,
    harness::{PATIENCE, Rig, until},
    webdriver::Chromium,
};
use mitblick_broker::{metrics::Count, release_key::ReleaseKey};
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

/// Keys and signatures of Debian's minisign, made as docs/operating.md says.
struct Maker(TempDir);

impl Maker {
    fn new() -> Self {
        let maker = Self(tempfile::tempdir().unwrap());
        maker.run("minisign", &["-G", "-W", "-s", "release.key", "-p", "release.pub"]);
        maker
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = std::process::Command::new(program).args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn key(&self) -> String {
        fs::read_to_string(self.0.path().join("release.pub")).unwrap().lines().nth(1).unwrap().to_owned()
    }

    fn sign(&self, folder: &Path) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/release-sign");
        self.run(script, &["release.key", folder.to_str().unwrap(), "-W"]);
    }
}

async fn offering_signed(downloads: &Path, key: &str) -> Rig {
    let (downloads, key) = (downloads.to_owned(), ReleaseKey::parse(key).unwrap());
    Rig::with(|config| {
        config.downloads = Some(downloads);
        config.release_key = Some(key);
    })
    .await
}

/// What stands in the first element of this beginning.
fn within<'a>(page: &'a str, begins: &str, ends: &str) -> &'a str {
    page.split_once(begins).and_then(|(_, rest)| rest.split_once(ends)).unwrap_or_else(|| panic!("{page}")).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_program_is_offered_with_the_line_that_checks_it_and_the_line_works() {
    let (folder, maker) = (programs(), Maker::new());
    maker.sign(folder.path());
    let rig = offering_signed(folder.path(), &maker.key()).await;
    let there = tempfile::tempdir().unwrap();
    for name in ["mitblick-0.1.0-linux-x86_64.zip", "mitblick-0.1.0-linux-x86_64.minisig"] {
        let answer = at(&rig).get(&format!("/download/{name}")).await;
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        fs::write(there.path().join(name), &answer.body).unwrap();
    }
    let archive = fs::File::open(there.path().join("mitblick-0.1.0-linux-x86_64.zip")).unwrap();
    zip::ZipArchive::new(archive).unwrap().extract(there.path()).unwrap();
    for (language, maker_word, verified) in
        [("en", "Key of its maker", "It must answer"), ("de", "Schlüssel seines Herstellers", "Die Antwort muss")]
    {
        let page = at(&rig).get(&format!("/?lang={language}")).await.text();
        assert!(page.contains(maker_word) && page.contains(verified) && page.contains(&maker.key()), "{page}");
        // The first one is open: it is the one for this browser.
        let open = within(&page, "<details open>", "</details>");
        let line = within(open, "<pre class=\"minisign\">", "</pre>");
        assert!(line.contains("minisign -Vm mitblick/mitblick-customer"), "{line}");
        let check = || std::process::Command::new("sh").args(["-c", line]).current_dir(there.path()).output().unwrap();
        let output = check();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("Signature and comment signature verified"), "{said}");
        // The line is worth something: it fails for another program.
        let program = there.path().join("mitblick/mitblick-customer");
        let bytes = fs::read(&program).unwrap();
        fs::write(&program, b"another").unwrap();
        assert!(!check().status.success());
        fs::write(&program, bytes).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_a_wrong_signature_or_none_is_not_offered_and_named() {
    let (folder, maker, stranger) = (programs(), Maker::new(), Maker::new());
    let put = |name: &str, bytes: &str| fs::write(folder.path().join(name), bytes).unwrap();
    for name in ["0.2.0-linux-x86_64", "0.3.0-linux-x86_64", "0.4.0-linux-x86_64"] {
        put(&format!("mitblick-customer-{name}"), name);
    }
    maker.sign(folder.path());
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("mitblick-customer-0.4.0-linux-x86_64"), "0.4.0-linux-x86_64").unwrap();
    stranger.sign(other.path());
    let name = |version: &str| format!("mitblick-customer-{version}-linux-x86_64");
    let copy = |from: &Path, to: &str| fs::copy(from, folder.path().join(to)).unwrap();
    // Changed; an old one under a new name; a stranger's; none; nonsense.
    put(&name("0.2.0"), "changed");
    copy(&folder.path().join(name("0.1.0")), &name("0.3.0"));
    copy(&folder.path().join(format!("{}.minisig", name("0.1.0"))), &format!("{}.minisig", name("0.3.0")));
    copy(&other.path().join(format!("{}.minisig", name("0.4.0"))), &format!("{}.minisig", name("0.4.0")));
    put(&name("0.5.0"), "unsigned");
    put(&name("0.6.0"), "nonsense");
    put(&format!("{}.minisig", name("0.6.0")), "untrusted comment: x\nRWQ\n");
    let rig = staffed().await;
    let reload = || {
        let mut config = crate::harness::relaxed(rig.dir.path());
        (config.downloads, config.release_key) = (Some(folder.path().to_owned()), ReleaseKey::parse(&maker.key()));
        rig.broker.reload(Ok(config));
    };
    reload();
    let page = at(&rig).get("/?lang=en").await.text();
    for version in ["0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0"] {
        assert!(!page.contains(&format!("version {version}")), "{version} is offered");
        let answer = at(&rig).get(&format!("/download/mitblick-{version}-linux-x86_64.zip")).await;
        assert_eq!(answer.status, 404, "{version}");
    }
    assert!(page.contains("version 0.1.0"), "the others are offered as before");
    assert_eq!(rig.broker.metrics().value(Count::DownloadRefused), 5);
    let admin = Signed::new(&rig, "lokal").await;
    let system = admin.get("/system?lang=en").await.text();
    for (version, why) in [
        ("0.2.0", "Its signature is wrong"),
        ("0.3.0", "a file of another name"),
        ("0.4.0", "with another key"),
        ("0.5.0", "no signature beside it"),
        ("0.6.0", "no signature of minisign"),
    ] {
        let told = system.split("is not offered: ").skip(1).any(|told| told.contains(why));
        assert!(told && system.contains(&format!("{} is not offered", name(version))), "{version}: {system}");
    }
    let chromium = Chromium::start("de").await;
    chromium.open(&format!("{}/?lang=de", at(&rig).origin())).await;
    chromium.look("company-refused-de").await;
    chromium.quit().await;
    // Put right, and read anew.
    put(&name("0.2.0"), "changed for good");
    maker.sign(folder.path());
    reload();
    assert!(!admin.get("/system?lang=de").await.text().contains("nicht angeboten"));
    assert!(at(&rig).get("/?lang=en").await.text().contains("version 0.6.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_there_are_only_sums_and_the_page_says_so() {
    let (folder, maker) = (programs(), Maker::new());
    maker.sign(folder.path());
    let rig = offering(folder.path()).await;
    for (language, said) in [("en", "there are only the SHA-256 sums"), ("de", "nur die SHA-256-Summen")] {
        let page = at(&rig).get(&format!("/?lang={language}")).await.text();
        assert!(page.contains(said) && !page.contains("minisign"), "{page}");
    }
    assert_eq!(at(&rig).get("/download/mitblick-0.1.0-linux-x86_64.minisig").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_how_to_check_a_signature() {
    let (folder, maker) = (programs(), Maker::new());
    maker.sign(folder.path());
    let rig = offering_signed(folder.path(), &maker.key()).await;
    for language in ["de", "en"] {
        let chromium = Chromium::start(language).await;
        chromium.open(&at(&rig).origin()).await;
        chromium.says("minisign").await;
        assert!(chromium.text_of("details[open] pre.minisign").await.contains(&maker.key()));
        chromium.look(&format!("company-signed-{language}")).await;
        chromium.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_get_an_answer_or_an_end_and_harm_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rig = Rig::with(|config| {
        config.timing.introduction = Duration::from_secs(3);
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
    for (language, heading, security, test, other) in [
        ("de", "Sie telefonieren gerade mit uns?", "Prüfen Sie es:", "Hin und zurück", "Deutsch"),
        ("en", "You are on the phone with us?", "Check it:", "There and back", "English"),
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
        chromium.click(".language").await;
        // It now leads back.
        chromium.says_at(".language", other).await;
        chromium.click("nav a:nth-child(1)").await;
        assert!(chromium.url().await.contains("lang="), "the choice stays");
        chromium.quit().await;
    }
}
