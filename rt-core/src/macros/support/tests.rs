use super::{Branches, ManyBranches, Rotation};

#[test]
fn turns_go_round_once_from_the_start_on() {
    let mut set = Branches::all(5);
    set.remove(1);
    set.remove(4);
    let turns = |set: &Branches, start| {
        let mut turns = set.starting_at(start);
        let mut order = vec![];
        loop {
            order.extend((0..5).filter(|index| turns.contains(*index)));
            if !turns.go_on() {
                return order;
            }
        }
    };
    assert_eq!(turns(&set, 0), [0, 2, 3]);
    assert_eq!(turns(&set, 1), [2, 3, 0]);
    assert_eq!(turns(&set, 3), [3, 0, 2]);
    assert_eq!(turns(&set, 4), [0, 2, 3]);
    set.remove(0);
    set.remove(2);
    assert_eq!(turns(&set, 1), [3]);
    set.remove(3);
    assert_eq!(turns(&set, 2), []);
}

#[test]
fn a_rotation_has_each_future_once() {
    let rotation = |start| {
        let mut turns = Rotation::starting_at(start);
        let mut order = vec![];
        loop {
            order.extend((0..3).filter(|index| turns.contains(*index)));
            if !turns.go_on() {
                return order;
            }
        }
    };
    assert_eq!(rotation(0), [0, 1, 2]);
    assert_eq!(rotation(1), [1, 2, 0]);
    assert_eq!(rotation(2), [2, 0, 1]);
}

proptest::proptest! {
    #[test]
    fn both_sets_do_the_same(count in 1_usize..=64, removed: u64, start in 0_usize..64) {
        let start = start % count;
        let (mut few, mut many) = (Branches::all(count), ManyBranches::<1>::all(count));
        for index in (0..count).filter(|index| removed & (1 << index) != 0) {
            few.remove(index);
            many.remove(index);
        }
        let (mut few, mut many) = (few.starting_at(start), many.starting_at(start));
        for _ in 0..3 {
            for index in 0..64 {
                proptest::prop_assert_eq!(few.contains(index), many.contains(index));
            }
            proptest::prop_assert_eq!(few.go_on(), many.go_on());
        }
    }

    #[test]
    fn sets_of_several_words_go_round_too(count in 65_usize..=190, start in 0_usize..190) {
        let start = start % count;
        let mut turns = ManyBranches::<3>::all(count).starting_at(start);
        let group = |turns: &super::ManyTurns<3>| (0..192).filter(|index| turns.contains(*index)).collect::<Vec<_>>();
        proptest::prop_assert_eq!(group(&turns), (start..count).collect::<Vec<_>>());
        proptest::prop_assert_eq!(turns.go_on(), start > 0);
        proptest::prop_assert_eq!(group(&turns), (0..start).collect::<Vec<_>>());
        proptest::prop_assert!(!turns.go_on());
    }
}
