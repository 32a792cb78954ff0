//! A waker that panics harms nobody but who waits with it: what was sent or given is there, those that wait behind it are woken,
//! too, and who wakes goes on as if nothing were. Only who sends to the one receiver of an `mpsc` gets the panic, when the
//! message has been sent: so it is upstream, whose tests want that.
#![cfg(feature = "full")]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use rt_core::sync::{Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce};
use rt_core::sync::{broadcast, mpsc, oneshot, watch};

/// Counts its wakes, and panics in each if it is to.
struct Bell {
    panics: bool,
    rung: AtomicUsize,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.fetch_add(1, Ordering::SeqCst);
        if self.panics {
            std::panic::resume_unwind(Box::new("the waker panics"));
        }
    }
}

/// Two that wait, the first with a waker that panics.
struct Two {
    bells: [Arc<Bell>; 2],
}

impl Two {
    fn new() -> Self {
        Self { bells: [true, false].map(|panics| Arc::new(Bell { panics, rung: AtomicUsize::new(0) })) }
    }

    /// Polls a future by the waker of the first or second, who is to wait.
    fn wait<F: Future + ?Sized>(&self, who: usize, future: Pin<&mut F>) {
        assert!(self.poll(who, future).is_pending(), "nobody has to wait");
    }

    fn poll<F: Future + ?Sized>(&self, who: usize, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = Waker::from(self.bells[who].clone());
        future.poll(&mut Context::from_waker(&waker))
    }

    fn rung(&self) -> [usize; 2] {
        [0, 1].map(|who| self.bells[who].rung.load(Ordering::SeqCst))
    }

    fn finish<F: Future + ?Sized>(&self, who: usize, future: Pin<&mut F>) -> F::Output {
        match self.poll(who, future) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it waits for ever"),
        }
    }
}

/// The panic of the waker reaches who does this.
fn panics(f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "the panic goes no further");
}

/// Whom the scenario wakes.
type Rung = [usize; 2];

const BOTH: Rung = [1, 1];
const FIRST: Rung = [1, 0];

type Scenario = (&'static str, Rung, fn(&Two));

const SCENARIOS: &[Scenario] = &[
    ("Semaphore::add_permits", BOTH, |two| {
        let semaphore = Semaphore::new(0);
        let (mut first, mut second) = (pin!(semaphore.acquire()), pin!(semaphore.acquire()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        semaphore.add_permits(2);
        assert!(two.finish(0, first).is_ok() && two.finish(1, second).is_ok());
    }),
    ("Semaphore::close", BOTH, |two| {
        let semaphore = Semaphore::new(0);
        let (mut first, mut second) = (pin!(semaphore.acquire()), pin!(semaphore.acquire()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        semaphore.close();
        assert!(two.finish(0, first).is_err() && two.finish(1, second).is_err());
    }),
    ("MutexGuard::drop", BOTH, |two| {
        let mutex = Mutex::new(());
        let (mut first, mut second) = (pin!(mutex.lock()), pin!(mutex.lock()));
        let guard = mutex.try_lock().unwrap();
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(guard);
        drop(two.finish(0, first));
        drop(two.finish(1, second));
    }),
    ("RwLockWriteGuard::drop", BOTH, |two| {
        let lock = RwLock::new(());
        let (mut first, mut second) = (pin!(lock.read()), pin!(lock.read()));
        let guard = lock.try_write().unwrap();
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(guard);
        drop((two.finish(0, first), two.finish(1, second)));
    }),
    ("RwLockWriteGuard::downgrade", BOTH, |two| {
        let lock = RwLock::new(());
        let (mut first, mut second) = (pin!(lock.read()), pin!(lock.read()));
        let guard = lock.try_write().unwrap();
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        let reader = guard.downgrade();
        drop((two.finish(0, first), two.finish(1, second), reader));
    }),
    ("Notify::notify_one", FIRST, |two| {
        let notify = Notify::new();
        let mut first = pin!(notify.notified());
        two.wait(0, first.as_mut());
        notify.notify_one();
        two.finish(0, first);
    }),
    ("Notify::notify_waiters", BOTH, |two| {
        let notify = Notify::new();
        let (mut first, mut second) = (pin!(notify.notified()), pin!(notify.notified()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        notify.notify_waiters();
        two.finish(0, first);
        two.finish(1, second);
    }),
    ("Barrier::wait", BOTH, |two| {
        let barrier = Barrier::new(3);
        let (mut first, mut second) = (pin!(barrier.wait()), pin!(barrier.wait()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        assert!(two.finish(1, pin!(barrier.wait())).is_leader());
        two.finish(0, first);
        two.finish(1, second);
    }),
    ("OnceCell::set, by who initializes it", BOTH, |two| {
        let cell = OnceCell::new();
        let gate = Notify::new();
        let mut setter = pin!(cell.get_or_init(|| async {
            gate.notified().await;
            5
        }));
        let (mut first, mut second) =
            (pin!(cell.get_or_init(async || 6)), pin!(cell.get_or_init(async || 7)));
        assert!(setter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        gate.notify_one();
        assert!(setter.poll(&mut Context::from_waker(Waker::noop())).is_ready());
        assert_eq!((two.finish(0, first), two.finish(1, second)), (&5, &5));
    }),
    ("SetOnce::set", BOTH, |two| {
        let cell = SetOnce::new();
        let (mut first, mut second) = (pin!(cell.wait()), pin!(cell.wait()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        cell.set(5).unwrap();
        assert_eq!((two.finish(0, first), two.finish(1, second)), (&5, &5));
    }),
    ("oneshot::Sender::send", FIRST, |two| {
        let (sender, mut receiver) = oneshot::channel();
        two.wait(0, Pin::new(&mut receiver));
        assert_eq!(sender.send(5), Ok(()));
        assert_eq!(two.finish(0, Pin::new(&mut receiver)), Ok(5));
    }),
    ("oneshot::Sender::drop", FIRST, |two| {
        let (sender, mut receiver) = oneshot::channel::<()>();
        two.wait(0, Pin::new(&mut receiver));
        drop(sender);
        assert!(two.finish(0, Pin::new(&mut receiver)).is_err());
    }),
    ("oneshot::Receiver::close", FIRST, |two| {
        let (mut sender, mut receiver) = oneshot::channel::<()>();
        two.wait(0, pin!(sender.closed()));
        receiver.close();
        assert!(sender.is_closed());
    }),
    ("oneshot::Receiver::drop", FIRST, |two| {
        let (mut sender, receiver) = oneshot::channel::<()>();
        two.wait(0, pin!(sender.closed()));
        drop(receiver);
        assert_eq!(sender.send(()), Err(()));
    }),
    ("mpsc::Sender::try_send", FIRST, |two| {
        let (sender, mut receiver) = mpsc::channel(2);
        two.wait(0, pin!(receiver.recv()));
        panics(|| sender.try_send(5).unwrap());
        assert_eq!(receiver.try_recv(), Ok(5));
    }),
    ("mpsc::Sender::send", FIRST, |two| {
        let (sender, mut receiver) = mpsc::channel(2);
        two.wait(0, pin!(receiver.recv()));
        panics(|| _ = two.poll(1, pin!(sender.send(5))));
        assert_eq!(receiver.try_recv(), Ok(5));
    }),
    ("mpsc::Permit::send", FIRST, |two| {
        let (sender, mut receiver) = mpsc::channel(2);
        two.wait(0, pin!(receiver.recv()));
        panics(|| sender.try_reserve().unwrap().send(5));
        assert_eq!((sender.capacity(), receiver.len()), (1, 1));
        assert_eq!(receiver.try_recv(), Ok(5));
    }),
    ("mpsc::UnboundedSender::send", FIRST, |two| {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        two.wait(0, pin!(receiver.recv()));
        panics(|| sender.send(5).unwrap());
        assert_eq!(receiver.try_recv(), Ok(5));
    }),
    ("mpsc::Sender::drop", FIRST, |two| {
        let (sender, mut receiver) = mpsc::channel::<()>(2);
        two.wait(0, pin!(receiver.recv()));
        drop(sender);
        assert_eq!(two.finish(0, pin!(receiver.recv())), None);
    }),
    ("mpsc::Receiver::recv makes room", BOTH, |two| {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.try_send(1).unwrap();
        let (mut first, mut second) = (pin!(sender.send(2)), pin!(sender.send(3)));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        assert_eq!(receiver.try_recv(), Ok(1));
        two.finish(0, first).unwrap();
        assert_eq!(receiver.try_recv(), Ok(2));
        two.finish(1, second).unwrap();
        assert_eq!(receiver.try_recv(), Ok(3));
    }),
    ("mpsc::Receiver::close", BOTH, |two| {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.try_send(1).unwrap();
        let (mut first, mut second) = (pin!(sender.closed()), pin!(sender.send(2)));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        receiver.close();
        two.finish(0, first);
        assert_eq!(two.finish(1, second).unwrap_err().0, 2);
        assert_eq!(receiver.try_recv(), Ok(1));
    }),
    ("mpsc::Receiver::drop", BOTH, |two| {
        let (sender, receiver) = mpsc::channel(1);
        let message = Arc::new(());
        sender.try_send(message.clone()).unwrap();
        let (mut first, mut second) = (pin!(sender.send(message.clone())), pin!(sender.closed()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(receiver);
        assert!(two.finish(0, first).is_err());
        two.finish(1, second);
        assert_eq!(Arc::strong_count(&message), 1);
    }),
    ("mpsc, the last permit of a closed channel", FIRST, |two| {
        let (sender, mut receiver) = mpsc::channel::<()>(2);
        let permit = sender.try_reserve().unwrap();
        receiver.close();
        two.wait(0, pin!(receiver.recv()));
        drop(permit);
        assert_eq!(two.finish(0, pin!(receiver.recv())), None);
    }),
    ("broadcast::Sender::send", BOTH, |two| {
        let (sender, mut receiver) = broadcast::channel(2);
        let mut other = sender.subscribe();
        let (mut first, mut second) = (pin!(receiver.recv()), pin!(other.recv()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        assert_eq!(sender.send(5).unwrap(), 2);
        assert_eq!((two.finish(0, first), two.finish(1, second)), (Ok(5), Ok(5)));
    }),
    ("broadcast::Sender::drop", BOTH, |two| {
        let (sender, mut receiver) = broadcast::channel::<()>(2);
        let mut other = sender.subscribe();
        let (mut first, mut second) = (pin!(receiver.recv()), pin!(other.recv()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(sender);
        assert!(two.finish(0, first).is_err() && two.finish(1, second).is_err());
    }),
    ("broadcast::Receiver::drop", BOTH, |two| {
        let (sender, receiver) = broadcast::channel::<()>(2);
        let (mut first, mut second) = (pin!(sender.closed()), pin!(sender.closed()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(receiver);
        two.finish(0, first);
        two.finish(1, second);
    }),
    ("watch::Sender::send", BOTH, |two| {
        let (sender, mut receiver) = watch::channel(1);
        let mut other = receiver.clone();
        {
            let (mut first, mut second) = (pin!(receiver.changed()), pin!(other.changed()));
            two.wait(0, first.as_mut());
            two.wait(1, second.as_mut());
            sender.send(2).unwrap();
            assert!(two.finish(0, first).is_ok() && two.finish(1, second).is_ok());
        }
        assert_eq!((*receiver.borrow(), *other.borrow()), (2, 2));
    }),
    ("watch::Sender::drop", BOTH, |two| {
        let (sender, mut receiver) = watch::channel(1);
        let mut other = receiver.clone();
        let (mut first, mut second) = (pin!(receiver.changed()), pin!(other.changed()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(sender);
        assert!(two.finish(0, first).is_err() && two.finish(1, second).is_err());
    }),
    ("watch::Receiver::drop", BOTH, |two| {
        let (sender, receiver) = watch::channel(1);
        let (mut first, mut second) = (pin!(sender.closed()), pin!(sender.closed()));
        two.wait(0, first.as_mut());
        two.wait(1, second.as_mut());
        drop(receiver);
        two.finish(0, first);
        two.finish(1, second);
    }),
];

#[test]
fn a_waker_that_panics_harms_neither_who_wakes_nor_others() {
    let mut failed = Vec::new();
    for (name, rung, scenario) in SCENARIOS {
        let two = Two::new();
        if catch_unwind(AssertUnwindSafe(|| scenario(&two))).is_err() {
            failed.push(format!("{name}: panics"));
        } else if two.rung() != *rung {
            failed.push(format!("{name}: rang {:?}", two.rung()));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
