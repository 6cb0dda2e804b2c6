//! Headless Chromium, spoken to through its DevTools protocol.
//!
//! The protocol comes over a pair of pipes, so neither a port nor a WebSocket
//! is needed, and the page is watched as it is on the disk: unchanged, with its
//! own security policy. Knows nothing of reports.

use crate::fixture::find;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Chromium reads commands from descriptor 3 and answers on 4.
const WITH_PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;
const OPTIONS: [&str; 6] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
];
/// Long enough for a busy machine; only a browser that hangs takes it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The Chromium in PATH; `None`, said loudly, where there is none, which a CI run does not accept.
pub(crate) fn chromium() -> Option<PathBuf> {
    let found = NAMES.into_iter().find_map(find);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no chromium in PATH");
        // Not by a macro, whose text a passing test would keep to itself.
        std::io::stderr().write_all(b"SKIPPED: no chromium\n").unwrap();
    }
    found
}

/// A browser with one tab.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    /// What the tab told unasked.
    events: Vec<Value>,
    sent: u64,
    session: Option<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start(chromium: &Path) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", WITH_PIPES])
            .arg(chromium)
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        // Ends with the browser, or with who listens.
        std::thread::spawn(move || {
            let mut messages = answers.split(0).map_while(Result::ok);
            messages.all(|message| sender.send(serde_json::from_slice(&message).unwrap()).is_ok())
        });
        let (events, session) = (Vec::new(), None);
        let mut browser =
            Browser { child, commands, messages, events, sent: 0, session, _profile: profile };
        let tab = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": tab["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Opens an address in the tab, until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        self.events.clear();
        let answer = self.call("Page.navigate", &json!({ "url": url }));
        assert_eq!(answer["errorText"], Value::Null, "{url}");
        while self.told("Page.loadEventFired").next().is_none() {
            self.listen();
        }
    }

    /// Gives the page the width of a screen, in its own pixels.
    pub(crate) fn resize(&mut self, width: u32, mobile: bool) {
        let metrics =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": mobile });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// The value of an expression in the page; of a promise, what it comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let question =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &question);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// Clicks in the middle of what a selector finds, as a mouse does.
    pub(crate) fn click(&mut self, selector: &str) {
        let middle = self.evaluate(&format!(
            "(() => {{ const at = document.querySelector({selector:?}).getBoundingClientRect();
               return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let (x, y) = (&middle[0], &middle[1]);
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key and lets it go, by its name in the DOM.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Every address that the page asked for since it was opened, itself first.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let requests = self.told("Network.requestWillBeSent");
        requests.map(|told| told["request"]["url"].as_str().unwrap()).collect()
    }

    /// What the console holds since the page was opened: errors, warnings, all of it.
    pub(crate) fn console(&self) -> String {
        let console = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let entries = console.into_iter().flat_map(|event| self.told(event));
        entries.map(|entry| format!("{entry}\n")).collect()
    }

    fn told<'a>(&'a self, event: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |told| told["method"] == event).map(|told| &told["params"])
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.commands, "{message}\0").unwrap();
        loop {
            if let Some(mut answer) = self.listen() {
                assert_eq!(answer["error"], Value::Null, "{method}");
                return answer["result"].take();
            }
        }
    }

    /// Waits for a message: the answer to the last command, or an event, which is kept.
    fn listen(&mut self) -> Option<Value> {
        let message = self.messages.recv_timeout(PATIENCE).expect("chromium speaks");
        if message["id"] == self.sent {
            return Some(message);
        }
        self.events.push(message);
        None
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closing lets it end its own children; the profile is removed after them.
        let close = json!({ "id": 0, "method": "Browser.close" });
        if write!(self.commands, "{close}\0").is_ok() {
            while self.messages.recv_timeout(PATIENCE).is_ok() {}
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
