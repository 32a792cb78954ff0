use super::*;

fn subscriber(server: &Arc<PubSub>, client: u64) -> Subscriptions {
    Subscriptions::new(Arc::clone(server), client, CancellationToken::new())
}

/// How many channels and patterns have a subscriber.
fn topics(server: &PubSub) -> [usize; 2] {
    lock(&server.0).each_ref().map(HashMap::len)
}

#[test]
fn messages_wait_in_order() {
    let server: Arc<PubSub> = Arc::default();
    let mut one = subscriber(&server, 1);
    one.subscribe(Kind::Channel, b"a");
    one.subscribe(Kind::Channel, b"a");
    one.subscribe(Kind::Pattern, b"*");
    assert_eq!((one.topics.len(), topics(&server)), (2, [1, 1]));
    assert_eq!(server.publish(b"a", b"1"), 2);
    assert_eq!(server.publish(b"b", b"2"), 1);
    let expected = [
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n",
        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\n1\r\n",
        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\nb\r\n$1\r\n2\r\n",
    ];
    assert_eq!(one.mailbox.take().unwrap(), expected.concat());
    assert_eq!(one.mailbox.take().unwrap(), "");
    one.unsubscribe(Kind::Pattern, b"*");
    one.unsubscribe(Kind::Pattern, b"nosuch");
    assert_eq!((one.topics.len(), topics(&server)), (1, [1, 0]));
}

#[test]
fn subscriptions_end_with_their_client() {
    let server: Arc<PubSub> = Arc::default();
    let (mut one, mut two) = (subscriber(&server, 1), subscriber(&server, 2));
    one.subscribe(Kind::Channel, b"a");
    two.subscribe(Kind::Channel, b"a");
    two.subscribe(Kind::Pattern, b"*");
    drop(one);
    assert_eq!((server.publish(b"a", b"1"), topics(&server)), (2, [1, 1]));
    drop(two);
    assert_eq!((server.publish(b"a", b"2"), topics(&server)), (0, [0, 0]));
}

/// Messages of subscriptions that were ended don't turn up in later ones.
#[test]
fn a_new_beginning_has_no_messages() {
    let server: Arc<PubSub> = Arc::default();
    let mut one = subscriber(&server, 1);
    one.subscribe(Kind::Channel, b"a");
    server.publish(b"a", b"1");
    one.clear();
    assert_eq!((one.topics.len(), topics(&server)), (0, [0, 0]));
    one.subscribe(Kind::Channel, b"a");
    assert_eq!(one.mailbox.take().unwrap(), "");
}

#[test]
fn a_full_mailbox_is_given_up() {
    let server: Arc<PubSub> = Arc::default();
    let (mut slow, mut fast) = (subscriber(&server, 1), subscriber(&server, 2));
    slow.subscribe(Kind::Channel, b"a");
    fast.subscribe(Kind::Channel, b"a");
    let payload = vec![b'x'; MAILBOX_LIMIT / 8];
    for _ in 0..7 {
        server.publish(b"a", &payload);
        assert!(fast.mailbox.take().unwrap().len() > payload.len());
    }
    assert!(slow.mailbox.take().is_some(), "seven fit, with what is around them");
    for _ in 0..8 {
        server.publish(b"a", &payload);
    }
    assert_eq!(slow.mailbox.take(), None);
    server.publish(b"a", b"short");
    assert_eq!(slow.mailbox.take(), None, "for good");
    assert_eq!(fast.mailbox.take(), None, "it hasn't taken eight either");
}
