//! One program's automation: JSON objects, one a line, both ways.

use crate::{
    launch::Process,
    wait::{self, PATIENCE},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    process::ChildStdin,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

#[derive(Default)]
struct Heard {
    events: Vec<Value>,
    /// Lines that are no JSON objects.
    strange: Vec<String>,
    closed: bool,
}

/// A program that listens to commands and tells events.
pub struct Talker {
    process: Process,
    input: Option<ChildStdin>,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    /// Events before this one are not looked at any more.
    from: usize,
}

impl Talker {
    /// Talks to a process that was started listening and speaking.
    pub fn new(mut process: Process) -> Self {
        let input = Some(process.take_input());
        let output = process.take_output();
        let heard: Arc<(Mutex<Heard>, Condvar)> = Arc::default();
        let shared = Arc::clone(&heard);
        thread::spawn(move || {
            let (state, news) = &*shared;
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let mut state = state.lock().expect("the events");
                match serde_json::from_str::<Value>(&line) {
                    Ok(event) if event.get("event").is_some_and(Value::is_string) => state.events.push(event),
                    _ => state.strange.push(line),
                }
                news.notify_all();
            }
            state.lock().expect("the events").closed = true;
            news.notify_all();
        });
        Self { process, input, heard, from: 0 }
    }

    /// Gives a command: `say("share", json!({"titles": ["x"]}))`.
    ///
    /// # Panics
    /// If the program does not listen any more.
    #[track_caller]
    pub fn say(&mut self, command: &str, more: Value) {
        let mut line = json!({ "do": command });
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
        }
        let written = self.input.as_mut().map(|input| writeln!(input, "{line}").and_then(|()| input.flush()));
        assert!(matches!(written, Some(Ok(()))), "{} does not listen to “{line}”", self.process.name());
    }

    /// Writes a line as it is.
    ///
    /// # Panics
    /// If the program does not listen any more.
    #[track_caller]
    pub fn say_line(&mut self, line: &str) {
        let written = self.input.as_mut().map(|input| writeln!(input, "{line}"));
        assert!(matches!(written, Some(Ok(()))), "{} does not listen", self.process.name());
    }

    /// Closes the program's standard input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Leaves everything told so far behind: later questions look only at what
    /// comes from here on.
    pub fn turn_page(&mut self) {
        self.from = self.heard.0.lock().expect("the events").events.len();
    }

    /// Waits for the first event of this name since the page was turned, with
    /// these fields.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn expect(&self, name: &str, fields: Value) -> Value {
        self.expect_where(&format!("{name} {fields}"), |event| is(event, name, &fields))
    }

    /// Waits for the first event since the page was turned that fits.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn expect_where(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(event) = self.within(PATIENCE, &fits) {
            return event;
        }
        let told: Vec<String> = self.told().iter().map(Value::to_string).collect();
        let end = if self.heard.0.lock().expect("the events").closed { "; it says nothing any more" } else { "" };
        panic!("{} did not tell “{what}”{end}; it told:\n  {}", self.process.name(), told.join("\n  "));
    }

    /// The first event since the page was turned that fits, if it comes in
    /// time; ends early when the program can't tell anything any more.
    pub fn within(&self, time: Duration, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let end = Instant::now() + time;
        let (state, news) = &*self.heard;
        let mut state = state.lock().expect("the events");
        loop {
            if let Some(event) = state.events.iter().skip(self.from).find(|event| fits(event)) {
                return Some(event.clone());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closed {
                return None;
            }
            state = news.wait_timeout(state, left).expect("the events").0;
        }
    }

    /// Everything told since the page was turned.
    pub fn told(&self) -> Vec<Value> {
        self.heard.0.lock().expect("the events").events.iter().skip(self.from).cloned().collect()
    }

    /// Everything told since the program started.
    pub fn ever_told(&self) -> Vec<Value> {
        self.heard.0.lock().expect("the events").events.clone()
    }

    /// Whether an event of this name was told since the page was turned.
    pub fn has_told(&self, name: &str) -> bool {
        self.told().iter().any(|event| event["event"] == name)
    }

    /// The newest event of this name since the page was turned.
    pub fn newest(&self, name: &str) -> Option<Value> {
        self.told().into_iter().rfind(|event| event["event"] == name)
    }

    /// The newest event of this name since the program started.
    pub fn newest_ever(&self, name: &str) -> Option<Value> {
        self.ever_told().into_iter().rfind(|event| event["event"] == name)
    }

    /// Lines on its standard output that are no events.
    pub fn strange_lines(&self) -> Vec<String> {
        self.heard.0.lock().expect("the events").strange.clone()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its process, to be ended.
    pub fn process_mut(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits for the end of the program.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn wait_end(&mut self) -> std::process::ExitStatus {
        wait::until(&format!("{} ends", self.process.name().to_owned()), || self.process.ended())
    }
}

/// Whether an event has this name and at least these fields.
pub fn is(event: &Value, name: &str, fields: &Value) -> bool {
    let fields = fields.as_object().into_iter().flatten();
    event["event"] == name && fields.into_iter().all(|(field, value)| &event[field] == value)
}
