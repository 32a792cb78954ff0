use super::*;

/// How many of `n` looks are allowed, each ending in `look`.
fn allowed(patience: &mut Patience, n: usize, look: Look) -> usize {
    let mut count = 0;
    for _ in 0..n {
        if patience.allows_a_look() {
            count += 1;
            patience.learn(look);
        }
    }
    count
}

#[test]
fn looks_that_pay_go_on_and_vain_ones_become_rare() {
    let mut patience = Patience::new();
    assert_eq!(allowed(&mut patience, 1_000, Look::Paid), 1_000);
    let vain = allowed(&mut patience, 1_000, Look::Vain);
    assert!((8..50).contains(&vain), "{vain}");
    let paid = allowed(&mut patience, 1_000, Look::Paid);
    assert!(paid >= 967, "{paid}");
}

#[test]
fn a_disturbance_is_remembered_longer_each_time() {
    let mut patience = Patience::new();
    let disturbed = allowed(&mut patience, 100_000, Look::Disturbed);
    assert!(disturbed < 20, "{disturbed}");
    while !patience.allows_a_look() {}
    patience.learn(Look::Paid);
    assert_eq!(allowed(&mut patience, 20_000, Look::Paid), 20_000, "a quiet system is noticed");
    let vain = allowed(&mut patience, 3_000, Look::Vain);
    assert!(vain < 110, "{vain}");
}
