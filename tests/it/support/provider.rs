//! An organisation's OpenID provider (npm `oidc-provider`, a certified one), and a browser that goes there and back.
//! The provider is a real one: it validates requests as a town hall's provider would.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
    time::Duration,
};

use private_servers::{free_port, packages};
use reqwest::{Url, header, redirect};
use server::SingleSignOnConfig;
use tempfile::TempDir;
use testkit::{Json, json};

const PACKAGE: &str = include_str!("provider/package.json");
const SCRIPT: &str = include_str!("provider/provider.mjs");
/// The address of the app that people sign in to: nothing listens there, the browser stops before it.
pub(crate) const APP: &str = "http://localhost:1/signed-in";
/// More steps than any sign-in takes.
const MOST_STEPS: usize = 12;

/// A provider, until it is dropped.
pub(crate) struct Provider {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Provider {
    /// Starts a provider that redirects people back to a server of ours, where it is called `key`.
    pub(crate) fn start(public_url: &str, key: &str) -> Self {
        // Tests of one process call this concurrently; the first one installs, the others find the result.
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().expect("a turn");
        let home = packages::ensure_npm("oidc-provider", PACKAGE).expect("the provider is installed");
        if fs::read_to_string(home.join("provider.mjs")).ok().as_deref() != Some(SCRIPT) {
            fs::write(home.join("provider.mjs"), SCRIPT).expect("written");
        }
        drop(turn);
        let folder = tempfile::tempdir().expect("a folder");
        let people = folder.path().join("people.json");
        fs::write(&people, "{}").expect("written");
        let port = free_port().expect("a port");
        let settings = json!({ "port": port, "redirect": format!("{public_url}/sign-in/{key}/answer"), "people": people });
        let mut process = Command::new("node")
            .args(["provider.mjs", &settings.to_string()])
            .current_dir(home)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let mut output = BufReader::new(process.stdout.take().expect("its output")).lines();
        let is_ready = output.any(|line| line.is_ok_and(|line| line == "ready"));
        assert!(is_ready, "the provider does not start");
        // The provider ends if its output is not read.
        thread::spawn(move || output.for_each(drop));
        Self { process, port, folder }
    }

    /// Returns the operator's configuration of it.
    pub(crate) fn settings(&self, key: &str, network: &str) -> SingleSignOnConfig {
        SingleSignOnConfig {
            key: key.to_owned(),
            name: "Town hall".to_owned(),
            network: network.to_owned(),
            issuer: self.issuer(),
            client_id: "hubnet".to_owned(),
            client_secret: Some("kept by the town hall".to_owned().into()),
            client_secret_file: None,
            return_to: vec![APP.to_owned()],
        }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sets its claims about people from now on.
    pub(crate) fn describes(&self, people: &Json) {
        fs::write(self.folder.path().join("people.json"), people.to_string()).expect("written");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A browser with its cookies.
pub(crate) struct Browser {
    http: reqwest::Client,
    jar: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

/// The return of a browser to a server of ours.
pub(crate) struct Answer {
    pub(crate) address: String,
    pub(crate) cookie: String,
}

/// A response to a browser.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Page {
    /// Returns the redirect target; there must be one.
    pub(crate) fn leads_to(&self) -> &str {
        self.location.as_deref().unwrap_or_else(|| panic!("leads nowhere: {self:?}"))
    }

    /// Returns the code of a refusal on a plain route.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: Json = serde_json::from_str(&self.text).expect("JSON");
        problem["code"].as_str().expect("a code").to_owned()
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy();
        let http = http.timeout(Duration::from_secs(20)).build().expect("a client");
        Self { http, jar: Mutex::default() }
    }

    /// Opens an address.
    pub(crate) async fn open(&self, url: &str) -> Page {
        self.send(url, None).await
    }

    /// Signs in at an organisation under a name and comes back; returns the address of the app.
    pub(crate) async fn sign_in_as(&self, start: &str, name: &str) -> String {
        self.walk(start, name, |_at| {}).await
    }

    /// Signs in likewise, while an observer copies the response to a server of ours.
    pub(crate) async fn sign_in_watched(&self, start: &str, name: &str, server: &str) -> (String, Answer) {
        let mut answer = None;
        let back = self
            .walk(start, name, |at| {
                if at.starts_with(server) && at.contains("/answer?") {
                    let cookie = self.cookies(server)["hubnet_sign_in"].clone();
                    answer = Some(Answer { address: at.to_owned(), cookie });
                }
            })
            .await;
        (back, answer.expect("an answer of the provider"))
    }

    async fn walk(&self, start: &str, name: &str, mut watch: impl FnMut(&str)) -> String {
        let mut page = self.open(start).await;
        let mut at = start.to_owned();
        for _step in 0..MOST_STEPS {
            if let Some(location) = &page.location {
                at = Url::parse(&at).expect("an address").join(location).expect("an address").into();
                if at.starts_with(APP) {
                    return at;
                }
                watch(&at);
                page = self.open(&at).await;
                continue;
            }
            let prompt = if page.text.contains("value=\"login\"") { "login" } else { "consent" };
            assert!(page.text.contains("name=\"prompt\""), "no form at {at}: {page:?}");
            let form = format!("prompt={prompt}&login={name}&password=typed");
            page = self.send(&at, Some(form)).await;
        }
        panic!("the way to the provider does not end: {page:?}");
    }

    /// Returns the cookies of a site in this browser.
    pub(crate) fn cookies(&self, url: &str) -> BTreeMap<String, String> {
        self.jar.lock().expect("a jar").get(&site(url)).cloned().unwrap_or_default()
    }

    /// Puts a cookie into the browser, as if a site had set it.
    pub(crate) fn keep(&self, url: &str, name: &str, value: &str) {
        let mut jar = self.jar.lock().expect("a jar");
        jar.entry(site(url)).or_default().insert(name.to_owned(), value.to_owned());
    }

    async fn send(&self, url: &str, form: Option<String>) -> Page {
        let cookies: Vec<_> =
            self.cookies(url).iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = match form {
            None => self.http.get(url),
            Some(form) => {
                let of_form = "application/x-www-form-urlencoded";
                self.http.post(url).header(header::CONTENT_TYPE, of_form).body(form)
            }
        };
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = request.send().await.expect("an answer");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            let mut jar = self.jar.lock().expect("a jar");
            let jar = jar.entry(site(url)).or_default();
            if value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let location = headers.get(header::LOCATION).map(|it| it.to_str().expect("text").to_owned());
        Page { status, location, headers, text: response.text().await.expect("text") }
    }
}

fn site(url: &str) -> String {
    let url = Url::parse(url).expect("an address");
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Returns a parameter from the query or the fragment of an address.
pub(crate) fn url_parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).expect("an address");
    let find = |text: &str| {
        let pairs = Url::parse(&format!("http://x/?{text}")).expect("an address");
        pairs.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    url.query().and_then(find).or_else(|| url.fragment().and_then(find))
}
