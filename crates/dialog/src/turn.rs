//! One turn: takes jobs off the agenda, runs nodes until something waits, stops at services.

use crate::failure::Failure;
use crate::nodes::{self, Flow};
use crate::{
    Bubble, CallFailure, ConversationState, DebugLog, Engine, Event, Frame, Input, InputKind,
    LogLevel, Outcome, STATE_VERSION, ServiceRequest, ServiceResponse, Task,
};
use definition::{Component, Dialog, Node};
use rand::SeedableRng;
use rand::rngs::StdRng;
use script::SessionStores;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Dialog-to-dialog transitions without user interaction.
pub const MAX_JUMPS: u32 = 25;
/// Depth of the stack of dialogs.
pub const MAX_DEPTH: usize = 100;
/// Visits of one node in a turn.
pub const MAX_VISITS: u32 = 100;
/// Context tags of a task.
const TAGS_LIMIT: usize = 50;
/// Nodes in a turn.
pub const MAX_NODES: u32 = 500;

/// What the caller has to do next.
#[derive(Debug)]
pub enum Step {
    /// Make this call, then [`Turn::supply`] its result.
    Call(ServiceRequest),
    /// The turn is over.
    Done(Box<Outcome>),
}

/// What is still to do when no node runs.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    Connect,
    Hear(String),
    Understand(String),
}

/// A turn under way.
pub struct Turn<'a> {
    pub(crate) engine: Engine<'a>,
    pub(crate) input: Input,
    pub(crate) state: ConversationState,
    pub(crate) out: Outcome,
    pub(crate) agenda: VecDeque<Job>,
    pub(crate) rng: StdRng,
    pub(crate) stores: SessionStores,
    /// Context while no task runs.
    pub(crate) scratch: Map<String, Value>,
    pub(crate) shared: Shared,
    pub(crate) language: String,
    /// Node that waits for its service.
    pub(crate) pending: Option<ServiceRequest>,
    answer: Option<Result<ServiceResponse, CallFailure>>,
    pub(crate) handling_failure: bool,
    pub(crate) close_session: bool,
    /// Tones of this input.
    pub(crate) tones: Vec<crate::Tone>,
    /// Languages that this input may be in.
    pub(crate) suggested: Vec<String>,
    /// Messages shown earlier in this task are left out: a value was amended.
    pub(crate) skip_shown: bool,
    /// This turn says again what was said before.
    pub(crate) repeated: bool,
    jumps: u32,
    nodes: u32,
    visits: HashMap<(String, String), u32>,
}

/// What every script of the turn sees alike.
#[derive(Default, Clone)]
pub(crate) struct Shared {
    pub env: Arc<Map<String, Value>>,
    pub content: Arc<Map<String, Value>>,
    pub functions: Option<script::BotFunctions>,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(engine: Engine<'a>, state: ConversationState, input: Input) -> Self {
        let mut turn = Self {
            rng: StdRng::seed_from_u64(input.seed),
            engine,
            input,
            state,
            out: Outcome::default(),
            agenda: VecDeque::new(),
            stores: SessionStores::default(),
            scratch: Map::new(),
            shared: Shared::default(),
            language: String::new(),
            pending: None,
            answer: None,
            handling_failure: false,
            close_session: false,
            tones: Vec::new(),
            suggested: Vec::new(),
            skip_shown: false,
            repeated: false,
            jumps: 0,
            nodes: 0,
            visits: HashMap::new(),
        };
        turn.state.version = STATE_VERSION;
        turn.open_session();
        turn.choose_language();
        turn.prepare_scene();
        match turn.input.kind {
            InputKind::Connect => turn.agenda.push_back(Job::Connect),
            InputKind::Close => turn.close_session = true,
            InputKind::Text => {
                let text = turn.input.text.clone();
                turn.agenda.push_back(Job::Hear(text));
            }
        }
        if let Some(task) = &mut turn.state.task {
            task.turns += 1;
        }
        turn
    }

    /// Runs until a service has to be called or the turn is over.
    pub fn advance(&mut self) -> Step {
        loop {
            if let Some(request) = &self.pending {
                match self.answer.take() {
                    None => return Step::Call(request.clone()),
                    Some(answer) => {
                        self.pending = None;
                        let done = nodes::service::finish(self, answer);
                        self.settle(done);
                    }
                }
            } else if self.is_running() {
                let done = self.run_node();
                self.settle(done);
            } else if let Some(job) = self.agenda.pop_front() {
                let done = match job {
                    Job::Connect => self.connect(),
                    Job::Hear(text) => self.hear(&text),
                    Job::Understand(text) => self.understand(&text),
                };
                if let Err(failure) = done {
                    self.fail(failure);
                }
            } else {
                return Step::Done(Box::new(self.finish()));
            }
        }
    }

    /// Hands in the result of the call that [`Turn::advance`] asked for. Ignored when it asked for none.
    pub fn supply(&mut self, answer: Result<ServiceResponse, CallFailure>) {
        if self.pending.is_some() {
            self.answer = Some(answer);
        }
    }

    fn settle(&mut self, done: Result<Flow, Failure>) {
        let moved = match done {
            Ok(Flow::Next) => self.leave(),
            Ok(Flow::Goto(node)) => self.go_to(&node),
            Ok(Flow::Stay) => Ok(()),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = moved {
            self.fail(failure);
        }
    }

    fn is_running(&self) -> bool {
        self.state.question.is_none() && self.frame().is_some_and(|frame| frame.waiting.is_none())
    }

    fn run_node(&mut self) -> Result<Flow, Failure> {
        let (dialog, node, component) = self.current()?;
        self.nodes += 1;
        let visits = self
            .visits
            .entry((dialog.id.clone(), node.id.clone()))
            .or_insert(0);
        *visits += 1;
        if *visits > MAX_VISITS {
            return Err(Failure::limit(format!(
                "the node {} was visited more than {MAX_VISITS} times",
                component.name
            )));
        }
        if self.nodes > MAX_NODES {
            return Err(Failure::limit(format!(
                "more than {MAX_NODES} nodes ran in one turn"
            )));
        }
        self.tag(node);
        self.note_node(dialog, node, component, "processing");
        self.out.path.push(crate::PathNode {
            dialog_id: dialog.id.clone(),
            node_id: node.id.clone(),
            component: component.name.clone(),
            kind: component.kind.name().to_owned(),
            said: self.out.messages.len(),
        });
        nodes::run(self, dialog, node, component)
    }

    /// Dialog, node and component at the top of the stack.
    pub(crate) fn current(&self) -> Result<(&'a Dialog, &'a Node, &'a Component), Failure> {
        let agent = self.engine.agent;
        let frame = self
            .frame()
            .ok_or_else(|| Failure::broken("no dialog runs"))?;
        let dialog = agent.dialog(&frame.dialog_id).ok_or_else(|| {
            Failure::broken(format!("the dialog {} does not exist", frame.dialog_id))
        })?;
        let outer = dialog
            .node(&frame.node)
            .ok_or_else(|| Failure::broken(format!("the node {} does not exist", frame.node)))?;
        let component = agent
            .component_of(outer)
            .ok_or_else(|| Failure::broken(format!("the node {} has no component", outer.id)))?;
        let Some(inner) = &frame.inner else {
            return Ok((dialog, outer, component));
        };
        let node = nodes::action::inner(component, inner)
            .ok_or_else(|| Failure::broken(format!("the inner node {inner} does not exist")))?;
        let component = agent
            .component_of(node)
            .ok_or_else(|| Failure::broken(format!("the inner node {inner} has no component")))?;
        Ok((dialog, node, component))
    }

    pub(crate) fn frame(&self) -> Option<&Frame> {
        self.state.task.as_ref().and_then(|task| task.stack.last())
    }

    pub(crate) fn frame_mut(&mut self) -> Option<&mut Frame> {
        self.state
            .task
            .as_mut()
            .and_then(|task| task.stack.last_mut())
    }

    /// Makes a node of the running dialog (or bot action) the current one.
    pub(crate) fn go_to(&mut self, node: &str) -> Result<(), Failure> {
        if let Some(frame) = self.frame_mut() {
            if frame.inner.is_some() {
                frame.inner = Some(node.to_owned());
            } else {
                frame.node = node.to_owned();
                frame.answer = None;
            }
            frame.waiting = None;
            frame.retries = 0;
        }
        self.current().map(|_| ())
    }

    /// Counts a move from one dialog to another.
    pub(crate) fn jump(&mut self) -> Result<(), Failure> {
        self.jumps += 1;
        if self.jumps > MAX_JUMPS {
            return Err(Failure::limit(format!(
                "more than {MAX_JUMPS} moves between dialogs in one turn"
            )));
        }
        Ok(())
    }

    /// Starts a top-level dialog. An unfinished task is the caller's business.
    pub(crate) fn start(
        &mut self,
        dialog: &'a Dialog,
        origin: crate::Origin,
        words: Option<&str>,
    ) -> Result<(), Failure> {
        self.jump()?;
        let name = self.engine.agent.dialog_title(dialog, &self.language);
        let intent = self
            .engine
            .agent
            .root_intent(dialog)
            .map_or("", |root| root.name.as_str());
        let mut context = Map::new();
        context.insert("intent".into(), json!(intent));
        context.insert("taskid".into(), json!(dialog.id));
        context.insert("entities".into(), json!({}));
        context.insert("FollowupIntents".into(), json!([]));
        for key in ["resultsFound", "endOfTask", "dialogGPTInfo"] {
            if let Some(found) = self.scratch.get(key) {
                context.insert(key.into(), found.clone());
            }
        }
        let mut task = Task {
            dialog_id: dialog.id.clone(),
            name: name.clone(),
            origin,
            context,
            turns: 1,
            ..Task::default()
        };
        if let Some(text) = words {
            task.words.push(crate::Words {
                text: text.to_owned(),
                ..crate::Words::default()
            });
        }
        self.state.task = Some(task);
        self.out.events.push(Event::TaskStarted {
            task_id: dialog.id.clone(),
            task_name: name,
        });
        self.state.remember(json!({"dialogState": "started", "componentName": intent, "timestamp": self.input.now_ms}));
        let Some(root) = dialog.nodes.first() else {
            return Err(Failure::broken(format!("the dialog {intent} has no nodes")));
        };
        self.push(dialog, &root.id)
    }

    /// A failure handler may run though the task before it used up the limits of the turn.
    pub(crate) fn start_counting_anew(&mut self) {
        self.jumps = 0;
        self.nodes = 0;
        self.visits.clear();
    }

    /// Puts a dialog on the stack.
    pub(crate) fn push(&mut self, dialog: &Dialog, node: &str) -> Result<(), Failure> {
        let Some(task) = &mut self.state.task else {
            return Err(Failure::broken("no task runs"));
        };
        if task.stack.len() >= MAX_DEPTH {
            return Err(Failure::limit(format!(
                "dialogs call each other more than {MAX_DEPTH} levels deep"
            )));
        }
        task.stack.push(Frame {
            dialog_id: dialog.id.clone(),
            node: node.to_owned(),
            ..Frame::default()
        });
        Ok(())
    }

    pub(crate) fn say(&mut self, body: crate::BubbleBody) {
        let dialog_id = self
            .frame()
            .map(|frame| frame.dialog_id.clone())
            .unwrap_or_default();
        let component = self
            .current()
            .map(|(_, _, c)| c.name.clone())
            .unwrap_or_default();
        self.out.messages.push(Bubble {
            body,
            dialog_id,
            component,
        });
    }

    pub(crate) fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        let dialog_id = self
            .frame()
            .map(|frame| frame.dialog_id.clone())
            .unwrap_or_default();
        let component = self
            .current()
            .map(|(_, _, c)| c.name.clone())
            .unwrap_or_default();
        let at_ms = self.input.now_ms;
        self.out.debug_logs.push(DebugLog {
            level,
            text: text.into(),
            dialog_id,
            component,
            at_ms,
        });
    }

    pub(crate) fn note_node(
        &mut self,
        dialog: &Dialog,
        node: &Node,
        component: &Component,
        state: &str,
    ) {
        self.state.remember(json!({
            "nodeId": node.id, "state": state, "type": component.kind.name(), "componentName": component.name,
            "taskid": dialog.id, "timestamp": self.input.now_ms,
        }));
    }

    fn tag(&mut self, node: &Node) {
        self.add_context_tags(&node.options.context_tags);
        for tag in &node.options.tags {
            if !tag.name.trim().is_empty() {
                let value = self.render(&tag.value);
                self.out.tags.push(crate::Tag {
                    level: tag.level.clone(),
                    name: tag.name.clone(),
                    value,
                });
            }
        }
    }

    /// Adds context tags, each once.
    pub(crate) fn add_context_tags(&mut self, tags: &[String]) {
        for tag in tags {
            let have = &mut self.state.tags;
            if !have.contains(tag) && have.len() < TAGS_LIMIT {
                have.push(tag.clone());
            }
        }
    }

    /// All of these context tags are there: added in this task, or in the one before it.
    pub(crate) fn has_context_tags(&self, wanted: &[String]) -> bool {
        let state = &self.state;
        let has = |tag: &String| {
            let mut all = state.tags.iter().chain(&state.historic_tags);
            all.any(|have| have.eq_ignore_ascii_case(tag))
        };
        wanted.iter().all(has)
    }

    /// Keeps what was said, where the agent repeats it.
    fn keep_said(&mut self) {
        if self.repeated && self.state.session.is_some() {
            return;
        }
        self.state.repeats = 0;
        self.state.last_said = match self.repeats() && self.state.session.is_some() {
            true => self.out.messages.clone(),
            false => Vec::new(),
        };
        self.state.last_said.truncate(crate::REPEATED_LIMIT);
    }

    fn finish(&mut self) -> Outcome {
        if self.input.kind == InputKind::Text && self.out.messages.is_empty() && !self.close_session
        {
            let ended_silently = self.out.end_of_task.is_some();
            if !ended_silently {
                self.say_standard(crate::standard::Said::Fallback, &[]);
            }
        }
        if self.close_session {
            self.run_closing_script(true);
        }
        self.save_scene();
        if self.close_session {
            self.end_session(crate::SessionEndReason::Closed, self.input.now_ms);
        }
        self.keep_said();
        if self.state.awaits_answer() || !self.state.held.is_empty() {
            self.out.end_of_task = None;
        }
        let mut tags = self.input.tags.clone();
        tags.append(&mut self.out.tags);
        self.out.tags = tags;
        self.out.language = self.language.clone();
        self.out.state = std::mem::take(&mut self.state);
        std::mem::take(&mut self.out)
    }
}
