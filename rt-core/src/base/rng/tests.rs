use std::thread;

use super::{SeededThread, TURNS, fresh_seed, mix, thread_rng_n, thread_turn};

/// Runs in a thread of its own, as the state is the thread's.
fn on_new_thread<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::spawn(f).join().unwrap()
}

#[test]
fn turns_are_even_and_in_bounds() {
    let counts = on_new_thread(|| {
        let _seeded = SeededThread::enter(fresh_seed());
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            counts[thread_turn(5) as usize] += 1;
        }
        counts
    });
    assert!(counts.iter().all(|count| (9_000..11_000).contains(count)), "{counts:?}");
}

#[test]
fn turns_follow_from_the_seed() {
    let draw = |seed| {
        on_new_thread(move || {
            thread_turn(3);
            let _seeded = SeededThread::enter(seed);
            (0..100).map(|_| thread_turn(1_000)).collect::<Vec<_>>()
        })
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn a_program_in_step_with_the_wheel_still_sees_all_turns() {
    // Draws once more after half of the outcomes. By the golden section alone it would never see the last quarter
    // again.
    let counts = on_new_thread(|| {
        let _seeded = SeededThread::enter(fresh_seed());
        let mut counts = [0_u32; 4];
        for _ in 0..40_000 {
            let turn = thread_turn(4);
            counts[turn as usize] += 1;
            if turn < 2 {
                thread_turn(4);
            }
        }
        counts
    });
    // At least the share of a fair draw that the jumps give it, a sixteenth, halved for chance.
    let least = 40_000 / 4 / u32::try_from(TURNS).unwrap() / 2;
    assert!(counts.iter().all(|count| *count > least), "{counts:?}");
}

#[test]
fn a_thread_has_its_own_numbers_back_after_those_of_a_seed() {
    on_new_thread(|| {
        let _first = SeededThread::enter(1);
        let draw = || [thread_rng_n(u32::MAX), thread_turn(1_000), thread_rng_n(u32::MAX)];
        let before = draw();
        drop(SeededThread::enter(2));
        let between = draw();
        drop(_first);
        let _again = SeededThread::enter(1);
        assert_eq!(draw(), before);
        assert_eq!(draw(), between);
    });
}

#[test]
fn mixed_numbers_differ_in_about_half_of_their_bits() {
    for number in 1..1_000_u64 {
        let differing = (mix(number) ^ mix(number + 1)).count_ones();
        assert!((10..55).contains(&differing), "{number}: {differing}");
    }
}
