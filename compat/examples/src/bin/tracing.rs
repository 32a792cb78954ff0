//! tracing-subscriber attached: spans of the program's own go with their tasks from thread to thread.
#![forbid(unsafe_code)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use tokio::task::yield_now;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::fmt::MakeWriter;

const TASKS: usize = 50;

#[tokio::main]
async fn main() {
    let log = Log::default();
    tracing_subscriber::fmt().with_writer(log.clone()).without_time().with_ansi(false).init();
    let tasks = (0..TASKS).map(|number| {
        let work = async move {
            info!("begins");
            for _ in 0..10 {
                yield_now().await;
            }
            info!("ends");
        };
        tokio::spawn(work.instrument(info_span!("task", number)))
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let log = log.text();
    for number in 0..TASKS {
        let span = format!("task{{number={number}}}: ");
        let lines: Vec<_> = log.lines().filter(|line| line.contains(&span)).collect();
        assert_eq!(lines.len(), 2, "task {number} in\n{log}");
        assert!(lines[0].ends_with("begins") && lines[1].ends_with("ends"), "{lines:?}");
    }
    println!("OK");
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
