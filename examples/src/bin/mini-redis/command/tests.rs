use super::*;

#[test]
fn names_are_unique_and_in_lower_case() {
    for command in &COMMANDS {
        assert_eq!(command.name, command.name.to_ascii_lowercase());
        assert_eq!(COMMANDS.iter().filter(|other| other.name == command.name).count(), 1);
        let found = find(command.name.to_ascii_uppercase().as_bytes()).unwrap();
        assert_eq!(found.name, command.name);
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

#[test]
fn integers_are_written_one_way() {
    for number in [0, 1, -1, 10, i64::MAX, i64::MIN] {
        assert_eq!(parse_integer(number.to_string().as_bytes()), Some(number));
    }
    for text in ["", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "\u{661}"]
    {
        assert_eq!(parse_integer(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(parse_integer(b"-9223372036854775809"), None);
    assert_eq!(parse_integer(b"\xff"), None);
}
