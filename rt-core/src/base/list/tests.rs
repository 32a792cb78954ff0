use super::*;

struct Item {
    links: Links<Item>,
    value: u32,
}

// SAFETY: the links are a field of the node; the tests keep nodes in boxes that don't move.
unsafe impl Node for Item {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the caller gives a live node.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

#[allow(clippy::vec_box, reason = "a node must not move")]
fn items(n: u32) -> Vec<Box<Item>> {
    (0..n).map(|value| Box::new(Item { links: Links::new(), value })).collect()
}

fn drain(list: &mut List<Item>) -> Vec<u32> {
    // SAFETY: the items outlive the list in each test.
    std::iter::from_fn(|| list.pop_front().map(|node| unsafe { node.as_ref().value })).collect()
}

#[cfg(not(loom))]
#[test]
fn oldest_comes_first_and_the_middle_can_leave() {
    let items = items(4);
    let nodes: Vec<_> = items.iter().map(|item| NonNull::from(&**item)).collect();
    let mut list = List::new();
    for node in &nodes {
        // SAFETY: live, unlinked, and boxed until the end of the test.
        unsafe { list.push_back(*node) };
    }
    // SAFETY: live nodes of this list.
    unsafe {
        assert!(list.remove(nodes[1]));
        assert!(!list.remove(nodes[1]), "a node leaves once");
        assert!(list.remove(nodes[3]), "the newest");
    }
    assert_eq!(drain(&mut list), [0, 2]);
    assert!(list.is_empty());
}

#[cfg(not(loom))]
#[test]
fn append_keeps_the_order_of_both() {
    let items = items(4);
    let (mut a, mut b) = (List::new(), List::new());
    for item in &items {
        let list = if item.value < 2 { &mut a } else { &mut b };
        // SAFETY: live, unlinked, and boxed until the end of the test.
        unsafe { list.push_back(NonNull::from(&**item)) };
    }
    let mut all = List::new();
    all.append(&mut a);
    all.append(&mut b);
    all.append(&mut b);
    assert_eq!(drain(&mut all), [0, 1, 2, 3]);
}
