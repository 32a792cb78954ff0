//! Publishing and subscribing.

use crate::support::{Client, PATIENCE, Server, bulk, frame};

fn confirmation(verb: &str, topic: &str, count: usize) -> String {
    format!("*3\r\n${}\r\n{verb}\r\n${}\r\n{topic}\r\n:{count}\r\n", verb.len(), topic.len())
}

fn message(channel: &str, payload: &str) -> String {
    format!("*3\r\n$7\r\nmessage\r\n${}\r\n{channel}\r\n${}\r\n{payload}\r\n", channel.len(), payload.len())
}

fn pattern_message(pattern: &str, channel: &str, payload: &str) -> String {
    let rest = message(channel, payload);
    let rest = rest.strip_prefix("*3\r\n$7\r\nmessage\r\n").unwrap();
    format!("*4\r\n$8\r\npmessage\r\n${}\r\n{pattern}\r\n{rest}", pattern.len())
}

#[test]
fn messages_reach_channels_and_patterns() {
    let server = Server::start(&[]);
    let (mut one, mut both, mut publisher) = (server.client(), server.client(), server.client());
    one.ask("SUBSCRIBE news", &confirmation("subscribe", "news", 1));
    both.ask("PSUBSCRIBE n*", &confirmation("psubscribe", "n*", 1));
    both.ask(
        "SUBSCRIBE news other",
        &(confirmation("subscribe", "news", 2) + &confirmation("subscribe", "other", 3)),
    );
    publisher.ask("PUBLISH news hello", ":3\r\n");
    publisher.ask("PUBLISH nothing x", ":1\r\n");
    publisher.ask("PUBLISH other y", ":1\r\n");
    publisher.ask("PUBLISH silence z", ":0\r\n");
    one.expect(message("news", "hello"));
    both.expect(message("news", "hello") + &pattern_message("n*", "news", "hello"));
    both.expect(pattern_message("n*", "nothing", "x") + &message("other", "y"));
}

#[test]
fn a_subscriber_may_ask_for_little() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    client.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    client.ask(
        "GET k",
        "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are \
         allowed in this context\r\n",
    );
    client.ask("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    client.ask("PING hi", "*2\r\n$4\r\npong\r\n$2\r\nhi\r\n");
    client.ask("PSUBSCRIBE p", &confirmation("psubscribe", "p", 2));
    client.ask("UNSUBSCRIBE nosuch", &confirmation("unsubscribe", "nosuch", 2));
    client.ask("UNSUBSCRIBE", &confirmation("unsubscribe", "a", 1));
    client.ask("PUNSUBSCRIBE", &confirmation("punsubscribe", "p", 0));
    client.ask("GET k", "$-1\r\n");
    client.ask("PUBLISH a x", ":0\r\n");
}

#[test]
fn reset_and_quit_end_subscriptions() {
    let server = Server::start(&[]);
    let (mut leaver, mut quitter, mut publisher) = (server.client(), server.client(), server.client());
    leaver.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    quitter.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    publisher.ask("PUBLISH a 1", ":2\r\n");
    leaver.expect(message("a", "1"));
    quitter.expect(message("a", "1"));
    leaver.ask("RESET", "+RESET\r\n");
    publisher.ask("PUBLISH a 2", ":1\r\n");
    quitter.expect(message("a", "2"));
    quitter.ask("QUIT", "+OK\r\n");
    quitter.expect_end();
    publisher.ask_until("PUBLISH a 3", ":0\r\n");
    leaver.ask("PING", "+PONG\r\n");
}

/// What one client published before another's `UNSUBSCRIBE` was carried out comes before its confirmation, and
/// nothing comes after it.
#[test]
fn nothing_comes_after_the_confirmation() {
    let server = Server::start(&[]);
    let mut subscriber = server.client();
    let mut publisher = server.client();
    for round in 0..200 {
        subscriber.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
        publisher.send("PUBLISH a x\r\n".repeat(20));
        subscriber.send("UNSUBSCRIBE a\r\nECHO end\r\n");
        let replies: Vec<String> = (0..20).map(|_| publisher.line().unwrap()).collect();
        let delivered = replies.iter().filter(|reply| *reply == ":1\r\n").count();
        assert!(replies[delivered..].iter().all(|reply| reply == ":0\r\n"), "round {round}: {replies:?}");
        subscriber.expect(message("a", "x").repeat(delivered));
        subscriber.expect(confirmation("unsubscribe", "a", 0) + "$3\r\nend\r\n");
    }
}

#[test]
fn messages_of_one_publisher_stay_in_order() {
    let server = Server::start(&[]);
    let mut subscribers: Vec<Client> = (0..5).map(|_| server.client()).collect();
    for subscriber in &mut subscribers {
        subscriber.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    }
    let mut publisher = server.client();
    let requests: String = (0..2000).map(|n| format!("PUBLISH a {n}\r\n")).collect();
    publisher.send(requests);
    publisher.expect(":5\r\n".repeat(2000));
    let all: String = (0..2000).map(|n| message("a", &n.to_string())).collect();
    for subscriber in &mut subscribers {
        subscriber.expect(&all);
    }
}

/// A subscriber that doesn't read is disconnected before it has cost much memory, and the publisher and other
/// subscribers don't notice.
#[test]
fn a_slow_subscriber_is_disconnected() {
    let server = Server::start(&[]);
    let mut slow = server.client();
    slow.ask("SUBSCRIBE a", &confirmation("subscribe", "a", 1));
    let mut publisher = server.client();
    let payload = vec![b'x'; 64 << 10];
    let request = frame(&[b"PUBLISH", b"a", &payload]);
    let start = std::time::Instant::now();
    let mut published = 0;
    loop {
        publisher.send(&request);
        match publisher.line().unwrap().as_str() {
            ":1\r\n" => published += 1,
            ":0\r\n" => break,
            other => panic!("{other:?}"),
        }
        assert!(start.elapsed() < PATIENCE, "{published} messages wait for a client that doesn't read");
    }
    // The mailbox's 8 MiB, the output's, and what the sockets of both sides hold.
    assert!(published > 100, "disconnected after {published} messages already");
    if let Some(bytes) = server.peak_memory() {
        assert!(bytes < 100 << 20, "{bytes} bytes");
    }
    // What it does get is right from the start.
    slow.expect([b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n", &bulk(&payload)[..]].concat());
}
