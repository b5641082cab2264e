//! The typed view of an agent: read-only, decoded, indexed. Built by [`Agent::from_package`]; the raw JSON stays in
//! the [`Package`](crate::Package), which alone is stored and exported.

use crate::Localized;
pub use crate::model_component::*;
pub use crate::model_dialog::*;
pub use crate::model_knowledge::*;
pub use crate::model_nlu::*;
use serde_json::Value;
use std::collections::HashMap;

/// Which generation of the format the agent was written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `botDefinition.json`, versions 7 to 10.
    #[default]
    Classic,
    /// `appDefinition.json` or `appType: "unified"`, version 11.
    Unified,
}

/// An agent as the dialog engine and the corpus builder see it.
#[derive(Debug, Clone, Default)]
pub struct Agent {
    /// `st-…`, the agent's own id.
    pub id: String,
    /// Id that is the same in every copy of the agent.
    pub ref_id: String,
    /// Generation of the format.
    pub layout: Layout,
    /// Display names.
    pub names: Localized<String>,
    /// Descriptions.
    pub descriptions: Localized<String>,
    /// Language to fall back to; `en` when the definition names none.
    pub default_language: String,
    /// Languages that the agent speaks, the default one first. Never empty.
    pub languages: Vec<Language>,
    /// How long a language choice holds.
    pub language_mode: LanguageMode,
    /// Every dialog, in the order of the definition.
    pub dialogs: Vec<Dialog>,
    /// Every component, in the order of the definition.
    pub components: Vec<Component>,
    /// `refId` of the dialog for input that nothing matched.
    pub default_dialog: Option<String>,
    /// `botEvents`, by name.
    pub events: Vec<BotEvent>,
    /// Events on the tone of a message.
    pub sentiment_events: Vec<SentimentEvent>,
    /// What happens when a new intent arrives while a node waits.
    pub interruptions: Interruptions,
    /// Changing an entity that was already given; `None` when the agent says nothing.
    pub amend: Option<Amend>,
    /// Standard responses that the agent words itself.
    pub responses: Vec<ResponseOverride>,
    /// Life of a session.
    pub session: SessionSettings,
    /// Training data and engine settings.
    pub nlu: NluData,
    /// Knowledge graphs, one per language.
    pub knowledge: Vec<KnowledgeTask>,
    /// Small talk, one entry per language.
    pub small_talk: Vec<SmallTalk>,
    /// Environment variables of `config.json`.
    pub env: Vec<EnvVariable>,
    /// Content variables.
    pub content: Vec<ContentVariable>,
    /// Auth profiles that service nodes name. Their values are secret-bearing.
    pub profiles: Vec<AuthProfile>,
    /// Forms, kept as they came.
    pub forms: Vec<Form>,
    /// Source of the shared JavaScript functions.
    pub bot_functions: Option<String>,
    pub(crate) index: Index,
}

/// A language of the agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Language {
    /// Code, for instance `en`.
    pub code: String,
    /// False when the language is switched off.
    pub enabled: bool,
}

/// `languagePreferences.type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LanguageMode {
    /// Found anew in each turn.
    #[default]
    PerTurn,
    /// Kept for the session.
    PerSession,
    /// Kept for the user.
    Lifetime,
}

/// One of `botEvents`.
#[derive(Debug, Clone, Default)]
pub struct BotEvent {
    /// Name such as `INTENT_UNIDENTIFIED`.
    pub name: String,
    /// Off events do nothing.
    pub enabled: bool,
    /// What to do.
    pub action: EventAction,
    /// Only on the welcome event: how to treat the first message.
    pub first_message: Option<FirstMessage>,
    /// Channels on which it fires (`pre_conditions.channels`); none: on every channel.
    pub channels: Vec<String>,
    /// How often it may happen in a row (`advance_settings.limit`); only on the repeat event.
    pub limit: Option<u32>,
}

impl BotEvent {
    /// True when the event is switched on and fires on this channel.
    pub fn is_on(&self, channel: &str) -> bool {
        self.enabled && (self.channels.is_empty() || self.channels.iter().any(|c| c == channel))
    }
}

/// What an event does.
#[derive(Debug, Clone, Default)]
pub enum EventAction {
    /// Nothing is set.
    #[default]
    Nothing,
    /// Run the dialog with this `refId`.
    Dialog(String),
    /// Send one of these messages.
    Message(Vec<ChannelMessage>),
    /// Run this JavaScript.
    Script(String),
}

/// `manageFirstMessage` of the welcome event, by kind of first input.
#[derive(Debug, Clone, Default)]
pub struct FirstMessage {
    /// A greeting.
    pub greeting: FirstMessageChoice,
    /// A question of the knowledge graph.
    pub faq: FirstMessageChoice,
    /// A dialog's intent.
    pub task: FirstMessageChoice,
}

/// How to treat a kind of first message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FirstMessageChoice {
    /// Only answer it.
    #[default]
    Respond,
    /// Run the welcome dialog.
    WelcomeDialog,
    /// Show the welcome message.
    WelcomeMessage,
}

/// A `botSentimentEvents` entry.
#[derive(Debug, Clone, Default)]
pub struct SentimentEvent {
    /// Name.
    pub name: String,
    /// True: looked at on each message. False: when a task ends.
    pub on_every_message: bool,
    /// What to do.
    pub action: EventAction,
    /// `(tone, lowest level, highest level)`, for instance `("angry", 1.0, 3.0)`.
    pub tones: Vec<(String, f64, f64)>,
}

/// `interruptOptions` of agent, dialog or node.
#[derive(Debug, Clone, PartialEq)]
pub struct Interruptions {
    /// False: a new intent never interrupts; the input is the node's answer.
    pub enabled: bool,
    /// How many tasks may be on hold.
    pub held_tasks: u32,
    /// Who decides.
    pub mode: InterruptMode,
    /// Text of the question when the user decides.
    pub mode_message: Option<String>,
    /// What happens to the current task.
    pub hold: Hold,
    /// Text that goes with `hold`.
    pub hold_message: Option<String>,
    /// How a held task comes back.
    pub resume: Resume,
    /// Text that goes with `resume`.
    pub resume_message: Option<String>,
    /// A task that ended in one response resumes silently, whatever `resume` says.
    pub never_notify: bool,
    /// FAQs are answered and the prompt repeated; false: the hold rules.
    pub faq_respond_and_resume: bool,
    /// Small talk is answered and the prompt repeated; false: the hold rules.
    pub small_talk_respond_and_resume: bool,
    /// Present several candidates; false: ignore them.
    pub show_ambiguous: bool,
}

impl Default for Interruptions {
    fn default() -> Self {
        Self {
            enabled: true,
            held_tasks: 1,
            mode: InterruptMode::Developer,
            mode_message: None,
            hold: Hold::DiscardSilently,
            hold_message: None,
            resume: Resume::Notify,
            resume_message: None,
            never_notify: false,
            faq_respond_and_resume: true,
            small_talk_respond_and_resume: true,
            show_ambiguous: true,
        }
    }
}

/// Who decides on an interruption.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InterruptMode {
    /// The settings.
    #[default]
    Developer,
    /// The user is asked.
    EndUser,
    /// Interruptions are not allowed here.
    Never,
}

/// What happens to the current task (`holdUxOptions`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hold {
    /// Put on hold, resumed later.
    HoldCurrent,
    /// Dropped with a notice.
    Discard,
    /// Dropped without a notice.
    #[default]
    DiscardSilently,
    /// Goes on; the new intent is noted as a follow-up.
    ContinueCurrent,
}

/// How a held task comes back (`resumeUxOptions`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resume {
    /// The user is told.
    #[default]
    Notify,
    /// Silently.
    Silent,
    /// The user is asked.
    Ask,
}

/// `amendConfig`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amend {
    /// Switched on.
    pub enabled: bool,
    /// What follows an amendment, as written, for instance `continueFromAmendedNode`.
    pub after: String,
    /// Hidden entities may be amended.
    pub allow_hidden: bool,
    /// Entities after the amended one are cleared.
    pub clear_later: bool,
    /// Messages already shown are not shown again.
    pub skip_shown: bool,
    /// Node or dialog to go to.
    pub target: Option<String>,
}

/// A standard response that the agent words itself (`koraResponses`).
#[derive(Debug, Clone, Default)]
pub struct ResponseOverride {
    /// Key of the situation.
    pub key: String,
    /// Text of the situation; compare with [`ResponseOverride::matches`].
    pub condition: String,
    /// Language.
    pub language: String,
    /// Wordings.
    pub messages: Vec<ChannelMessage>,
}

impl ResponseOverride {
    /// True when this override is for `condition`, whatever its case and punctuation.
    pub fn matches(&self, condition: &str) -> bool {
        let letters = |text: &str| -> String {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        letters(&self.condition) == letters(condition)
    }
}

/// Life of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionSettings {
    /// Inactivity after which a session ends, in milliseconds.
    pub inactive_ms: u64,
    /// True: a timer ends the session; false: the next message finds it ended.
    pub close_by_timer: bool,
    /// No message is sent when a session ends.
    pub skip_message: bool,
    /// JavaScript to run when a session ends.
    pub closing_script: Option<String>,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            inactive_ms: 900_000,
            close_by_timer: true,
            skip_message: false,
            closing_script: None,
        }
    }
}

/// A variable of `config.json`, read as `env.KEY`.
#[derive(Debug, Clone, Default)]
pub struct EnvVariable {
    /// Name.
    pub key: String,
    /// Value, decoded; empty for secured variables without one. May be a secret: never log it.
    pub value: String,
    /// True: the value is exported empty.
    pub secured: bool,
    /// True: the importer is asked for it.
    pub ask_on_install: bool,
    /// Hint for the person who fills it in.
    pub hint: String,
}

/// A content variable, read as `content.KEY` in the language of the conversation.
#[derive(Debug, Clone, Default)]
pub struct ContentVariable {
    /// Name.
    pub key: String,
    /// Values by language.
    pub values: Localized<String>,
}

/// An auth profile (`idpConfigurations`). Its values are secret-bearing: never log them.
#[derive(Clone, Default)]
pub struct AuthProfile {
    /// Name, as service components refer to it.
    pub name: String,
    /// `basic`, `oauth2`, …
    pub kind: String,
    /// Fields to add to a request.
    pub fields: Vec<AuthField>,
}

impl std::fmt::Debug for AuthProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthProfile")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// One field of an auth profile.
#[derive(Clone, Default)]
pub struct AuthField {
    /// `header`, `payload`, `query` or `path`.
    pub place: String,
    /// Name of the field.
    pub key: String,
    /// Its value, a secret.
    pub value: String,
}

/// A form, kept as it came.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Id that form components name.
    pub ref_id: String,
    /// Name.
    pub name: String,
    /// The whole form.
    pub raw: Value,
}

/// Positions of things by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub components: HashMap<String, usize>,
    pub component_refs: HashMap<String, usize>,
    pub dialogs: HashMap<String, usize>,
    pub dialog_refs: HashMap<String, usize>,
    pub dialog_names: HashMap<String, usize>,
}

/// The three uses of an intent node, told apart by its place.
#[derive(Debug, Clone, Copy)]
pub enum IntentUse<'a> {
    /// Node 0: the dialog's own intent.
    Root,
    /// A later node whose component is the root of a dialog: run that dialog.
    Link(&'a Dialog),
    /// A later node whose component has no dialog: an intent known only inside this dialog.
    SubIntent(&'a Component),
    /// The node names a component or a dialog that does not exist.
    Broken,
}

impl Agent {
    /// The component with this `_id`.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.index
            .components
            .get(id)
            .map(|at| &self.components[*at])
    }
    /// The component with this `refId`.
    pub fn component_by_ref(&self, ref_id: &str) -> Option<&Component> {
        self.index
            .component_refs
            .get(ref_id)
            .map(|at| &self.components[*at])
    }
    /// The dialog with this `_id`.
    pub fn dialog(&self, id: &str) -> Option<&Dialog> {
        self.index.dialogs.get(id).map(|at| &self.dialogs[*at])
    }
    /// The dialog with this `refId`.
    pub fn dialog_by_ref(&self, ref_id: &str) -> Option<&Dialog> {
        self.index
            .dialog_refs
            .get(ref_id)
            .map(|at| &self.dialogs[*at])
    }
    /// The dialog with this display name or identifier, whatever the case; spaces and underscores are alike.
    pub fn dialog_by_name(&self, name: &str) -> Option<&Dialog> {
        self.index
            .dialog_names
            .get(&fold_name(name))
            .map(|at| &self.dialogs[*at])
    }
    /// The component behind a node.
    pub fn component_of(&self, node: &Node) -> Option<&Component> {
        self.component(&node.component_id)
    }
    /// What a node does: the kind of its component, which wins over the type written at the node. `None` when the
    /// component does not exist.
    pub fn kind_of(&self, node: &Node) -> Option<&ComponentKind> {
        self.component_of(node).map(|component| &component.kind)
    }
    /// The intent component at the dialog's first node, which names the dialog.
    pub fn root_intent(&self, dialog: &Dialog) -> Option<&Component> {
        let root = self.component_of(dialog.nodes.first()?)?;
        matches!(root.kind, ComponentKind::Intent(_)).then_some(root)
    }
    /// Name of the dialog as shown to users: the intent text of its root, else the dialog's own name.
    pub fn dialog_title(&self, dialog: &Dialog, language: &str) -> String {
        let root = self
            .root_intent(dialog)
            .and_then(|component| match &component.kind {
                ComponentKind::Intent(intent) => intent.names.get(language, &self.default_language),
                _ => None,
            });
        root.or_else(|| dialog.names.get(language, &self.default_language))
            .unwrap_or(&dialog.id)
            .clone()
    }
    /// What an intent node at position `at` of `dialog` is used for.
    pub fn intent_use(&self, dialog: &Dialog, at: usize) -> IntentUse<'_> {
        let Some(node) = dialog.nodes.get(at) else {
            return IntentUse::Broken;
        };
        if at == 0 {
            return IntentUse::Root;
        }
        if let Some(target) = node
            .flow_task
            .as_deref()
            .and_then(|ref_id| self.dialog_by_ref(ref_id))
        {
            return IntentUse::Link(target);
        }
        match self
            .component_of(node)
            .map(|component| (component, &component.kind))
        {
            Some((component, ComponentKind::Intent(intent))) => match intent.dialog_id.as_deref() {
                None => IntentUse::SubIntent(component),
                Some(id) => self.dialog(id).map_or(IntentUse::Broken, IntentUse::Link),
            },
            _ => IntentUse::Broken,
        }
    }
    /// The event with this name, on or off.
    pub fn event(&self, name: &str) -> Option<&BotEvent> {
        self.events.iter().find(|event| event.name == name)
    }
    /// Patterns that mark the value of an entity in a text, in the pattern language.
    pub fn entity_patterns(&self, component: &Component, language: &str) -> &[String] {
        let of_it = |set: &&PatternSet| set.for_entity && set.ref_id == component.ref_id;
        let set = self.nlu.patterns.iter().find(of_it);
        set.and_then(|set| set.patterns.exact(language))
            .map_or(&[], Vec::as_slice)
    }
    /// The dialog for input that nothing matched: the one of `INTENT_UNIDENTIFIED` is asked first by the engine, this is
    /// `defaultDialogId`.
    pub fn fallback_dialog(&self) -> Option<&Dialog> {
        self.default_dialog
            .as_deref()
            .and_then(|ref_id| self.dialog_by_ref(ref_id))
    }
    /// Name of the agent in `language`.
    pub fn name(&self, language: &str) -> &str {
        self.names
            .get(language, &self.default_language)
            .map_or("", String::as_str)
    }
    /// The auth profile with this name.
    pub fn profile(&self, name: &str) -> Option<&AuthProfile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
    /// Languages that are switched on.
    pub fn enabled_languages(&self) -> impl Iterator<Item = &str> {
        self.languages
            .iter()
            .filter(|language| language.enabled)
            .map(|language| language.code.as_str())
    }
    /// The ways a standard response is worded by the agent, for one situation and language.
    pub fn response(&self, condition: &str, language: &str) -> Option<&ResponseOverride> {
        self.responses
            .iter()
            .find(|r| r.language == language && r.matches(condition))
    }
    pub(crate) fn build_index(&mut self) {
        let mut index = Index::default();
        for (at, component) in self.components.iter().enumerate() {
            index.components.entry(component.id.clone()).or_insert(at);
            index
                .component_refs
                .entry(component.ref_id.clone())
                .or_insert(at);
        }
        for (at, dialog) in self.dialogs.iter().enumerate() {
            index.dialogs.entry(dialog.id.clone()).or_insert(at);
            index.dialog_refs.entry(dialog.ref_id.clone()).or_insert(at);
        }
        self.index = index;
        let mut names = HashMap::new();
        for (at, dialog) in self.dialogs.iter().enumerate() {
            let root = self.root_intent(dialog);
            let titles = root
                .into_iter()
                .flat_map(|component| match &component.kind {
                    ComponentKind::Intent(intent) => intent
                        .names
                        .iter()
                        .map(|(_, name)| fold_name(name))
                        .collect(),
                    _ => Vec::new(),
                });
            let own = dialog.names.iter().map(|(_, name)| fold_name(name));
            for name in titles
                .chain(root.map(|component| fold_name(&component.name)))
                .chain(own)
            {
                names.entry(name).or_insert(at);
            }
        }
        self.index.dialog_names = names;
    }
}

/// Name with case, underscores and runs of blanks made alike.
fn fold_name(name: &str) -> String {
    let spaced = name.replace('_', " ").to_lowercase();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
