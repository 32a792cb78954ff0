//! How the server stops, and what the command line says.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Server, frame, run};

/// Every request that was sent before Ctrl-C is answered, then each connection is closed in order.
#[test]
#[cfg(unix)]
fn ctrl_c_answers_what_was_received() {
    let server = Server::start(&[]);
    let mut clients: Vec<_> = (0..20).map(|_| server.accepted_client()).collect();
    let mut idle = server.accepted_client();
    let mut subscriber = server.client();
    subscriber.ask("SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    for (number, client) in clients.iter_mut().enumerate() {
        let key = number.to_string();
        client.send(frame(&[b"INCR", key.as_bytes()]).repeat(1000));
        // Half a request is not received yet.
        client.send("*1\r\n$4\r\nPI");
    }
    server.interrupt();
    for client in &mut clients {
        let replies: String = (1..=1000).map(|n| format!(":{n}\r\n")).collect();
        client.expect(replies);
        client.expect_end();
    }
    idle.expect_end();
    subscriber.expect_end();
    let addr = server.addr();
    let (status, text) = server.wait();
    assert!(status.success(), "{status}");
    // The PINGs and the SUBSCRIBE count, too.
    assert!(text.contains("stopped after 20022 requests"), "{text:?}");
    assert!(TcpStream::connect(addr).is_err(), "nobody listens any more");
}

/// Connections that the system has made and the server hasn't accepted are answered as well.
#[test]
#[cfg(unix)]
fn ctrl_c_answers_connections_that_just_came() {
    for _ in 0..10 {
        let server = Server::start(&[]);
        let mut clients: Vec<_> = (0..20).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send("PING\r\n");
        }
        server.interrupt();
        for client in &mut clients {
            client.expect("+PONG\r\n");
            client.expect_end();
        }
        assert!(server.wait().0.success());
    }
}

/// Neither a client that never reads nor one that never stops sending keeps the server from its end.
#[test]
#[cfg(unix)]
fn ctrl_c_does_not_wait_for_ever() {
    let server = Server::start(&[]);
    let mut deaf = server.accepted_client();
    deaf.send(frame(&[b"SET", b"k", &vec![b'x'; 4 << 20]]));
    deaf.expect("+OK\r\n");
    deaf.send(frame(&[b"GET", b"k"]).repeat(100));
    let mut talker = server.accepted_client();
    let talking = std::thread::spawn(move || {
        // Until the server closes.
        while std::io::Write::write_all(&mut talker.stream, b"PING\r\n").is_ok() {
            if talker.line().is_err() {
                break;
            }
        }
    });
    let start = Instant::now();
    server.interrupt();
    let (status, _) = server.wait();
    assert!(status.success(), "{status}");
    assert!(start.elapsed() < Duration::from_secs(15), "it took {:?}", start.elapsed());
    talking.join().unwrap();
}

#[test]
fn the_demo_checks_itself() {
    let output = run(&["demo", "--seconds", "0.3", "--clients", "8"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().last(), Some("OK"));
    for name in ["requests ", "requests/s ", "p50 ", "p99 ", "p99.9 "] {
        assert!(text.lines().any(|line| line.starts_with(name)), "no {name} in {text}");
    }
}

#[test]
fn a_wrong_command_line_is_refused() {
    for args in [
        &[][..],
        &["nosuch"],
        &["serve", "--seconds", "3"],
        &["serve", "--workers", "0"],
        &["serve", "--max-clients"],
        &["demo", "--seconds", "-1"],
        &["demo", "--clients", "x"],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("usage: mini-redis serve"), "{args:?}");
    }
    assert!(run(&["--help"]).status.success());
}

#[test]
fn an_address_in_use_is_an_error() {
    let server = Server::start(&[]);
    let output = run(&["serve", "--addr", &server.addr().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.is_empty());
}
