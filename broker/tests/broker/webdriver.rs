//! A real Chromium, driven over WebDriver (W3C), as a person uses it.

use crate::harness::PATIENCE;
use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, timeout},
};

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Starting a browser takes its time on a busy machine.
const START: Duration = Duration::from_secs(90);

/// How wide the window is, and in which light.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    Desktop,
    DesktopDark,
    Phone,
    PhoneDark,
}

impl Look {
    pub(crate) const ALL: [Self; 4] = [Self::Desktop, Self::DesktopDark, Self::Phone, Self::PhoneDark];

    fn width(self) -> u32 {
        match self {
            Self::Desktop | Self::DesktopDark => 1200,
            Self::Phone | Self::PhoneDark => 390,
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Desktop | Self::Phone => "light",
            Self::DesktopDark | Self::PhoneDark => "dark",
        }
    }
}

/// A running browser; ends with this.
pub(crate) struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    folder: TempDir,
}

type Lines = tokio::io::Lines<BufReader<tokio::process::ChildStdout>>;

/// Starts the driver; `None` if it ends before it has a port.
async fn driver(folder: &Path) -> Option<(Child, Lines, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("TMPDIR", folder)
        .env("HOME", folder)
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver is missing: apt-get install chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    loop {
        let line = timeout(START, lines.next_line()).await.expect("no port").unwrap()?;
        if let Some((_, port)) = line.split_once("successfully on port ") {
            return Some((driver, lines, port.trim_end_matches('.').parse().unwrap()));
        }
    }
}

impl Chromium {
    /// One that prefers this language.
    pub(crate) async fn start(language: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // It wants its port for IPv6 as well, which a crowd may have taken.
        let mut tries = 0;
        let (driver, mut lines, port) = loop {
            if let Some(started) = driver(folder.path()).await {
                break started;
            }
            tries += 1;
            assert!(tries < 5, "chromedriver ended");
        };
        // Whatever else it says must go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut chromium = Self { driver, port, session: String::new(), folder };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
        ];
        let data = format!("--user-data-dir={}", chromium.folder.path().join("profile").display());
        let arguments: Vec<&str> = arguments.into_iter().chain([data.as_str()]).collect();
        let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": language } });
        let wanted = json!({ "browserName": "chrome", "acceptInsecureCerts": true, "goog:chromeOptions": options });
        let made = chromium.call("POST", "/session", json!({ "capabilities": { "alwaysMatch": wanted } })).await;
        chromium.session = made["sessionId"].as_str().expect("a session").to_owned();
        chromium
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        self.try_call(method, path, body).await.unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Value, String> {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        let driven = tokio::spawn(connection);
        let path = path.replacen("/s/", &format!("/session/{}/", self.session), 1);
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-type", "application/json")
            .body(Full::<Bytes>::from(body))
            .unwrap();
        let response = timeout(START, sender.send_request(request)).await.expect("the driver hangs").unwrap();
        let is_well = response.status().is_success();
        let bytes = timeout(START, response.into_body().collect()).await.expect("the driver hangs").unwrap().to_bytes();
        driven.abort();
        let value = serde_json::from_slice::<Value>(&bytes).unwrap()["value"].take();
        if is_well { Ok(value) } else { Err(value["message"].as_str().unwrap_or_default().to_owned()) }
    }

    async fn chrome(&self, command: &str, parameters: Value) {
        self.call("POST", "/s/goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    pub(crate) async fn open(&self, url: &str) {
        self.call("POST", "/s/url", json!({ "url": url })).await;
    }

    pub(crate) async fn url(&self) -> String {
        self.call("GET", "/s/url", Value::Null).await.as_str().unwrap().to_owned()
    }

    /// The text of an element, once it is there: a page may be on its way.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_text_of(css).await {
                Ok(text) => return text,
                Err(why) => assert!(Instant::now() < deadline, "{css}: {why}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn try_text_of(&self, css: &str) -> Result<String, String> {
        let element = self.try_element(css).await?;
        let text = self.try_call("GET", &format!("/s/element/{element}/text"), Value::Null).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    async fn try_element(&self, css: &str) -> Result<String, String> {
        let found = self.try_call("POST", "/s/element", json!({ "using": "css selector", "value": css })).await?;
        Ok(found[ELEMENT].as_str().unwrap_or_default().to_owned())
    }

    async fn element(&self, css: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_element(css).await {
                Ok(element) => return element,
                Err(why) => assert!(Instant::now() < deadline, "{css}: {why}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.call("POST", &format!("/s/element/{element}/click"), json!({})).await;
    }

    /// Replaces what is in a field.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.call("POST", &format!("/s/element/{element}/clear"), json!({})).await;
        self.call("POST", &format!("/s/element/{element}/value"), json!({ "text": text })).await;
    }

    /// Chooses an option by its value.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value='{value}']")).await;
    }

    /// Waits until the page says this.
    pub(crate) async fn says(&self, words: &str) {
        self.says_at("body", words).await;
    }

    /// Waits until an element says this.
    pub(crate) async fn says_at(&self, css: &str, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.try_text_of(css).await.unwrap_or_else(|why| why);
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "{css} never said: {words}\n{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether everything fits the window's width, as a person on a phone
    /// needs it.
    pub(crate) async fn fits(&self) -> bool {
        let script = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        self.call("POST", "/s/execute/sync", json!({ "script": script, "args": [] })).await == json!(true)
    }

    /// The page in all looks: nothing runs out of the window. Pictures are
    /// kept where `MITBLICK_SCREENSHOTS` says.
    pub(crate) async fn look(&self, name: &str) {
        for look in Look::ALL {
            let size =
                json!({ "width": look.width(), "height": 800, "deviceScaleFactor": 1, "mobile": look.width() < 600 });
            self.chrome("Emulation.setDeviceMetricsOverride", size).await;
            let light = json!({ "features": [{ "name": "prefers-color-scheme", "value": look.scheme() }] });
            self.chrome("Emulation.setEmulatedMedia", light).await;
            assert!(self.fits().await, "{name} is too wide for {look:?}");
            if let Some(folder) = env::var_os("MITBLICK_SCREENSHOTS").map(PathBuf::from) {
                let page = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
                let shot = self.call("POST", "/s/goog/cdp/execute", page).await;
                let png = STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("{name}-{look:?}.png")), png).unwrap();
            }
        }
        self.chrome("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    /// Ends the browser in order.
    pub(crate) async fn quit(mut self) {
        let _ = self.try_call("DELETE", &format!("/session/{}", self.session), Value::Null).await;
        let _ = self.driver.kill().await;
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser is in the driver's group.
        if let Some(id) = self.driver.id() {
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{id}")]).status();
        }
    }
}
