use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use proptest::prelude::*;

use super::ReadBuf;

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

#[test]
fn uninit_buffer_is_initialized_only_as_far_as_needed() {
    let mut storage = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut storage);
    assert_eq!((buf.capacity(), buf.remaining()), (8, 8));
    assert_eq!(buf.initialized(), b"");
    assert_eq!(buf.initialize_unfilled_to(3), &[0; 3]);
    assert_eq!(buf.initialized().len(), 3);
    buf.put_slice(b"ab");
    assert_eq!(buf.initialized(), b"ab\0");
    buf.advance(1);
    assert_eq!(buf.filled(), b"ab\0");
    assert_eq!(buf.initialize_unfilled(), &[0; 5]);
    buf.clear();
    assert_eq!(buf.filled(), b"");
    assert_eq!(buf.initialized(), b"ab\0\0\0\0\0\0");
}

#[test]
fn initialized_bytes_are_not_zeroed_again() {
    let mut bytes = *b"abcdef";
    let mut buf = ReadBuf::new(&mut bytes);
    buf.advance(2);
    assert_eq!(buf.initialize_unfilled(), b"cdef");
    assert_eq!(buf.initialize_unfilled_to(1), b"c");
}

#[test]
fn what_lies_outside_panics() {
    let mut storage = [MaybeUninit::uninit(); 4];
    let mut buf = ReadBuf::uninit(&mut storage);
    assert!(panics(|| buf.advance(1)), "not initialized");
    assert!(panics(|| buf.set_filled(1)), "not initialized");
    assert!(panics(|| buf.put_slice(b"abcde")), "too long");
    assert!(panics(|| {
        buf.initialize_unfilled_to(5);
    }));
    buf.put_slice(b"abcd");
    assert!(panics(|| buf.advance(usize::MAX)), "overflow");
    assert_eq!(buf.filled(), b"abcd");
}

#[test]
fn take_gives_a_part_that_knows_what_is_initialized() {
    let mut bytes = *b"abcdef";
    let mut buf = ReadBuf::new(&mut bytes);
    buf.advance(1);
    let mut part = buf.take(3);
    assert_eq!((part.capacity(), part.initialized()), (3, &b"bcd"[..]));
    part.put_slice(b"xy");
    assert_eq!(buf.take(100).capacity(), 5);
    assert_eq!(buf.filled(), b"a");
    // SAFETY: all of it has been initialized from the start.
    unsafe { buf.assume_init(2) };
    buf.advance(2);
    assert_eq!(buf.filled(), b"axy");
}

#[test]
fn fill_part_takes_over_what_was_filled() {
    let mut storage = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut storage);
    buf.put_slice(b"a");
    buf.fill_part(3, |part| {
        part.initialize_unfilled();
        part.put_slice(b"b");
    });
    assert_eq!(buf.filled(), b"ab");
    assert_eq!(buf.initialized(), b"ab\0\0");
}

#[test]
fn a_reader_that_swaps_buffers_is_found_out() {
    let mut storage = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut storage);
    let mut others = [1; 8];
    // SAFETY: it is used only while `others` lives: the buffer that it's put into is dropped before.
    let other: &'static mut [u8; 8] = unsafe { NonNull::from(&mut others).as_mut() };
    let mut other = Some(other);
    let caught = panics(|| {
        buf.fill_part(8, |part| {
            let mut other = ReadBuf::new(other.take().unwrap());
            other.advance(8);
            *part = other;
        });
    });
    assert!(caught);
    assert_eq!((buf.filled(), buf.initialized()), (&b""[..], &b""[..]));
}

#[test]
fn bytes_can_be_put_by_their_trait() {
    use bytes::BufMut;

    let mut storage = [MaybeUninit::uninit(); 6];
    let mut buf = ReadBuf::uninit(&mut storage);
    buf.put_u16(0x6162);
    buf.put(&b"cd"[..]);
    assert_eq!((buf.remaining_mut(), buf.filled()), (2, &b"abcd"[..]));
}

#[test]
fn debug_tells_the_three_marks() {
    let mut bytes = [0; 4];
    let mut buf = ReadBuf::new(&mut bytes);
    buf.advance(1);
    assert_eq!(format!("{buf:?}"), "ReadBuf { filled: 1, initialized: 4, capacity: 4 }");
}

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<u8>),
    Initialize(usize),
    Advance(usize),
    SetFilled(usize),
    Clear,
    FillPart(usize, Vec<u8>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    prop::collection::vec(
        prop_oneof![
            bytes().prop_map(Step::Put),
            (0..20_usize).prop_map(Step::Initialize),
            (0..20_usize).prop_map(Step::Advance),
            (0..20_usize).prop_map(Step::SetFilled),
            Just(Step::Clear),
            (0..20_usize, bytes()).prop_map(|(limit, bytes)| Step::FillPart(limit, bytes)),
        ],
        0..24,
    )
}

proptest! {
    /// Against a model: a vector of what is initialized, and how much of it is filled.
    #[test]
    fn agrees_with_a_model(steps in steps()) {
        const CAPACITY: usize = 16;
        let mut storage = [MaybeUninit::uninit(); CAPACITY];
        let mut buf = ReadBuf::uninit(&mut storage);
        let (mut bytes, mut filled) = (Vec::new(), 0);
        for step in steps {
            match step {
                Step::Put(new) if new.len() <= CAPACITY - filled => {
                    buf.put_slice(&new);
                    put(&mut bytes, &mut filled, &new);
                }
                Step::Initialize(n) if n <= CAPACITY - filled => {
                    buf.initialize_unfilled_to(n);
                    bytes.resize(bytes.len().max(filled + n), 0);
                }
                Step::Advance(n) if filled + n <= bytes.len() => {
                    buf.advance(n);
                    filled += n;
                }
                Step::SetFilled(n) if n <= bytes.len() => {
                    buf.set_filled(n);
                    filled = n;
                }
                Step::Clear => {
                    buf.clear();
                    filled = 0;
                }
                Step::FillPart(limit, new) if new.len() <= limit.min(CAPACITY - filled) => {
                    buf.fill_part(limit, |part| part.put_slice(&new));
                    put(&mut bytes, &mut filled, &new);
                }
                Step::Put(new) => prop_assert!(panics(|| buf.put_slice(&new))),
                Step::Initialize(n) => prop_assert!(panics(|| _ = buf.initialize_unfilled_to(n))),
                Step::Advance(n) => prop_assert!(panics(|| buf.advance(n))),
                Step::SetFilled(n) => prop_assert!(panics(|| buf.set_filled(n))),
                Step::FillPart(limit, new) => {
                    prop_assert!(panics(|| buf.fill_part(limit, |part| part.put_slice(&new))));
                }
            }
            prop_assert_eq!(buf.initialized(), &bytes[..]);
            prop_assert_eq!(buf.filled(), &bytes[..filled]);
            prop_assert_eq!(buf.remaining(), CAPACITY - filled);
        }
    }
}

fn put(bytes: &mut Vec<u8>, filled: &mut usize, new: &[u8]) {
    let end = *filled + new.len();
    bytes.resize(bytes.len().max(end), 0);
    bytes[*filled..end].copy_from_slice(new);
    *filled = end;
}
