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

#[test]
fn a_task_is_a_span_that_is_entered_for_each_poll_and_for_its_end() {
    let line = line!() + 2;
    let recorder = record(async {
        rt_core::spawn(yield_now()).await.unwrap();
    });
    let spans = recorder.spans("runtime.spawn");
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
    let kinds_and_names: Vec<_> = recorder
        .spans("runtime.spawn")
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
    let (_, fields) = &recorder.spans("runtime.spawn")[0];
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
    let (span, _) = recorder.spans("runtime.spawn")[0];
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
    let (span, _) = recorder.spans("runtime.spawn")[0];
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

    fn values(recorder: &Recorder, name: &str) -> Vec<String> {
        let updates = recorder.events("runtime::resource::state_update");
        updates.into_iter().filter_map(|fields| fields.get(name).cloned()).collect()
    }

    let recorder = record(async {
        let lock = std::sync::Arc::new(Mutex::new((1, 2)));
        let part = MutexGuard::map(lock.lock().await, |pair| &mut pair.0);
        drop(rt_core::sync::MappedMutexGuard::map(part, |part| part));
        drop(lock.try_lock_owned().unwrap());
    });
    assert_eq!(values(&recorder, "locked"), ["false", "true", "false", "true", "false"]);

    let recorder = record(async {
        let semaphore = Semaphore::new(3);
        let permit = semaphore.acquire_many(2).await.unwrap();
        // Who is first in line has what is there.
        let mut queued = Box::pin(semaphore.acquire_many(2));
        assert!(futures::poll!(&mut queued).is_pending());
        drop(queued);
        drop(permit);
    });
    assert_eq!(values(&recorder, "permits"), ["3", "1", "0", "3"]);

    let recorder = record(async {
        let (sender, receiver) = oneshot::channel();
        sender.send(5).unwrap();
        assert_eq!(receiver.await, Ok(5));
        drop(oneshot::channel::<()>());
        Barrier::new(1).wait().await;
    });
    assert_eq!(values(&recorder, "value_sent"), ["false", "true", "false"]);
    assert_eq!(values(&recorder, "value_received"), ["false", "true", "false"]);
    assert_eq!(values(&recorder, "tx_dropped"), ["false", "true", "false", "true"]);
    assert_eq!(values(&recorder, "rx_dropped"), ["false", "true", "false", "true"]);
    assert_eq!(values(&recorder, "size"), ["1"]);
    assert_eq!(values(&recorder, "arrived"), ["0", "0"]);
}
