//! `findIntent`.

use crate::{
    auth::{Allowed, Operation},
    error::Public,
    valid::{Fields, Input, Valid},
};
use axum::{Json, extract::State};
use serde::Serialize;
use service::{
    Ctx,
    training::find_intent::{self, Answer},
};
use utoipa::{IntoParams, ToSchema};

/// Finds what one text means.
pub struct FindIntent;

impl Operation for FindIntent {
    const ID: &'static str = "findIntent";
}

/// What is asked.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `Wish` reads")]
pub struct FindIntentIn {
    /// The text.
    #[schema(min_length = 1)]
    input: String,
    /// Name of the agent.
    #[schema(min_length = 1)]
    stream_name: String,
    /// Only sub-intents of this intent count.
    parent_intent: Option<String>,
    /// Language, where the header names none.
    #[schema(rename = "bot-language")]
    language: Option<String>,
    /// Taken, but without an effect: answers of FAQs are not part of this operation.
    expand_ans: Option<bool>,
}

/// How it is asked.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `Wish` reads")]
pub struct FindIntentQuery {
    /// The copy in development is asked instead of the published one.
    #[param(example = false)]
    fetch_configured_tasks: Option<bool>,
    /// The answer comes at once either way.
    sync: Option<bool>,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindIntentOut {
    request: AskedOut,
    response: FoundOut,
    /// The agent.
    stream_id: String,
    /// Its name as sent.
    stream_name: String,
}

/// What was asked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AskedOut {
    input: String,
    stream_name: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FoundOut {
    /// Milliseconds that detection took.
    usedtime: u64,
    /// The outcome in words.
    debug_title: &'static str,
    /// `successintent`, `failintent` or `ambiguousintent`.
    result: &'static str,
    /// Name of the agent.
    bot: String,
    /// The agent.
    botid: String,
    /// Name of the best winner.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    /// `published` or `configured`: which copy was asked.
    intent_status: &'static str,
    /// `dialog`, `faq` or `smalltalk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<&'static str>,
    /// The text in sentences.
    input: Vec<String>,
    /// Marks of the engines that found the winner, joined by a space.
    identified_via: String,
    /// The language.
    language: String,
    /// Traits found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    traits: Vec<String>,
    final_resolver: ResolverOut,
}

/// Winners and ranking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ResolverOut {
    /// One on success, several when ambiguous, none on failure.
    winning_intent: Vec<WinnerOut>,
    /// Always empty.
    #[schema(value_type = Vec<Value>)]
    entities: [(); 0],
    /// Every candidate, the best first.
    ranking: Vec<RankOut>,
}

/// A winner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WinnerOut {
    intent: String,
    task_id: String,
    /// `dialog`, `faq` or `smalltalk`.
    activity_type: &'static str,
    /// `published` or `configured`.
    state: &'static str,
    /// Score of the resolver, 0 to 100.
    score: f64,
}

/// A candidate.
#[derive(Debug, Serialize, ToSchema)]
struct RankOut {
    intent: String,
    scoring: ScoringOut,
}

/// Scores of the engines; missing where an engine did not report the candidate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScoringOut {
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    ml_score: Option<f64>,
    /// Rules, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// FAQs, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_score: Option<f64>,
}

impl From<Answer> for FindIntentOut {
    fn from(answer: Answer) -> Self {
        let found = answer.response;
        let winners = found.final_resolver.winning_intent.into_iter();
        let ranking = found.final_resolver.ranking.into_iter();
        Self {
            request: AskedOut {
                input: answer.request.input,
                stream_name: answer.request.stream_name,
            },
            response: FoundOut {
                usedtime: found.usedtime,
                debug_title: match found.result {
                    "successintent" => "An intent was found",
                    "ambiguousintent" => "Several intents fit",
                    _ => "No intent was found",
                },
                result: found.result,
                bot: found.bot,
                botid: found.botid.to_string(),
                task: found.task,
                task_id: found.task_id,
                intent_status: found.intent_status,
                sub_type: found.sub_type,
                input: found.input,
                identified_via: found.identified_via,
                language: found.language,
                traits: found.traits,
                final_resolver: ResolverOut {
                    winning_intent: winners
                        .map(|w| WinnerOut {
                            intent: w.intent,
                            task_id: w.task_id,
                            activity_type: w.activity_type,
                            state: w.state,
                            score: w.score,
                        })
                        .collect(),
                    entities: [],
                    ranking: ranking
                        .map(|r| RankOut {
                            intent: r.intent,
                            scoring: ScoringOut {
                                ml_score: r.scoring.ml_score,
                                score: r.scoring.score,
                                faq_score: r.scoring.faq_score,
                            },
                        })
                        .collect(),
                },
            },
            stream_id: answer.stream_id.to_string(),
            stream_name: answer.stream_name,
        }
    }
}

/// Finds what one text means
///
/// The answer comes at once, whatever `sync` says.
///
/// # Errors
/// Bad input that names each wrong field; the agent is not published or not trained.
#[utoipa::path(
    post,
    path = "",
    tag = "training",
    params(FindIntentQuery, ("bot-language" = Option<String>, Header, description = "Language; the agent's first when none is named")),
    request_body(content = FindIntentIn, example = json!({"input": "where is my parcel", "streamName": "Parcel desk"})),
    responses((status = 200, description = "What was found", body = FindIntentOut, example = json!({
        "request": {"input": "where is my parcel", "streamName": "Parcel desk"},
        "response": {
            "usedtime": 2, "debugTitle": "An intent was found", "result": "successintent", "bot": "Parcel desk",
            "botid": "st-0f8fad5b-d9cb-569f-a165-70867728950e", "task": "Track parcel",
            "taskId": "dg-7c9e6679-7425-50de-944b-e07fc1f90ae7", "intentStatus": "published", "subType": "dialog",
            "input": ["where is my parcel"], "identifiedVia": "ml", "language": "en",
            "finalResolver": {
                "winningIntent": [{"intent": "Track parcel", "taskId": "dg-7c9e6679-7425-50de-944b-e07fc1f90ae7",
                    "activityType": "dialog", "state": "published", "score": 97.5}],
                "entities": [],
                "ranking": [{"intent": "Track parcel", "scoring": {"mlScore": 0.97}}]
            }
        },
        "streamId": "st-0f8fad5b-d9cb-569f-a165-70867728950e", "streamName": "Parcel desk"
    }))),
)]
pub async fn find(
    State(ctx): State<Ctx>,
    allowed: Allowed<FindIntent>,
    Valid(Wish(wanted)): Valid<Wish>,
) -> Result<Json<FindIntentOut>, Public> {
    let answer = find_intent::find_intent(&ctx, &allowed.caller, &allowed.bot, wanted).await?;
    Ok(Json(answer.into()))
}

/// What is asked, as the service takes it. The language of the header goes before that of the body (ours).
#[derive(Debug)]
pub struct Wish(find_intent::Query);

impl Input for Wish {
    const BODY_REQUIRED: bool = true;

    fn read(fields: &mut Fields) -> Self {
        let filled =
            |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let (input, stream_name) = (fields.required("input"), fields.required("streamName"));
        let parent = filled(fields.text("parentIntent"));
        let in_body = filled(fields.text("bot-language"));
        let configured = fields.flag("fetchConfiguredTasks");
        fields.flag("sync");
        Self(find_intent::Query {
            input,
            stream_name,
            parent,
            language: fields.header("bot-language").or(in_body),
            configured,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderMap;

    fn read(body: &[u8], query: &[(&str, &str)], language: Option<&str>) -> types::Result<Wish> {
        let query = query
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let mut headers = HeaderMap::new();
        if let Some(language) = language {
            headers.insert("bot-language", language.parse().expect("value"));
        }
        let mut fields = Fields::new(body, query.collect(), headers, Wish::BODY_REQUIRED)?;
        let wish = Wish::read(&mut fields);
        fields.done().map(|()| wish)
    }

    #[test]
    fn every_wrong_field_is_named() {
        let body = br#"{"input": " ", "parentIntent": 5}"#;
        let error = read(body, &[("fetchConfiguredTasks", "maybe")], None);
        let error = error.expect_err("wrong");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            [
                "input",
                "streamName",
                "parentIntent",
                "fetchConfiguredTasks"
            ]
        );
        assert!(read(b"", &[], None).is_err());
    }

    #[test]
    fn the_language_of_the_header_goes_before_that_of_the_body() {
        let body = br#"{"input": "hi", "streamName": "x", "bot-language": "de"}"#;
        for (header, wanted) in [(None, "de"), (Some("fr"), "fr")] {
            let wish = read(body, &[], header).expect("fine");
            assert_eq!(wish.0.language.as_deref(), Some(wanted));
        }
    }
}
