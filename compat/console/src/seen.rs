//! What a client such as tokio-console knows of a program, from the updates that it is sent.

use std::collections::HashMap;

use console_api::field::{Name, Value};
use console_api::instrument::Update;
use console_api::resources::resource::kind::{Kind, Known};
use console_api::{Attribute, Field, Location, PollStats};

#[derive(Debug, Default)]
pub struct Seen {
    pub tasks: HashMap<u64, Task>,
    pub resources: HashMap<u64, Resource>,
    pub waits: HashMap<u64, Wait>,
}

#[derive(Debug)]
pub struct Task {
    pub fields: HashMap<String, String>,
    pub line: u32,
    pub polls: u64,
    pub wakes: u64,
}

#[derive(Debug)]
pub struct Resource {
    pub concrete_type: String,
    pub kind: String,
    pub parent: Option<u64>,
    pub is_internal: bool,
    pub line: u32,
    pub attributes: HashMap<String, String>,
}

#[derive(Debug)]
pub struct Wait {
    pub source: String,
    pub resource: u64,
    pub task: Option<u64>,
    pub polls: u64,
    pub attributes: HashMap<String, String>,
}

impl Seen {
    pub fn learn(&mut self, update: Update) {
        let lost = [
            update.task_update.as_ref().map_or(0, |update| update.dropped_events),
            update.resource_update.as_ref().map_or(0, |update| update.dropped_events),
            update.async_op_update.as_ref().map_or(0, |update| update.dropped_events),
        ];
        assert_eq!(lost, [0; 3], "nothing is lost on the way");
        self.learn_of_tasks(update.task_update.unwrap_or_default());
        self.learn_of_resources(update.resource_update.unwrap_or_default());
        self.learn_of_waits(update.async_op_update.unwrap_or_default());
    }

    fn learn_of_tasks(&mut self, update: console_api::tasks::TaskUpdate) {
        for task in update.new_tasks {
            let (Some(id), fields) = (task.id, text_of(task.fields.iter())) else { continue };
            self.tasks.insert(id.id, Task { fields, line: line(task.location), polls: 0, wakes: 0 });
        }
        for (id, stats) in update.stats_update {
            if let Some(task) = self.tasks.get_mut(&id) {
                task.wakes = stats.wakes;
                task.polls = polls(stats.poll_stats);
            }
        }
    }

    fn learn_of_resources(&mut self, update: console_api::resources::ResourceUpdate) {
        for resource in update.new_resources {
            let Some(id) = resource.id else { continue };
            let kind = match resource.kind.and_then(|kind| kind.kind) {
                Some(Kind::Known(kind)) if kind == Known::Timer as i32 => "timer".into(),
                Some(Kind::Other(kind)) => kind,
                other => panic!("{other:?} is no kind of a resource"),
            };
            let resource = Resource {
                concrete_type: resource.concrete_type,
                kind,
                parent: resource.parent_resource_id.map(|parent| parent.id),
                is_internal: resource.is_internal,
                line: line(resource.location),
                attributes: HashMap::new(),
            };
            self.resources.insert(id.id, resource);
        }
        for (id, stats) in update.stats_update {
            if let Some(resource) = self.resources.get_mut(&id) {
                resource.attributes = attributes(&stats.attributes);
            }
        }
    }

    fn learn_of_waits(&mut self, update: console_api::async_ops::AsyncOpUpdate) {
        for wait in update.new_async_ops {
            let (Some(id), Some(resource)) = (wait.id, wait.resource_id) else { continue };
            let wait = Wait {
                source: wait.source,
                resource: resource.id,
                task: None,
                polls: 0,
                attributes: HashMap::new(),
            };
            self.waits.insert(id.id, wait);
        }
        for (id, stats) in update.stats_update {
            if let Some(wait) = self.waits.get_mut(&id) {
                wait.task = stats.task_id.map(|task| task.id);
                wait.polls = polls(stats.poll_stats);
                wait.attributes = attributes(&stats.attributes);
            }
        }
    }
}

fn line(location: Option<Location>) -> u32 {
    location.and_then(|location| location.line).unwrap_or(0)
}

fn polls(stats: Option<PollStats>) -> u64 {
    stats.map_or(0, |stats| stats.polls)
}

fn attributes(attributes: &[Attribute]) -> HashMap<String, String> {
    text_of(attributes.iter().filter_map(|attribute| attribute.field.as_ref()))
}

fn text_of<'a>(fields: impl Iterator<Item = &'a Field>) -> HashMap<String, String> {
    let text = |field: &Field| {
        let Some(Name::StrName(name)) = &field.name else { return None };
        let value = match field.value.as_ref()? {
            Value::DebugVal(value) | Value::StrVal(value) => value.clone(),
            Value::U64Val(value) => value.to_string(),
            Value::I64Val(value) => value.to_string(),
            Value::BoolVal(value) => value.to_string(),
        };
        Some((name.clone(), value))
    };
    fields.filter_map(text).collect()
}
