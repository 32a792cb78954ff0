//! What is written in the parentheses of the attribute.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Token, ext::IdentExt};

use super::{Defaults, Features, Kind};

const KNOWN: &str = "`flavor`, `worker_threads`, `start_paused`, `unhandled_panic`, `name` and `crate`";

/// Which runtime runs the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

/// What becomes of the runtime when a task panics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum UnhandledPanic {
    Ignore,
    ShutdownRuntime,
}

/// The options, all checked.
pub(super) struct Options {
    pub(super) flavor: Flavor,
    pub(super) worker_threads: Option<LitInt>,
    pub(super) start_paused: Option<bool>,
    pub(super) unhandled_panic: Option<UnhandledPanic>,
    pub(super) name: Option<LitStr>,
    pub(super) krate: Path,
}

/// A value and the name of its option, to point at.
type Given<T> = Option<(Ident, T)>;

/// The options as they are written.
#[derive(Default)]
struct Written {
    flavor: Given<Flavor>,
    worker_threads: Given<LitInt>,
    start_paused: Given<bool>,
    unhandled_panic: Given<UnhandledPanic>,
    name: Given<LitStr>,
    krate: Given<Path>,
}

impl Options {
    /// Parses and checks; the error holds everything that is wrong.
    pub(super) fn parse(args: TokenStream, defaults: &Defaults) -> syn::Result<Self> {
        let args = Punctuated::<Arg, Token![,]>::parse_terminated.parse2(args)?;
        let mut errors = Errors::default();
        let mut written = Written::default();
        for arg in args {
            errors.collect(written.add(arg));
        }
        let flavor = errors.collect(written.flavor(defaults));
        if let Some(flavor) = flavor {
            errors.collect(written.check(flavor));
        }
        errors.finish()?;
        let krate = match written.krate {
            Some((_, path)) => path,
            None => syn::parse_str(defaults.krate)?,
        };
        Ok(Self {
            flavor: flavor.unwrap_or(Flavor::CurrentThread),
            worker_threads: written.worker_threads.map(|(_, value)| value),
            start_paused: written.start_paused.map(|(_, value)| value),
            unhandled_panic: written.unhandled_panic.map(|(_, value)| value),
            name: written.name.map(|(_, value)| value),
            krate,
        })
    }
}

impl Written {
    fn add(&mut self, Arg { key, value }: Arg) -> syn::Result<()> {
        match key.to_string().as_str() {
            "flavor" => set(&mut self.flavor, key, parse_flavor(&value)),
            "worker_threads" => set(&mut self.worker_threads, key, parse_threads(&value)),
            "start_paused" => set(&mut self.start_paused, key, parse_bool(&value)),
            "unhandled_panic" => set(&mut self.unhandled_panic, key, parse_unhandled_panic(&value)),
            "name" => set(&mut self.name, key, parse_string(&value)),
            "crate" => set(&mut self.krate, key, parse_path(&value)),
            "core_threads" => Err(Error::new(key.span(), "this option is called `worker_threads`")),
            unknown => Err(Error::new(key.span(), format!("unknown option `{unknown}`; there are {KNOWN}"))),
        }
    }

    /// The flavor that is asked for, if the runtime crate has it.
    fn flavor(&self, defaults: &Defaults) -> syn::Result<Flavor> {
        let (flavor, span) = match (&self.flavor, defaults.kind) {
            (Some((key, flavor)), _) => (*flavor, key.span()),
            (None, Kind::Main) => (Flavor::MultiThread, Span::call_site()),
            (None, Kind::Test) => (Flavor::CurrentThread, Span::call_site()),
        };
        match (defaults.features, flavor) {
            (Features::None, _) => Err(Error::new(
                Span::call_site(),
                "the feature `rt` of the runtime crate is needed for this attribute",
            )),
            (Features::CurrentThread, Flavor::MultiThread) => Err(Error::new(
                span,
                if self.flavor.is_some() {
                    "the flavor `multi_thread` needs the feature `rt-multi-thread` of the runtime crate"
                } else {
                    "the default flavor, `multi_thread`, needs the feature `rt-multi-thread` of the runtime crate; \
                     enable it, or choose `flavor = \"current_thread\"`"
                },
            )),
            _ => Ok(flavor),
        }
    }

    /// Whether all options make sense for the flavor.
    fn check(&self, flavor: Flavor) -> syn::Result<()> {
        let mut errors = Errors::default();
        if flavor == Flavor::MultiThread {
            let single = "works with `flavor = \"current_thread\"` and `flavor = \"local\"` only";
            if let Some((key, true)) = &self.start_paused {
                errors.push(Error::new(key.span(), format!("`start_paused` {single}")));
            }
            if let Some((key, _)) = &self.unhandled_panic {
                errors.push(Error::new(key.span(), format!("`unhandled_panic` {single}")));
            }
        } else if let Some((key, _)) = &self.worker_threads {
            errors
                .push(Error::new(key.span(), "`worker_threads` works with `flavor = \"multi_thread\"` only"));
        }
        errors.finish()
    }
}

/// One option.
struct Arg {
    key: Ident,
    value: Expr,
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!("expected the name of an option: {KNOWN}")));
        }
        let key = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            let message = match key.to_string().as_str() {
                flavor @ ("multi_thread" | "current_thread" | "local") => {
                    format!("a flavor is chosen by `flavor = \"{flavor}\"`")
                }
                name => format!("expected `{name} = value`"),
            };
            return Err(Error::new(key.span(), message));
        }
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new(key.span(), format!("expected a value: `{key} = value`")));
        }
        Ok(Self { key, value: input.parse()? })
    }
}

fn set<T>(slot: &mut Given<T>, key: Ident, value: syn::Result<T>) -> syn::Result<()> {
    if slot.is_some() {
        return Err(Error::new(key.span(), format!("`{key}` is given twice")));
    }
    *slot = Some((key, value?));
    Ok(())
}

fn parse_flavor(value: &Expr) -> syn::Result<Flavor> {
    let name = parse_string(value)?;
    match name.value().as_str() {
        "multi_thread" => Ok(Flavor::MultiThread),
        "current_thread" => Ok(Flavor::CurrentThread),
        "local" => Ok(Flavor::Local),
        unknown => Err(Error::new(
            name.span(),
            format!("unknown flavor `{unknown}`; there are `multi_thread`, `current_thread` and `local`"),
        )),
    }
}

fn parse_unhandled_panic(value: &Expr) -> syn::Result<UnhandledPanic> {
    let name = parse_string(value)?;
    match name.value().as_str() {
        "ignore" => Ok(UnhandledPanic::Ignore),
        "shutdown_runtime" => Ok(UnhandledPanic::ShutdownRuntime),
        unknown => Err(Error::new(
            name.span(),
            format!("unknown behaviour `{unknown}`; there are `ignore` and `shutdown_runtime`"),
        )),
    }
}

fn parse_threads(value: &Expr) -> syn::Result<LitInt> {
    match literal(value) {
        Some(Lit::Int(count)) => match count.base10_parse::<usize>()? {
            0 => Err(Error::new(count.span(), "there must be at least one worker thread")),
            _ => Ok(count.clone()),
        },
        _ => Err(Error::new_spanned(value, "expected a number, as in `worker_threads = 4`")),
    }
}

fn parse_bool(value: &Expr) -> syn::Result<bool> {
    match literal(value) {
        Some(Lit::Bool(flag)) => Ok(flag.value),
        _ => Err(Error::new_spanned(value, "expected `true` or `false`")),
    }
}

fn parse_string(value: &Expr) -> syn::Result<LitStr> {
    match literal(value) {
        Some(Lit::Str(string)) => Ok(string.clone()),
        _ => Err(Error::new_spanned(value, "expected a string literal")),
    }
}

/// A path, in quotes or not.
fn parse_path(value: &Expr) -> syn::Result<Path> {
    let path = match literal(value) {
        Some(Lit::Str(string)) => string
            .parse_with(Path::parse_mod_style)
            .map_err(|_| Error::new(string.span(), format!("`{}` is not a path of a crate", string.value()))),
        _ => Path::parse_mod_style.parse2(value.to_token_stream()).map_err(|_| {
            Error::new_spanned(value, "expected the path of the runtime crate, as in `crate = \"rt_core\"`")
        }),
    }?;
    Ok(path)
}

/// The literal that an expression is.
fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { attrs, lit }) if attrs.is_empty() => Some(lit),
        // What a `macro_rules!` passes on as `$value:expr`.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Everything that is wrong, told at once.
#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    fn collect<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
