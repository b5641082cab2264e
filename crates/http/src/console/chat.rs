//! The chat that tries an agent out, with the detail of detection.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
};
use dialog::BubbleBody;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    Ctx,
    console::{
        chat::{self, Heard, Said},
        permission::Permission,
    },
};
use utoipa::ToSchema;

/// What a person says. What is missing counts as empty, so that the refusal names the field.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsoleChatIn)]
pub struct ChatIn {
    /// The text, up to 10,000 characters.
    text: String,
    /// Ends the open session first.
    session_new: bool,
    /// To the draft instead of the published copy.
    draft: bool,
}

/// What the agent answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleChatOut)]
pub struct ChatOut {
    /// Its messages in order.
    messages: Vec<Bubble>,
    /// A task ended and nothing is waited for.
    end_of_task: bool,
    /// The task that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_task_name: Option<String>,
    /// How the text was understood; missing when it answered a question of a running dialog.
    #[serde(skip_serializing_if = "Option::is_none")]
    detection: Option<Detection>,
}

/// One message.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleChatMessage)]
pub struct Bubble {
    /// `text` or `template`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The structure of a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
}

/// How a text was understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleDetection)]
pub struct Detection {
    /// `successintent`, `failintent` or `ambiguousintent`.
    result: &'static str,
    /// The best winner.
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<Winner>,
    /// Every candidate, best first.
    ranking: Vec<Candidate>,
    /// Milliseconds of the whole turn.
    took_ms: u64,
}

/// What won.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleWinner)]
pub struct Winner {
    /// Its name.
    name: String,
    /// `dialog`, `faq` or `smalltalk`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// 0 to 100.
    score: f64,
}

/// One candidate. A score is missing where the engine did not report it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleCandidate)]
pub struct Candidate {
    /// Its name.
    name: String,
    /// `dialog`, `faq` or `smalltalk`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Classifier, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    ml: Option<f64>,
    /// Rules, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    fm: Option<f64>,
    /// FAQs, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq: Option<f64>,
    /// Resolver, 0 to 100.
    score: f64,
    /// Why it did not win.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Says something to an agent, to try it out
///
/// # Errors
/// As [`chat::say`].
#[utoipa::path(post, path = "", operation_id = "consoleChat", tag = "console", request_body = ChatIn, responses(
    (status = 200, description = "What the agent answers", body = ChatOut),
))]
pub async fn say(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(said): Body<ChatIn>,
) -> Result<Json<ChatOut>, Problem> {
    signed.may(Permission::Test)?;
    let said = Said {
        text: said.text,
        new_session: said.session_new,
        draft: said.draft,
    };
    let heard = chat::say(&ctx, signed.own(), &body::bot(&bot)?, said).await?;
    Ok(Json(out(heard)))
}

fn out(heard: Heard) -> ChatOut {
    let took_ms = heard.took_ms;
    let outcome = heard.answer.outcome;
    let bubble = |bubble: dialog::Bubble| match bubble.body {
        BubbleBody::Text(text) => Bubble {
            kind: "text",
            text: Some(text),
            payload: None,
        },
        BubbleBody::Template(value) => Bubble {
            kind: "template",
            text: None,
            payload: Some(value),
        },
    };
    let name = outcome.end_of_task.as_ref().map(|e| e.task_name.clone());
    ChatOut {
        messages: outcome.messages.into_iter().map(bubble).collect(),
        end_of_task: outcome.end_of_task.is_some(),
        completed_task_name: name.filter(|name| !name.is_empty()),
        detection: outcome.detection.map(|found| detection(found, took_ms)),
    }
}

fn detection(found: nlu::Detection, took_ms: u64) -> Detection {
    let candidate = |one: nlu::Ranked| Candidate {
        name: one.name,
        kind: one.kind.wire(),
        ml: one.ml_score,
        fm: one.fm_score,
        faq: one.faq_score,
        score: one.score,
        reason: one.eliminated.map(nlu::Reason::text),
    };
    Detection {
        result: found.result.wire(),
        winner: found.winners.into_iter().next().map(|best| Winner {
            name: best.name,
            kind: best.kind.wire(),
            score: best.score,
        }),
        ranking: found.ranking.into_iter().map(candidate).collect(),
        took_ms,
    }
}
