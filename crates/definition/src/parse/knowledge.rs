//! Knowledge graphs and small talk.

use super::message::answer_parts;
use super::value::{flag, list, number, object, raw, scalar, some_text, tag_names, text, texts};
use crate::{
    AlternateQuestion, AnswerPart, Faq, KnowledgeTask, SmallTalk, SmallTalkPair, TaxonomyNode,
    Term, TermUsage,
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// `knowledgeTasks`.
pub(crate) fn knowledge(definition: &Value, default: &str) -> Vec<KnowledgeTask> {
    let mut keys = HashSet::new();
    list(definition, "knowledgeTasks")
        .iter()
        .map(|task| knowledge_task(task, default, &mut keys))
        .collect()
}

fn knowledge_task(value: &Value, default: &str, keys: &mut HashSet<String>) -> KnowledgeTask {
    let language = language(value, default);
    let graph = object(value, "faqs");
    let synonyms = object(graph, "synonyms").as_object().into_iter().flatten();
    let tags = node_tags(value);
    let faqs = list(graph, "faqs").iter().map(|entry| {
        let mut faq = faq(entry);
        tag_by_path(&mut faq, &tags);
        faq.key = unique_key(&language, &faq, keys);
        faq
    });
    KnowledgeTask {
        ref_id: raw(value, "refId"),
        name: text(value, "name"),
        nodes: list(value, "taxonomy").iter().map(taxonomy_node).collect(),
        faqs: faqs.filter(|faq| !faq.question.trim().is_empty()).collect(),
        synonyms: synonyms
            .map(|(term, _)| (term.clone(), texts(object(graph, "synonyms"), term)))
            .collect(),
        stop_words: texts(object(graph, "kgParams"), "stopWords"),
        language,
    }
}

fn language(value: &Value, default: &str) -> String {
    let written = raw(value, "language");
    if written.is_empty() {
        default.to_owned()
    } else {
        written
    }
}

fn taxonomy_node(value: &Value) -> TaxonomyNode {
    TaxonomyNode {
        id: raw(value, "nodeId"),
        label: text(value, "label"),
        parent: texts(value, "parent").into_iter().next(),
        synonyms: texts(value, "synonyms"),
        usage: match raw(value, "termUsage").as_str() {
            "organizer" => TermUsage::Organizer,
            "mandatory" => TermUsage::Mandatory,
            _ => TermUsage::Default,
        },
        disabled: !flag(value, "termStatus", true),
        traits: list(value, "traitRule")
            .iter()
            .map(|rule| rule.as_array().into_iter().flatten().map(scalar).collect())
            .filter(|names: &Vec<String>| !names.is_empty())
            .collect(),
    }
}

/// The labels from a node to its root, in small letters.
type Path = Vec<String>;

/// Context tags that a node asks for, and those that it leaves.
#[derive(Default)]
struct NodeTags {
    before: Vec<String>,
    after: Vec<String>,
}

/// The longest path that is followed.
const PATH_MAX: usize = 100;

/// The context tags of the nodes that have any. What the graph lists of a node goes before what the node itself says.
fn node_tags(task: &Value) -> HashMap<Path, NodeTags> {
    let nodes = list(task, "taxonomy");
    let by_id: HashMap<String, &Value> = nodes.iter().map(|n| (raw(n, "nodeId"), n)).collect();
    let path_of = |node: &Value| {
        let mut path = Path::new();
        let mut at = Some(node);
        while let Some(one) = at.filter(|_| path.len() < PATH_MAX) {
            path.push(text(one, "label").to_lowercase());
            let parent = texts(one, "parent").into_iter().next();
            at = parent.and_then(|id| by_id.get(&id)).copied();
        }
        path
    };
    let own = nodes.iter().map(|node| (path_of(node), node));
    let listed = list(object(task, "faqs"), "nodes").iter().map(|node| {
        let terms = texts(node, "terms");
        (
            terms.iter().map(|t| term(t).label.to_lowercase()).collect(),
            node,
        )
    });
    let mut out = HashMap::new();
    for (path, node) in own.chain(listed) {
        let on = flag(node, "enableContext", true);
        let tags = NodeTags {
            before: tag_names(node, "preConditions"),
            after: tag_names(node, "contextTags"),
        };
        match on && !(tags.before.is_empty() && tags.after.is_empty()) {
            true => drop(out.insert(path, tags)),
            // a node that is only listed without them keeps its own
            false if on => {}
            false => drop(out.remove(&path)),
        }
    }
    out
}

/// What all nodes on the way to a question ask for and leave.
fn tag_by_path(faq: &mut Faq, tags: &HashMap<Path, NodeTags>) {
    if tags.is_empty() {
        return;
    }
    let path: Path = faq.terms.iter().map(|t| t.label.to_lowercase()).collect();
    for at in 0..path.len() {
        if let Some(node) = tags.get(&path[at..]) {
            faq.preconditions.extend(node.before.iter().cloned());
            faq.output_tags.extend(node.after.iter().cloned());
        }
    }
}

fn faq(value: &Value) -> Faq {
    let first = answer_parts(list(value, "answer"));
    let more = list(value, "alternateAnswers")
        .iter()
        .map(|variant| match variant {
            Value::Array(parts) => answer_parts(parts),
            single => answer_parts(std::slice::from_ref(single)),
        });
    let answers = std::iter::once(first)
        .chain(more)
        .filter(|parts: &Vec<AnswerPart>| !parts.is_empty())
        .collect();
    let runs_dialog = raw(value, "responseType") == "dialog";
    Faq {
        key: String::new(),
        ref_id: raw(value, "refId"),
        reference_id: raw(value, "referenceId"),
        question: text(value, "question"),
        terms: terms(value),
        tags: tags(value),
        alternates: list(value, "alternateQuestions")
            .iter()
            .filter_map(alternate)
            .collect(),
        answers,
        dialog_ref: some_text(value, "dialogRefId").filter(|_| runs_dialog),
        enabled: flag(value, "faqStatus", true),
        preconditions: Vec::new(),
        output_tags: Vec::new(),
        conditional: flag(value, "conditionalResp", false),
    }
}

/// `refId` is not unique, so the key is a hash of language, path and question, with a count when that repeats.
fn unique_key(language: &str, faq: &Faq, keys: &mut HashSet<String>) -> String {
    let path: Vec<_> = faq.terms.iter().map(|term| term.label.as_str()).collect();
    let hash = fnv128(&format!("{language}\n{}\n{}", path.join("/"), faq.question));
    let mut key = format!("faq-{hash:032x}");
    let mut count = 1;
    while !keys.insert(key.clone()) {
        count += 1;
        key = format!("faq-{hash:032x}-{count}");
    }
    key
}

/// FNV-1a of 128 bits: stable between runs and machines.
fn fnv128(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

fn alternate(value: &Value) -> Option<AlternateQuestion> {
    let written = if value.is_string() {
        scalar(value)
    } else {
        text(value, "question")
    };
    let (text, is_pattern) = match written.trim().strip_prefix("||") {
        Some(pattern) => (pattern.trim().to_owned(), true),
        None => (written.trim().to_owned(), false),
    };
    (!text.is_empty()).then(|| AlternateQuestion {
        text,
        is_pattern,
        tags: tags(value),
    })
}

fn terms(value: &Value) -> Vec<Term> {
    texts(value, "terms")
        .iter()
        .map(|written| term(written))
        .collect()
}

fn tags(value: &Value) -> Vec<Term> {
    let names = list(value, "tags").iter().map(|tag| {
        if tag.is_string() {
            scalar(tag)
        } else {
            text(tag, "name")
        }
    });
    names
        .filter(|name| !name.trim().is_empty())
        .map(|name| term(&name))
        .collect()
}

/// A term: `!!` or `**` in front, the label, synonyms after `/` (old) or after `|| ||`.
pub fn term(written: &str) -> Term {
    let written = written.trim();
    let (usage, rest) = match (written.strip_prefix("!!"), written.strip_prefix("**")) {
        (Some(rest), _) => (TermUsage::Organizer, rest),
        (None, Some(rest)) => (TermUsage::Mandatory, rest),
        (None, None) => (TermUsage::Default, written),
    };
    let (label, synonyms) = match rest.split_once("||") {
        Some((label, more)) => (label, more.rsplit("||").next().unwrap_or_default()),
        None => rest.split_once('/').unwrap_or((rest, "")),
    };
    let label = label.trim();
    Term {
        label: label.strip_suffix("#*").unwrap_or(label).to_owned(),
        usage,
        synonyms: synonyms
            .split('/')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// `smallTalk`.
pub(crate) fn small_talk(definition: &Value, default: &str) -> Vec<SmallTalk> {
    let read = |entry: &Value| SmallTalk {
        language: language(entry, default),
        pairs: list(entry, "groups").iter().flat_map(pairs).collect(),
    };
    list(definition, "smallTalk").iter().map(read).collect()
}

/// The pairs of a group in the order of their `seq`.
fn pairs(group: &Value) -> Vec<SmallTalkPair> {
    let mut nodes: Vec<_> = list(group, "nodes").iter().collect();
    nodes.sort_by(|a, b| {
        let seq = |node: &Value| number(node, "seq").unwrap_or(f64::MAX);
        seq(a).total_cmp(&seq(b))
    });
    let read = |node: &Value| SmallTalkPair {
        id: raw(node, "nodeId"),
        group: text(group, "groupName"),
        patterns: list(node, "userUtterances")
            .iter()
            .map(|u| text(u, "text"))
            .filter(|t| !t.trim().is_empty())
            .collect(),
        replies: answer_parts(list(node, "botUtterances")),
    };
    nodes.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn terms_are_read_in_both_forms() {
        for (written, label, usage, synonyms) in [
            ("!!Travel|| || ", "Travel", TermUsage::Organizer, vec![]),
            (
                "**price|| || /cost/fee/",
                "price",
                TermUsage::Mandatory,
                vec!["cost", "fee"],
            ),
            (
                "shop/store/outlet",
                "shop",
                TermUsage::Default,
                vec!["store", "outlet"],
            ),
            ("**flight#*", "flight", TermUsage::Mandatory, vec![]),
        ] {
            let read = term(written);
            assert_eq!(
                (read.label.as_str(), read.usage),
                (label, usage),
                "{written}"
            );
            assert_eq!(read.synonyms, synonyms, "{written}");
        }
    }

    #[test]
    fn faqs_with_one_ref_id_get_keys_of_their_own_that_stay_the_same() {
        let entry = |question: &str| json!({"refId": "r", "question": question, "terms": ["a"]});
        let source = json!({"knowledgeTasks": [{"language": "en", "faqs": {"faqs": [entry("x"), entry("x"), entry("y")]}}]});
        let keys = || -> Vec<String> {
            knowledge(&source, "en")[0]
                .faqs
                .iter()
                .map(|f| f.key.clone())
                .collect()
        };
        let (first, again) = (keys(), keys());
        assert_eq!(first, again);
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), 3);
    }

    #[test]
    fn a_question_asks_for_the_tags_of_all_nodes_on_its_way() {
        let node = |id: &str, parent: &str, more: Value| {
            let mut node = json!({"nodeId": id, "label": id, "parent": [parent]});
            for (key, value) in more.as_object().expect("members") {
                node[key] = value.clone();
            }
            node
        };
        let faq = |terms: Value| json!({"question": "q", "terms": terms});
        let source = json!({"knowledgeTasks": [{"language": "en",
            "taxonomy": [
                node("Root", "", json!({"contextTags": ["seen"], "enableContext": true})),
                node("Sales", "Root", json!({"preConditions": ["known", {"name": "adult"}]})),
                node("Off", "Root", json!({"preConditions": ["never"], "enableContext": false})),
                node("Listed", "Root", json!({})),
            ],
            "faqs": {"nodes": [{"terms": ["listed", "!!root"], "preConditions": ["told"], "enableContext": true}],
                "faqs": [faq(json!(["**sales", "root"])), faq(json!(["off", "root"])), faq(json!(["listed", "root"])), faq(json!(["sales"]))]},
        }]});
        let read = knowledge(&source, "en");
        let tags: Vec<_> = read[0]
            .faqs
            .iter()
            .map(|f| (f.preconditions.join(","), f.output_tags.join(",")))
            .collect();
        let want = [
            ("known,adult", "seen"),
            ("", "seen"),
            ("told", "seen"),
            ("", ""),
        ];
        let want = want.map(|(before, after)| (before.to_owned(), after.to_owned()));
        assert_eq!(tags, want);
    }

    #[test]
    fn every_answer_variant_is_kept_and_a_double_bar_marks_a_pattern() {
        let entry = json!({"question": "q", "answer": [{"text": "one", "type": "basic"}, {"text": "two", "type": "advance"}],
            "alternateAnswers": [[{"text": "three", "channel": "rtm"}]],
            "alternateQuestions": [{"question": "|| a * b"}, {"question": "c"}, {"question": " "}]});
        let read = faq(&entry);
        assert_eq!(
            read.answers.iter().map(Vec::len).collect::<Vec<_>>(),
            [2, 1]
        );
        let marks: Vec<_> = read
            .alternates
            .iter()
            .map(|a| (a.text.as_str(), a.is_pattern))
            .collect();
        assert_eq!(marks, [("a * b", true), ("c", false)]);
    }
}
