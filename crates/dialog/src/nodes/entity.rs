//! Entity nodes: prompts, values, retries.

use super::Flow;
use super::reading::{self, Rules, Told};
use crate::failure::Failure;
use crate::scene::Extras;
use crate::standard::Said;
use crate::turn::Turn;
use crate::{
    BubbleBody, EndReason, Event, FailureReason, GIVEN_LIMIT, Given, Offer, Waiting, path,
};
use definition::{
    Component, Dialog, Entity, EntityType, ListValue, Matching, Node, PromptOption, RetryAction,
    Reuse,
};
use nlu::{EntityKind, Extraction, Found, ListItem};
use serde_json::{Value, json};

pub(super) fn run<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
    entity: &'a Entity,
) -> Result<Flow, Failure> {
    if !path::is_empty(&turn.entity(&component.name))
        || fill_from_words(turn, node, component, entity)
    {
        return Ok(Flow::Next);
    }
    if node.options.prompt == PromptOption::Hidden {
        return Ok(Flow::Next);
    }
    if let Some(day) = day_from_words(turn, node, component, entity) {
        ask_time(turn, day);
        return Ok(Flow::Stay);
    }
    prompt(turn, node, component, entity)?;
    turn.wait(Waiting::Entity);
    Ok(Flow::Stay)
}

/// Tries what was said earlier, as far as the node and the entity's rules allow.
fn fill_from_words(
    turn: &mut Turn<'_>,
    node: &Node,
    component: &Component,
    entity: &Entity,
) -> bool {
    for (at, text) in earlier(turn, node, component) {
        let found = reading::find(turn, component, entity, &text, Told::Leftover);
        let Some((value, start, end)) = value_of(found) else {
            continue;
        };
        turn.use_words(at, start, end, node.options.lock_words);
        fill(turn, component, value);
        return true;
    }
    false
}

/// Utterances whose words may fill an entity without being asked for, the latest first.
fn earlier(turn: &Turn<'_>, node: &Node, component: &Component) -> Vec<(usize, String)> {
    if node.options.reuse == Reuse::Never {
        return Vec::new();
    }
    let mut words = turn.readable_words(node.options.reuse == Reuse::All);
    if Rules::of(turn, component).latest_only {
        let count = turn.state.task.as_ref().map_or(0, |task| task.words.len());
        words.retain(|(at, _)| at + 1 == count);
    }
    words
}

/// A day that was said earlier, for an entity that needs a time too.
fn day_from_words(
    turn: &mut Turn<'_>,
    node: &Node,
    component: &Component,
    entity: &Entity,
) -> Option<String> {
    if !is_date_time(entity) {
        return None;
    }
    for (at, text) in earlier(turn, node, component) {
        if let Some((day, start, end)) = day_in(turn, component, entity, &text) {
            turn.use_words(at, start, end, node.options.lock_words);
            return Some(day);
        }
    }
    None
}

/// The one day that a text names.
fn day_in(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    text: &str,
) -> Option<(String, usize, usize)> {
    let found = reading::find_of(
        turn,
        component,
        entity,
        &EntityKind::Date,
        text,
        Told::Leftover,
    );
    let one = match found {
        Extraction::One(one) => one,
        Extraction::Many(many) => many.into_iter().next()?,
        Extraction::None | Extraction::Ambiguous { .. } => return None,
    };
    Some((one.value.as_str()?.to_owned(), one.start, one.end))
}

/// The day is known: asks for the time only.
fn ask_time(turn: &mut Turn<'_>, day: String) {
    let shown = shown_day(&day, &turn.language);
    turn.say_standard(Said::AskTime, &[("date", &shown)]);
    turn.wait(Waiting::Time(day));
}

/// A day as people write it in English; in other languages as it is kept.
pub(crate) fn shown_day(day: &str, language: &str) -> String {
    match day.parse::<jiff::civil::Date>() {
        Ok(date) if language.starts_with("en") => date.strftime("%-d %B %Y").to_string(),
        _ => day.to_owned(),
    }
}

/// What an answer to the question for the time is: a time of that day, or a day and time of its own.
fn time_of_day(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    day: &str,
    text: &str,
) -> Extraction {
    let own_day = day_in(turn, component, entity, text).is_some();
    let whole = match own_day {
        true => text.to_owned(),
        false => format!("{day} {text}"),
    };
    let all = |value: Value| Found {
        value,
        start: 0,
        end: text.len(),
    };
    match reading::find(turn, component, entity, &whole, Told::Prompted) {
        Extraction::None if own_day => Extraction::None,
        Extraction::None => bare_time(turn, component, entity, day, text),
        Extraction::One(one) => Extraction::One(all(one.value)),
        Extraction::Many(many) => {
            Extraction::Many(many.into_iter().map(|one| all(one.value)).collect())
        }
        Extraction::Ambiguous { options, .. } => Extraction::Ambiguous {
            options,
            start: 0,
            end: text.len(),
        },
    }
}

/// A time that only the question makes one, such as a bare "5", on that day.
fn bare_time(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    day: &str,
    text: &str,
) -> Extraction {
    let shown = shown_day(day, &turn.language);
    let on_day = |value: &Value| json!(format!("{day}{}", value.as_str().unwrap_or_default()));
    let kind = EntityKind::Time;
    match reading::find_of(turn, component, entity, &kind, text, Told::Prompted) {
        Extraction::One(one) => Extraction::One(Found {
            value: on_day(&one.value),
            ..one
        }),
        Extraction::Ambiguous {
            options,
            start,
            end,
        } => {
            let of_day = |choice: nlu::Choice| nlu::Choice {
                value: on_day(&choice.value),
                title: format!("{shown}, {}", choice.title),
            };
            Extraction::Ambiguous {
                options: options.into_iter().map(of_day).collect(),
                start,
                end,
            }
        }
        Extraction::Many(_) | Extraction::None => Extraction::None,
    }
}

fn value_of(found: Extraction) -> Option<(Value, usize, usize)> {
    match found {
        Extraction::One(one) => Some((one.value, one.start, one.end)),
        Extraction::Many(many) => {
            let (start, end) = (many.first()?.start, many.last()?.end);
            Some((
                Value::Array(many.into_iter().map(|one| one.value).collect()),
                start,
                end,
            ))
        }
        Extraction::None | Extraction::Ambiguous { .. } => None,
    }
}

fn fill(turn: &mut Turn<'_>, component: &Component, value: Value) {
    forget_choice(turn);
    turn.set_entity(&component.name, value);
    let Some(frame) = turn.frame_mut() else {
        return;
    };
    frame.waiting = None;
    frame.retries = 0;
    let given = Given {
        dialog_id: frame.dialog_id.clone(),
        node: frame.node.clone(),
        entity: component.name.clone(),
    };
    note_given(turn, given);
}

fn note_given(turn: &mut Turn<'_>, given: Given) {
    if let Some(task) = &mut turn.state.task {
        task.given.retain(|have| *have != given);
        task.given.push(given);
        if task.given.len() > GIVEN_LIMIT {
            task.given.remove(0);
        }
    }
}

/// The value that `text` holds for an entity, when it is clear; free texts only when `told` that the text is the value.
pub(crate) fn read_value(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    text: &str,
    told: bool,
) -> Option<Value> {
    let told = if told { Told::Meant } else { Told::Leftover };
    value_of(reading::find(turn, component, entity, text, told)).map(|(value, _, _)| value)
}

/// Fills entities of later nodes of the dialog that find their value in an input of the node that waits. True: one did.
pub(crate) fn fill_later<'a>(
    turn: &mut Turn<'a>,
    dialog: &'a Dialog,
    node: &Node,
    text: &str,
) -> bool {
    let Some(at) = dialog.position(&node.id) else {
        return false;
    };
    let agent = turn.engine.agent;
    let mut filled = false;
    for later in dialog.nodes.iter().skip(at + 1) {
        let Some(component) = agent.component_of(later) else {
            continue;
        };
        let definition::ComponentKind::Entity(entity) = &component.kind else {
            continue;
        };
        if later.options.reuse == Reuse::Never || !path::is_empty(&turn.entity(&component.name)) {
            continue;
        }
        let rest = turn.last_readable(text);
        let found = reading::find(turn, component, entity, &rest, Told::Leftover);
        if let Some((value, start, end)) = value_of(found) {
            turn.use_last_words(start, end, later.options.lock_words);
            turn.set_entity(&component.name, value);
            note_given(
                turn,
                Given {
                    dialog_id: dialog.id.clone(),
                    node: later.id.clone(),
                    entity: component.name.clone(),
                },
            );
            filled = true;
        }
    }
    filled
}

/// What an input is to the entity that waits for it.
pub(crate) fn look(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    text: &str,
) -> Extraction {
    match turn.frame().and_then(|frame| frame.waiting.clone()) {
        Some(Waiting::Time(day)) => time_of_day(turn, component, entity, &day, text),
        _ => reading::find(turn, component, entity, text, Told::Prompted),
    }
}

/// The answer names a day, but the entity needs a time too: asks for that alone. True: it did.
pub(crate) fn take_day(
    turn: &mut Turn<'_>,
    node: &Node,
    component: &Component,
    entity: &Entity,
    text: &str,
) -> bool {
    if !is_date_time(entity) {
        return false;
    }
    let Some((day, start, end)) = day_in(turn, component, entity, text) else {
        return false;
    };
    turn.use_last_words(start, end, node.options.lock_words);
    ask_time(turn, day);
    true
}

/// Takes a value, or asks which one is meant. `None`: the input holds no value.
pub(crate) fn accept(
    turn: &mut Turn<'_>,
    node: &Node,
    component: &Component,
    found: Extraction,
) -> Option<Result<Flow, Failure>> {
    let flow = match found {
        Extraction::None => return None,
        Extraction::Ambiguous {
            options,
            start,
            end,
        } => {
            turn.use_last_words(start, end, node.options.lock_words);
            let offers: Vec<Offer> = options
                .into_iter()
                .map(|c| Offer {
                    title: c.title,
                    value: c.value,
                })
                .collect();
            let values: Vec<&Value> = offers.iter().map(|offer| &offer.value).collect();
            let record = json!({"entityName": component.name, "values": values});
            turn.set_entity("ambiguousEntityValues", record);
            let said = turn
                .input
                .text
                .get(start..end)
                .unwrap_or_default()
                .to_owned();
            turn.set_entity("synonymsUsed", json!([said]));
            turn.offer(Said::WhichValue, &offers);
            turn.wait(Waiting::Choice(offers));
            Flow::Stay
        }
        found => {
            let (value, start, end) = value_of(found)?;
            turn.use_last_words(start, end, node.options.lock_words);
            fill(turn, component, value);
            Flow::Next
        }
    };
    Some(Ok(flow))
}

/// The question which value is meant is settled.
pub(crate) fn forget_choice(turn: &mut Turn<'_>) {
    if let Some(Value::Object(entities)) = turn.context_mut().get_mut("entities") {
        entities.remove("ambiguousEntityValues");
        entities.remove("synonymsUsed");
    }
}

/// The user picked one of the values on offer.
pub(crate) fn choose(turn: &mut Turn<'_>, component: &Component, value: Value) -> Flow {
    let length = turn.input.text.len();
    turn.use_last_words(0, length, false);
    fill(turn, component, value);
    Flow::Next
}

/// An answer that fits nothing: error prompt, or the end of patience.
pub(crate) fn retry<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
) -> Result<Flow, Failure> {
    let dialog_id = turn
        .frame()
        .map(|frame| frame.dialog_id.clone())
        .unwrap_or_default();
    turn.out.events.push(Event::EntityRetry {
        component: component.name.clone(),
        dialog_id,
        confirmation: matches!(component.kind, definition::ComponentKind::Confirmation(_)),
    });
    let optional = node.options.prompt == PromptOption::Optional;
    let entity = match &component.kind {
        definition::ComponentKind::Entity(entity) => Some(entity),
        _ => None,
    };
    if let (true, Some(_)) = (optional, entity) {
        let default = node
            .options
            .default_value
            .get(&turn.language, &turn.engine.agent.default_language);
        if let Some(text) = default {
            let value = json!(turn.render(text));
            fill(turn, component, value);
        }
        return Ok(Flow::Next);
    }
    let retries = turn.frame_mut().map_or(0, |frame| {
        frame.retries += 1;
        frame.retries
    });
    if retries >= node.options.retry_limit.max(1) {
        return give_up(turn, node);
    }
    error_prompt(turn, node, component, retries)?;
    if let (Some(entity), true) = (entity, component.shows_choices) {
        let offers = offers(turn, entity);
        if !offers.is_empty() {
            turn.say(buttons("", &offers));
        }
    }
    let day = match turn.frame().and_then(|frame| frame.waiting.clone()) {
        Some(Waiting::Time(day)) => Some(day),
        _ => None,
    };
    turn.wait(match (entity, day) {
        (Some(_), Some(day)) => Waiting::Time(day),
        (Some(_), None) => Waiting::Entity,
        (None, _) => Waiting::Confirmation,
    });
    Ok(Flow::Stay)
}

fn error_prompt<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
    retries: u32,
) -> Result<(), Failure> {
    let own = &node.options.error_messages;
    let messages = if own.is_empty() {
        &component.error_messages
    } else {
        own
    };
    let at = node.options.sequence_errors.then_some(retries as usize - 1);
    if turn.say_one_of(messages, at)? {
        return Ok(());
    }
    let label = label(turn, component);
    match &component.kind {
        definition::ComponentKind::Entity(entity) if is_list(entity) => {
            turn.say_standard(Said::BadValueOfList, &[])
        }
        definition::ComponentKind::Entity(_)
            if matches!(
                turn.frame().and_then(|frame| frame.waiting.as_ref()),
                Some(Waiting::Time(_))
            ) =>
        {
            turn.say_standard(Said::BadTime, &[]);
        }
        definition::ComponentKind::Entity(_) => {
            turn.say_standard(Said::BadValue, &[("field-prompt", &label)])
        }
        _ => {
            turn.say_standard(Said::ConfirmAgain, &[]);
        }
    }
    Ok(())
}

fn give_up(turn: &mut Turn<'_>, node: &Node) -> Result<Flow, Failure> {
    if let RetryAction::Node(target) = &node.options.on_retry_limit {
        return Ok(Flow::Goto(target.clone()));
    }
    turn.say_standard(Said::Attempts, &[]);
    turn.end_task_because(EndReason::Canceled, FailureReason::Attempts)?;
    Ok(Flow::Stay)
}

pub(crate) fn prompt<'a>(
    turn: &mut Turn<'a>,
    node: &'a Node,
    component: &'a Component,
    entity: &'a Entity,
) -> Result<(), Failure> {
    let own = &node.options.messages;
    let messages = if own.is_empty() {
        &component.messages
    } else {
        own
    };
    let offers = offers(turn, entity);
    let choices: Vec<Value> = offers
        .iter()
        .map(|o| json!({"title": o.title, "value": o.value}))
        .collect();
    let extras = Extras {
        choices: Some(Value::Array(choices)),
        message: String::new(),
    };
    let body = match turn.wording(messages, None) {
        Some(body) => turn.body(body, &extras)?,
        None => None,
    };
    match body {
        Some(BubbleBody::Text(text)) if component.shows_choices && !offers.is_empty() => {
            turn.say(buttons(&text, &offers))
        }
        Some(body) => turn.say(body),
        None => {
            let label = label(turn, component);
            turn.say_standard(Said::MissingPrompt, &[("field-prompt", &label)]);
        }
    }
    Ok(())
}

pub(crate) fn label(turn: &Turn<'_>, component: &Component) -> String {
    let label = component
        .labels
        .get(&turn.language, &turn.engine.agent.default_language);
    label
        .filter(|text| !text.trim().is_empty())
        .unwrap_or(&component.name)
        .clone()
}

fn is_date_time(entity: &Entity) -> bool {
    matches!(&entity.entity_type, EntityType::Other(name) if name == "datetime")
}

fn is_list(entity: &Entity) -> bool {
    matches!(
        entity.entity_type,
        EntityType::ListOfValues | EntityType::Lookup
    )
}

/// Values of a list, fixed or from the context.
fn items(turn: &mut Turn<'_>, entity: &Entity) -> Vec<ListItem> {
    let default = turn.engine.agent.default_language.clone();
    let language = turn.language.clone();
    if let Some(list) = entity
        .context_list
        .get(&language, &default)
        .filter(|l| !l.variable.trim().is_empty())
    {
        let variable = list
            .variable
            .trim()
            .trim_start_matches("{{")
            .trim_end_matches("}}")
            .trim();
        let variable = if crate::scene::is_path(variable) {
            variable.to_owned()
        } else {
            format!("context.{variable}")
        };
        let Value::Array(values) = turn.evaluate(&variable) else {
            return Vec::new();
        };
        return values
            .iter()
            .map(|value| context_item(value, list))
            .collect();
    }
    let fixed = entity
        .values
        .get(&language, &default)
        .filter(|values| !values.is_empty())
        .unwrap_or(&entity.lookup);
    fixed.iter().map(fixed_item).collect()
}

fn fixed_item(value: &ListValue) -> ListItem {
    let synonyms = value.synonyms.iter().map(|synonym| match synonym.matching {
        Matching::Partial => synonym.text.clone(),
        Matching::Exact => format!("\"{}\"", synonym.text),
        Matching::WholeInput => format!("<{}>", synonym.text),
    });
    ListItem {
        title: value.title.clone(),
        value: json!(value.value),
        synonyms: synonyms.collect(),
    }
}

fn context_item(value: &Value, list: &definition::ContextList) -> ListItem {
    let member = |key: &str| {
        if value.is_object() && !key.is_empty() {
            value.get(key)
        } else {
            None
        }
    };
    let plain = if value.is_object() {
        Value::Null
    } else {
        value.clone()
    };
    let title = member(&list.title_key).map_or_else(|| path::display(&plain), path::display);
    let stored = member(&list.value_key)
        .cloned()
        .unwrap_or_else(|| json!(title));
    let synonyms = match member(&list.synonyms_key) {
        Some(Value::Array(list)) => list.iter().map(path::display).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    ListItem {
        title,
        value: stored,
        synonyms,
    }
}

pub(crate) fn offers(turn: &mut Turn<'_>, entity: &Entity) -> Vec<Offer> {
    if !is_list(entity) {
        return Vec::new();
    }
    items(turn, entity)
        .into_iter()
        .map(|item| Offer {
            title: item.title,
            value: item.value,
        })
        .collect()
}

/// The default template: up to 3 buttons, else quick replies (the first 10 with a hint that there are more).
pub(crate) fn buttons(text: &str, offers: &[Offer]) -> BubbleBody {
    let cut = |title: &str| match title.chars().count() {
        0..=20 => title.to_owned(),
        _ => format!("{}..", title.chars().take(18).collect::<String>()),
    };
    let payload = if offers.len() <= 3 {
        let buttons: Vec<Value> = offers
            .iter()
            .map(|o| json!({"type": "postback", "title": cut(&o.title), "payload": o.title}))
            .collect();
        json!({"template_type": "button", "text": text, "buttons": buttons})
    } else {
        let replies: Vec<Value> = offers
            .iter()
            .take(10)
            .map(|o| json!({"content_type": "text", "title": cut(&o.title), "payload": o.title}))
            .collect();
        let mut payload =
            json!({"template_type": "quick_replies", "text": text, "quick_replies": replies});
        if offers.len() > 10 {
            let all: Vec<Value> = offers
                .iter()
                .skip(10)
                .map(|o| json!({"title": o.title, "payload": o.title}))
                .collect();
            payload["show_more"] = json!(all);
        }
        payload
    };
    BubbleBody::Template(json!({"type": "template", "payload": payload}))
}

/// Composites may hold composites this deep.
const DEEPEST: usize = 3;

/// How the type of an entity is read. Types without a reader of their own take the text as it is.
pub(super) fn kind_of(turn: &mut Turn<'_>, entity: &Entity) -> EntityKind {
    kind_within(turn, entity, DEEPEST)
}

fn kind_within(turn: &mut Turn<'_>, entity: &Entity, deep: usize) -> EntityKind {
    match &entity.entity_type {
        EntityType::ListOfValues => EntityKind::List(items(turn, entity)),
        EntityType::Lookup => EntityKind::Lookup(items(turn, entity)),
        EntityType::Regex => entity
            .regex
            .clone()
            .map_or(EntityKind::Label, EntityKind::Regex),
        EntityType::Other(name) if name == "composite" && deep > 0 => {
            let agent = turn.engine.agent;
            let named = |name: &String| {
                let same = |c: &&Component| c.id == *name || c.ref_id == *name || c.name == *name;
                agent.components.iter().find(same)
            };
            let mut parts = Vec::new();
            for part in entity.parts.iter().filter_map(named) {
                if let definition::ComponentKind::Entity(inner) = &part.kind {
                    parts.push(nlu::Part {
                        name: part.name.clone(),
                        kind: kind_within(turn, inner, deep - 1),
                        many: inner.is_array,
                    });
                }
            }
            EntityKind::Composite(parts)
        }
        other => EntityKind::system(other.name()).unwrap_or(EntityKind::Label),
    }
}
