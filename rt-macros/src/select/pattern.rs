//! Turns the pattern of a branch into one that only looks.
//!
//! An output must be tested before it's known whether it ends the `select!`, so the test must not move out of
//! it: it matches `&output`. In a pattern under a reference, `mut x`, `ref x` and `&x` are errors. None of
//! them can make a match fail; so they are replaced, by `_` or by the pattern inside.

use proc_macro2::Span;
use syn::{Member, Pat, PatWild, Token};

/// The pattern that matches `&value` where `pattern` matches `value`.
pub(super) fn looking(mut pattern: Pat) -> Pat {
    soften(&mut pattern);
    pattern
}

/// Whether the pattern matches everything, as far as can be told without knowing types and constants.
pub(super) fn matches_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, inner)) => matches_all(inner),
            None => ident.mutability.is_some() || ident.by_ref.is_some(),
        },
        Pat::Paren(paren) => matches_all(&paren.pat),
        Pat::Reference(reference) => matches_all(&reference.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(|pat| matches!(pat, Pat::Rest(_)) || matches_all(pat)),
        Pat::Type(typed) => matches_all(&typed.pat),
        _ => false,
    }
}

fn soften(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(ident) => {
            if let Some((_, inner)) = ident.subpat.take() {
                *pattern = *inner;
                soften(pattern);
            } else if ident.by_ref.is_some() || ident.mutability.is_some() {
                *pattern = wild();
            } else {
                // A binding, or a constant: only name resolution knows. Resolved the same, but seen as ours,
                // so that the unused variable isn't reported to the user.
                ident.ident.set_span(ident.ident.span().resolved_at(Span::mixed_site()));
            }
        }
        Pat::Reference(reference) => {
            *pattern = std::mem::replace(&mut reference.pat, wild());
            soften(pattern);
        }
        Pat::Or(or) => or.cases.iter_mut().for_each(soften),
        Pat::Paren(paren) => soften(&mut paren.pat),
        Pat::Slice(slice) => slice.elems.iter_mut().for_each(soften),
        Pat::Struct(fields) => fields.fields.iter_mut().for_each(|field| {
            soften(&mut field.pat);
            if field.colon_token.is_none() && !matches!(field.pat.as_ref(), Pat::Ident(_)) {
                // `Point { mut x }` has become `Point { x: _ }`.
                debug_assert!(matches!(field.member, Member::Named(_)));
                field.colon_token = Some(Token![:](Span::mixed_site()));
            }
        }),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(soften),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(soften),
        Pat::Type(typed) => soften(&mut typed.pat),
        _ => {}
    }
}

fn wild() -> Pat {
    Pat::Wild(PatWild { attrs: Vec::new(), underscore_token: Token![_](Span::mixed_site()) })
}
