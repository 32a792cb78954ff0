use super::*;

#[test]
fn names_are_unique_and_in_lower_case() {
    for table in [&COMMANDS[..], &SUBCOMMANDS] {
        for command in table {
            assert_eq!(command.name, command.name.to_ascii_lowercase());
            assert_eq!(table.iter().filter(|other| other.name == command.name).count(), 1);
            let found = find_in(table, command.name.to_ascii_uppercase().as_bytes()).unwrap();
            assert_eq!(found.name, command.name);
        }
    }
    for subcommand in &SUBCOMMANDS {
        let (command, _) = subcommand.name.split_once('|').unwrap();
        assert!(find(command.as_bytes()).is_some(), "no {command}");
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
