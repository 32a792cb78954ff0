//! What isn't RESP2 is refused in words, and then the connection is closed.

use crate::support::{Server, frame};

/// Sends a request that is fine and then `bytes`: the first is answered, the second refused.
#[track_caller]
fn refused(server: &Server, bytes: &[u8], why: &str) {
    let mut client = server.client();
    client.send(b"PING\r\n");
    client.send(bytes);
    client.expect(format!("+PONG\r\n-ERR Protocol error: {why}\r\n"));
    client.expect_end();
}

#[test]
fn malformed_frames() {
    let server = Server::start(&[]);
    refused(&server, b"*x\r\n", "invalid multibulk length");
    refused(&server, b"*1\r\nPING\r\n", "expected '$', got 'P'");
    refused(&server, b"*1\r\n\x01", "expected '$', got '\x01'");
    refused(&server, b"*1\r\n$-1\r\n", "invalid bulk length");
    refused(&server, b"*1\r\n$x\r\n", "invalid bulk length");
    refused(&server, b"*1\r\n$4\r\nPINGPONG\r\n", "expected CRLF after a bulk string");
    server.client().ask("PING", "+PONG\r\n");
}

#[test]
fn oversized_frames() {
    let server = Server::start(&[]);
    refused(&server, b"*1000000000\r\n", "invalid multibulk length");
    refused(&server, b"*99999999999999999999\r\n", "invalid multibulk length");
    refused(&server, b"*2\r\n$3\r\nGET\r\n$1000000000\r\n", "invalid bulk length");
    refused(&server, &vec![b'x'; 100_000], "too big inline request");
    let mut three_large = b"*4\r\n$4\r\nMSET\r\n".to_vec();
    for _ in 0..2 {
        three_large.extend_from_slice(b"$60000000\r\n");
        three_large.resize(three_large.len() + 60_000_000, b'x');
        three_large.extend_from_slice(b"\r\n");
    }
    three_large.extend_from_slice(b"$60000000\r\n");
    refused(&server, &three_large, "too big request");
}

/// A server that announces an error and closes while the client still sends would reset the connection and
/// the client would never see the error.
#[test]
fn the_refusal_arrives_though_the_client_goes_on_sending() {
    let server = Server::start(&[]);
    for _ in 0..20 {
        let mut bytes = b"*1\r\nX".to_vec();
        bytes.resize(300_000, b'x');
        refused(&server, &bytes, "expected '$', got 'X'");
    }
}

/// Announcing much costs the server nothing.
#[test]
fn announcements_take_no_memory() {
    let server = Server::start(&[]);
    let mut clients: Vec<_> = (0..100).map(|_| server.accepted_client()).collect();
    for client in &mut clients {
        client.send(b"*1000000\r\n$67108864\r\nx");
    }
    for client in &mut clients[..1] {
        // It's read for certain when another connection of later was answered and this one is still open.
        client.stream.set_nonblocking(true).unwrap();
        server.client().ask("PING", "+PONG\r\n");
        let error = client.line().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
    if let Some(bytes) = server.peak_memory() {
        assert!(bytes < 200 << 20, "{bytes} bytes");
    }
}

#[test]
fn a_client_that_only_closes_its_side_is_answered() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.send(frame(&[b"SET", b"k", b"v"]).repeat(1000));
    client.send(b"*1\r\n$4\r\nPI");
    client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    client.expect("+OK\r\n".repeat(1000));
    client.expect_end();
}

#[test]
fn a_client_that_goes_amid_a_request_is_forgotten() {
    let server = Server::start(&["--max-clients", "1"]);
    for _ in 0..5 {
        let start = std::time::Instant::now();
        loop {
            let mut client = server.client();
            client.send(b"PING\r\n*2\r\n$3\r\nGET\r\n$100\r\nabc");
            if client.line().is_ok_and(|line| line == "+PONG\r\n") {
                break;
            }
            assert!(start.elapsed() < crate::support::PATIENCE, "the place is never free again");
        }
    }
}
