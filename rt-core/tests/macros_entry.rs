#![cfg(all(feature = "full", feature = "test-util"))]
//! `#[main]` and `#[test]`.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::pedantic, unused_braces, unused_parens)]

use std::error::Error;
use std::fmt::Display;
use std::panic::catch_unwind;
use std::thread;

use rt_core::runtime::{Handle, RuntimeFlavor};

/// A plain test.
#[rt_core::test]
async fn the_default_of_test_is_one_thread() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread);
    let here = thread::current().id();
    let there = rt_core::spawn(async { thread::current().id() }).await.unwrap();
    assert_eq!(here, there);
}

#[rt_core::test(flavor = "multi_thread", worker_threads = 3, name = "workers")]
async fn workers() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(Handle::current().metrics().num_workers(), 3);
    let here = thread::current().id();
    let there = rt_core::spawn(async { thread::current().id() }).await.unwrap();
    assert_ne!(here, there);
}

#[rt_core::test]
async fn results() -> Result<(), Box<dyn Error>> {
    if std::hint::black_box(false) {
        return Err("no".into());
    }
    let number: u8 = "12".parse()?;
    assert_eq!(number, 12);
    Ok(())
}

#[rt_core::test]
#[should_panic(expected = "on purpose")]
async fn other_attributes_are_kept() {
    panic!("on purpose");
}

#[rt_core::test]
#[ignore = "ignored on purpose: it would fail"]
async fn ignored() {
    unreachable!();
}

#[rt_core::test]
async fn attributes_in_the_body() {
    #![allow(unused_variables)]
    let unused = 1;
}

#[rt_core::test]
async fn no_body_at_all() {}

mod functions {
    use super::*;

    #[rt_core::main]
    pub(super) async fn add(a: u8, mut b: u8) -> u8 {
        b += 1;
        assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
        a + b
    }

    #[rt_core::main(flavor = "current_thread")]
    pub(super) async fn first<'a, T>(list: &'a [T], (from, _): (usize, usize)) -> Option<&'a T>
    where
        T: PartialEq,
    {
        list.get(from)
    }

    #[rt_core::main(flavor = "current_thread")]
    pub(super) async fn display(x: u8) -> impl Display {
        format!("{x}!")
    }

    /// The tails have types of their own, which only the return type makes one.
    #[rt_core::main(flavor = "current_thread")]
    pub(super) async fn boxed(x: u8) -> Box<dyn Display> {
        if x == 0 {
            return Box::new("nothing");
        }
        Box::new(x)
    }

    #[rt_core::main(flavor = "current_thread")]
    pub(super) async fn never() -> ! {
        panic!("never returns")
    }

    #[rt_core::main(flavor = "current_thread", crate = ::rt_core)]
    pub(super) async fn collect() -> Result<Vec<u8>, std::num::ParseIntError> {
        ["1", "2"].iter().map(|text| text.parse()).collect()
    }

    pub(super) struct Counter(pub(super) u32);

    impl Counter {
        #[rt_core::main(flavor = "current_thread")]
        pub(super) async fn increment(&mut self, by: u32) -> &mut Self {
            self.0 += by;
            self
        }

        #[rt_core::main(flavor = "current_thread")]
        pub(super) async fn into_inner(self) -> u32 {
            self.0
        }
    }

    macro_rules! entry {
        ($name:ident, $threads:literal, $body:block) => {
            #[rt_core::main(worker_threads = $threads)]
            pub(super) async fn $name() -> usize $body
        };
    }

    entry!(by_macro, 2, { Handle::current().metrics().num_workers() });
}

#[test]
fn functions_keep_what_they_have() {
    assert_eq!(functions::add(1, 2), 4);
    assert_eq!(functions::first(&['a', 'b'], (1, 0)), Some(&'b'));
    assert_eq!(functions::display(5).to_string(), "5!");
    assert_eq!(functions::boxed(0).to_string(), "nothing");
    assert_eq!(functions::boxed(7).to_string(), "7");
    assert!(catch_unwind(|| functions::never()).is_err());
    assert_eq!(functions::collect(), Ok(vec![1, 2]));
    let mut counter = functions::Counter(1);
    counter.increment(2).increment(3);
    assert_eq!(counter.into_inner(), 6);
    assert_eq!(functions::by_macro(), 2);
}

#[test]
fn arguments_are_dropped_within_the_runtime() {
    struct SpawnOnDrop;
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            rt_core::spawn(async {});
        }
    }
    #[rt_core::main(flavor = "current_thread")]
    async fn run(argument: SpawnOnDrop) {
        let _argument = argument;
    }
    run(SpawnOnDrop);
}
