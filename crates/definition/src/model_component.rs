//! Components: the content of nodes.

use crate::{Localized, Node};
use serde_json::Value;

/// Content of a node. One component may be used by several nodes.
#[derive(Debug, Clone, Default)]
pub struct Component {
    /// `dc-…`.
    pub id: String,
    /// Id that patterns and conditions name.
    pub ref_id: String,
    /// Identifier at run time: `context.entities.<name>`, `context.<name>.response`.
    pub name: String,
    /// Display names.
    pub labels: Localized<String>,
    /// Prompts, or the text of a message.
    pub messages: Vec<ChannelMessage>,
    /// Prompts after a bad answer.
    pub error_messages: Vec<ChannelMessage>,
    /// Show the choices (list values, yes and no) as buttons.
    pub shows_choices: bool,
    /// The value is personal or secret: not written to logs.
    pub is_sensitive: bool,
    /// The value is forgotten with the dialog.
    pub is_transient: bool,
    /// What it does.
    pub kind: ComponentKind,
}

/// What a component does. A new kind of node starts here.
#[derive(Debug, Clone)]
pub enum ComponentKind {
    /// An intent: root of a dialog, link to one, or known inside a dialog only.
    Intent(Intent),
    /// Collects a value.
    Entity(Box<Entity>),
    /// Asks yes or no (`dialogAct`).
    Confirmation(Confirmation),
    /// Says something.
    Message,
    /// Runs this JavaScript.
    Script(String),
    /// Calls a service.
    Service(Box<Service>),
    /// Assignments, then transitions.
    Logic(Vec<crate::Assignment>),
    /// A small graph without user interaction.
    BotAction(BotAction),
    /// A form.
    Form(FormUse),
    /// Hands over to a person.
    AgentTransfer,
    /// Runs a dialog or FAQ by name; the template that gives the name.
    DynamicIntent(String),
    /// A prompt node.
    GenerativeAi(GenerativeAi),
    /// An agent node, settings kept raw.
    AiAssist(Value),
    /// A search node, settings kept raw.
    SearchAi(Value),
    /// A kind that is not known here.
    Opaque(String),
}

impl Default for ComponentKind {
    fn default() -> Self {
        Self::Opaque(String::new())
    }
}

impl ComponentKind {
    /// Name of the kind as the format writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Intent(_) => "intent",
            Self::Entity(_) => "entity",
            Self::Confirmation(_) => "dialogAct",
            Self::Message => "message",
            Self::Script(_) => "script",
            Self::Service(_) => "service",
            Self::Logic(_) => "logic",
            Self::BotAction(_) => "botAction",
            Self::Form(_) => "form",
            Self::AgentTransfer => "agentTransfer",
            Self::DynamicIntent(_) => "dynamicIntent",
            Self::GenerativeAi(_) => "generativeai",
            Self::AiAssist(_) => "aiassist",
            Self::SearchAi(_) => "searchai",
            Self::Opaque(name) => name,
        }
    }
}

/// One wording for one channel. Several for one channel are variants: pick one at random.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelMessage {
    /// `default`, `rtm`, `ivr`, …
    pub channel: String,
    /// Wording by language. Never empty.
    pub text: Localized<MessageBody>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageBody {
    /// Text with `{{ }}` placeholders.
    Plain(String),
    /// JavaScript that prints the message.
    JavaScript(String),
    /// Buttons that were built with a form; send as a template.
    FormButtons {
        /// Text above the buttons.
        text: String,
        /// The template's payload with decoded texts.
        payload: Value,
    },
}

/// An intent.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// The dialog that it is the root of; `None` for a local sub-intent.
    pub dialog_id: Option<String>,
    /// Names as shown to users.
    pub names: Localized<String>,
    /// Input that must not match this intent, in the pattern language.
    pub negative_patterns: Localized<Vec<String>>,
}

/// An entity.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    /// Type of the value.
    pub entity_type: EntityType,
    /// Several values.
    pub is_array: bool,
    /// Fixed list, by language.
    pub values: Localized<Vec<ListValue>>,
    /// Fixed list of a lookup, in any language.
    pub lookup: Vec<ListValue>,
    /// List taken from the context.
    pub context_list: Localized<ContextList>,
    /// Other names of the entity.
    pub synonyms: Localized<Vec<String>>,
    /// JavaScript regular expression without delimiters.
    pub regex: Option<String>,
    /// Entities of a composite: ids, `refId`s or names of components.
    pub parts: Vec<String>,
}

/// Names of [`EntityType::Other`] whose values are read.
pub const OTHER_TYPES: [&str; 21] = [
    "address",
    "airport",
    "city",
    "city_coordinates",
    "color",
    "company_name",
    "composite",
    "country",
    "currency",
    "currencyv2",
    "dateperiod",
    "datetime",
    "from_number",
    "location",
    "percentage",
    "quantity",
    "quantityv2",
    "timezone",
    "to_number",
    "url",
    "zipcode",
];

/// Type of an entity's value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum EntityType {
    /// A free string of one sentence.
    #[default]
    Label,
    /// One of a list.
    ListOfValues,
    /// One of a long list.
    Lookup,
    /// A number.
    Number,
    /// A phone number.
    PhoneNumber,
    /// A day.
    Date,
    /// A mail address.
    Email,
    /// A free text of many sentences.
    Description,
    /// Text that fits a regular expression.
    Regex,
    /// A person's name.
    PersonName,
    /// A time of day.
    Time,
    /// Any other type, by its name.
    Other(String),
}

impl EntityType {
    /// The type with this name in the format.
    pub fn from_name(name: &str) -> Self {
        match name {
            "" | "label" => Self::Label,
            "list_of_values" => Self::ListOfValues,
            "list_of_items_lookup" => Self::Lookup,
            "number" => Self::Number,
            "phone_number" => Self::PhoneNumber,
            "date" => Self::Date,
            "email" => Self::Email,
            "description" => Self::Description,
            "regex" => Self::Regex,
            "person_name" => Self::PersonName,
            "time" => Self::Time,
            other => Self::Other(other.to_owned()),
        }
    }
    /// Whether values of the type are read: all types of the format but attachments.
    pub fn runs(&self) -> bool {
        match self {
            Self::Other(name) => OTHER_TYPES.contains(&name.as_str()),
            _ => true,
        }
    }
    /// Name in the format.
    pub fn name(&self) -> &str {
        match self {
            Self::Label => "label",
            Self::ListOfValues => "list_of_values",
            Self::Lookup => "list_of_items_lookup",
            Self::Number => "number",
            Self::PhoneNumber => "phone_number",
            Self::Date => "date",
            Self::Email => "email",
            Self::Description => "description",
            Self::Regex => "regex",
            Self::PersonName => "person_name",
            Self::Time => "time",
            Self::Other(name) => name,
        }
    }
}

/// An item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListValue {
    /// Shown to the user.
    pub title: String,
    /// Stored.
    pub value: String,
    /// Other words for it.
    pub synonyms: Vec<Synonym>,
}

/// Another word for a list item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonym {
    /// The word, without marks.
    pub text: String,
    /// How it matches.
    pub matching: Matching,
}

/// How a synonym matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matching {
    /// Parts of it count.
    #[default]
    Partial,
    /// Written in double quotes: all of it, somewhere in the input.
    Exact,
    /// Written in angle brackets: the whole input.
    WholeInput,
}

/// A list taken from a context array at run time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextList {
    /// Path of the array.
    pub variable: String,
    /// Member with the title.
    pub title_key: String,
    /// Member with the value.
    pub value_key: String,
    /// Member with the synonyms.
    pub synonyms_key: String,
}

/// A yes-or-no question.
#[derive(Debug, Clone, Default)]
pub struct Confirmation {
    /// More words for yes.
    pub yes: Localized<Vec<String>>,
    /// More words for no.
    pub no: Localized<Vec<String>>,
}

/// A bot action: inner nodes with their transitions.
#[derive(Debug, Clone, Default)]
pub struct BotAction {
    /// Inner nodes: services, scripts, logic.
    pub nodes: Vec<Node>,
    /// Position of the first node to run; 0 when none is marked.
    pub start: usize,
}

/// A form node.
#[derive(Debug, Clone, Default)]
pub struct FormUse {
    /// `refId` of the form.
    pub form_ref: String,
    /// Shown inline rather than as a link.
    pub inline: bool,
    /// Messages after a valid form.
    pub submit_messages: Vec<ChannelMessage>,
}

/// A prompt node.
#[derive(Debug, Clone, Default)]
pub struct GenerativeAi {
    /// The prompt with placeholders.
    pub prompt: String,
    /// Model settings, kept raw.
    pub settings: Value,
    /// JavaScript before the call.
    pub pre_script: Option<String>,
    /// JavaScript after the call.
    pub post_script: Option<String>,
    /// Seconds; default 10.
    pub timeout_seconds: u32,
}

/// A call of a service.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// What is called.
    pub kind: ServiceKind,
    /// True for SOAP.
    pub soap: bool,
    /// Where.
    pub endpoint: Endpoint,
    /// JSON text of a flat object, with placeholders; may be blank. May hold secrets: never log it.
    pub headers: String,
    /// Body text with placeholders; empty: none. May hold secrets: never log it.
    pub payload: String,
    /// The whole `payload` as it came, for data tables and feedback.
    pub raw_payload: Value,
    /// Name of the auth profile.
    pub profile: Option<String>,
    /// Seconds; default 20.
    pub timeout_seconds: u32,
    /// What happens when the time is over.
    pub on_timeout: OnTimeout,
    /// JavaScript before the call.
    pub pre_script: Option<String>,
    /// JavaScript after the call.
    pub post_script: Option<String>,
    /// Needs a client certificate (not supported).
    pub client_certificate: bool,
    /// Goes through an on-premise connector (not supported).
    pub connector: bool,
    /// Earlier responses, for tests.
    pub samples: Vec<SampleResponse>,
}

/// What a service node calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ServiceKind {
    /// An HTTP service.
    #[default]
    Custom,
    /// A data table.
    DataTable,
    /// Something else, by name (`smsservice`, `CSATService`, `feedback`, …).
    Other(String),
}

/// Where a service is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`; may be empty.
    pub protocol: String,
    /// Host; empty when the whole address is in `path`.
    pub host: String,
    /// Port; may be empty.
    pub port: String,
    /// Path with query and placeholders, decoded.
    pub path: String,
    /// Method in upper case; default `GET`.
    pub method: String,
}

impl Endpoint {
    /// The address with placeholders not yet filled: the path alone when there is no host.
    pub fn url(&self) -> String {
        if self.host.is_empty() {
            return self.path.clone();
        }
        let protocol = if self.protocol.is_empty() {
            "https"
        } else {
            &self.protocol
        };
        let host = self.host.trim_end_matches('/');
        let port = if self.port.is_empty() {
            String::new()
        } else {
            format!(":{}", self.port)
        };
        format!(
            "{protocol}://{host}{port}/{}",
            self.path.trim_start_matches('/')
        )
    }
}

/// What happens when a service takes too long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OnTimeout {
    /// The task closes and fails.
    #[default]
    Close,
    /// Go on at this node.
    Node(String),
}

/// An earlier response of a service.
#[derive(Debug, Clone, Default)]
pub struct SampleResponse {
    /// Name.
    pub name: String,
    /// The one to use first.
    pub is_default: bool,
    /// Body: JSON text, decoded.
    pub body: String,
}
