use super::*;
use crate::shim::sync::Arc;

#[test]
fn holders_are_alone_and_see_each_other() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0));
        let other = {
            let lock = lock.clone();
            loom::thread::spawn(move || lock.with(|value| *value += 1))
        };
        let tried = lock.try_with(|value| *value += 1).is_some();
        other.join().unwrap();
        assert_eq!(lock.with(|value| *value), 1 + i32::from(tried));
    });
}
