//! Clients that are too many, too slow or too quiet.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, Server, bulk, frame};

#[test]
fn more_clients_than_allowed_are_refused() {
    let server = Server::start(&["--max-clients", "2"]);
    let (mut one, mut two) = (server.accepted_client(), server.accepted_client());
    for _ in 0..10 {
        let mut third = server.client();
        // Though it has sent something: an orderly end and no reset.
        third.send("PING\r\n");
        third.expect("-ERR max number of clients reached\r\n");
        third.expect_end();
    }
    one.ask("PING", "+PONG\r\n");
    one.ask("QUIT", "+OK\r\n");
    drop(one);
    let start = Instant::now();
    loop {
        let mut next = server.client();
        next.send("PING\r\n");
        if next.line().unwrap() == "+PONG\r\n" {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the place is never free again");
    }
    two.ask("PING", "+PONG\r\n");
}

#[test]
fn an_idle_client_is_closed() {
    let server = Server::start(&["--idle-timeout", "0.2"]);
    let start = Instant::now();
    let mut client = server.accepted_client();
    client.expect_end();
    assert!(start.elapsed() >= Duration::from_millis(200), "closed after {:?}", start.elapsed());
}

/// Half a request is no activity that would last.
#[test]
fn an_idle_client_amid_a_request_is_closed() {
    let server = Server::start(&["--idle-timeout", "0.2"]);
    let mut client = server.client();
    client.send("*2\r\n$3\r\nGET\r\n$5\r\nab");
    client.expect_end();
}

#[test]
fn a_busy_client_and_a_subscriber_are_not_idle() {
    let server = Server::start(&["--idle-timeout", "1"]);
    let (mut busy, mut subscriber) = (server.client(), server.client());
    subscriber.ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    for _ in 0..25 {
        busy.ask("PING", "+PONG\r\n");
        std::thread::sleep(Duration::from_millis(100));
    }
    busy.ask("PUBLISH a x", ":1\r\n");
    subscriber.expect("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
}

/// A client that asks for terabytes and reads nothing: its requests aren't read any more, others are served,
/// and when it does read, everything is there.
#[test]
fn a_client_that_never_reads_is_held_up() {
    let server = Server::start(&[]);
    let value = vec![b'x'; 1 << 20];
    server.client().send([frame(&[b"SET", b"big", &value]), frame(&[b"QUIT"])].concat());
    let mut other = server.client();
    other.ask_until("STRLEN big", ":1048576\r\n");

    let mut client = server.client();
    client.stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let requests = frame(&[b"GET", b"big"]).repeat(1000);
    let mut sent = 0;
    loop {
        match client.stream.write(&requests) {
            Ok(n) => sent += n,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 1 << 30, "the server takes any number of requests");
    }
    other.ask("PING", "+PONG\r\n");
    if let Some(bytes) = server.peak_memory() {
        assert!(bytes < 100 << 20, "{bytes} bytes for {sent} bytes of requests");
    }
    for _ in 0..50 {
        client.expect(bulk(&value));
    }
}

/// A reply that no client can want: a hundred bytes of request for gigabytes.
#[test]
fn a_reply_that_is_too_large_ends_the_connection() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let value = vec![b'x'; 8 << 20];
    client.send(frame(&[b"SET", b"k", &value]));
    client.expect("+OK\r\n");
    let mut request = vec![&b"MGET"[..]];
    request.resize(1001, b"k");
    client.send(frame(&request));
    client.expect_end();
    if let Some(bytes) = server.peak_memory() {
        assert!(bytes < 700 << 20, "{bytes} bytes");
    }
}

#[test]
fn many_connections_come_and_go() {
    let server = Server::start(&[]);
    for _ in 0..20 {
        let mut clients: Vec<_> = (0..50).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send("PING\r\n");
        }
        for client in &mut clients {
            client.expect("+PONG\r\n");
        }
    }
    let mut last = server.client();
    last.ask("PING", "+PONG\r\n");
}

/// More connections than the process may have descriptors: those that have one are served on, and the others
/// when one is free.
#[test]
#[cfg(unix)]
fn a_server_without_descriptors_goes_on() {
    let server = Server::start_with_descriptors(40);
    let mut clients: Vec<_> = (0..60).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send("PING\r\n");
    }
    let mut waiting = clients.split_off(20);
    for client in &mut clients {
        client.expect("+PONG\r\n");
        client.ask("ECHO again", "$5\r\nagain\r\n");
    }
    let last = waiting.last_mut().unwrap();
    last.stream.set_nonblocking(true).unwrap();
    assert_eq!(last.line().unwrap_err().kind(), ErrorKind::WouldBlock, "there is a descriptor for everybody");
    // Each that goes makes room for one that waits.
    for (mut client, next) in clients.into_iter().zip(&mut waiting) {
        client.ask("QUIT", "+OK\r\n");
        client.expect_end();
        drop(client);
        next.expect("+PONG\r\n");
    }
}
