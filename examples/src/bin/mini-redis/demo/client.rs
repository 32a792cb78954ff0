//! A client that knows what it's going to be answered.

use std::net::SocketAddr;
use std::time::Duration;

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::TcpStream;
use rt_core::time::timeout;

use super::Failure;
use super::workload::Batch;

/// A reply that takes longer than this is a failure.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Client {
    name: String,
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(addr: SocketAddr, name: String) -> Result<Self, Failure> {
        let stream = TcpStream::connect(addr).await.map_err(|error| format!("{name}: {error}"))?;
        let _ = stream.set_nodelay(true);
        Ok(Client { name, stream, received: Vec::new() })
    }

    /// Sends the requests and checks the replies.
    pub(super) async fn exchange(&mut self, batch: &Batch) -> Result<(), Failure> {
        self.send(batch).await?;
        self.receive(batch).await
    }

    pub(super) async fn send(&mut self, batch: &Batch) -> Result<(), Failure> {
        let sent = self.stream.write_all(&batch.requests.bytes).await;
        sent.map_err(|error| format!("{}: {error}", self.name))
    }

    /// Reads exactly as much as is expected: what came beyond that would show as the next reply.
    pub(super) async fn receive(&mut self, batch: &Batch) -> Result<(), Failure> {
        let expected = &batch.replies.bytes[..];
        self.received.resize(expected.len().max(self.received.len()), 0);
        let mut len = 0;
        while len < expected.len() {
            let read = timeout(PATIENCE, self.stream.read(&mut self.received[len..expected.len()])).await;
            let read = match read {
                Err(_) => return Err(self.mismatch(batch, len, "no more came")),
                Ok(Err(error)) => return Err(self.mismatch(batch, len, &error.to_string())),
                Ok(Ok(0)) => return Err(self.mismatch(batch, len, "the connection was closed")),
                Ok(Ok(read)) => read,
            };
            // Compared at once: a wrong reply that is too short would be waited for otherwise.
            if self.received[len..len + read] != expected[len..len + read] {
                return Err(self.mismatch(batch, len + read, "that is wrong"));
            }
            len += read;
        }
        Ok(())
    }

    /// The server has to close the connection without another byte.
    pub(super) async fn expect_end(&mut self) -> Result<(), Failure> {
        let mut rest = [0; 256];
        match timeout(PATIENCE, self.stream.read(&mut rest)).await {
            Ok(Ok(0)) => Ok(()),
            Ok(Ok(n)) => Err(format!("{}: {} came instead of the end", self.name, rest[..n].escape_ascii())),
            Ok(Err(error)) => Err(format!("{}: {error} instead of the end", self.name)),
            Err(_) => Err(format!("{}: the connection was not closed", self.name)),
        }
    }

    fn mismatch(&self, batch: &Batch, len: usize, what: &str) -> Failure {
        format!(
            "{}: {what}\n  sent     {}\n  expected {}\n  received {}",
            self.name,
            batch.requests.bytes.escape_ascii(),
            batch.replies.bytes.escape_ascii(),
            self.received[..len].escape_ascii()
        )
    }
}
