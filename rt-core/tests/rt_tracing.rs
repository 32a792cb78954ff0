//! What a subscriber of `tracing` learns, in the form in which tokio-console wants it.
#![cfg(all(feature = "full", feature = "tracing"))]

#[path = "rt_tracing/recorder.rs"]
mod recorder;

use std::future::pending;
use std::task::Poll;

use recorder::{Recorder, Told};
use rt_core::runtime::Builder;
use rt_core::task::{self, LocalSet, yield_now};

/// Runs a future on a current-thread runtime, and says what was told meanwhile.
fn record<F: Future>(future: F) -> Recorder {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(future);
    });
    recorder
}

/// The spans of tasks, without that of what `record` runs.
fn tasks(recorder: &Recorder) -> Vec<(u64, recorder::Fields)> {
    let mut tasks = recorder.spans("runtime.spawn");
    assert_eq!(tasks.remove(0).1["kind"], "\"block_on\"");
    tasks
}

/// The values of a field of a resource's updates, with how each changes what there was.
fn updates(recorder: &Recorder, field: &'static str) -> Vec<String> {
    values(&recorder.events("runtime::resource::state_update"), field)
}

/// The same of a wait's.
fn updates_of_waits(recorder: &Recorder, field: &'static str) -> Vec<String> {
    values(&recorder.events("runtime::resource::async_op::state_update"), field)
}

fn values(events: &[recorder::Fields], field: &'static str) -> Vec<String> {
    let op = format!("{field}.op");
    let with_op = |fields: &recorder::Fields| match fields.get(&*op).map(|op| op.trim_matches('"')) {
        Some("add") => format!("+{}", fields[field]),
        Some("sub") => format!("-{}", fields[field]),
        Some("override") | None => fields[field].clone(),
        Some(other) => panic!("{other}"),
    };
    events.iter().filter(|fields| fields.contains_key(field)).map(with_op).collect()
}

#[test]
fn a_task_is_a_span_that_is_entered_for_each_poll_and_for_its_end() {
    let line = line!() + 2;
    let recorder = record(async {
        rt_core::spawn(yield_now()).await.unwrap();
    });
    let spans = tasks(&recorder);
    let [(span, fields)] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(fields["kind"], "\"task\"");
    assert_eq!(fields["task.name"], "");
    assert!(fields["loc.file"].ends_with("rt_tracing.rs\""));
    assert_eq!(fields["loc.line"], line.to_string());
    assert!(fields["task.id"].parse::<u64>().is_ok());
    assert!(!fields.contains_key("original_size.bytes"));
    let told = recorder.told();
    let of_span: Vec<_> = told
        .iter()
        .filter(|told| matches!(told, Told::Enter(id) | Told::Exit(id) | Told::Close(id) if id == span))
        .cloned()
        .collect();
    let (enter, exit) = (Told::Enter(*span), Told::Exit(*span));
    let twice_polled = [enter.clone(), exit.clone(), enter.clone(), exit.clone()];
    assert_eq!(of_span, [&twice_polled[..], &[enter, exit, Told::Close(*span)]].concat());
    assert!(told.iter().any(|told| matches!(told, Told::New { target, .. } if target == "tokio::task")));
}

#[test]
fn all_kinds_of_tasks_have_spans_and_names() {
    let recorder = record(async {
        task::Builder::new().name("a task").spawn(async {}).unwrap().await.unwrap();
        task::Builder::new().name("a closure").spawn_blocking(|| ()).unwrap().await.unwrap();
        let set = LocalSet::new();
        let local = task::Builder::new().name("a local task").spawn_local_on(async {}, &set).unwrap();
        set.run_until(local).await.unwrap();
        // A name is that of one task.
        rt_core::spawn(async {}).await.unwrap();
    });
    let kinds_and_names: Vec<_> = tasks(&recorder)
        .into_iter()
        .map(|(_, fields)| (fields["kind"].trim_matches('"').to_owned(), fields["task.name"].clone()))
        .collect();
    let expected = [("task", "a task"), ("blocking", "a closure"), ("local", "a local task"), ("task", "")];
    assert_eq!(kinds_and_names, expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
}

#[test]
fn a_boxed_future_tells_both_sizes() {
    let recorder = record(async {
        let large = [1_u8; 40_000];
        rt_core::spawn(async move {
            yield_now().await;
            assert_eq!(large[39_999], 1);
        })
        .await
        .unwrap();
    });
    let (_, fields) = &tasks(&recorder)[0];
    assert_eq!(fields["size.bytes"], size_of::<Box<()>>().to_string());
    assert!(fields["original_size.bytes"].parse::<usize>().unwrap() >= 40_000);
}

#[test]
fn wakers_tell_what_becomes_of_them() {
    let recorder = record(async {
        let task = rt_core::spawn(std::future::poll_fn(|cx| {
            let waker = cx.waker().clone();
            waker.wake_by_ref();
            let other = waker.clone();
            drop(waker);
            other.wake();
            Poll::Ready(())
        }));
        task.await.unwrap();
    });
    let (span, _) = tasks(&recorder)[0];
    let ops: Vec<_> = recorder
        .events("tokio::task::waker")
        .into_iter()
        .map(|fields| {
            assert_eq!(fields["task.id"], span.to_string());
            fields["op"].trim_matches('"').to_owned()
        })
        .collect();
    assert_eq!(ops, ["waker.clone", "waker.wake_by_ref", "waker.clone", "waker.drop", "waker.wake"]);
}

#[test]
fn a_task_that_is_dropped_with_its_runtime_closes_its_span() {
    let recorder = record(async {
        rt_core::spawn(pending::<()>());
        yield_now().await;
    });
    let (span, _) = tasks(&recorder)[0];
    assert!(recorder.told().contains(&Told::Close(span)));
}

#[test]
fn without_a_subscriber_tasks_run_as_ever() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let tasks: Vec<_> = (0..100).map(|i| runtime.spawn(async move { i })).collect();
    for (i, task) in tasks.into_iter().enumerate() {
        assert_eq!(runtime.block_on(task).unwrap(), i);
    }
}

#[test]
fn what_a_task_waits_for_is_a_resource_with_its_polls() {
    use rt_core::sync::{Barrier, Mutex, RwLock, Semaphore, oneshot};

    let first = line!();
    let recorder = record(async {
        drop(Mutex::new(()).lock().await);
        drop(RwLock::new(()).write().await);
        Semaphore::new(1).acquire().await.unwrap().forget();
        Barrier::new(1).wait().await;
        let (sender, receiver) = oneshot::channel();
        sender.send(()).unwrap();
        receiver.await.unwrap();
        rt_core::time::sleep(std::time::Duration::from_millis(1)).await;
    });
    let all = recorder.spans("runtime.resource");
    // A lock or semaphore has its permits in it, in a resource of their own.
    let (inner, resources): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, fields)| fields["is_internal"] == "true");
    assert_eq!(inner.len(), 3);
    let types: Vec<_> =
        resources.iter().map(|(_, fields)| fields["concrete_type"].trim_matches('"')).collect();
    assert_eq!(types, ["Mutex", "RwLock", "Semaphore", "Barrier", "Sender|Receiver", "Sleep"]);
    for (_, fields) in &resources {
        assert!(fields["loc.file"].ends_with("rt_tracing.rs\""), "{fields:?}");
        assert!(fields["loc.line"].parse::<u32>().unwrap() > first);
        assert!(["\"Sync\"", "\"timer\""].contains(&&*fields["kind"]));
    }
    let waits = recorder.spans("runtime.resource.async_op");
    let sources: Vec<_> = waits.iter().map(|(_, fields)| fields["source"].trim_matches('"')).collect();
    let expected = [
        "Mutex::lock",
        "RwLock::write",
        "Semaphore::acquire",
        "Barrier::wait",
        "Receiver::await",
        "Sleep::new_timeout",
    ];
    assert_eq!(sources, expected);
    let polls = recorder.events("runtime::resource::poll_op");
    let names = expected[..4].iter().copied().chain(["poll_recv", "poll_elapsed"]);
    for source in names {
        let of_source: Vec<_> = polls
            .iter()
            .filter(|fields| fields["op_name"].trim_matches('"') == source)
            .map(|fields| &*fields["is_ready"])
            .collect();
        // A timer's polls tell of the budget, too.
        let ready =
            if source == "poll_elapsed" { vec!["true", "false", "true", "true"] } else { vec!["true"] };
        assert_eq!(of_source, ready, "{source}");
    }
    // Each poll happens inside of the three spans, and all spans come to their end.
    let told = recorder.told();
    let all = [resources, waits, recorder.spans("runtime.resource.async_op.poll")].concat();
    assert_eq!(all.len(), 18);
    assert!(inner.iter().all(|(span, _)| told.contains(&Told::Close(*span))));
    for (span, _) in all {
        let entered = told.iter().filter(|told| **told == Told::Enter(span)).count();
        let left = told.iter().filter(|told| **told == Told::Exit(span)).count();
        assert!(entered == left && entered > 0, "{span}");
        assert!(told.contains(&Told::Close(span)));
    }
}

#[test]
fn resources_tell_what_becomes_of_them() {
    use rt_core::sync::{Barrier, Mutex, MutexGuard, Semaphore, oneshot};

    let recorder = record(async {
        let lock = std::sync::Arc::new(Mutex::new((1, 2)));
        let part = MutexGuard::map(lock.lock().await, |pair| &mut pair.0);
        drop(rt_core::sync::MappedMutexGuard::map(part, |part| part));
        drop(lock.try_lock_owned().unwrap());
    });
    assert_eq!(updates(&recorder, "locked"), ["false", "true", "false", "true", "false"]);
    assert_eq!(updates(&recorder, "permits"), ["1", "0", "1", "0", "1"]);

    let recorder = record(async {
        let semaphore = Semaphore::new(3);
        let permit = semaphore.acquire_many(2).await.unwrap();
        // Who is first in line has what is there.
        let mut queued = Box::pin(semaphore.acquire_many(2));
        assert!(futures::poll!(&mut queued).is_pending());
        drop(queued);
        drop(permit);
        semaphore.add_permits(2);
        semaphore.forget_permits(1);
    });
    assert_eq!(updates(&recorder, "permits"), ["3", "1", "0", "3", "5", "4"]);

    let recorder = record(async {
        let (sender, receiver) = oneshot::channel();
        sender.send(5).unwrap();
        assert_eq!(receiver.await, Ok(5));
        drop(oneshot::channel::<()>());
        Barrier::new(1).wait().await;
    });
    assert_eq!(updates(&recorder, "value_sent"), ["false", "true", "false"]);
    assert_eq!(updates(&recorder, "value_received"), ["false", "true", "false"]);
    assert_eq!(updates(&recorder, "tx_dropped"), ["false", "true", "false", "true"]);
    assert_eq!(updates(&recorder, "rx_dropped"), ["false", "true", "false", "true"]);
    assert_eq!(updates(&recorder, "size"), ["1"]);
    assert_eq!(updates(&recorder, "arrived"), ["0", "0"]);
}

#[test]
fn a_rwlock_tells_of_its_writer_and_of_its_readers() {
    use rt_core::sync::{RwLock, RwLockWriteGuard};

    let recorder = record(async {
        let lock = std::sync::Arc::new(RwLock::with_max_readers((1, 2), 4));
        let guard = lock.write().await.downgrade();
        drop((lock.read().await, lock.clone().try_read_owned().unwrap()));
        drop(guard);
        drop(RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.0));
        let mut reader = Box::pin(lock.clone().read_owned());
        let writer = lock.clone().write_owned().await;
        assert!(futures::poll!(&mut reader).is_pending());
        drop(writer);
        drop(reader.await);
    });
    assert_eq!(updates(&recorder, "max_readers"), ["4"]);
    let written = ["false", "true", "false", "true", "false", "true", "false"];
    assert_eq!(updates(&recorder, "write_locked"), written);
    assert_eq!(updates(&recorder, "current_readers"), ["0", "+1", "+1", "+1", "-1", "-1", "-1", "+1", "-1"]);
    assert_eq!(updates(&recorder, "permits").last().unwrap(), "4");
    assert_eq!(updates_of_waits(&recorder, "permits_requested"), ["4", "1", "4", "1"]);
    assert_eq!(updates_of_waits(&recorder, "permits_obtained"), ["1"]);
    let sources: Vec<_> = recorder
        .spans("runtime.resource.async_op")
        .into_iter()
        .map(|(_, fields)| fields["source"].trim_matches('"').to_owned())
        .collect();
    assert_eq!(sources, ["RwLock::write", "RwLock::read", "RwLock::write_owned", "RwLock::read_owned"]);
}

#[test]
fn what_a_waiter_is_given_is_told_in_its_own_span() {
    use rt_core::sync::Semaphore;

    let recorder = record(async {
        let semaphore = Semaphore::new(0);
        let mut waits = [1, 2].map(|n| Box::pin(semaphore.acquire_many(n)));
        for wait in &mut waits {
            assert!(futures::poll!(wait).is_pending());
        }
        semaphore.add_permits(3);
        for wait in waits {
            wait.await.unwrap().forget();
        }
    });
    assert_eq!(updates_of_waits(&recorder, "permits_requested"), ["1", "2"]);
    assert_eq!(updates_of_waits(&recorder, "permits_obtained"), ["1", "2"]);
    // Each in the span of its wait, and nowhere else.
    let waits = recorder.spans("runtime.resource.async_op");
    let (mut inside, mut given) = (Vec::new(), Vec::new());
    for told in recorder.told() {
        match told {
            Told::Enter(span) => inside.push(span),
            Told::Exit(span) => assert_eq!(inside.pop(), Some(span)),
            Told::Event { fields, .. } if fields.contains_key("permits_obtained") => {
                given.push(*inside.last().unwrap());
            }
            _ => {}
        }
    }
    assert_eq!(given, [waits[0].0, waits[1].0]);
}

#[test]
fn an_interval_is_a_timer_with_its_ticks() {
    let line = line!() + 2;
    let recorder = record(async {
        let mut interval = rt_core::time::interval(std::time::Duration::from_millis(1));
        interval.tick().await;
        interval.tick().await;
    });
    let timers = recorder.spans("runtime.resource");
    let types: Vec<_> = timers.iter().map(|(_, fields)| fields["concrete_type"].trim_matches('"')).collect();
    assert_eq!(types, ["Interval", "Sleep"]);
    for (span, fields) in &timers {
        assert_eq!(fields["kind"], "\"timer\"");
        assert_eq!(fields["loc.line"], line.to_string());
        assert!(recorder.told().contains(&Told::Close(*span)));
    }
    let waits = recorder.spans("runtime.resource.async_op");
    let sources: Vec<_> = waits.iter().map(|(_, fields)| fields["source"].trim_matches('"')).collect();
    assert_eq!(sources, ["Sleep::new_timeout", "Interval::tick", "Interval::tick"]);
    let polls = recorder.events("runtime::resource::poll_op");
    let ticks: Vec<_> = polls
        .iter()
        .filter(|fields| fields["op_name"] == "\"poll_tick\"")
        .map(|fields| &*fields["is_ready"])
        .collect();
    // The first tick is due at once; the next isn't, unless the machine was slow.
    assert!(ticks.starts_with(&["true"]) && ticks.ends_with(&["true"]), "{ticks:?}");
}

#[test]
fn a_closure_tells_its_name_size_and_place() {
    let line = line!() + 3;
    let recorder = record(async {
        let large = [1_u8; 100];
        rt_core::task::spawn_blocking(move || large[0]).await.unwrap();
        rt_core::spawn(async {}).await.unwrap();
    });
    let [(span, fields), (_, other)] = &tasks(&recorder)[..] else { panic!() };
    assert_eq!(fields["kind"], "\"blocking\"");
    assert!(fields["fn"].contains("a_closure_tells_its_name_size_and_place"), "{}", fields["fn"]);
    assert_eq!(fields["size.bytes"], "100");
    assert!(fields["loc.file"].ends_with("rt_tracing.rs\""));
    assert_eq!(fields["loc.line"], line.to_string());
    assert!(fields["loc.col"].parse::<u32>().unwrap() > 0);
    assert!(!other.contains_key("fn"));
    // Its thread has no subscriber of its own, but the span brings one along.
    assert!(recorder.told().contains(&Told::Enter(*span)));
}

#[test]
fn what_block_on_runs_is_a_task_of_its_own_kind() {
    let line = line!() + 5;
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        for builder in [Builder::new_current_thread(), Builder::new_multi_thread()].iter_mut() {
            let runtime = builder.worker_threads(1).build().unwrap();
            runtime.block_on(async { yield_now().await });
            let large = [1_u8; 40_000];
            runtime.handle().block_on(async move {
                std::future::ready(()).await;
                assert_eq!(large[39_999], 1);
            });
        }
    });
    let spans = recorder.spans("runtime.spawn");
    assert_eq!(spans.len(), 4);
    let mut ids: Vec<_> = spans.iter().map(|(_, fields)| fields["task.id"].clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    for (index, (span, fields)) in spans.iter().enumerate() {
        assert_eq!(fields["kind"], "\"block_on\"");
        let large = index % 2 == 1;
        assert_eq!(fields["loc.line"], (line + if large { 2 } else { 0 }).to_string());
        assert_eq!(fields.contains_key("original_size.bytes"), large);
        let entered = recorder.told().iter().filter(|told| **told == Told::Enter(*span)).count();
        // For each poll, and for the end.
        assert_eq!(entered, if large { 2 } else { 3 });
        assert!(recorder.told().contains(&Told::Close(*span)));
    }
}

#[test]
fn what_stays_on_its_thread_is_a_local_task() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let runtime = Builder::new_current_thread().build_local(rt_core::runtime::LocalOptions::default());
        runtime.unwrap().block_on(async {
            task::spawn_local(async {}).await.unwrap();
            task::Builder::new().name("named").spawn_local(async {}).unwrap().await.unwrap();
            LocalSet::new().run_until(async { task::spawn_local(async {}).await.unwrap() }).await;
            rt_core::spawn(async {}).await.unwrap();
        });
    });
    let kinds: Vec<_> = tasks(&recorder)
        .into_iter()
        .map(|(_, fields)| (fields["kind"].trim_matches('"').to_owned(), fields["task.name"].clone()))
        .collect();
    let expected = [("local", ""), ("local", "named"), ("local", ""), ("task", "")];
    assert_eq!(kinds, expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
}

#[test]
fn what_subscribers_send_by_is_silent() {
    use rt_core::sync::{Notify, broadcast, mpsc, watch};

    let recorder = record(async {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.send(1).await.unwrap();
        // One waits in line for room, and is given some.
        let mut second = Box::pin(sender.send(2));
        assert!(futures::poll!(&mut second).is_pending());
        assert_eq!(receiver.recv().await, Some(1));
        second.await.unwrap();
        assert_eq!(receiver.recv().await, Some(2));
        let (sender, mut receiver) = mpsc::unbounded_channel();
        sender.send(3).unwrap();
        assert_eq!(receiver.recv().await, Some(3));
        let (sender, mut receiver) = broadcast::channel(1);
        sender.send(4).unwrap();
        assert_eq!(receiver.recv().await, Ok(4));
        let (sender, mut receiver) = watch::channel(5);
        sender.send(6).unwrap();
        receiver.changed().await.unwrap();
        let notify = Notify::new();
        notify.notify_one();
        notify.notified().await;
    });
    let of_the_main_future = |told: &Told| match told {
        Told::New { name, .. } => *name == "runtime.spawn",
        Told::Enter(span) | Told::Exit(span) | Told::Close(span) => *span == 1,
        Told::Event { .. } => false,
    };
    assert!(recorder.told().iter().all(of_the_main_future), "{:?}", recorder.told());
}
