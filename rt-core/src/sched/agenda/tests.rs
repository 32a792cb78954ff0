use super::*;

/// Polls so many tasks, with so many queued all the time; before which of them there was something to do, and what.
fn poll(agenda: &mut Agenda, polls: u32, queued: usize) -> Vec<(u32, Look)> {
    let mut done = Vec::new();
    for nth in 0..polls {
        while agenda.is_due() {
            let look = agenda.look(queued);
            match look {
                Look::Turn => agenda.note_turn(),
                Look::Inject | Look::Nothing => assert!(!agenda.is_due(), "a look settles what was due"),
            }
            if look != Look::Nothing {
                done.push((nth, look));
            }
        }
        agenda.count_poll();
    }
    done
}

#[test]
fn each_comes_at_its_interval() {
    let mut agenda = Agenda::new(5, 3);
    let expected = [
        (3, Look::Inject),
        (5, Look::Turn),
        (6, Look::Inject),
        (9, Look::Inject),
        (10, Look::Turn),
        (12, Look::Inject),
        (15, Look::Turn),
        (15, Look::Inject),
    ];
    assert_eq!(poll(&mut agenda, 16, 100), expected);
}

#[test]
fn a_yield_turns_the_driver_when_the_others_had_their_turn() {
    for (queued, polls) in [(0, 4), (3, 4), (4, 4), (9, 9), (60, 60), (1_000, 61)] {
        let mut agenda = Agenda::new(61, 1_000);
        assert_eq!(poll(&mut agenda, 1, queued), []);
        agenda.note_yield();
        // One was polled before.
        assert_eq!(poll(&mut agenda, 61, queued), [(polls - 1, Look::Turn)], "{queued} were queued");
    }
}

#[test]
fn a_yield_after_many_polls_turns_the_driver_at_once() {
    let mut agenda = Agenda::new(61, 1_000);
    assert_eq!(poll(&mut agenda, 20, 1), []);
    agenda.note_yield();
    assert_eq!(poll(&mut agenda, 1, 1), [(0, Look::Turn)]);
    // And from then on at most every fourth poll.
    let mut turns = 0;
    for _ in 0..40 {
        agenda.note_yield();
        turns += poll(&mut agenda, 1, 1).len();
    }
    assert_eq!(turns, 10);
}

#[test]
fn what_was_asked_for_in_vain_makes_a_yield_enough() {
    let mut agenda = Agenda::new(61, 1_000);
    assert_eq!(poll(&mut agenda, 1, 0), []);
    agenda.note_yield();
    agenda.hurry_turn();
    assert_eq!(poll(&mut agenda, 3, 0), [(0, Look::Turn)]);
    // Those that are queued go first all the same.
    agenda.note_yield();
    agenda.hurry_turn();
    assert_eq!(poll(&mut agenda, 40, 30), [(26, Look::Turn)]);
}

#[cfg(feature = "taskdump")]
#[test]
fn the_inject_queue_may_come_at_once() {
    let mut agenda = Agenda::new(61, 1_000);
    assert_eq!(poll(&mut agenda, 10, 0), []);
    agenda.hurry_inject();
    assert_eq!(poll(&mut agenda, 10, 0), [(0, Look::Inject)]);
}

#[test]
fn numbers_wrap() {
    let mut agenda = Agenda::new(4, 1_000);
    (agenda.tick, agenda.due, agenda.last_turn) = (u32::MAX - 1, u32::MAX - 1, u32::MAX - 1);
    agenda.last_inject = agenda.tick;
    assert_eq!(poll(&mut agenda, 9, 0), [(4, Look::Turn), (8, Look::Turn)]);
}

#[test]
fn the_longest_intervals_never_come() {
    let mut agenda = Agenda::new(u32::MAX, u32::MAX);
    assert_eq!(poll(&mut agenda, 1_000, 0), []);
    agenda.tick += FAR;
    assert!(agenda.is_due(), "a number far ahead is looked at again before it seems to have passed");
    assert_eq!(poll(&mut agenda, 1_000, 0), []);
}
