//! As `sync_cancel.rs`, where things end while tasks wait, or receivers fall behind; and a check that none of the
//! module's futures was left out.
#![cfg(feature = "sync")]

#[macro_use]
mod sync_cut;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rt_core::sync::broadcast::error::RecvError;
use rt_core::sync::{Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use sync_cut::{cut_everywhere, hold, pause};

/// Who waits learns of the end, however much he waits for, and what lay there for him is back.
#[test]
fn semaphore_closed() {
    cut_everywhere(|tasks| {
        let semaphore = Arc::new(Semaphore::new(3));
        for nth in 0..4 {
            let semaphore = semaphore.clone();
            tasks.spawn(|plan| async move {
                loop {
                    let go_on = match nth {
                        0 => hold(again!(plan, semaphore.acquire()).is_ok()).await,
                        1 => hold(again!(plan, semaphore.acquire_many(3))).await.is_ok(),
                        2 => hold(again!(plan, semaphore.clone().acquire_owned())).await.is_ok(),
                        _ => hold(again!(plan, semaphore.clone().acquire_many_owned(2))).await.is_ok(),
                    };
                    if !go_on {
                        return;
                    }
                    // With permits that come at once it would never let others in.
                    pause().await;
                }
            });
        }
        let closing = semaphore.clone();
        tasks.spawn(|_| async move {
            for _ in 0..6 {
                pause().await;
            }
            closing.close();
        });
        move || assert_eq!(semaphore.available_permits(), 3)
    });
}

/// Each looks for work when it is woken, and may be cut off between being enabled and its look.
#[test]
fn notify_enabled() {
    cut_everywhere(|tasks| {
        let shared = Rc::new((Notify::new(), Cell::new(0), Cell::new(0)));
        for _ in 0..2 {
            let shared = shared.clone();
            tasks.spawn(|plan| async move {
                let take = || async {
                    let (work, left, _) = &*shared;
                    let mut filled = Box::pin(work.notified());
                    loop {
                        filled.as_mut().enable();
                        if left.get() > 0 {
                            left.set(left.get() - 1);
                            return;
                        }
                        filled.as_mut().await;
                        filled.set(work.notified());
                    }
                };
                for _ in 0..3 {
                    again!(plan, take());
                    shared.2.set(shared.2.get() + 1);
                }
            });
        }
        let filling = shared.clone();
        tasks.spawn(|_| async move {
            for _ in 0..6 {
                pause().await;
                filling.1.set(filling.1.get() + 1);
                filling.0.notify_one();
            }
        });
        move || assert_eq!((shared.1.get(), shared.2.get()), (0, 6))
    });
}

/// Parts of a value, downgraded and not, keep the others out as the whole does.
#[test]
fn rwlock_parts() {
    use rt_core::sync::{OwnedRwLockWriteGuard, RwLockWriteGuard};

    cut_everywhere(|tasks| {
        let lock = Arc::new(RwLock::with_max_readers((0, 0), 2));
        for nth in 0..4 {
            let lock = lock.clone();
            tasks.spawn(|plan| async move {
                for _ in 0..2 {
                    match nth {
                        0 => {
                            let guard = again!(plan, lock.write());
                            *hold(RwLockWriteGuard::map(guard, |both| &mut both.0)).await += 1;
                        }
                        1 => {
                            let mut guard = again!(plan, lock.clone().write_owned());
                            guard.0 += 1;
                            let part = OwnedRwLockWriteGuard::downgrade_map(guard, |both| &both.0);
                            let before = *part;
                            assert_eq!(*hold(part).await, before);
                        }
                        2 => drop(hold(again!(plan, lock.clone().read_owned())).await),
                        _ => drop(hold(again!(plan, lock.read())).await),
                    }
                }
            });
        }
        move || assert_eq!(lock.try_write().unwrap().0, 4)
    });
}

/// The receiver goes while senders wait in each way; each keeps what it didn't send.
#[test]
fn mpsc_receiver_gone() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::channel(1);
        let token = Rc::new(());
        for nth in 0..4 {
            let (tx, token) = (tx.clone(), token.clone());
            tasks.spawn(|plan| async move {
                loop {
                    let sent = match nth {
                        0 => again!(plan, tx.send(token.clone())).is_ok(),
                        1 => again!(plan, tx.reserve()).map(|permit| permit.send(token.clone())).is_ok(),
                        2 => again!(plan, tx.clone().reserve_owned())
                            .map(|permit| drop(permit.send(token.clone())))
                            .is_ok(),
                        _ => again!(plan, tx.reserve_many(1))
                            .map(|permits| permits.for_each(|permit| permit.send(token.clone())))
                            .is_ok(),
                    };
                    if !sent {
                        return;
                    }
                }
            });
        }
        drop(tx);
        tasks.spawn(|plan| async move {
            for _ in 0..3 {
                again!(plan, rx.recv()).unwrap();
            }
            pause().await;
            drop(rx);
        });
        move || assert_eq!(Rc::strong_count(&token), 1, "no message stayed behind")
    });
}

#[test]
fn mpsc_unbounded_closed() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let sent = Rc::new(Cell::new(0));
        let counted = sent.clone();
        tasks.spawn(|_| async move {
            while tx.send(()).is_ok() {
                counted.set(counted.get() + 1);
                pause().await;
            }
        });
        tasks.spawn(|plan| async move {
            let mut buffer = Vec::new();
            while again!(plan, rx.recv_many(&mut buffer, 2)) > 0 {
                if buffer.len() >= 3 {
                    rx.close();
                }
            }
            assert!(again!(plan, rx.recv()).is_none());
            assert_eq!(buffer.len(), sent.get());
        });
        || ()
    });
}

#[test]
fn oneshot_without_a_value() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = oneshot::channel::<()>();
        let (mut closing, mut other) = oneshot::channel::<()>();
        tasks.spawn(|plan| async move {
            assert!(again!(plan, &mut rx).is_err());
            other.close();
            assert!(other.try_recv().is_err());
        });
        tasks.spawn(|_| async move {
            pause().await;
            drop(tx);
        });
        tasks.spawn(|plan| async move {
            again!(plan, closing.closed());
            closing.send(()).unwrap_err();
        });
        || ()
    });
}

/// Receivers that fall behind: each value is seen or counted as missed, by each of them.
#[test]
fn broadcast_lapped() {
    cut_everywhere(|tasks| {
        let (tx, _) = broadcast::channel(2);
        for nth in 0..3 {
            let mut rx = tx.subscribe();
            tasks.spawn(|plan| async move {
                let mut next = 0;
                loop {
                    match again!(plan, rx.recv()) {
                        Ok(value) => {
                            assert_eq!(value, next);
                            next += 1;
                        }
                        Err(RecvError::Lagged(missed)) => next += missed,
                        Err(RecvError::Closed) => break,
                    }
                    for _ in 0..nth {
                        pause().await;
                    }
                }
                assert_eq!(next, 9);
            });
        }
        tasks.spawn(|_| async move {
            for value in 0..9_u64 {
                tx.send(value).unwrap();
                if value % 3 == 2 {
                    pause().await;
                }
            }
        });
        || ()
    });
}

/// Two senders, each of which goes; and one who waits for what doesn't come.
#[test]
fn watch_ended() {
    cut_everywhere(|tasks| {
        let (tx, rx) = watch::channel(0);
        for nth in 0..3 {
            let mut rx = rx.clone();
            tasks.spawn(|plan| async move {
                if nth == 0 {
                    assert!(again!(plan, rx.wait_for(|value| *value > 2)).is_err());
                } else {
                    while again!(plan, rx.changed()).is_ok() {}
                }
                assert_eq!(*rx.borrow(), 2);
            });
        }
        drop(rx);
        for tx in [tx.clone(), tx] {
            tasks.spawn(|_| async move {
                pause().await;
                tx.send_modify(|value| *value += 1);
                pause().await;
            });
        }
        || ()
    });
}

/// The names of a folder's `pub async fn`s, and those of methods that return a future by name.
fn futures(of: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let files = if of.is_dir() {
        std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![of.to_owned()]
    };
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let line = line.trim_start();
            let returns_a_future = line.contains("Notified<") || line.contains("OwnedNotified {");
            let name = match line.strip_prefix("pub async fn ") {
                Some(name) => name,
                None if returns_a_future => match line.strip_prefix("pub fn ") {
                    Some(name) => name,
                    None => continue,
                },
                None => continue,
            };
            names.extend(name.split(['(', '<']).next().map(str::to_owned));
        }
    }
    names
}

/// Each future of the module is cut off by a scenario that is named after its type's file.
#[test]
fn no_future_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = [include_str!("sync_cancel.rs"), include_str!("sync_cancel_ends.rs")].concat();
    let scenarios: Vec<&str> = tests.split("#[test]\nfn ").skip(1).collect();
    let mut seen = 0;
    let types = [
        "barrier",
        "broadcast",
        "mpsc",
        "mutex",
        "notify",
        "once_cell",
        "oneshot",
        "rwlock",
        "semaphore",
        "set_once",
        "watch",
    ];
    for name in types {
        let source = root.join("src/sync");
        let mut all = futures(&source.join(format!("{name}.rs")));
        let folder = source.join(name);
        if folder.is_dir() {
            all.extend(futures(&folder));
        }
        if name == "mpsc" {
            all.extend(futures(&root.join("src/time/send_timeout.rs")));
        }
        for future in all {
            let is_cut = scenarios.iter().any(|scenario| {
                let scenario: String = scenario.split_whitespace().collect();
                scenario.starts_with(name) && scenario.contains(&format!(".{future}("))
            });
            assert!(is_cut, "{name}: `{future}` isn't cut off anywhere");
            seen += 1;
        }
    }
    // Oneshot's receiver is a future itself, which no method makes.
    assert!(
        scenarios.iter().any(|scenario| scenario.starts_with("oneshot") && scenario.contains("&mut rx)"))
    );
    assert!(seen >= 30, "only {seen} were found");
}
