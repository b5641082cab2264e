//! What a publish tells of each resource that it takes along.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A group of components, or a dialog.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = PublishResultOut)]
pub(super) enum ResultOut {
    /// A group of components.
    Group(GroupOut),
    /// A dialog.
    Dialog(Box<DialogOut>),
}

/// A group of components.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublishGroupOut)]
pub(super) struct GroupOut {
    pub(super) resource_id: &'static str,
    pub(super) resource_type: &'static str,
    /// What belongs to it.
    #[schema(value_type = Vec<String>)]
    pub(super) modules: &'static [&'static str],
    pub(super) name: &'static str,
}

/// A dialog. What its definition does not say is left out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublishDialogOut)]
pub(super) struct DialogOut {
    /// Always `published`.
    pub(super) state: &'static str,
    /// Always empty: there is no approval.
    pub(super) approval_requested_languages: Vec<String>,
    /// Languages of the agent.
    pub(super) approved_languages: Vec<String>,
    /// What changed.
    pub(super) version_comment: String,
    /// When it was asked for, ISO-8601.
    pub(super) published_on: String,
    /// Name as shown to users.
    pub(super) name: String,
    /// The agent.
    pub(super) bot_id: String,
    /// Always `true`.
    pub(super) is_published_version: bool,
    /// Always `active`.
    pub(super) admin_task_status: &'static str,
    #[serde(flatten)]
    pub(super) written: WrittenOut,
}

/// What the definition says of a dialog.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishWrittenOut)]
pub(super) struct WrittenOut {
    /// Id of the dialog, `dg-…`.
    #[serde(rename = "_id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The id that is the same in every copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    ref_id: Option<String>,
    /// The name in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    lname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_hidden: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_follow_up: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    editable: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    languages: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compatibility: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<VisibilityOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_life_time: Option<LifeTimeOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interrupt_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follow_up_intents: Option<Value>,
    /// Names by language.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale_data: Option<HashMap<String, DialogNamesOut>>,
    /// The graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<Vec<NodeOut>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_on: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l_mod_by: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l_mod: Option<Value>,
    #[serde(rename = "__v", skip_serializing_if = "Option::is_none")]
    record: Option<Value>,
}

/// Who sees a dialog.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishVisibilityOut)]
pub(super) struct VisibilityOut {
    namespace: Value,
    namespace_ids: Value,
}

/// How long the context of a dialog lives.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublishLifeTimeOut)]
pub(super) struct LifeTimeOut {
    options: Value,
}

/// Names of a dialog in one language.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishDialogNamesOut)]
pub(super) struct DialogNamesOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_desc: Option<String>,
}

/// A node of a dialog.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishNodeOut)]
pub(super) struct NodeOut {
    node_id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    component_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_options: Option<NodeOptionsOut>,
    /// Ways on.
    transitions: Vec<TransitionOut>,
    /// Place in the editor.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<PlaceOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    v_name_space: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_task_level_ns: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_task_id: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_context_map: Option<Value>,
}

/// Place of a node in the editor.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublishPlaceOut)]
pub(super) struct PlaceOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top: Option<Value>,
}

/// Settings of a node.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishNodeOptionsOut)]
pub(super) struct NodeOptionsOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    transition_type: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transition_mode: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_handling_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precedence: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_optional: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reuse_markedup_phrases: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reuse_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_auto_correction: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_for_reuse: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interrupt_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<Value>,
}

/// A way on: a condition with its target, or the target that is left.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublishTransitionOut)]
pub(super) struct TransitionOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<LineOut>,
}

/// A condition.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = PublishConditionOut)]
pub(super) struct ConditionOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// Other kinds of condition, as they were written.
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// A line in the editor.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = PublishLineOut)]
pub(super) struct LineOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conn_id: Option<Value>,
}

impl WrittenOut {
    /// What a definition says of a dialog; of one that is written in another way its ids only.
    pub(super) fn of(dialog: &Value) -> Self {
        let text = |name: &str| dialog[name].as_str().map(str::to_owned);
        Self::deserialize(dialog).unwrap_or_else(|_| Self {
            id: text("_id"),
            ref_id: text("refId"),
            lname: text("lname"),
            ..Self::default()
        })
    }
}
