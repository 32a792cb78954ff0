//! The macros, under a name of rt-core that isn't its own and through a re-export.

use std::future::{pending, ready};

use futures::executor::block_on;

#[test]
fn by_another_name() {
    let outputs = block_on(async {
        let one = rtc::select! { x = ready(1) => x, x = pending() => x };
        let (two, three) = rtc::join!(ready(2), ready(3));
        let Ok((four,)) = rtc::try_join!(ready(Ok::<_, ()>(4))) else { unreachable!() };
        rtc::pin!(let five = ready(5););
        [one, two, three, four, five.await]
    });
    assert_eq!(outputs, [1, 2, 3, 4, 5]);
}

mod facade {
    pub(super) use rt_renamed as tokio;
}

#[test]
fn through_a_facade() {
    use facade::tokio;

    let outputs = block_on(async {
        let one = tokio::select! { x = ready(1) => x, x = pending() => x };
        let (two, three) = tokio::join!(ready(2), ready(3));
        let Ok((four,)) = tokio::try_join!(ready(Ok::<_, ()>(4))) else { unreachable!() };
        tokio::pin!(let five = ready(5););
        [one, two, three, four, five.await]
    });
    assert_eq!(outputs, [1, 2, 3, 4, 5]);
}

#[test]
fn imported_by_name() {
    use rt_renamed::{join, select};

    assert_eq!(
        block_on(async {
            select! { x = ready(1) => join!(ready(x)).0 }
        }),
        1
    );
}

#[rtc::test(crate = "rtc")]
async fn attribute_by_another_name() {
    assert_eq!(rtc::task::spawn(ready(5)).await.unwrap(), 5);
}

#[rtc::main(crate = rtc, worker_threads = 1)]
async fn main_by_another_name() -> usize {
    rtc::runtime::Handle::current().metrics().num_workers()
}

#[test]
fn main_by_another_name_runs() {
    assert_eq!(main_by_another_name(), 1);
}
