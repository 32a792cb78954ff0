//! Each command's replies.

use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use crate::support::{Client, Server, bulk, frame};

/// Requests and their replies, in an order that makes sense of them.
const CONVERSATION: &[(&str, &str)] = &[
    ("FLUSHALL", "+OK\r\n"),
    // The connection
    ("PING", "+PONG\r\n"),
    ("ping hello", "$5\r\nhello\r\n"),
    ("PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"),
    ("ECHO hello", "$5\r\nhello\r\n"),
    ("ECHO", "-ERR wrong number of arguments for 'echo' command\r\n"),
    ("SELECT 0", "+OK\r\n"),
    ("SELECT 1", "-ERR DB index is out of range\r\n"),
    ("SELECT x", "-ERR value is not an integer or out of range\r\n"),
    ("CLIENT GETNAME", "$-1\r\n"),
    ("CLIENT SETNAME me", "+OK\r\n"),
    ("CLIENT GETNAME", "$2\r\nme\r\n"),
    ("CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n"),
    ("CLIENT", "-ERR wrong number of arguments for 'client' command\r\n"),
    ("NOSUCH a b", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n"),
    ("CONFIG GET save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n"),
    ("config get appendonly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n"),
    ("CONFIG GET nosuch", "*0\r\n"),
    ("CONFIG GET", "-ERR wrong number of arguments for 'config|get' command\r\n"),
    ("CONFIG NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.\r\n"),
    ("COMMAND NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP.\r\n"),
    // Values
    ("GET k", "$-1\r\n"),
    ("SET k v", "+OK\r\n"),
    ("GET k", "$1\r\nv\r\n"),
    ("GET", "-ERR wrong number of arguments for 'get' command\r\n"),
    ("SET k", "-ERR wrong number of arguments for 'set' command\r\n"),
    ("SET k w NX", "$-1\r\n"),
    ("SET k w xx", "+OK\r\n"),
    ("SET new v XX", "$-1\r\n"),
    ("SET new v NX", "+OK\r\n"),
    ("SET new 2 GET", "$1\r\nv\r\n"),
    ("SET other 1 GET", "$-1\r\n"),
    ("SET other 2 NX GET", "$1\r\n1\r\n"),
    ("GET other", "$1\r\n1\r\n"),
    ("SET other 3 XX GET EX 100", "$1\r\n1\r\n"),
    ("TTL other", ":100\r\n"),
    ("SET other 4 KEEPTTL", "+OK\r\n"),
    ("TTL other", ":100\r\n"),
    ("SET other 5", "+OK\r\n"),
    ("TTL other", ":-1\r\n"),
    ("SET k v NX XX", "-ERR syntax error\r\n"),
    ("SET k v EX", "-ERR syntax error\r\n"),
    ("SET k v EX 1 PX 1", "-ERR syntax error\r\n"),
    ("SET k v EX 1 KEEPTTL", "-ERR syntax error\r\n"),
    ("SET k v NOSUCH", "-ERR syntax error\r\n"),
    ("SET k v EX x", "-ERR value is not an integer or out of range\r\n"),
    ("SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n"),
    ("SET k v PX -1", "-ERR invalid expire time in 'set' command\r\n"),
    ("SET k v EX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"),
    ("SET k v PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"),
    ("GET k", "$1\r\nw\r\n"),
    ("MSET a 1 b 2 a 3", "+OK\r\n"),
    ("MGET a nosuch b a", "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n$1\r\n3\r\n"),
    ("MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"),
    ("MGET", "-ERR wrong number of arguments for 'mget' command\r\n"),
    ("STRLEN k", ":1\r\n"),
    ("STRLEN nosuch", ":0\r\n"),
    ("APPEND k xyz", ":4\r\n"),
    ("APPEND fresh abc", ":3\r\n"),
    ("GET k", "$4\r\nwxyz\r\n"),
    // Numbers
    ("INCR n", ":1\r\n"),
    ("INCRBY n 41", ":42\r\n"),
    ("DECR n", ":41\r\n"),
    ("DECRBY n 50", ":-9\r\n"),
    ("GET n", "$2\r\n-9\r\n"),
    ("INCR k", "-ERR value is not an integer or out of range\r\n"),
    ("INCRBY n x", "-ERR value is not an integer or out of range\r\n"),
    ("INCRBY n +1", "-ERR value is not an integer or out of range\r\n"),
    ("SET n 9223372036854775807", "+OK\r\n"),
    ("INCR n", "-ERR increment or decrement would overflow\r\n"),
    ("SET n -9223372036854775808", "+OK\r\n"),
    ("DECR n", "-ERR increment or decrement would overflow\r\n"),
    ("DECRBY n -9223372036854775808", "-ERR decrement would overflow\r\n"),
    ("GET n", "$20\r\n-9223372036854775808\r\n"),
    ("SET n 007", "+OK\r\n"),
    ("INCR n", "-ERR value is not an integer or out of range\r\n"),
    // Keys
    ("EXISTS a b nosuch a", ":3\r\n"),
    ("TYPE a", "+string\r\n"),
    ("TYPE nosuch", "+none\r\n"),
    ("DBSIZE", ":7\r\n"),
    ("DEL a b nosuch a", ":2\r\n"),
    ("EXISTS a", ":0\r\n"),
    ("KEYS fre*", "*1\r\n$5\r\nfresh\r\n"),
    ("KEYS f[^r]*", "*0\r\n"),
    ("KEYS", "-ERR wrong number of arguments for 'keys' command\r\n"),
    // Times to live
    ("TTL nosuch", ":-2\r\n"),
    ("PTTL nosuch", ":-2\r\n"),
    ("PTTL k", ":-1\r\n"),
    ("EXPIRE nosuch 10", ":0\r\n"),
    ("EXPIRE k 100", ":1\r\n"),
    ("TTL k", ":100\r\n"),
    ("EXPIRE k 200", ":1\r\n"),
    ("TTL k", ":200\r\n"),
    ("APPEND k x", ":5\r\n"),
    ("TTL k", ":200\r\n"),
    ("PERSIST k", ":1\r\n"),
    ("PERSIST k", ":0\r\n"),
    ("PERSIST nosuch", ":0\r\n"),
    ("PEXPIRE k 5000", ":1\r\n"),
    ("TTL k", ":5\r\n"),
    ("MSET k v", "+OK\r\n"),
    ("TTL k", ":-1\r\n"),
    ("EXPIRE k x", "-ERR value is not an integer or out of range\r\n"),
    ("EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"),
    ("PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"),
    ("EXISTS k", ":1\r\n"),
    ("EXPIRE k -1", ":1\r\n"),
    ("EXISTS k", ":0\r\n"),
    // Without subscriptions
    ("PUBLISH channel message", ":0\r\n"),
    ("UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"),
    ("PUNSUBSCRIBE a", "*3\r\n$12\r\npunsubscribe\r\n$1\r\na\r\n:0\r\n"),
    ("FLUSHALL NOSUCH", "-ERR syntax error\r\n"),
    ("FLUSHALL ASYNC", "+OK\r\n"),
    ("DBSIZE", ":0\r\n"),
    ("RESET", "+RESET\r\n"),
    ("CLIENT GETNAME", "$-1\r\n"),
    ("QUIT", "+OK\r\n"),
];

fn converse(mut client: Client) {
    for (request, reply) in CONVERSATION {
        client.ask(request, reply);
    }
    client.expect_end();
}

fn sent_at_once() -> (Vec<u8>, Vec<u8>) {
    let requests = CONVERSATION.iter().map(|(request, _)| format!("{request}\r\n")).collect::<String>();
    let replies = CONVERSATION.iter().map(|&(_, reply)| reply).collect::<String>();
    (requests.into(), replies.into())
}

#[test]
fn one_by_one() {
    let server = Server::start(&[]);
    converse(server.client());
}

/// The conversation above is what Redis says, too.
#[test]
#[ignore = "needs a Redis of version 7.0 with a single database at REDIS_ADDR"]
fn one_by_one_with_redis() {
    let addr = std::env::var("REDIS_ADDR").expect("REDIS_ADDR says where Redis is");
    let addr = addr.to_socket_addrs().expect("it's an address").next().expect("it's one");
    converse(Client::connect(addr));
}

#[test]
fn in_one_pipeline() {
    let server = Server::start(&["--workers", "1"]);
    let mut client = server.client();
    let (requests, replies) = sent_at_once();
    client.send(requests);
    client.expect(replies);
    client.expect_end();
}

#[test]
fn byte_by_byte() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let (requests, replies) = sent_at_once();
    for byte in requests {
        client.send([byte]);
    }
    client.expect(replies);
    client.expect_end();
}

#[test]
fn values_are_bytes() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let value: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let (key, tail) = (b"\x00\r\n\xff".as_slice(), b"\r\n$1\r\n".as_slice());
    client.send(frame(&[b"SET", key, &value]));
    client.expect("+OK\r\n");
    client.send(frame(&[b"GET", key]));
    client.expect(bulk(&value));
    client.send(frame(&[b"APPEND", key, tail]));
    client.expect(format!(":{}\r\n", value.len() + tail.len()));
    client.send(frame(&[b"MGET", key, b"nosuch"]));
    client.expect([b"*2\r\n", &bulk(&[&value[..], tail].concat())[..], b"$-1\r\n"].concat());
    client.send(frame(&[b"KEYS", b"*"]));
    client.expect([b"*1\r\n", &bulk(key)[..]].concat());
}

/// A value that makes the read buffer grow, in pieces, with a request on either side.
#[test]
fn long_values_between_short_requests() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let value = vec![b'x'; 20 << 20];
    let requests =
        [&frame(&[b"PING"])[..], &frame(&[b"SET", b"k", &value]), &frame(&[b"STRLEN", b"k"])].concat();
    for piece in requests.chunks(777_777) {
        client.send(piece);
    }
    client.expect("+PONG\r\n+OK\r\n:20971520\r\n");
}

#[test]
fn keys_expire() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let start = Instant::now();
    client.ask("SET short v PX 40", "+OK\r\n");
    client.ask("SET long v PX 100000", "+OK\r\n");
    client.ask_until("EXISTS short", ":0\r\n");
    assert!(start.elapsed() >= Duration::from_millis(40), "it went after {:?}", start.elapsed());
    client.ask("GET short", "$-1\r\n");
    client.ask("TTL short", ":-2\r\n");
    client.ask("TTL long", ":100\r\n");
    client.ask("SET short again NX", "+OK\r\n");
    client.ask("TTL short", ":-1\r\n");
}

/// Keys that nobody asks for go as well: `DBSIZE` counts what is in memory.
#[test]
fn expired_keys_are_dropped() {
    let server = Server::start(&[]);
    let mut client = server.client();
    for n in 0..1000 {
        client.send(format!("SET key:{n} v PX {}\r\n", 10 + n / 10));
        client.expect("+OK\r\n");
    }
    client.ask("SET stays v", "+OK\r\n");
    client.ask_until("DBSIZE", ":1\r\n");
}

#[test]
fn many_clients_count_together() {
    let server = Server::start(&[]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = server.client();
                client.send("INCR n\r\n".repeat(500));
                for _ in 0..500 {
                    client.line().expect("the server answers");
                }
            });
        }
    });
    server.client().ask("GET n", "$4\r\n4000\r\n");
}

/// A reader never sees one half of an `MSET`.
#[test]
fn mset_is_one_step() {
    let server = Server::start(&[]);
    server.client().ask("MSET one 0 two 0", "+OK\r\n");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = server.client();
            for n in 0..3000 {
                writer.ask(&format!("MSET one {0} two {0}", n % 10), "+OK\r\n");
            }
        });
        scope.spawn(|| {
            let mut reader = server.client();
            for _ in 0..3000 {
                reader.send("MGET one two\r\n");
                let lines: Vec<String> = (0..5).map(|_| reader.line().expect("a reply")).collect();
                assert_eq!(lines[2], lines[4], "half of it: {lines:?}");
            }
        });
    });
}

#[test]
fn info_tells_of_the_server() {
    let server = Server::start(&["--max-clients", "7"]);
    let mut client = server.accepted_client();
    client.ask("MSET a 1 b 2", "+OK\r\n");
    client.ask("EXPIRE a 100", ":1\r\n");
    client.send("INFO\r\n");
    let len: usize = client.line().unwrap().trim_start_matches('$').trim().parse().unwrap();
    let mut text = vec![0; len + 2];
    std::io::Read::read_exact(&mut client.stream, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for field in
        ["# Server", "# Clients\r\nconnected_clients:1\r\nmaxclients:7\r\n", "db0:keys=2,expires=1\r\n"]
    {
        assert!(text.contains(field), "no {field:?} in {text}");
    }
    assert!(text.contains("total_connections_received:1\r\ntotal_commands_processed:3\r\n"), "{text}");
    assert!(text.contains(&format!("tcp_port:{}\r\n", server.addr().port())), "{text}");
}

#[test]
fn command_describes_the_commands() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.ask("COMMAND DOCS", "*0\r\n");
    client.send("COMMAND COUNT\r\n");
    let count = client.line().unwrap();
    client.send("COMMAND\r\n");
    assert_eq!(client.line().unwrap(), count.replace(':', "*"));
    client.expect("*6\r\n$3\r\nget\r\n:2\r\n*1\r\n+readonly\r\n:0\r\n:0\r\n:0\r\n");
}
