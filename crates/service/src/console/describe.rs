//! One line about each scope of the app builder, for the picker.

use types::scope::{Scope, Side};

/// What a scope lets an app do; empty for a scope of another side.
pub fn describe(scope: &Scope) -> &'static str {
    if scope.side != Side::Platform {
        return "";
    }
    match scope.id {
        "intent_entity:detection" => "Ask which intent and entities a text holds.",
        "user_engagement_trend:read" => "Read how many people talk to the agent over time.",
        "batch_tests:execute" => "Start batch tests and follow them.",
        "batch_tests:manage" => "Import, export, list and delete batch test suites.",
        "chat_history:read" => "Read the messages between users and the agent.",
        "debug_logs:read" => "Read the debug log of the agent.",
        "bot_definition:bot_export" => "Export the definition of the agent.",
        "bot_variables:import" => "Import variables into the agent.",
        "bot_variables:export" => "Export the variables of the agent.",
        "proactive_messages:send" => "Send messages to users first.",
        "test_and_train:ml" => "Train the language model and follow the training.",
        "test_and_train:faq" => "Train the FAQs and follow the training.",
        "test_and_train:ml_import" => "Import training utterances.",
        "test_and_train:ml_export" => "Export training utterances.",
        "logs:change_logs" => "Read who changed what in the agent.",
        "bot_sessions:read" => "List the conversation sessions of the agent.",
        "billing_sessions:read" => "List the sessions that are billed.",
        "custom_dashboards:custom_dashboards" => "Read the figures of custom dashboards.",
        "rcs_optin:optin_users" => "Report events of RCS messages.",
        "metrics:read" => "Read counts of intents, tasks and failures.",
        "knowledge_graph:knowledge_graph" => "Import and export the FAQs of the agent.",
        "nlp_configurations:update" => "Change thresholds and other language settings.",
        "faqs:update" => "Change answers of FAQs in bulk.",
        "languages:manage" => "Switch languages of the agent on and off.",
        "conversation_tests:manage" => "Import, export and delete conversation tests.",
        "conversation_tests:execute" => "Start conversation tests and follow them.",
        "sdk_push:manage" => "Register devices for push notifications.",
        "linked_apps:read" => "See which agents are linked to this one.",
        "conversations:delete" => "Delete conversations of a user.",
        "conversation_summary:read" => "Read summaries of conversations.",
        "feedback:manage" => "Read and record feedback of users.",
        "llm_usage_logs:read" => "Read the log of language model calls.",
        "botkit:botkit" => "Exchange messages and events through BotKit.",
        "agent_integrations:read" => "Read the integrations of the agent.",
        "agent_integrations:write" => "Change the integrations of the agent.",
        "answers:generate" => "Have answers generated from the agent's knowledge.",
        _ if scope.group == "Contact Center" => "Part of the contact centre.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_scope_of_the_app_builder_has_a_line() {
        for scope in types::scope::ALL
            .iter()
            .filter(|s| s.side == types::scope::Side::Platform)
        {
            assert!(!super::describe(scope).is_empty(), "{}", scope.id);
        }
    }
}
