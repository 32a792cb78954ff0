//! A subscriber that writes down what it is told.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub(crate) type Fields = BTreeMap<&'static str, String>;

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    New { span: u64, name: &'static str, target: String, fields: Fields },
    Enter(u64),
    Exit(u64),
    Close(u64),
    Event { target: String, fields: Fields },
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder {
    told: Arc<Mutex<Vec<Told>>>,
    last: Arc<AtomicU64>,
}

impl Recorder {
    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// The spans with this name, and what is in their fields.
    pub(crate) fn spans(&self, wanted: &str) -> Vec<(u64, Fields)> {
        let told = self.told();
        told.into_iter()
            .filter_map(|told| match told {
                Told::New { span, name, fields, .. } if name == wanted => Some((span, fields)),
                _ => None,
            })
            .collect()
    }

    /// The fields of the events of a target.
    pub(crate) fn events(&self, wanted: &str) -> Vec<Fields> {
        let told = self.told();
        told.into_iter()
            .filter_map(|told| match told {
                Told::Event { target, fields } if target == wanted => Some(fields),
                _ => None,
            })
            .collect()
    }

    fn tell(&self, told: Told) {
        self.told.lock().unwrap().push(told);
    }
}

struct Visitor(Fields);

impl Visit for Visitor {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let span = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        let mut visitor = Visitor(Fields::new());
        attributes.record(&mut visitor);
        let metadata = attributes.metadata();
        self.tell(Told::New {
            span,
            name: metadata.name(),
            target: metadata.target().into(),
            fields: visitor.0,
        });
        Id::from_u64(span)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut visitor = Visitor(Fields::new());
        event.record(&mut visitor);
        self.tell(Told::Event { target: event.metadata().target().into(), fields: visitor.0 });
    }

    fn enter(&self, span: &Id) {
        self.tell(Told::Enter(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        self.tell(Told::Exit(span.into_u64()));
    }

    fn try_close(&self, span: Id) -> bool {
        self.tell(Told::Close(span.into_u64()));
        true
    }
}
