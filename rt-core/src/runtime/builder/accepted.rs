//! Options that other designs need, and that change little or nothing here: a program that sets them builds and runs.

use super::Builder;

impl Builder {
    /// Has no effect: see below.
    ///
    /// It asks for a handing over of the driver before a task is polled, so that a task which blocks doesn't keep
    /// events from others. Here each worker has a driver of its own, and that of a blocked one is turned by
    /// another thread after a few milliseconds, in any case.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().enable_eager_driver_handoff().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg(feature = "rt-multi-thread")]
    pub fn enable_eager_driver_handoff(&mut self) -> &mut Self {
        self
    }

    /// Enables [time](Self::enable_time), and has sleeps that wait when the runtime shuts down be over then, where they
    /// would panic otherwise.
    ///
    /// It asks for timers without a lock that all workers share. There is no such lock here with any setting: each
    /// worker has its own timers.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().enable_alt_timer().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg(all(feature = "time", feature = "rt-multi-thread"))]
    pub fn enable_alt_timer(&mut self) -> &mut Self {
        self.timers_fire_at_shutdown = true;
        self.enable_time()
    }

    /// Has no effect: see below.
    ///
    /// It asks for a queue of blocking closures that threads don't contend for. The pool wakes one thread after the
    /// other, each taking several closures, so that they don't.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().enable_sharded_blocking_queue().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_sharded_blocking_queue(&mut self) -> &mut Self {
        self
    }

    /// Enables I/O; whether operations on files use io_uring is decided by what the system offers.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().enable_io_uring().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_io_uring(&mut self) -> &mut Self {
        self.enable_io()
    }
}
