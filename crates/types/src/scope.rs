//! The catalogue of API scopes. A platform scope acts when the agent is published, an admin scope when it is saved
//! (DECISIONS section 5). Ids that a public test client uses are kept, the others are ours.

/// Which side of the platform gives the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// App builder: per agent, for platform apps.
    Platform,
    /// Admin console: account-wide, for admin apps.
    Admin,
}

/// One scope.
#[derive(Debug, PartialEq, Eq)]
pub struct Scope {
    /// Side that gives it.
    pub side: Side,
    /// Name as the introduction page spells it.
    pub name: &'static str,
    /// Stored identifier.
    pub id: &'static str,
    /// Group (app builder) or category (admin console) in the picker.
    pub group: &'static str,
    /// Other spellings that mean the same scope.
    pub printed: &'static [&'static str],
    /// Operation ids that it opens.
    pub operations: &'static [&'static str],
}

/// Every scope, in the order of the pickers.
pub static ALL: &[Scope] = &[
    Scope {
        side: Side::Platform,
        name: "Intent and Entity Detection",
        id: "intent_entity:detection",
        group: "Automation",
        printed: &[],
        operations: &["findIntent"],
    },
    Scope {
        side: Side::Platform,
        name: "User Engagement Trend",
        id: "user_engagement_trend:read",
        group: "Automation",
        printed: &[],
        operations: &["userEngagementTrend", "userEngagementTrendV2"],
    },
    Scope {
        side: Side::Platform,
        name: "Batch Tests Execution",
        id: "batch_tests:execute",
        group: "Automation",
        printed: &[],
        operations: &["getBatchTestRunStatus", "runBatchTestSuite"],
    },
    Scope {
        side: Side::Platform,
        name: "Batch Tests Management",
        id: "batch_tests:manage",
        group: "Automation",
        printed: &[],
        operations: &[
            "deleteBatchTestRun",
            "deleteBatchTestSuite",
            "exportBatchTestSuite",
            "importBatchTestSuite",
            "listBatchTestSuites",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Chat History",
        id: "chat_history:read",
        group: "Automation",
        printed: &[],
        operations: &[
            "conversationDetails",
            "getMessages",
            "getMessagesLite",
            "getMessagesV2",
            "postMessages",
            "postMessagesLite",
            "postMessagesV2",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Debug Logs",
        id: "debug_logs:read",
        group: "Automation",
        printed: &[],
        operations: &[
            "getDebugLogs",
            "getTranslationLogs",
            "getTranslationLogsCamel",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Bot Export",
        id: "bot_definition:bot_export",
        group: "Automation",
        printed: &[],
        operations: &["exportBot", "getBotExportStatus"],
    },
    Scope {
        side: Side::Platform,
        name: "Import Variables",
        id: "bot_variables:import",
        group: "Automation",
        printed: &[],
        operations: &["importBotVariables"],
    },
    Scope {
        side: Side::Platform,
        name: "Export Variables",
        id: "bot_variables:export",
        group: "Automation",
        printed: &[],
        operations: &["exportBotVariables"],
    },
    Scope {
        side: Side::Platform,
        name: "Proactive Messages",
        id: "proactive_messages:send",
        group: "Automation",
        printed: &[],
        operations: &[
            "getProactiveNotificationStatus",
            "getProactiveNotificationStatusV2",
            "sendProactiveNotification",
            "sendProactiveNotificationV2",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Train ML",
        id: "test_and_train:ml",
        group: "Automation",
        printed: &[],
        operations: &["getMlTrainStatus", "trainMl"],
    },
    Scope {
        side: Side::Platform,
        name: "Train FAQ",
        id: "test_and_train:faq",
        group: "Automation",
        printed: &[],
        operations: &["getFaqTrainStatus", "trainFaqs"],
    },
    Scope {
        side: Side::Platform,
        name: "Utterances Import",
        id: "test_and_train:ml_import",
        group: "Automation",
        printed: &[],
        operations: &["getMlUtterancesImportStatus", "importMlUtterances"],
    },
    Scope {
        side: Side::Platform,
        name: "Utterances Export",
        id: "test_and_train:ml_export",
        group: "Automation",
        printed: &[],
        operations: &["exportMlUtterances", "getMlUtterancesExportStatus"],
    },
    Scope {
        side: Side::Platform,
        name: "Logs History",
        id: "logs:change_logs",
        group: "Automation",
        printed: &[],
        operations: &["getChangeLogs"],
    },
    Scope {
        side: Side::Platform,
        name: "Bot Sessions",
        id: "bot_sessions:read",
        group: "Automation",
        printed: &[],
        operations: &["getSessions"],
    },
    Scope {
        side: Side::Platform,
        name: "Billing Sessions",
        id: "billing_sessions:read",
        group: "Automation",
        printed: &["Automation Billing Sessions"],
        operations: &[
            "getBillingSessions",
            "getBillingSummary",
            "startBillingSummary",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Custom Reports",
        id: "custom_dashboards:custom_dashboards",
        group: "Automation",
        printed: &[],
        operations: &["getWidgetData", "postWidgetData"],
    },
    Scope {
        side: Side::Platform,
        name: "RCS Message Events",
        id: "rcs_optin:optin_users",
        group: "Automation",
        printed: &[],
        operations: &["postRcsMessageEvent"],
    },
    Scope {
        side: Side::Platform,
        name: "Metrics",
        id: "metrics:read",
        group: "Automation",
        printed: &[],
        operations: &[
            "getAnalytics",
            "getTaskContainmentReport",
            "startTaskContainmentReport",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Manage Knowledge Graph",
        id: "knowledge_graph:knowledge_graph",
        group: "Automation",
        printed: &[],
        operations: &[
            "addFaqsBulk",
            "exportKnowledgeGraph",
            "extractKnowledge",
            "getFaqs",
            "getFaqsV2",
            "getKnowledgeGraphExportStatus",
            "getKnowledgeGraphImportStatus",
            "getKnowledgeTasks",
            "importKnowledgeGraph",
            "listExtractionQuestions",
            "listExtractions",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "NLP Configurations",
        id: "nlp_configurations:update",
        group: "Automation",
        printed: &[],
        operations: &["updateNlpConfigurations"],
    },
    Scope {
        side: Side::Platform,
        name: "Update FAQs",
        id: "faqs:update",
        group: "Automation",
        printed: &[],
        operations: &["updateFaqs"],
    },
    Scope {
        side: Side::Platform,
        name: "Languages Configuration",
        id: "languages:manage",
        group: "Automation",
        printed: &["Language Configuration", "Language Management"],
        operations: &[
            "addAndEnableLanguage",
            "changeDefaultLanguage",
            "setLanguageStatus",
            "updateLanguage",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Conversation Tests Management",
        id: "conversation_tests:manage",
        group: "Automation",
        printed: &[],
        operations: &[
            "deleteConversationTestSuites",
            "getConversationTestSuiteImportStatus",
            "importConversationTestSuite",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Conversation Tests Execution",
        id: "conversation_tests:execute",
        group: "Automation",
        printed: &[],
        operations: &["getConversationTestRunStatus", "runConversationTestSuite"],
    },
    Scope {
        side: Side::Platform,
        name: "SDK Push Notifications",
        id: "sdk_push:manage",
        group: "Automation",
        printed: &["SDKPushNotifications"],
        operations: &[
            "listSdkDevices",
            "subscribeSdkDevice",
            "unsubscribeSdkDevices",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Get Linked App Details",
        id: "linked_apps:read",
        group: "Automation",
        printed: &["Get linked App details"],
        operations: &["getLinkedApps"],
    },
    Scope {
        side: Side::Platform,
        name: "Delete Conversations",
        id: "conversations:delete",
        group: "Automation",
        printed: &[],
        operations: &["deleteConversations", "getConversationDeletionJob"],
    },
    Scope {
        side: Side::Platform,
        name: "Conversation Summary",
        id: "conversation_summary:read",
        group: "Automation",
        printed: &[],
        operations: &["conversationSummary"],
    },
    Scope {
        side: Side::Platform,
        name: "Feedback Survey",
        id: "feedback:manage",
        group: "Automation",
        printed: &["Feedback Analytics"],
        operations: &[
            "getFeedbackSurveyResponses",
            "saveFeedback",
            "saveFeedbackLegacyPath",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Gen AI and LLM Usage Logs",
        id: "llm_usage_logs:read",
        group: "Automation",
        printed: &["Fetch Gen AI and LLM Usage Logs"],
        operations: &["getLLMUsageLogs"],
    },
    Scope {
        side: Side::Platform,
        name: "BotKit",
        id: "botkit:botkit",
        group: "Automation",
        printed: &[],
        operations: &["setSdkSubscription"],
    },
    Scope {
        side: Side::Platform,
        name: "Agent Integrations (read)",
        id: "agent_integrations:read",
        group: "Automation",
        printed: &["agent_integrations:read"],
        operations: &["getAgentChannelMappings"],
    },
    Scope {
        side: Side::Platform,
        name: "Agent Integrations (write)",
        id: "agent_integrations:write",
        group: "Automation",
        printed: &["agent_integrations:write"],
        operations: &[
            "enableAgentIntegration",
            "replaceAgentChannelMappings",
            "resetAgentIntegration",
            "resetAllAgentIntegrations",
            "updateAgentIntegration",
        ],
    },
    Scope {
        side: Side::Platform,
        name: "Answer Generation",
        id: "answers:generate",
        group: "Automation",
        printed: &[],
        operations: &["advancedSearch"],
    },
    Scope {
        side: Side::Platform,
        name: "SmartAssist Analytics",
        id: "smartassist_analytics:read",
        group: "Contact Center",
        printed: &[],
        operations: &[
            "getCallDetailsV1",
            "getCallDetailsV1Camel",
            "getCallDetailsV2",
            "getCallDetailsV2Calls",
            "getCallDetailsV2CallsCamel",
            "getConversation",
            "getConversationDetailsBySession",
            "listConversations",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Batch Tests Management",
        id: "batch_tests:manage",
        group: "Batch Tests",
        printed: &[],
        operations: &[
            "deleteBatchTestRun",
            "deleteBatchTestSuite",
            "exportBatchTestSuite",
            "importBatchTestSuite",
            "listBatchTestSuites",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Billing Sessions",
        id: "billing_sessions:read",
        group: "Billing",
        printed: &[],
        operations: &[
            "getBillingSessionsAccount",
            "getBillingSummaryAccount",
            "getBillingSummaryAccountBots",
            "startBillingSummaryAccount",
            "startBillingSummaryAccountBots",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Bot Sessions",
        id: "bot_sessions:read",
        group: "Bot Analytics",
        printed: &[],
        operations: &["getSessions", "getSessionsAccount"],
    },
    Scope {
        side: Side::Admin,
        name: "Chat History",
        id: "chat_history:read",
        group: "Bot Analytics",
        printed: &[],
        operations: &[
            "getMessages",
            "getMessagesLite",
            "getMessagesV2",
            "postMessages",
            "postMessagesAccount",
            "postMessagesLite",
            "postMessagesV2",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Feedback Analytics",
        id: "feedback:manage",
        group: "Bot Analytics",
        printed: &[],
        operations: &["saveFeedback", "saveFeedbackLegacyPath"],
    },
    Scope {
        side: Side::Admin,
        name: "Bot Create",
        id: "bot_definition:bot_create",
        group: "Bot Definition",
        printed: &[],
        operations: &["installSampleBot"],
    },
    Scope {
        side: Side::Admin,
        name: "Bot Export",
        id: "bot_definition:bot_export",
        group: "Bot Definition",
        printed: &[],
        operations: &["exportBot", "getBotExportStatus"],
    },
    Scope {
        side: Side::Admin,
        name: "Bot Import",
        id: "bot_definition:bot_import",
        group: "Bot Definition",
        printed: &[],
        operations: &[
            "getBotImportStatus",
            "importBotAsNew",
            "importBotFunctions",
            "importBotIntoExisting",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Publish",
        id: "bot_publish:publish_request",
        group: "Bot Publish",
        printed: &[],
        operations: &["getBotPublishStatus", "publishBot"],
    },
    Scope {
        side: Side::Admin,
        name: "BotKit",
        id: "botkit:botkit",
        group: "BotKit",
        printed: &[],
        operations: &["setSdkSubscription"],
    },
    Scope {
        side: Side::Admin,
        name: "Channel Management",
        id: "channel_management:channel_management",
        group: "Channel Management",
        printed: &[],
        operations: &["enableChannel"],
    },
    Scope {
        side: Side::Admin,
        name: "Proactive Messages",
        id: "proactive_messages:send",
        group: "Channel Management",
        printed: &[],
        operations: &[
            "getProactiveNotificationStatus",
            "getProactiveNotificationStatusV2",
            "sendProactiveNotification",
            "sendProactiveNotificationV2",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Conversation Tests Execution",
        id: "conversation_tests:execute",
        group: "Conversation Tests",
        printed: &[],
        operations: &["getConversationTestRunStatus", "runConversationTestSuite"],
    },
    Scope {
        side: Side::Admin,
        name: "Conversation Tests Management",
        id: "conversation_tests:manage",
        group: "Conversation Tests",
        printed: &[],
        operations: &[
            "deleteConversationTestSuites",
            "getConversationTestSuiteImportStatus",
            "importConversationTestSuite",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Custom Reports",
        id: "custom_dashboards:custom_dashboards",
        group: "Custom Reports",
        printed: &[],
        operations: &["getWidgetData", "postWidgetData"],
    },
    Scope {
        side: Side::Admin,
        name: "Gen AI and LLM Usage Logs",
        id: "llm_usage_logs:read",
        group: "Gen AI and LLM Usage Logs",
        printed: &[],
        operations: &["getLLMUsageLogs"],
    },
    Scope {
        side: Side::Admin,
        name: "Intent and Entity Detection",
        id: "intent_entity:detection",
        group: "Intent Identification",
        printed: &[],
        operations: &["findIntent"],
    },
    Scope {
        side: Side::Admin,
        name: "Language Settings",
        id: "languages:manage",
        group: "Language Settings",
        printed: &[],
        operations: &[
            "addAndEnableLanguage",
            "changeDefaultLanguage",
            "setLanguageStatus",
            "updateLanguage",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Get Linked App Details",
        id: "linked_apps:read",
        group: "Linked Apps",
        printed: &[],
        operations: &["getLinkedApps"],
    },
    Scope {
        side: Side::Admin,
        name: "Admin Console Audit Logs",
        id: "logs:admin_console_audit_logs",
        group: "Logs",
        printed: &[],
        operations: &["getAdminConsoleAuditLogs"],
    },
    Scope {
        side: Side::Admin,
        name: "Bot Audit Logs",
        id: "logs:change_logs",
        group: "Logs",
        printed: &[],
        operations: &["getChangeLogs"],
    },
    Scope {
        side: Side::Admin,
        name: "Manage Knowledge Graph",
        id: "knowledge_graph:knowledge_graph",
        group: "Manage Knowledge Graph",
        printed: &[],
        operations: &[
            "addFaqsBulk",
            "exportKnowledgeGraph",
            "extractKnowledge",
            "getFaqs",
            "getFaqsV2",
            "getKnowledgeGraphExportStatus",
            "getKnowledgeGraphImportStatus",
            "getKnowledgeTasks",
            "importKnowledgeGraph",
            "listExtractionQuestions",
            "listExtractions",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "Update FAQs",
        id: "faqs:update",
        group: "Manage Knowledge Graph",
        printed: &[],
        operations: &["updateFaqs", "updateFaqsOfAccount"],
    },
    Scope {
        side: Side::Admin,
        name: "Delete Users Data",
        id: "delete:delete_user_data",
        group: "Profile Management",
        printed: &[],
        operations: &["deleteCustomerData", "deleteCustomerDataStatus"],
    },
    Scope {
        side: Side::Admin,
        name: "Role Management",
        id: "role_management:role_management",
        group: "Profile Management",
        printed: &[],
        operations: &[
            "assignAdminRoles",
            "assignBotRoles",
            "exportRoles",
            "getBots",
            "getGroups",
            "getRoles",
            "getUserRolesDetails",
            "importRoles",
            "updateUserAccess",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "NLP Configurations",
        id: "nlp_configurations:update",
        group: "Test and Train",
        printed: &[],
        operations: &["updateNlpConfigurations"],
    },
    Scope {
        side: Side::Admin,
        name: "Train FAQ",
        id: "test_and_train:faq",
        group: "Test and Train",
        printed: &[],
        operations: &["getFaqTrainStatus", "trainFaqs"],
    },
    Scope {
        side: Side::Admin,
        name: "Train ML",
        id: "test_and_train:ml",
        group: "Test and Train",
        printed: &[],
        operations: &["getMlTrainStatus", "trainMl"],
    },
    Scope {
        side: Side::Admin,
        name: "Utterances Export",
        id: "test_and_train:ml_export",
        group: "Test and Train",
        printed: &[],
        operations: &["exportMlUtterances", "getMlUtterancesExportStatus"],
    },
    Scope {
        side: Side::Admin,
        name: "Utterances Import",
        id: "test_and_train:ml_import",
        group: "Test and Train",
        printed: &[],
        operations: &["getMlUtterancesImportStatus", "importMlUtterances"],
    },
    Scope {
        side: Side::Admin,
        name: "SSO Configuration",
        id: "user_management:sso",
        group: "User Management",
        printed: &[],
        operations: &[
            "disableSsoConfig",
            "enableOrUpdateSsoConfig",
            "enableSsoConfigForBot",
            "getSsoConfig",
            "getSsoConfigForBot",
        ],
    },
    Scope {
        side: Side::Admin,
        name: "User Management",
        id: "user_management:user_management",
        group: "User Management",
        printed: &[],
        operations: &[
            "createUsers",
            "deleteUsers",
            "getUserInformation",
            "updateUser",
        ],
    },
];

/// The scopes of a side that open an operation.
pub fn opening(side: Side, operation: &str) -> impl Iterator<Item = &'static Scope> {
    ALL.iter()
        .filter(move |s| s.side == side && s.operations.contains(&operation))
}

/// Finds a scope of a side by name, other spelling or id, without regard to case.
///
/// # Errors
/// The nearest names (at most three), when there is none.
pub fn find(side: Side, text: &str) -> Result<&'static Scope, Vec<&'static str>> {
    let wanted = text.trim();
    let of_side = || ALL.iter().filter(move |s| s.side == side);
    let fits = |s: &&Scope| {
        s.name.eq_ignore_ascii_case(wanted)
            || s.id.eq_ignore_ascii_case(wanted)
            || s.printed.iter().any(|p| p.eq_ignore_ascii_case(wanted))
    };
    of_side().find(fits).ok_or_else(|| {
        let wanted = wanted.to_lowercase();
        let mut near: Vec<(usize, usize, &'static str)> = of_side()
            .map(|s| {
                let name = s.name.to_lowercase();
                let whole = distance(&name, &wanted);
                (by_words(&name, &wanted).min(whole), whole, s.name)
            })
            .collect();
        near.sort_unstable();
        near.into_iter().take(3).map(|(.., name)| name).collect()
    })
}

/// How far each word that is wanted is from the word of the name that is nearest to it: who leaves words out is still understood.
fn by_words(name: &str, wanted: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let have = words(name);
    let nearest = |word: &String| {
        let all = have.iter().map(|other| distance(other, word));
        all.min().unwrap_or(word.len()).min(word.len())
    };
    words(wanted).iter().map(nearest).sum()
}

/// Edit distance (insert, delete, replace), by characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = replace.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_unique_per_side() {
        for side in [Side::Platform, Side::Admin] {
            let mut seen = std::collections::HashSet::new();
            for s in ALL.iter().filter(|s| s.side == side) {
                assert!(seen.insert(s.name.to_lowercase()), "{}", s.name);
                assert!(seen.insert(s.id.to_owned()), "{}", s.id);
            }
        }
    }

    #[test]
    fn other_spellings_and_case_are_accepted() {
        assert_eq!(
            find(Side::Platform, "language configuration").map(|s| s.id),
            Ok("languages:manage")
        );
    }

    #[test]
    fn an_unknown_name_lists_the_nearest() {
        let near = find(Side::Platform, "Chat Histry").expect_err("unknown");
        assert_eq!(near[0], "Chat History");
        let near = find(Side::Platform, "Intent Detecton").expect_err("unknown");
        assert_eq!(near[0], "Intent and Entity Detection");
    }
}
