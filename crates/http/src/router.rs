//! The table of contents: one line a path.

use crate::{
    admin::{bots, linked},
    analytics::{changes, deletion, messages, sessions},
    console,
    definition::{export, functions, import, language, merge, publish, sample, upload, variable},
    document::{
        self, Contents, alias, api, channel, large, open, open_alias, shared, shared_alias,
    },
    edge,
    runtime::{self, grant},
    system,
    training::{
        batch_test, conversation_test, extraction, faq, faq_answer, faq_edit, faq_list,
        find_intent, graph_file, knowledge, nlp_settings, train, utterance,
    },
};
use axum::{Extension, Router, extract::DefaultBodyLimit, middleware, routing::get};
use service::Ctx;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tower_http::catch_panic::CatchPanicLayer;
use types::net::Network;
use utoipa_axum::routes;

/// Settings of the HTTP side.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Longest body of a request, bytes, where a route sets no other.
    pub body_cap: usize,
    /// Proxies whose `x-forwarded-for` and `x-forwarded-proto` count.
    pub trusted_proxies: Vec<Network>,
    /// Time in which a request is read and answered.
    pub timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            body_cap: 1024 * 1024,
            trusted_proxies: Vec::new(),
            timeout: Duration::from_secs(120),
        }
    }
}

/// Every path with its handlers. `api::<O>` names the operation that the handler's `Allowed<O>` asks for.
#[rustfmt::skip]
pub fn contents() -> Contents {
    Contents::default()
        // analytics
        .at("/api/public/bot/{botId}/getSessions", api::<sessions::GetSessions>(routes!(sessions::get_sessions)))
        .at("/api/public/bot/{botId}/getMessages", api::<messages::GetMessages>(routes!(messages::get_messages)))
        .at("/api/public/bot/{botId}/getMessages", api::<messages::PostMessages>(routes!(messages::post_messages)))
        .at("/api/public/bot/{botId}/changelogs", shared::<changes::GetChangeLogs>(routes!(changes::list)))
        .at("/api/public/bot/{botId}/conversations/delete", shared::<deletion::DeleteConversations>(routes!(deletion::delete)))
        .at("/api/public/bot/{botId}/conversations/delete/{jobId}", shared::<deletion::GetConversationDeletionJob>(routes!(deletion::status)))
        // training
        .at("/api/v1.1/rest/bot/{botId}/findIntent", api::<find_intent::FindIntent>(routes!(find_intent::find)))
        .at("/api/v1.1/rest/streams/{botId}/findIntent", alias::<find_intent::FindIntent>("findIntentOfStream", routes!(find_intent::find)))
        .at("/api/public/bot/{botId}/ml/train", shared::<train::TrainMl>(routes!(train::train)))
        .at("/api/public/stream/{botId}/ml/train", shared_alias::<train::TrainMl>("trainMlOfStream", routes!(train::train)))
        .at("/api/public/bot/{botId}/ml/train/status", shared::<train::GetMlTrainStatus>(routes!(train::status)))
        .at("/api/public/stream/{botId}/ml/train/status", shared_alias::<train::GetMlTrainStatus>("getMlTrainStatusOfStream", routes!(train::status)))
        .at("/api/public/bot/{botId}/mlimport", shared::<utterance::ImportMlUtterances>(routes!(utterance::import)))
        .at("/api/public/stream/{botId}/mlimport", shared_alias::<utterance::ImportMlUtterances>("importMlUtterancesOfStream", routes!(utterance::import)))
        .at("/api/public/bot/{botId}/mlimport/status/{mlImportId}", shared::<utterance::GetMlUtterancesImportStatus>(routes!(utterance::import_status)))
        .at("/api/public/stream/{botId}/mlimport/status/{mlImportId}", shared_alias::<utterance::GetMlUtterancesImportStatus>("getMlUtterancesImportStatusOfStream", routes!(utterance::import_status)))
        .at("/api/public/bot/{botId}/mlexport", shared::<utterance::ExportMlUtterances>(routes!(utterance::export)))
        .at("/api/public/stream/{botId}/mlexport", shared_alias::<utterance::ExportMlUtterances>("exportMlUtterancesOfStream", routes!(utterance::export)))
        .at("/api/public/bot/{botId}/mlexport/status", shared::<utterance::GetMlUtterancesExportStatus>(routes!(utterance::export_status)))
        .at("/api/public/stream/{botId}/mlexport/status", shared_alias::<utterance::GetMlUtterancesExportStatus>("getMlUtterancesExportStatusOfStream", routes!(utterance::export_status)))
        .at("/api/public/bot/{botId}/configurations", shared::<nlp_settings::UpdateNlpConfigurations>(routes!(nlp_settings::update)))
        .at("/api/public/stream/{botId}/configurations", shared_alias::<nlp_settings::UpdateNlpConfigurations>("updateNlpConfigurationsOfStream", routes!(nlp_settings::update)))
        .at("/api/public/bot/{botId}/faqs/train", shared::<faq::TrainFaqs>(routes!(faq::train)))
        .at("/api/public/stream/{botId}/faqs/train", shared_alias::<faq::TrainFaqs>("trainFaqsOfStream", routes!(faq::train)))
        .at("/api/public/bot/{botId}/faqs/train/status", shared::<faq::GetFaqTrainStatus>(routes!(faq::train_status)))
        .at("/api/public/stream/{botId}/faqs/train/status", shared_alias::<faq::GetFaqTrainStatus>("getFaqTrainStatusOfStream", routes!(faq::train_status)))
        .at("/api/public/bot/{botId}/qna/import", shared::<extraction::ExtractKnowledge>(routes!(extraction::extract)))
        .at("/api/public/stream/{botId}/qna/import", shared_alias::<extraction::ExtractKnowledge>("extractKnowledgeOfStream", routes!(extraction::extract)))
        .at("/api/public/bot/{botId}/qna/history", shared::<extraction::ListExtractions>(routes!(extraction::history)))
        .at("/api/public/stream/{botId}/qna/history", shared_alias::<extraction::ListExtractions>("listExtractionsOfStream", routes!(extraction::history)))
        .at("/api/public/bot/{botId}/qna/{extractionId}/questions", shared::<extraction::ListExtractionQuestions>(routes!(extraction::questions)))
        .at("/api/public/stream/{botId}/qna/{extractionId}/questions", shared_alias::<extraction::ListExtractionQuestions>("listExtractionQuestionsOfStream", routes!(extraction::questions)))
        .at("/api/public/bot/{botId}/knowledgeTasks", shared::<knowledge::GetKnowledgeTasks>(routes!(knowledge::tasks)))
        .at("/api/public/stream/{botId}/knowledgeTasks", shared_alias::<knowledge::GetKnowledgeTasks>("getKnowledgeTasksOfStream", routes!(knowledge::tasks)))
        .at("/api/public/bot/{botId}/faqs/bulk", shared::<faq_edit::AddFaqsBulk>(routes!(faq_edit::add)))
        .at("/api/public/stream/{botId}/faqs/bulk", shared_alias::<faq_edit::AddFaqsBulk>("addFaqsBulkOfStream", routes!(faq_edit::add)))
        .at("/api/public/bot/{botId}/faqs/bulkupdates", shared::<faq_edit::UpdateFaqs>(routes!(faq_edit::update)))
        .at("/api/public/stream/{botId}/faqs/bulkupdates", shared_alias::<faq_edit::UpdateFaqs>("updateFaqsOfStream", routes!(faq_edit::update)))
        .at("/api/public/faqs/bulkUpdates", api::<faq_edit::UpdateFaqsOfAccount>(routes!(faq_edit::update_account)))
        .at("/api/public/bot/{botId}/faqs", shared::<faq_list::GetFaqs>(routes!(faq_list::faqs)))
        .at("/api/public/stream/{botId}/faqs", shared_alias::<faq_list::GetFaqs>("getFaqsOfStream", routes!(faq_list::faqs)))
        .at("/api/public/bot/{botId}/v2/faqs", shared::<faq_list::GetFaqsV2>(routes!(faq_list::faqs_v2)))
        .at("/api/public/stream/{botId}/v2/faqs", shared_alias::<faq_list::GetFaqsV2>("getFaqsV2OfStream", routes!(faq_list::faqs_v2)))
        .at("/api/public/bot/{botId}/faqs/import", shared::<graph_file::ImportKnowledgeGraph>(routes!(graph_file::import)))
        .at("/api/public/bot/{botId}/faqs/import/status/{graphImportId}", shared::<graph_file::GetKnowledgeGraphImportStatus>(routes!(graph_file::import_status)))
        .at("/api/public/bot/{botId}/faqs/export", shared::<graph_file::ExportKnowledgeGraph>(routes!(graph_file::export)))
        .at("/api/public/bot/{botId}/faqs/export/status", shared::<graph_file::GetKnowledgeGraphExportStatus>(routes!(graph_file::export_status)))
        .at("/api/1.1/public/users/{userId}/faqs/resolvedResponse/{respId}", shared::<faq_answer::GetResolvedFaqResponse>(routes!(faq_answer::resolved)))
        .at("/api/public/bot/{botId}/testsuite", shared::<batch_test::ListBatchTestSuites>(routes!(batch_test::list)))
        .at("/api/public/stream/{botId}/testsuite", shared_alias::<batch_test::ListBatchTestSuites>("listBatchTestSuitesOfStream", routes!(batch_test::list)))
        .at("/api/public/bot/{botId}/testsuite/import", shared::<batch_test::ImportBatchTestSuite>(routes!(batch_test::import)))
        .at("/api/public/stream/{botId}/testsuite/import", shared_alias::<batch_test::ImportBatchTestSuite>("importBatchTestSuiteOfStream", routes!(batch_test::import)))
        .at("/api/public/bot/{botId}/testsuite/{testSuiteName}/run", shared::<batch_test::RunBatchTestSuite>(routes!(batch_test::run)))
        .at("/api/public/stream/{botId}/testsuite/{testSuiteName}/run", shared_alias::<batch_test::RunBatchTestSuite>("runBatchTestSuiteOfStream", routes!(batch_test::run)))
        .at("/api/public/bot/{botId}/testsuite/{testSuiteName}/{testRunId}/status", shared::<batch_test::GetBatchTestRunStatus>(routes!(batch_test::status)))
        .at("/api/public/stream/{botId}/testsuite/{testSuiteName}/{testRunId}/status", shared_alias::<batch_test::GetBatchTestRunStatus>("getBatchTestRunStatusOfStream", routes!(batch_test::status)))
        .at("/api/public/bot/{botId}/testsuite/{testSuiteName}/export", shared::<batch_test::ExportBatchTestSuite>(routes!(batch_test::export)))
        .at("/api/public/stream/{botId}/testsuite/{testSuiteName}/export", shared_alias::<batch_test::ExportBatchTestSuite>("exportBatchTestSuiteOfStream", routes!(batch_test::export)))
        .at("/api/public/bot/{botId}/testsuite/{testSuiteName}/{testRunId}", shared::<batch_test::DeleteBatchTestRun>(routes!(batch_test::delete_run)))
        .at("/api/public/stream/{botId}/testsuite/{testSuiteName}/{testRunId}", shared_alias::<batch_test::DeleteBatchTestRun>("deleteBatchTestRunOfStream", routes!(batch_test::delete_run)))
        .at("/api/public/bot/{botId}/testsuite/{testSuiteName}", shared::<batch_test::DeleteBatchTestSuite>(routes!(batch_test::delete)))
        .at("/api/public/stream/{botId}/testsuite/{testSuiteName}", shared_alias::<batch_test::DeleteBatchTestSuite>("deleteBatchTestSuiteOfStream", routes!(batch_test::delete)))
        .at("/api/public/stream/{botId}/conversation/testsuite/import", shared::<conversation_test::ImportConversationTestSuite>(routes!(conversation_test::import)))
        .at("/api/public/bot/{botId}/conversation/testsuite/import", shared_alias::<conversation_test::ImportConversationTestSuite>("importConversationTestSuiteOfBot", routes!(conversation_test::import)))
        .at("/api/public/stream/{botId}/conversation/testsuite/import/{dsId}/status", shared::<conversation_test::GetConversationTestSuiteImportStatus>(routes!(conversation_test::import_status)))
        .at("/api/public/bot/{botId}/conversation/testsuite/import/{dsId}/status", shared_alias::<conversation_test::GetConversationTestSuiteImportStatus>("getConversationTestSuiteImportStatusOfBot", routes!(conversation_test::import_status)))
        .at("/api/public/stream/{botId}/conversation/testsuite/{testSuiteName}/run", shared::<conversation_test::RunConversationTestSuite>(routes!(conversation_test::run)))
        .at("/api/public/bot/{botId}/conversation/testsuite/{testSuiteName}/run", shared_alias::<conversation_test::RunConversationTestSuite>("runConversationTestSuiteOfBot", routes!(conversation_test::run)))
        .at("/api/public/stream/{botId}/conversation/testsuite/{testSuiteName}/{testRunId}/status", shared::<conversation_test::GetConversationTestRunStatus>(routes!(conversation_test::status)))
        .at("/api/public/bot/{botId}/conversation/testsuite/{testSuiteName}/{testRunId}/status", shared_alias::<conversation_test::GetConversationTestRunStatus>("getConversationTestRunStatusOfBot", routes!(conversation_test::status)))
        .at("/api/public/stream/{botId}/conversation/testsuite", shared::<conversation_test::DeleteConversationTestSuites>(routes!(conversation_test::remove)))
        .at("/api/public/bot/{botId}/conversation/testsuite", shared_alias::<conversation_test::DeleteConversationTestSuites>("deleteConversationTestSuitesOfBot", routes!(conversation_test::remove)))
        // definition
        .at("/api/public/uploadfile", shared::<upload::UploadFile>(large(upload::BODY_MAX, routes!(upload::upload))))
        .at("/api/public/bot/import", shared::<import::ImportBotAsNew>(routes!(import::import)))
        .at("/api/public/bot/import/status/{importRequestId}", shared::<import::GetBotImportStatus>(routes!(import::status)))
        .at("/api/public/samplebots/{sampleBotId}/add", shared::<sample::InstallSampleBot>(routes!(sample::install)))
        .at("/api/public/samplebots/{sampleBotId}/add", shared_alias::<sample::InstallSampleBot>("installSampleBotOld", routes!(sample::install_old)))
        .at("/api/public/bot/{botId}/import", shared::<merge::ImportBotIntoExisting>(routes!(merge::import)))
        .at("/api/public/bot/{botId}/import/botfunctions", shared::<functions::ImportBotFunctions>(routes!(functions::import)))
        .at("/api/public/bot/{botId}/publish", shared::<publish::PublishBot>(routes!(publish::publish)))
        .at("/api/public/bot/{botId}/publish/status", shared::<publish::GetBotPublishStatus>(routes!(publish::status)))
        .at("/api/1.1/public/bot/{botId}/publish/status", shared_alias::<publish::GetBotPublishStatus>("getBotPublishStatusOld", routes!(publish::status)))
        .at("/api/1.1/public/bot/{botId}/publish/status/", shared_alias::<publish::GetBotPublishStatus>("getBotPublishStatusOldSlash", routes!(publish::status)))
        .at("/api/public/bot/{botId}/export", shared::<export::ExportBot>(routes!(export::export)))
        .at("/api/public/bot/{botId}/export/status", shared::<export::GetBotExportStatus>(routes!(export::status)))
        .at("/api/public/export/download", open(routes!(export::download)))
        .at("/api/1.1/public/bot/{botId}/universalbot/link", api::<linked::GetLinkedApps>(routes!(linked::linked_apps)))
        .at("/api/{version}/public/bot/{botId}/language", shared::<language::AddAndEnableLanguage>(routes!(language::add)))
        .at("/api/{version}/public/bot/{botId}/language", shared::<language::UpdateLanguage>(routes!(language::update)))
        .at("/api/{version}/public/bot/{botId}/language/status", shared::<language::SetLanguageStatus>(routes!(language::set_status)))
        .at("/api/1.1/public/bot/{botId}/defaultLanguage", shared::<language::ChangeDefaultLanguage>(routes!(language::set_default)))
        .at("/api/{version}/public/builder/bot/{botId}/variables/import", shared::<variable::ImportBotVariables>(large(variable::BODY_MAX, routes!(variable::import))))
        .at("/api/{version}/public/builder/bot/{botId}/variables/export", shared::<variable::ExportBotVariables>(routes!(variable::export)))
        // admin
        .at("/api/public/bots", api::<bots::GetBots>(routes!(bots::get_bots)))
        // login of chat clients
        .at("/api/oAuth/token/jwtgrant", open(routes!(grant::jwt_grant)))
        .at("/api/1.1/oAuth/token/jwtgrant", open_alias("jwtGrantOld", routes!(grant::jwt_grant)))
        .at("/api/oAuth/token/jwtgrant/anonymous", open(routes!(grant::jwt_grant_anonymous)))
        .at("/api/1.1/oAuth/token/jwtgrant/anonymous", open_alias("jwtGrantAnonymousOld", routes!(grant::jwt_grant_anonymous)))
        // channels
        .at("/chatbot/hooks/{botId}", channel("webhookV1", &runtime::webhook::LIMIT, routes!(runtime::webhook::message)))
        .at("/chatbot/hooks/{botId}/hookInstance/{instanceId}", channel("webhookV1Instance", &runtime::webhook::LIMIT, routes!(runtime::webhook::message)))
        // system
        .at("/health", open(routes!(system::health)))
        .at("/ready", open(routes!(system::ready)))
        .at("/.well-known/jwks.json", open(routes!(system::keys::platform_keys)))
        .at("/openapi.json", open(routes!(system::document)))
        .unlisted("/docs/api", get(system::docs::entrance))
        .unlisted("/docs/api/{*file}", get(system::docs::file))
        // console
        .nest("/api/console/v1", console::contents())
        .unlisted("/assets/{*path}", console::asset())
}

/// Every route behind the layers of the edge.
pub fn router(ctx: Ctx, settings: HttpSettings) -> Router {
    let (router, _, _) = contents().into_parts();
    behind_the_edge(router.fallback(console::page), ctx, settings)
}

/// Routes behind the layers of the edge.
pub fn behind_the_edge(routes: Router<Ctx>, ctx: Ctx, settings: HttpSettings) -> Router {
    let edge = edge::Edge {
        trusted_proxies: settings.trusted_proxies,
        timeout: settings.timeout,
    };
    routes
        .method_not_allowed_fallback(edge::wrong_method)
        .layer(DefaultBodyLimit::max(settings.body_cap))
        .layer(Extension(ctx.clone()))
        .layer(CatchPanicLayer::custom(edge::panicked))
        .layer(middleware::from_fn_with_state(Arc::new(edge), edge::dress))
        .with_state(ctx)
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document::json(&contents().into_parts().1));

/// The document of the API as JSON text that ends in a line break.
pub fn openapi_json() -> &'static str {
    &DOCUMENT
}
