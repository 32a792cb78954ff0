//! What a stream can be collected into.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::Hash;
use std::ops::ControlFlow;

use self::sealed::FromStreamPriv;

/// What [`StreamExt::collect`](crate::StreamExt::collect) can make from a stream of `T`.
///
/// It's implemented for the collections of std, for `String` from anything string-like, for `()`, and for
/// `Result<U, E>` from a stream of `Result<T, E>`. It can't be implemented elsewhere.
pub trait FromStream<T>: FromStreamPriv<T> {}

pub(crate) mod sealed {
    use std::ops::ControlFlow;

    /// How a collection grows.
    #[diagnostic::on_unimplemented(message = "a stream of `{T}` can't be collected into `{Self}`")]
    pub trait FromStreamPriv<T>: Sized {
        /// What exists before the stream has ended.
        type Partial;

        /// Starts, knowing how many items come at least.
        fn begin(lower: usize) -> Self::Partial;

        /// Takes an item; `Break` means that no further one matters.
        fn add(partial: &mut Self::Partial, item: T) -> ControlFlow<()>;

        /// Ends.
        fn finish(partial: Self::Partial) -> Self;
    }
}

/// Implements the trait for what extends itself.
macro_rules! extends {
    ([$($generics:tt)*] $item:ty => $collection:ty, $lower:ident: $begin:expr) => {
        impl<$($generics)*> FromStream<$item> for $collection {}

        impl<$($generics)*> FromStreamPriv<$item> for $collection {
            type Partial = Self;

            fn begin($lower: usize) -> Self {
                $begin
            }

            fn add(partial: &mut Self, item: $item) -> ControlFlow<()> {
                partial.extend([item]);
                ControlFlow::Continue(())
            }

            fn finish(partial: Self) -> Self {
                partial
            }
        }
    };
}

extends!([T] T => Vec<T>, lower: Self::with_capacity(lower));
extends!([T] T => VecDeque<T>, lower: Self::with_capacity(lower));
extends!([T] T => LinkedList<T>, _lower: Self::new());
extends!([T: Ord] T => BinaryHeap<T>, lower: Self::with_capacity(lower));
extends!([T: Ord] T => BTreeSet<T>, _lower: Self::new());
extends!([T: Eq + Hash] T => HashSet<T>, lower: Self::with_capacity(lower));
extends!([K: Ord, V] (K, V) => BTreeMap<K, V>, _lower: Self::new());
extends!([K: Eq + Hash, V] (K, V) => HashMap<K, V>, lower: Self::with_capacity(lower));
extends!([] () => (), _lower: ());

impl<T> FromStream<T> for Box<[T]> {}

impl<T> FromStreamPriv<T> for Box<[T]> {
    type Partial = Vec<T>;

    fn begin(lower: usize) -> Vec<T> {
        Vec::with_capacity(lower)
    }

    fn add(partial: &mut Vec<T>, item: T) -> ControlFlow<()> {
        partial.push(item);
        ControlFlow::Continue(())
    }

    fn finish(partial: Vec<T>) -> Self {
        partial.into_boxed_slice()
    }
}

impl<T: AsRef<str>> FromStream<T> for String {}

impl<T: AsRef<str>> FromStreamPriv<T> for String {
    type Partial = Self;

    fn begin(_lower: usize) -> Self {
        Self::new()
    }

    fn add(partial: &mut Self, item: T) -> ControlFlow<()> {
        partial.push_str(item.as_ref());
        ControlFlow::Continue(())
    }

    fn finish(partial: Self) -> Self {
        partial
    }
}

impl<T, U: FromStream<T>, E> FromStream<Result<T, E>> for Result<U, E> {}

impl<T, U: FromStreamPriv<T>, E> FromStreamPriv<Result<T, E>> for Result<U, E> {
    type Partial = Result<U::Partial, E>;

    fn begin(_lower: usize) -> Self::Partial {
        // An error may come first: the count of items promises nothing.
        Ok(U::begin(0))
    }

    fn add(partial: &mut Self::Partial, item: Result<T, E>) -> ControlFlow<()> {
        match (partial.as_mut(), item) {
            (Ok(inner), Ok(item)) => U::add(inner, item),
            (Ok(_), Err(error)) => {
                *partial = Err(error);
                ControlFlow::Break(())
            }
            (Err(_), _) => ControlFlow::Break(()),
        }
    }

    fn finish(partial: Self::Partial) -> Self {
        partial.map(U::finish)
    }
}
