use super::*;

#[test]
fn names_are_unique_and_in_lower_case() {
    for command in &COMMANDS {
        assert_eq!(command.name, command.name.to_ascii_lowercase());
        assert_eq!(COMMANDS.iter().filter(|other| other.name == command.name).count(), 1);
        assert_eq!(find(command.name.to_ascii_uppercase().as_bytes()).unwrap().name, command.name);
    }
    assert!(find(b"ge").is_none());
    assert!(find(b"").is_none());
}

#[test]
fn arity() {
    let get = find(b"get").unwrap();
    assert!(get.takes(2) && !get.takes(1) && !get.takes(3));
    let set = find(b"set").unwrap();
    assert!(!set.takes(2) && set.takes(3) && set.takes(9));
}
