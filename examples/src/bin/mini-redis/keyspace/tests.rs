use std::collections::HashMap as Model;
use std::time::Duration;

use proptest::prelude::*;
use rt_core::runtime::{Builder, Runtime};

use super::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Keys with a deadline have tasks, and so need a runtime. It's never driven where time is made up.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// How many of them have a deadline.
fn expiring(table: &Table<'_>) -> usize {
    table.entries.values().filter(|entry| entry.deadline.is_some()).count()
}

/// What one step of a random history does to a key.
#[derive(Clone, Debug)]
enum Step {
    Set { key: u8, value: u8, ttl: Option<u64> },
    Expire { key: u8, ttl: Option<u64> },
    Remove { key: u8 },
    Pass { seconds: u64 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let ttl = || prop::option::of(0_u64..10);
    prop_oneof![
        4 => (0_u8..6, any::<u8>(), ttl()).prop_map(|(key, value, ttl)| Step::Set { key, value, ttl }),
        2 => (0_u8..6, ttl()).prop_map(|(key, ttl)| Step::Expire { key, ttl }),
        1 => (0_u8..6).prop_map(|key| Step::Remove { key }),
        3 => (0_u64..4).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

proptest! {
    /// The keys are at every moment what a plain map with deadlines holds.
    #[test]
    fn a_keyspace_is_a_map_with_deadlines(steps in prop::collection::vec(any_step(), 0..60)) {
        let runtime = runtime();
        let _entered = runtime.enter();
        let keyspace = Keyspace::new();
        let mut model: Model<u8, (u8, Option<Instant>)> = Model::new();
        let mut now = Instant::now();
        for step in steps {
            match step {
                Step::Set { key, value, ttl } => {
                    let at = ttl.map(|ttl| now + seconds(ttl));
                    keyspace.lock(&[key], now).key(&[key]).set(&[value], at);
                    model.insert(key, (value, at));
                }
                Step::Expire { key, ttl } => {
                    let at = ttl.map(|ttl| now + seconds(ttl));
                    let found = keyspace.lock(&[key], now).key(&[key]).set_deadline(at);
                    prop_assert_eq!(found, model.contains_key(&key));
                    model.entry(key).and_modify(|entry| entry.1 = at);
                }
                Step::Remove { key } => {
                    let found = keyspace.lock(&[key], now).key(&[key]).remove();
                    prop_assert_eq!(found, model.remove(&key).is_some());
                }
                Step::Pass { seconds: n } => now += seconds(n),
            }
            model.retain(|_, (_, at)| at.is_none_or(|at| at > now));
            let mut names = Vec::new();
            keyspace.each(now).for_each(|table| names.extend(table.names().map(|name| name[0])));
            let mut expected: Vec<u8> = model.keys().copied().collect();
            names.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(names, expected);
        }
        for key in 0..6 {
            let mut table = keyspace.lock(&[key], now);
            let found = table.key(&[key]).entry().map(|entry| (entry.value[0], entry.deadline));
            prop_assert_eq!(found, model.get(&key).copied());
        }
    }
}

#[test]
fn a_key_is_gone_at_its_deadline_and_not_before() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let keyspace = Keyspace::new();
    let (key, now) = (b"key", Instant::now());
    let due = now + seconds(5);
    keyspace.lock(key, now).key(key).set(b"value", Some(due));
    assert!(keyspace.lock(key, due - Duration::from_nanos(1)).key(key).exists());
    let mut table = keyspace.lock(key, due);
    assert!(!table.key(key).exists());
    assert!(!table.key(key).set_deadline(None));
    assert!(table.names().next().is_none());
    assert_eq!((table.entries.len(), expiring(&table)), (1, 1), "it's still in memory");
    assert!(!table.key(key).remove());
    assert_eq!((table.entries.len(), expiring(&table)), (0, 0));
}

#[test]
fn a_long_value_is_not_kept_for_a_short_one() {
    let keyspace = Keyspace::new();
    let mut table = keyspace.lock(b"key", Instant::now());
    table.key(b"key").set(&[b'x'; 100_000], None);
    table.key(b"key").set(b"short", None);
    assert!(table.key(b"key").value().unwrap().capacity() < 1000);
}

#[test]
fn several_keys_are_locked_at_once() {
    let keyspace = Keyspace::new();
    let names: Vec<Vec<u8>> = (0..200).map(|n| format!("key {n}").into_bytes()).collect();
    let mut tables = keyspace.lock_all(names.iter().map(|name| &name[..]), Instant::now());
    for name in &names {
        tables.key(name).set(name, None);
    }
    drop(tables);
    assert_eq!(keyspace.len(), 200);
    let used = keyspace.each(Instant::now()).filter(|table| !table.entries.is_empty()).count();
    assert!(used > SHARDS / 2, "200 keys are in {used} shards only");
    assert_eq!(keyspace.take(Instant::now()).iter().map(|entries| entries.len()).sum::<usize>(), 200);
    assert_eq!(keyspace.len(), 0);
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
                    drop(keyspace.lock_all(names.iter().map(|name| &name[..]), Instant::now()));
                }
            });
        }
    });
}

/// Keys that nobody asks for are dropped when they are due and not before, whatever was set before or after.
#[test]
fn timers_drop_keys() {
    runtime().block_on(async {
        let keyspace = Keyspace::new();
        let set = |name: String, ttl: Option<Duration>| {
            let now = Instant::now();
            keyspace.lock(name.as_bytes(), now).key(name.as_bytes()).set(b"", ttl.map(|ttl| now + ttl));
        };
        let soon = Duration::from_millis(5);
        for n in 0..100 {
            set(format!("late {n}"), Some(seconds(1000)));
            set(format!("persisted {n}"), Some(soon));
            set(format!("persisted {n}"), None);
            set(format!("prolonged {n}"), Some(soon));
            set(format!("prolonged {n}"), Some(seconds(1000)));
            set(format!("shortened {n}"), Some(seconds(1000)));
            set(format!("shortened {n}"), Some(soon));
            set(format!("soon {n}"), Some(soon));
        }
        let start = Instant::now();
        assert_eq!(keyspace.len(), 500);
        while keyspace.len() > 300 {
            assert!(start.elapsed() < seconds(20), "the keys are still there");
            rt_core::time::sleep(Duration::from_millis(2)).await;
        }
        rt_core::time::sleep(soon).await;
        assert_eq!(keyspace.len(), 300, "the others stay");
    });
}

/// What is overwritten a million times leaves no tasks behind, and neither does a keyspace that goes.
#[test]
fn tasks_end_with_their_deadlines() {
    runtime().block_on(async {
        let tasks = || rt_core::runtime::Handle::current().metrics().num_alive_tasks();
        let keyspace = Keyspace::new();
        for _ in 0..1000 {
            let now = Instant::now();
            keyspace.lock(b"key", now).key(b"key").set(b"", Some(now + seconds(1000)));
            rt_core::task::yield_now().await;
        }
        assert!(tasks() <= 2, "{} tasks for one key", tasks());
        drop(keyspace);
        rt_core::task::yield_now().await;
        assert_eq!(tasks(), 0);
    });
}
