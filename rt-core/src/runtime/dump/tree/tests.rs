use super::{PRINTED_CRATE, printed};

#[test]
fn only_the_name_of_this_crate_is_replaced() {
    let name = "<rt_core::sync::Lock<start_core::T, x::rt_core::Y> as rt_core::F>::poll";
    let expected = "<@::sync::Lock<start_core::T, x::rt_core::Y> as @::F>::poll";
    assert_eq!(printed(name), expected.replace('@', PRINTED_CRATE));
    assert_eq!(printed("core::ops::function"), "core::ops::function");
}
