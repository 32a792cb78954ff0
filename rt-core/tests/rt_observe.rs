//! Hooks that look on at tasks, and histograms of their polls.
#![cfg(feature = "full")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rt_core::runtime::{Builder, HistogramConfiguration, LogHistogram, Runtime, RuntimeMetrics, TaskMeta};
use rt_core::task::{Id, yield_now};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Spawn,
    Before,
    After,
    End,
}

type Log = Arc<Mutex<HashMap<Id, Vec<Event>>>>;

fn log(log: &Log, event: Event) -> impl Fn(&TaskMeta<'_>) + Send + Sync + 'static {
    let log = log.clone();
    move |task| {
        assert!(task.spawned_at().file().ends_with("rt_observe.rs"));
        assert_eq!(task.schedule_latency(), None);
        log.lock().unwrap().entry(task.id()).or_default().push(event);
    }
}

fn logged(mut builder: Builder) -> (Runtime, Log) {
    let events = Log::default();
    let runtime = builder
        .enable_all()
        .on_task_spawn(log(&events, Event::Spawn))
        .on_before_task_poll(log(&events, Event::Before))
        .on_after_task_poll(log(&events, Event::After))
        .on_task_terminate(log(&events, Event::End))
        .build()
        .unwrap();
    (runtime, events)
}

fn builders() -> [Builder; 2] {
    let mut threaded = Builder::new_multi_thread();
    threaded.worker_threads(2);
    [Builder::new_current_thread(), threaded]
}

#[test]
fn hooks_see_the_whole_life_of_each_task() {
    use Event::{After, Before, End, Spawn};

    for builder in builders() {
        let (runtime, events) = logged(builder);
        let yields = runtime.spawn(async {
            yield_now().await;
            yield_now().await;
        });
        let panics = runtime.spawn(async { panic!("on purpose") });
        let aborted = runtime.spawn(std::future::pending::<()>());
        let left = runtime.spawn(std::future::pending::<()>());
        let ids = [yields.id(), panics.id(), aborted.id(), left.id()];
        runtime.block_on(async {
            yields.await.unwrap();
            assert!(panics.await.unwrap_err().is_panic());
            aborted.abort();
            assert!(aborted.await.unwrap_err().is_cancelled());
        });
        // An end is told before the joiner knows of it.
        for id in &ids[..3] {
            let count = events.lock().unwrap()[id].iter().filter(|event| **event == End).count();
            assert_eq!(count, 1);
        }
        drop(runtime);
        let events = events.lock().unwrap();
        assert_eq!(events[&ids[0]], [Spawn, Before, After, Before, After, Before, End, After]);
        assert_eq!(events[&ids[1]], [Spawn, Before, End, After]);
        for id in &ids[2..] {
            let seen = &events[id];
            assert_eq!(seen[0], Spawn);
            assert_eq!(seen.iter().filter(|event| **event == End).count(), 1);
            let polls = |kind| seen.iter().filter(|event| **event == kind).count();
            assert_eq!(polls(Before), polls(After), "{seen:?}");
        }
    }
}

#[test]
fn a_hook_that_panics_harms_nobody() {
    for mut builder in builders() {
        let runtime = builder
            .on_task_spawn(|_| panic!("at the spawn"))
            .on_before_task_poll(|_| panic!("before the poll"))
            .on_after_task_poll(|_| panic!("after the poll"))
            .on_task_terminate(|_| panic!("at the end"))
            .build()
            .unwrap();
        let task = runtime.spawn(async {
            yield_now().await;
            7
        });
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }
}

#[test]
fn a_hook_may_spawn() {
    let runtime = Builder::new_current_thread()
        .on_task_terminate(|task| {
            static FIRST: Mutex<Option<Id>> = Mutex::new(None);
            if FIRST.lock().unwrap().replace(task.id()).is_none() {
                rt_core::spawn(async {});
            }
        })
        .build()
        .unwrap();
    runtime.block_on(async {
        rt_core::spawn(async {}).await.unwrap();
        yield_now().await;
    });
    assert_eq!(runtime.metrics().spawned_tasks_count(), 2);
    assert_eq!(runtime.metrics().num_alive_tasks(), 0);
}

fn total(
    metrics: &RuntimeMetrics,
    buckets: usize,
    count: impl Fn(&RuntimeMetrics, usize, usize) -> u64,
) -> u64 {
    let workers = 0..metrics.num_workers();
    workers.map(|worker| (0..buckets).map(|bucket| count(metrics, worker, bucket)).sum::<u64>()).sum()
}

#[test]
fn each_poll_is_in_the_histogram() {
    for mut builder in builders() {
        let runtime = builder
            .enable_metrics_poll_time_histogram()
            .metrics_poll_time_histogram_configuration(HistogramConfiguration::linear(
                Duration::from_millis(5),
                2,
            ))
            .build()
            .unwrap();
        let metrics = runtime.metrics();
        runtime.block_on(async {
            for _ in 0..20 {
                rt_core::spawn(yield_now()).await.unwrap();
            }
            rt_core::spawn(async { std::thread::sleep(Duration::from_millis(6)) }).await.unwrap();
        });
        drop(runtime);
        assert!(metrics.poll_time_histogram_enabled());
        assert_eq!(metrics.poll_time_histogram_num_buckets(), 2);
        assert_eq!(metrics.poll_time_histogram_bucket_range(0), Duration::ZERO..Duration::from_millis(5));
        assert_eq!(total(&metrics, 2, RuntimeMetrics::poll_time_histogram_bucket_count), 41);
        let slow: u64 =
            (0..metrics.num_workers()).map(|w| metrics.poll_time_histogram_bucket_count(w, 1)).sum();
        assert!(slow >= 1);
        assert_eq!(metrics.poll_time_histogram_bucket_count(0, 2), 0);
    }
}

#[test]
fn a_poll_that_gives_its_worker_away_is_counted_too() {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).enable_metrics_poll_time_histogram().build().unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        for _ in 0..10 {
            rt_core::spawn(async { rt_core::task::block_in_place(|| ()) }).await.unwrap();
        }
    });
    drop(runtime);
    assert_eq!(total(&metrics, 10, RuntimeMetrics::poll_time_histogram_bucket_count), 10);
}

#[test]
fn without_being_enabled_there_are_no_histograms() {
    let configuration = HistogramConfiguration::log(LogHistogram::default());
    let runtime = Builder::new_current_thread()
        .metrics_poll_time_histogram_configuration(configuration.clone())
        .metrics_schedule_latency_histogram_configuration(configuration)
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    assert!(!metrics.poll_time_histogram_enabled() && !metrics.schedule_latency_histogram_enabled());
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 0);
    assert_eq!(metrics.schedule_latency_histogram_num_buckets(), 0);
    assert_eq!(metrics.schedule_latency_histogram_bucket_count(0, 0), 0);
    assert!(metrics.poll_time_histogram_bucket_range(0).is_empty());
}

#[test]
#[expect(deprecated, reason = "they must do what they did")]
fn the_former_methods_configure_the_histogram() {
    use rt_core::runtime::HistogramScale;

    let runtime = Builder::new_current_thread()
        .enable_metrics_poll_time_histogram()
        .metrics_poll_count_histogram_scale(HistogramScale::Log)
        .metrics_poll_count_histogram_buckets(3)
        .metrics_poll_count_histogram_resolution(Duration::from_micros(50))
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    assert_eq!(metrics.poll_time_histogram_num_buckets(), 3);
    assert_eq!(
        metrics.poll_time_histogram_bucket_range(1),
        Duration::from_nanos(1 << 16)..Duration::from_nanos(1 << 17)
    );
}

#[test]
fn each_wait_for_a_poll_is_in_the_histogram() {
    for mut builder in builders() {
        let runtime = builder
            .enable_metrics_schedule_latency_histogram()
            .metrics_schedule_latency_histogram_configuration(HistogramConfiguration::linear(
                Duration::from_millis(10),
                2,
            ))
            .build()
            .unwrap();
        let metrics = runtime.metrics();
        assert!(metrics.schedule_latency_histogram_enabled());
        assert_eq!(metrics.schedule_latency_histogram_num_buckets(), 2);
        assert_eq!(metrics.schedule_latency_histogram_bucket_range(1).start, Duration::from_millis(10));
        runtime.block_on(async {
            for _ in 0..20 {
                rt_core::spawn(yield_now()).await.unwrap();
            }
        });
        drop(runtime);
        let waits = total(&metrics, 2, RuntimeMetrics::schedule_latency_histogram_bucket_count);
        assert_eq!(waits, 40);
    }
}

#[test]
fn a_task_that_waits_for_its_worker_has_waited() {
    let (waits, told) = mpsc::channel();
    let waits = Mutex::new(waits);
    let runtime = Builder::new_current_thread()
        .track_task_schedule_latency()
        .on_before_task_poll(move |task| {
            waits.lock().unwrap().send((task.id(), task.schedule_latency().unwrap())).unwrap();
        })
        .on_task_terminate(|task| assert_eq!(task.schedule_latency(), None))
        .build()
        .unwrap();
    let (sender, receiver) = rt_core::sync::oneshot::channel::<()>();
    let early = runtime.spawn(receiver);
    std::thread::sleep(Duration::from_millis(20));
    runtime.block_on(yield_now());
    let first = told.try_recv().unwrap();
    assert_eq!(first.0, early.id());
    assert!(first.1 >= Duration::from_millis(20));
    // What it waits for isn't waiting for a worker.
    std::thread::sleep(Duration::from_millis(20));
    sender.send(()).unwrap();
    runtime.block_on(early).unwrap().unwrap();
    let second = told.try_recv().unwrap();
    assert!(second.1 < Duration::from_millis(20), "{second:?}");
}

#[test]
fn tasks_with_a_stamp_are_tasks_like_any_other() {
    /// A future that wants to lie on a boundary of its own.
    #[repr(align(128))]
    struct Aligned([u8; 200]);

    for mut builder in builders() {
        let runtime = builder.enable_all().track_task_schedule_latency().build().unwrap();
        let results = runtime.block_on(async {
            let mut tasks = Vec::new();
            for number in 0..100_u8 {
                tasks.push(rt_core::spawn(async move {
                    let aligned = Aligned([number; 200]);
                    let lies_well = (&raw const aligned).addr() % 128 == 0;
                    rt_core::time::sleep(Duration::from_micros(u64::from(number))).await;
                    (lies_well, aligned.0[199])
                }));
            }
            let aborted = rt_core::spawn(async {
                let aligned = Aligned([0; 200]);
                std::future::pending::<()>().await;
                std::hint::black_box(&aligned);
            });
            aborted.abort();
            assert!(aborted.await.unwrap_err().is_cancelled());
            let mut results = Vec::new();
            for task in tasks {
                results.push(task.await.unwrap());
            }
            results
        });
        assert_eq!(results, (0..100).map(|number| (true, number)).collect::<Vec<_>>());
    }
}
