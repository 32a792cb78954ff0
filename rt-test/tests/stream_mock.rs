//! Streams that follow a script.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::StreamExt;
use rt_core::time::Instant;
use rt_test::assert_elapsed;
use rt_test::stream_mock::StreamMockBuilder;

#[rt_core::test(start_paused = true)]
async fn items_and_waits_come_in_order() {
    let start = Instant::now();
    let wait = Duration::from_secs(3);
    let mut stream = StreamMockBuilder::new().next('a').wait(wait).wait(wait).next('b').build();
    assert_eq!(stream.next().await, Some('a'));
    assert_elapsed!(start, Duration::ZERO);
    assert_eq!(stream.next().await, Some('b'));
    assert_elapsed!(start, wait * 2);
    assert_eq!(stream.next().await, None);
    assert_eq!(stream.next().await, None);
}

#[test]
fn a_builder_can_be_cloned() {
    let builder = StreamMockBuilder::default().next(1);
    let both = rt_test::block_on(async {
        (builder.clone().build().collect::<Vec<_>>().await, builder.next(2).build().collect::<Vec<_>>().await)
    });
    assert_eq!(both, (vec![1], vec![1, 2]));
}

#[test]
fn a_script_that_is_not_played_to_its_end_panics() {
    let result = catch_unwind(AssertUnwindSafe(|| drop(StreamMockBuilder::new().next(1).build())));
    let message = *result.expect_err("panics").downcast::<String>().expect("with a message");
    assert!(message.ends_with("1 are left"), "{message}");
}
