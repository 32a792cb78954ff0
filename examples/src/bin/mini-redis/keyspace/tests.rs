use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// What one step of a random history does to a key.
#[derive(Clone, Debug)]
enum Step {
    Set { key: u8, value: u8, keep: bool, ttl: Option<u64> },
    Expire { key: u8, ttl: Option<u64> },
    Remove { key: u8 },
    DropDue { limit: usize },
    Pass { seconds: u64 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let ttl = || prop::option::of(1_u64..10);
    prop_oneof![
        4 => (0_u8..6, any::<u8>(), any::<bool>(), ttl())
            .prop_map(|(key, value, keep, ttl)| Step::Set { key, value, keep, ttl }),
        2 => (0_u8..6, ttl()).prop_map(|(key, ttl)| Step::Expire { key, ttl }),
        1 => (0_u8..6).prop_map(|key| Step::Remove { key }),
        1 => (1_usize..4).prop_map(|limit| Step::DropDue { limit }),
        3 => (0_u64..4).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

proptest! {
    /// A table holds at every moment what a plain map with deadlines does.
    #[test]
    fn a_table_is_a_map_with_deadlines(steps in prop::collection::vec(any_step(), 0..60)) {
        let mut table = Table::default();
        let mut model: HashMap<u8, (u8, Option<Instant>)> = HashMap::new();
        let mut now = Instant::now();
        for step in steps {
            match step {
                Step::Set { key, value, keep, ttl } => {
                    let at = ttl.map(|ttl| now + seconds(ttl));
                    let expiry = if keep { Expiry::Keep } else { at.map_or(Expiry::Never, Expiry::At) };
                    table.set(&[key], &[value], expiry, now);
                    let kept = model.get(&key).and_then(|&(_, at)| at);
                    model.insert(key, (value, if keep { kept } else { at }));
                }
                Step::Expire { key, ttl } => {
                    let at = ttl.map(|ttl| now + seconds(ttl));
                    let expiry = at.map_or(Expiry::Never, Expiry::At);
                    let found = table.set_expiry(&[key], expiry, now);
                    prop_assert_eq!(found, model.contains_key(&key));
                    if let Some(entry) = model.get_mut(&key) {
                        entry.1 = at;
                    }
                }
                Step::Remove { key } => {
                    let found = table.remove(&[key], now);
                    prop_assert_eq!(found, model.remove(&key).is_some());
                }
                Step::DropDue { limit } => {
                    let next = table.drop_due(now, limit);
                    let earliest = model.values().filter_map(|&(_, at)| at).min();
                    // What it names is due still, or the earliest of those that aren't.
                    prop_assert!(next.is_some_and(|at| at <= now) || next == earliest);
                }
                Step::Pass { seconds: n } => {
                    now += seconds(n);
                    model.retain(|_, (_, at)| at.is_none_or(|at| at > now));
                }
            }
            let mut names: Vec<u8> = table.names(now).map(|name| name[0]).collect();
            let mut expected: Vec<u8> = model.keys().copied().collect();
            names.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(names, expected);
        }
        for key in 0..6 {
            let found = table.value(&[key], now).map(|value| value[0]);
            prop_assert_eq!(found, model.get(&key).map(|&(value, _)| value));
            let deadline = table.entry(&[key], now).map(|entry| entry.deadline());
            prop_assert_eq!(deadline, model.get(&key).map(|&(_, at)| at));
        }
        // With all that's due dropped, nothing else is left.
        table.drop_due(now, usize::MAX);
        prop_assert_eq!(table.len(), model.len());
        prop_assert_eq!(table.expiring(), model.values().filter(|(_, at)| at.is_some()).count());
    }
}

#[test]
fn a_key_is_gone_at_its_deadline_and_not_before() {
    let keyspace = Keyspace::new();
    let now = Instant::now();
    let mut table = keyspace.lock(b"key");
    let key = b"key";
    table.set(key, b"value", Expiry::At(now + seconds(5)), now);
    assert!(table.contains(key, now + seconds(5) - Duration::from_nanos(1)));
    assert!(!table.contains(key, now + seconds(5)));
    assert!(!table.set_expiry(key, Expiry::Never, now + seconds(5)));
    assert!(table.names(now + seconds(5)).next().is_none());
    assert!(!table.remove(key, now + seconds(5)));
    assert_eq!(table.len(), 0);
    assert_eq!(table.expiring(), 0);
}

#[test]
fn a_new_value_under_an_expired_name_does_not_inherit_its_deadline() {
    let keyspace = Keyspace::new();
    let now = Instant::now();
    let mut table = keyspace.lock(b"key");
    let key = b"key";
    table.set(key, b"old", Expiry::At(now + seconds(1)), now);
    table.set(key, b"new", Expiry::Keep, now + seconds(2));
    assert_eq!(table.entry(key, now + seconds(2)).unwrap().deadline(), None);
    assert_eq!(table.drop_due(now + seconds(9), 10), None);
    assert_eq!(table.value(key, now + seconds(9)).unwrap(), b"new");
}

#[test]
fn only_an_earlier_first_deadline_is_news() {
    let mut table = Table::default();
    let now = Instant::now();
    let mut set = |key: &[u8], ttl| {
        table.set(key, b"", Expiry::At(now + seconds(ttl)), now);
        // A notification that nobody has waited for is kept for the next one who does.
        let notified = pin!(table.sooner().notified());
        notified.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    };
    assert!(set(b"a", 10));
    assert!(!set(b"b", 20));
    assert!(set(b"c", 5));
    // The task that sleeps until 5 wakes too early for 6 and sleeps again: that is rarer than being told.
    assert!(set(b"d", 4));
}

#[test]
fn a_long_value_is_not_kept_for_a_short_one() {
    let mut table = Table::default();
    let now = Instant::now();
    let key = b"key";
    table.set(key, &[b'x'; 100_000], Expiry::Never, now);
    table.set(key, b"short", Expiry::Never, now);
    assert!(table.value(key, now).unwrap().capacity() < 1000);
}

#[test]
fn several_keys_are_locked_at_once() {
    let keyspace = Keyspace::new();
    let names: Vec<Vec<u8>> = (0..200).map(|n| format!("key {n}").into_bytes()).collect();
    let now = Instant::now();
    let mut tables = keyspace.lock_all(names.iter().map(|name| &name[..]));
    for name in &names {
        tables.table(name).set(name, name, Expiry::Never, now);
    }
    drop(tables);
    assert_eq!(keyspace.each().map(|table| table.len()).sum::<usize>(), 200);
    let used = keyspace.each().filter(|table| table.len() > 0).count();
    assert!(used > SHARDS / 2, "200 keys are in {used} shards only");
}

/// Two threads that lock the same keys in opposite order come to an end.
#[test]
fn locks_do_not_cross() {
    let keyspace = Keyspace::new();
    std::thread::scope(|scope| {
        for reversed in [false, true] {
            let keyspace = &keyspace;
            scope.spawn(move || {
                let mut names: Vec<Vec<u8>> = (0..10).map(|n| vec![n]).collect();
                if reversed {
                    names.reverse();
                }
                for _ in 0..20_000 {
                    drop(keyspace.lock_all(names.iter().map(|name| &name[..])));
                }
            });
        }
    });
}

/// Keys that nobody asks for are dropped by the shards' tasks, also when an earlier deadline is set while
/// they sleep until a later one.
#[test]
fn timers_drop_keys() {
    let runtime = rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let keyspace = Arc::new(Keyspace::new());
        for shard in 0..Keyspace::shard_count() {
            let keyspace = Arc::clone(&keyspace);
            rt_core::spawn(async move { keyspace.expire(shard).await });
        }
        let set = |name: &str, ttl: Duration| {
            let now = Instant::now();
            let key = name.as_bytes();
            keyspace.lock(key).set(key, b"", Expiry::At(now + ttl), now);
        };
        for n in 0..500 {
            set(&format!("emptied {n}"), seconds(900));
        }
        rt_core::task::yield_now().await;
        // The tasks that sleep go on for the tables that are empty now.
        let emptied = keyspace.lock_everything().tables().map(|table| table.take().len()).sum::<usize>();
        assert_eq!(emptied, 500);
        for n in 0..500 {
            set(&format!("late {n}"), seconds(1000));
        }
        rt_core::task::yield_now().await;
        for n in 0..500 {
            set(&format!("soon {n}"), Duration::from_millis(5));
        }
        let start = Instant::now();
        while keyspace.each().map(|table| table.len()).sum::<usize>() > 500 {
            assert!(start.elapsed() < seconds(20), "the keys are still there");
            rt_core::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(4));
        assert_eq!(keyspace.each().map(|table| table.expiring()).sum::<usize>(), 500);
    });
}
