use super::{Command, Options, Side, parse};

fn run(line: &str) -> Result<Options, String> {
    match parse(format!("run {line}").split_whitespace().map(String::from))? {
        Command::Run(options) => Ok(options),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_whole_name_means_only_that_row() {
    let names = ["tcp-echo-1/mt", "tcp-echo-1/mt-more", "yield/ct"];
    let options = run("tcp-echo-1/mt").unwrap();
    assert!(options.wants(names[0], &names));
    assert!(!options.wants(names[1], &names));
    let options = run("tcp-echo yield").unwrap();
    assert!(names.iter().all(|name| options.wants(name, &names)));
    assert!(!run("udp").unwrap().wants(names[0], &names));
    assert!(run("").unwrap().wants(names[0], &names));
}

#[test]
fn options_may_stand_anywhere() {
    let options = run("--samples 3 --quick --side ours --iters 10 --json a.json").unwrap();
    assert_eq!(options.settings.samples, 3);
    assert_eq!(options.settings.iters, Some(10));
    assert_eq!(options.side, Some(Side::Ours));
    assert_eq!(options.json.as_deref(), Some("a.json"));
    assert!(options.filters.is_empty());
}

#[test]
fn nonsense_is_refused() {
    for line in ["--fast", "--side mine", "--samples 0", "--iters", "--aa --side ours", "--aa --peers"] {
        assert!(run(line).is_err(), "{line}");
    }
    assert!(parse(["measure".to_string()]).is_err());
}
