//! The command line.
use crate::measure::Settings;

pub(crate) const USAGE: &str = "\
usage: rt-benches list
       rt-benches run [FILTER...] [options]

A FILTER is a row's whole name or a part of it; no filter means all rows.

  --quick          fewer, shorter samples
  --aa             tokio against itself: shows the noise
  --peers          other crates' channels against ours, all on rt-core
  --side SIDE      only `ours` or `tokio`, no comparison
  --samples N      samples a side of a calibrated row
  --iters N        one sample of exactly N operations, no warm-up (for counting tools)
  --json FILE      writes the figures
  --svg FILE       draws the ratios
";

/// Which of the two runtimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Tokio,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    List,
    Run(Options),
}

/// How to run.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) filters: Vec<String>,
    pub(crate) settings: Settings,
    pub(crate) aa: bool,
    pub(crate) peers: bool,
    pub(crate) side: Option<Side>,
    pub(crate) json: Option<String>,
    pub(crate) svg: Option<String>,
}

impl Options {
    /// Whether a row was asked for, given the names of all rows.
    pub(crate) fn wants(&self, name: &str, names: &[&str]) -> bool {
        let wanted = |filter: &String| match names.contains(&filter.as_str()) {
            true => name == filter,
            false => name.contains(filter.as_str()),
        };
        self.filters.is_empty() || self.filters.iter().any(wanted)
    }
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    match arguments.next().as_deref() {
        None | Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("list") => Ok(Command::List),
        Some("run") => options(arguments).map(Command::Run),
        Some(other) => Err(format!("unknown command `{other}`")),
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut quick, mut samples, mut iters) = (false, None, None);
    let mut options = Options {
        filters: Vec::new(),
        settings: Settings::FULL,
        aa: false,
        peers: false,
        side: None,
        json: None,
        svg: None,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
        match argument.as_str() {
            "--quick" => quick = true,
            "--aa" => options.aa = true,
            "--peers" => options.peers = true,
            "--side" => options.side = Some(side(&value()?)?),
            "--filter" => options.filters.push(value()?),
            "--samples" => samples = Some(count(&value()?)? as usize),
            "--iters" => iters = Some(count(&value()?)?),
            "--json" => options.json = Some(value()?),
            "--svg" => options.svg = Some(value()?),
            unknown if unknown.starts_with('-') => return Err(format!("unknown option `{unknown}`")),
            filter => options.filters.push(filter.to_string()),
        }
    }
    if quick {
        options.settings = Settings::QUICK;
    }
    options.settings.samples = samples.unwrap_or(options.settings.samples);
    options.settings.iters = iters;
    if options.aa && options.side.is_some() {
        return Err("--aa compares, --side doesn't".to_string());
    }
    if options.aa && options.peers {
        return Err("--aa is tokio against itself, --peers others against us".to_string());
    }
    Ok(options)
}

fn side(name: &str) -> Result<Side, String> {
    match name {
        "ours" => Ok(Side::Ours),
        "tokio" => Ok(Side::Tokio),
        other => Err(format!("no side `{other}`")),
    }
}

fn count(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(count @ 1..) => Ok(count),
        _ => Err(format!("`{text}` isn't a number above 0")),
    }
}

#[cfg(test)]
mod tests;
