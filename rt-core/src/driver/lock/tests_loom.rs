use super::*;
use crate::shim::sync::Arc;

#[test]
fn holders_are_alone_and_see_each_other() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let lock = lock.clone();
                loom::thread::spawn(move || i32::from(lock.try_with(|value| *value += 1).is_some()))
            })
            .collect();
        let mine = i32::from(lock.try_with(|value| *value += 1).is_some());
        let all = others.into_iter().fold(mine, |sum, other| sum + other.join().unwrap());
        assert!(all >= 1);
        assert_eq!(lock.with(|value| *value), all);
    });
}
