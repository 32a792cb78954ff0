//! Hooks that look on at tasks, and histograms of how they are polled.

use std::time::Duration;

use super::Builder;
use crate::sched::{HistogramConfiguration, HistogramScale, Legacy, Scale, TaskHooks, TaskMeta};
use crate::shim::sync::Arc;

/// What of this was asked for.
#[derive(Clone, Default)]
pub(super) struct Observers {
    pub(super) hooks: TaskHooks,
    poll_times: Option<Scale>,
    poll_times_enabled: bool,
    legacy: Legacy,
    latencies: Option<Scale>,
    latencies_enabled: bool,
    track_latency: bool,
}

impl Observers {
    pub(super) fn poll_times(&self) -> Option<Scale> {
        self.poll_times_enabled.then(|| self.poll_times.unwrap_or_else(|| self.legacy.into_scale()))
    }

    pub(super) fn latencies(&self) -> Option<Scale> {
        self.latencies_enabled.then(|| self.latencies.unwrap_or_else(|| Legacy::default().into_scale()))
    }

    pub(super) fn stamps(&self) -> bool {
        self.latencies_enabled || self.track_latency
    }

    pub(super) fn look_at_polls(&self) -> bool {
        let hooks = &self.hooks;
        hooks.before_poll.is_some() || hooks.after_poll.is_some() || self.poll_times_enabled || self.stamps()
    }
}

impl Builder {
    /// Runs `f` on each spawn of a task, on the thread that spawns, before the task can run.
    ///
    /// It must be quick. A panic in it is reported, and goes no further.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use std::sync::Arc;
    ///
    /// let spawned = Arc::new(AtomicUsize::new(0));
    /// let runtime = {
    ///     let spawned = spawned.clone();
    ///     rt_core::runtime::Builder::new_current_thread()
    ///         .on_task_spawn(move |_| {
    ///             spawned.fetch_add(1, Ordering::Relaxed);
    ///         })
    ///         .build()?
    /// };
    /// runtime.spawn(async {});
    /// assert_eq!(spawned.load(Ordering::Relaxed), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_task_spawn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.observers.hooks.spawn = Some(Arc::new(f));
        self
    }

    /// Runs `f` on each end of a task, however it ends: after its future is dropped, on that thread, and before
    /// who waits for the task is woken.
    ///
    /// It must be quick. A panic in it is reported, and goes no further.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread()
    ///     .on_task_terminate(|task| println!("task {} has ended", task.id()))
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_task_terminate<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.observers.hooks.terminate = Some(Arc::new(f));
        self
    }

    /// Runs `f` before each poll of a task, on the worker that polls.
    ///
    /// It must be quick. A panic in it is reported, and goes no further.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread()
    ///     .on_before_task_poll(|task| println!("task {} runs", task.id()))
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_before_task_poll<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.observers.hooks.before_poll = Some(Arc::new(f));
        self
    }

    /// Runs `f` after each poll of a task, on the thread that polled, also after the last one.
    ///
    /// It must be quick. A panic in it is reported, and goes no further. After the last poll, who waits for the
    /// task may have gone on already.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread()
    ///     .on_after_task_poll(|task| println!("task {} waits, or is done", task.id()))
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_after_task_poll<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&TaskMeta<'_>) + Send + Sync + 'static,
    {
        self.observers.hooks.after_poll = Some(Arc::new(f));
        self
    }

    /// Has the time of each poll measured: see
    /// [`poll_time_histogram_bucket_count`](crate::runtime::RuntimeMetrics::poll_time_histogram_bucket_count).
    ///
    /// That is two looks at the clock a poll, some 50 ns. The buckets are ten of 100 us each, unless
    /// [`metrics_poll_time_histogram_configuration`](Self::metrics_poll_time_histogram_configuration) says otherwise.
    ///
    /// ```
    /// let runtime =
    ///     rt_core::runtime::Builder::new_current_thread().enable_metrics_poll_time_histogram().build()?;
    /// runtime.block_on(async { rt_core::spawn(async {}).await.unwrap() });
    /// let metrics = runtime.metrics();
    /// let polls: u64 = (0..metrics.poll_time_histogram_num_buckets())
    ///     .map(|bucket| metrics.poll_time_histogram_bucket_count(0, bucket))
    ///     .sum();
    /// assert_eq!(polls, 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_metrics_poll_time_histogram(&mut self) -> &mut Self {
        self.observers.poll_times_enabled = true;
        self
    }

    /// The buckets of the [histogram of polls](Self::enable_metrics_poll_time_histogram), which must be enabled for
    /// this to have an effect.
    pub fn metrics_poll_time_histogram_configuration(
        &mut self,
        configuration: HistogramConfiguration,
    ) -> &mut Self {
        self.observers.poll_times = Some(configuration.into_scale());
        self
    }

    /// How the buckets of the histogram of polls grow.
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    pub fn metrics_poll_count_histogram_scale(&mut self, histogram_scale: HistogramScale) -> &mut Self {
        self.observers.legacy.scale = histogram_scale;
        self
    }

    /// The width of the first bucket of the histogram of polls, 100 us by default; rounded up to a power of two when
    /// buckets double.
    ///
    /// # Panics
    ///
    /// When `resolution` is 0.
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    #[track_caller]
    pub fn metrics_poll_count_histogram_resolution(&mut self, resolution: Duration) -> &mut Self {
        assert!(!resolution.is_zero(), "the resolution of a histogram must be greater than 0");
        self.observers.legacy.resolution = resolution;
        self
    }

    /// How many buckets the histogram of polls has, 10 by default.
    ///
    /// # Panics
    ///
    /// When `buckets` is 0.
    #[deprecated(note = "use `metrics_poll_time_histogram_configuration`")]
    #[track_caller]
    pub fn metrics_poll_count_histogram_buckets(&mut self, buckets: usize) -> &mut Self {
        assert!(buckets > 0, "a histogram must have a bucket");
        self.observers.legacy.buckets = buckets;
        self
    }

    /// Has the time measured that tasks wait for a poll once they are ready: see
    /// [`schedule_latency_histogram_bucket_count`].
    ///
    /// That is a look at the clock for each time a task is scheduled and for each poll, and makes tasks eight bytes
    /// larger. The buckets are ten of 100 us each, unless
    /// [`metrics_schedule_latency_histogram_configuration`](Self::metrics_schedule_latency_histogram_configuration)
    /// says otherwise.
    ///
    /// [`schedule_latency_histogram_bucket_count`]:
    ///     crate::runtime::RuntimeMetrics::schedule_latency_histogram_bucket_count
    ///
    /// ```
    /// let runtime =
    ///     rt_core::runtime::Builder::new_current_thread().enable_metrics_schedule_latency_histogram().build()?;
    /// assert!(runtime.metrics().schedule_latency_histogram_enabled());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_metrics_schedule_latency_histogram(&mut self) -> &mut Self {
        self.observers.latencies_enabled = true;
        self
    }

    /// The buckets of the [histogram of waits](Self::enable_metrics_schedule_latency_histogram), which must be
    /// enabled for this to have an effect.
    pub fn metrics_schedule_latency_histogram_configuration(
        &mut self,
        configuration: HistogramConfiguration,
    ) -> &mut Self {
        self.observers.latencies = Some(configuration.into_scale());
        self
    }

    /// Lets hooks know how long a task waited for its poll: see [`TaskMeta::schedule_latency`].
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread()
    ///     .track_task_schedule_latency()
    ///     .on_before_task_poll(|task| println!("waited for {:?}", task.schedule_latency().unwrap()))
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn track_task_schedule_latency(&mut self) -> &mut Self {
        self.observers.track_latency = true;
        self
    }
}
