//! The grammar: `biased;`? (pattern `=` future (`, if` condition)? `=>` handler `,`)* (`else =>` handler `,`?)?

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Block, Expr, ExprBlock, Ident, Pat, Token, token};

use crate::branches::Order;
use crate::krate::Krate;

/// A whole `select!`.
pub(super) struct Select {
    pub(super) krate: Krate,
    pub(super) order: Order,
    pub(super) branches: Vec<Branch>,
    /// The handler of `else`.
    pub(super) otherwise: Option<Expr>,
}

/// One branch.
pub(super) struct Branch {
    pub(super) pattern: Pat,
    pub(super) future: Expr,
    pub(super) condition: Option<Expr>,
    pub(super) handler: Expr,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse()?;
        let order = Order::parse_prefix(input)?;
        let mut branches = Vec::new();
        let mut otherwise = None;
        while !input.is_empty() {
            if otherwise.is_some() {
                return Err(input.error("`else` must be the last branch of `select!`"));
            }
            if input.peek(Token![else]) {
                input.parse::<Token![else]>()?;
                if !input.peek(Token![=>]) {
                    return Err(input.error("expected `=>`: `else` takes no pattern, future or condition"));
                }
                otherwise = Some(parse_handler(input)?);
            } else {
                branches.push(input.parse()?);
            }
        }
        if branches.is_empty() && otherwise.is_none() {
            return Err(syn::Error::new(Span::call_site(), "`select!` needs at least one branch"));
        }
        Ok(Self { krate, order, branches, otherwise })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        reject_lookalikes(input)?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if !input.peek(Token![=]) || input.peek(Token![=>]) {
            return Err(input.error("expected `=` and a future: a branch is `pattern = future => handler`"));
        }
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        if input.peek(Token![if]) {
            return Err(input.error("expected `,` between the future and its `if` condition"));
        }
        let condition = parse_condition(input)?;
        if !input.peek(Token![=>]) {
            return Err(input.error(match condition {
                None => "expected `=>` and a handler, or `, if` and a condition",
                Some(_) => "expected `=>` and a handler",
            }));
        }
        Ok(Self { pattern, future, condition, handler: parse_handler(input)? })
    }
}

/// Parses `, if condition` if it's there.
fn parse_condition(input: ParseStream<'_>) -> syn::Result<Option<Expr>> {
    if !input.peek(Token![,]) {
        return Ok(None);
    }
    input.parse::<Token![,]>()?;
    if !input.peek(Token![if]) {
        return Err(input.error("expected `if` and a condition; a handler follows `=>`"));
    }
    input.parse::<Token![if]>()?;
    let condition: Expr = input.parse()?;
    if let Expr::Let(expr) = &condition {
        let message = "a condition is an expression of type `bool`; for a pattern, use `matches!`";
        return Err(syn::Error::new_spanned(expr.let_token, message));
    }
    Ok(Some(condition))
}

/// Parses `=>`, a handler and the comma after it: optional after a block and at the end, as in `match`.
fn parse_handler(input: ParseStream<'_>) -> syn::Result<Expr> {
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(arrow, "expected a handler after `=>`"));
    }
    // A block ends the handler, even if what follows could go on with the expression: `{} (a, b) = ...`
    let handler = if input.peek(token::Brace) {
        Expr::Block(ExprBlock { attrs: Vec::new(), label: None, block: input.parse::<Block>()? })
    } else {
        input.parse()?
    };
    let comma: Option<Token![,]> = input.parse()?;
    if input.peek(Token![=>]) {
        // What is parsed as the handler holds the next pattern and future: an assignment, say.
        return Err(input.error("a second `=>`: is there no `,` after the handler of the branch before?"));
    }
    if comma.is_none() && !input.is_empty() && !matches!(handler, Expr::Block(_)) {
        return Err(input.error("expected `,` after the handler (or put braces around the handler)"));
    }
    Ok(handler)
}

/// Says what to write instead of what other macros of this name have.
fn reject_lookalikes(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![#]) {
        return Err(input.error("branches of `select!` can't have attributes"));
    }
    if input.peek(Ident) && input.peek2(Token![=>]) {
        let word: Ident = input.fork().parse()?;
        if word == "complete" || word == "default" {
            let message =
                format!("`select!` has no `{word}` branch; `else` runs when all branches are disabled");
            return Err(syn::Error::new(word.span(), message));
        }
    }
    if input.peek(Ident) && input.peek2(Token![;]) {
        let word: Ident = input.fork().parse()?;
        if word == "biased" {
            return Err(syn::Error::new(word.span(), "`biased;` comes once, before all branches"));
        }
    }
    Ok(())
}
