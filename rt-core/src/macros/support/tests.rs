use super::{Branches, ManyBranches};

#[test]
fn turns_go_round_once_from_the_start_on() {
    let mut set = Branches::all(5);
    set.remove(1);
    set.remove(4);
    let turns = |set: &Branches, start| {
        let mut turns = set.starting_at(start);
        std::iter::from_fn(move || turns.next()).collect::<Vec<_>>()
    };
    assert_eq!(turns(&set, 0), [0, 2, 3]);
    assert_eq!(turns(&set, 1), [2, 3, 0]);
    assert_eq!(turns(&set, 3), [3, 0, 2]);
    assert_eq!(turns(&set, 4), [0, 2, 3]);
    set.remove(0);
    set.remove(2);
    assert!(set.contains(3) && !set.is_empty());
    set.remove(3);
    assert!(set.is_empty());
    assert_eq!(turns(&set, 2), []);
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
        proptest::prop_assert_eq!(few.is_empty(), many.is_empty());
        let (mut few, mut many) = (few.starting_at(start), many.starting_at(start));
        loop {
            let next = few.next();
            proptest::prop_assert_eq!(next, many.next());
            if next.is_none() {
                break;
            }
        }
    }
}
