//! The function under the attribute.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, ReturnType, Signature, Token, Type, Visibility};

use super::Kind;

/// An async function. Its body stays raw tokens: nothing in it matters here, and the compiler parses it anyway.
#[derive(Clone)]
pub(super) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(super) signature: Signature,
    /// What is in `#![...]` at the start of the body.
    inner_attributes: Vec<Attribute>,
    statements: TokenStream,
    braces: Span,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !is_function(input) {
            return Err(input.error("expected an async function"));
        }
        let signature = input.parse()?;
        let Some(body) = input.parse().ok().and_then(in_braces) else {
            return Err(input.error("expected a function with a body"));
        };
        let split = |body: ParseStream<'_>| Ok((body.call(Attribute::parse_inner)?, body.parse()?));
        let (inner_attributes, statements) = split.parse2(body.stream())?;
        Ok(Self { attributes, visibility, signature, inner_attributes, statements, braces: body.span() })
    }
}

/// The group in braces that a token is, as it is or as what a `macro_rules!` passes on as `$body:block`.
fn in_braces(token: TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => Some(group),
            Delimiter::None => group.stream().into_iter().next().and_then(in_braces),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a signature follows, so that what doesn't have one is called by its name.
fn is_function(input: ParseStream<'_>) -> bool {
    input.peek(Token![async])
        || input.peek(Token![fn])
        || input.peek(Token![unsafe])
        || input.peek(Token![extern])
        || (input.peek(Token![const]) && input.peek2(Token![fn]))
        || (input.peek(Token![const]) && (input.peek2(Token![async]) || input.peek2(Token![unsafe])))
}

impl Function {
    /// Refuses what can't be a function of this kind.
    pub(super) fn check(&self, kind: Kind) -> syn::Result<()> {
        let signature = &self.signature;
        if kind == Kind::Test {
            if let Some(other) = self.attributes.iter().find(|attribute| is_test(attribute)) {
                let message = "a second test attribute, which would run the test twice; remove one of them";
                return Err(Error::new_spanned(other, message));
            }
        }
        if signature.asyncness.is_none() {
            return Err(Error::new_spanned(
                signature.fn_token,
                "the function must be `async`: write `async fn`",
            ));
        }
        if let Some(variadic) = &signature.variadic {
            return Err(Error::new_spanned(variadic, "an async function can't be variadic"));
        }
        if kind == Kind::Main && signature.ident == "main" && !signature.inputs.is_empty() {
            let message = "`main` can't have arguments; see `std::env::args`";
            return Err(Error::new_spanned(&signature.inputs, message));
        }
        Ok(())
    }

    /// The type returned, unless it can only be written as a return type.
    pub(super) fn nameable_output(&self) -> Option<TokenStream> {
        match &self.signature.output {
            ReturnType::Default => Some(quote_spanned!(Span::mixed_site()=> ())),
            ReturnType::Type(_, ty) if is_nameable(ty) => Some(ty.to_token_stream()),
            ReturnType::Type(..) => None,
        }
    }

    /// Where the result of the body is written: its last token.
    pub(super) fn end_of_body(&self) -> Span {
        self.statements.clone().into_iter().last().map_or(self.braces, |token| token.span())
    }

    /// The body as a future.
    pub(super) fn body(&self) -> TokenStream {
        let span = Span::mixed_site();
        let statements = &self.statements;
        // An async block has no return type to write; its first `return` decides what `?` and coercions in
        // the others see.
        let hint = self.nameable_output().map(|ty| {
            quote_spanned! {span=>
                if false {
                    return ::core::option::Option::<#ty>::unwrap(::core::option::Option::None);
                }
            }
        });
        let mut block = Group::new(Delimiter::Brace, quote_spanned!(span=> #hint #statements));
        block.set_span(self.braces);
        quote_spanned!(span=> async move #block)
    }

    /// The function with the attributes gone that [`check`](Self::check) refuses.
    pub(super) fn without_test_attributes(&self) -> Self {
        let mut function = self.clone();
        function.attributes.retain(|attribute| !is_test(attribute));
        function
    }

    /// The function, no longer async, with other statements in its body.
    pub(super) fn with_body(&self, body: &TokenStream) -> TokenStream {
        let Self { attributes, visibility, inner_attributes, .. } = self;
        let signature = Signature { asyncness: None, ..self.signature.clone() };
        let mut block =
            Group::new(Delimiter::Brace, quote_spanned!(Span::mixed_site()=> #(#inner_attributes)* #body));
        block.set_span(self.braces);
        quote_spanned!(Span::mixed_site()=> #(#attributes)* #visibility #signature #block)
    }
}

/// Whether the attribute is the built-in `#[test]`, by one of its names, or this one once more.
fn is_test(attribute: &Attribute) -> bool {
    let segments = &attribute.path().segments;
    let ends_in_test = segments.last().is_some_and(|last| last.ident == "test");
    let is_known = segments.len() == 1
        || ["core", "std", "rt_core", "tokio"].iter().any(|krate| segments[0].ident == krate);
    ends_in_test && is_known
}

/// Whether a type can be written in an expression: without `impl Trait` in it, and not `!`.
fn is_nameable(ty: &Type) -> bool {
    !matches!(ty, Type::Never(_)) && !mentions_impl(ty.to_token_stream())
}

fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}
