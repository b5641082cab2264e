//! Pages. Three layouts are understood: questions with their answers below, questions that link to a place on the page, and
//! questions that link to another page, which repeats the question above the answer. A page that mixes them is refused.
//!
//! No tree is built: the tokens of the page become a list of blocks of text, so that depth costs nothing.

use super::{Pair, squeezed};
use crate::training::utterance_file::text_of;
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink,
        TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
    },
};
use reqwest::Url;
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};
use types::{Error, Result};

/// Pages that one page may link to at most (ours).
pub const LINKED_MAX: usize = 50;
/// Blocks of a page at most (ours).
const BLOCKS_MAX: usize = 100_000;
/// Longest question of a page, characters (ours).
const LONGEST: usize = 300;
/// Words that a question begins with.
const ASKING: &[&str] = &[
    "how", "what", "why", "when", "where", "who", "which", "can", "could", "do", "does", "did",
    "is", "are", "may", "will", "should", "would",
];

/// What a page holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// Pairs.
    Pairs(Vec<Pair>),
    /// The answers stand on other pages.
    Linked(Links),
}

/// Questions and the pages of their answers.
pub type Links = Vec<(String, Url)>;

/// What a page with this address holds.
///
/// # Errors
/// Bad input: no text in a known encoding, no questions, several layouts.
pub fn scan(url: &Url, bytes: &[u8]) -> Result<Scan> {
    let blocks = blocks(&text(bytes)?);
    let (anchors, pages) = links(url, &blocks);
    let placed = anchored(&blocks, &anchors);
    let asked: HashSet<String> = anchors.iter().map(|(q, _)| q.to_lowercase()).collect();
    let linear: Vec<Pair> = linear(&blocks)
        .into_iter()
        .filter(|pair| !asked.contains(&pair.question.to_lowercase()))
        .collect();
    let kinds = [!placed.is_empty(), !pages.is_empty(), !linear.is_empty()];
    match kinds.iter().filter(|there| **there).count() {
        0 => Err(Error::field(
            "fileUrl",
            "the page holds no questions with answers",
        )),
        1 if kinds[1] && pages.len() > LINKED_MAX => Err(Error::field(
            "fileUrl",
            format!(
                "the page links to {} pages; {LINKED_MAX} are read at most",
                pages.len()
            ),
        )),
        1 if kinds[1] => Ok(Scan::Linked(pages)),
        1 if kinds[0] => Ok(Scan::Pairs(placed)),
        1 => Ok(Scan::Pairs(linear)),
        _ => Err(Error::field(
            "fileUrl",
            "the page mixes layouts: answers below their questions, links to places on it, links to other pages; use one",
        )),
    }
}

/// The answer under a question that a page repeats.
///
/// # Errors
/// Bad input when the page is no text.
pub fn answer_on(bytes: &[u8], question: &str) -> Result<Option<Pair>> {
    let blocks = blocks(&text(bytes)?);
    let same = |block: &&Block| block.text.eq_ignore_ascii_case(question);
    let heading = blocks.iter().position(|b| b.kind.is_heading() && same(&b));
    let Some(at) = heading.or_else(|| blocks.iter().position(|b| same(&b))) else {
        return Ok(None);
    };
    let answer = below(&blocks, at + 1, |block| {
        block.kind.is_heading() || asks(block)
    });
    Ok((!answer.is_empty()).then(|| Pair::new(question, answer)))
}

/// UTF-8, UTF-16 with a mark, or Latin-1 where the page says so.
fn text(bytes: &[u8]) -> Result<String> {
    text_of(bytes).or_else(|error| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_048)]).to_lowercase();
        let latin = ["iso-8859-1", "windows-1252", "latin1"];
        match latin.iter().any(|name| head.contains(name)) {
            true => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            false => Err(error),
        }
    })
}

/// What a block is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `h1` to `h6`.
    Heading,
    /// `dt` or `summary`: a question by its place.
    Term,
    /// Anything else.
    Plain,
}

impl Part {
    fn is_heading(self) -> bool {
        self == Self::Heading
    }
}

/// A block of text.
#[derive(Debug, Clone)]
struct Block {
    kind: Part,
    text: String,
    /// The text stands in several elements.
    split: bool,
    /// Where links can go to.
    ids: Vec<String>,
    /// The whole text is one link.
    link: Option<String>,
}

/// The text has the form of a question.
fn questioning(text: &str) -> bool {
    text.ends_with(['?', '？', '؟'])
}

/// The block is a question.
fn asks(block: &Block) -> bool {
    let length = block.text.chars().count();
    if !(3..=LONGEST).contains(&length) {
        return false;
    }
    match block.kind {
        Part::Term => true,
        Part::Plain => questioning(&block.text),
        Part::Heading => {
            let first = block.text.split_whitespace().next().unwrap_or_default();
            questioning(&block.text) || ASKING.contains(&first.to_lowercase().as_str())
        }
    }
}

/// Questions with their answers below.
fn linear(blocks: &[Block]) -> Vec<Pair> {
    let own = |block: &&Block| block.link.is_none() && asks(block);
    // where headings ask, a paragraph that asks is part of an answer
    let strong = blocks.iter().filter(own).any(|b| b.kind != Part::Plain);
    let is_question = |block: &Block| own(&block) && (!strong || block.kind != Part::Plain);
    let mut pairs = Vec::new();
    for (at, block) in blocks.iter().enumerate().filter(|(_, b)| is_question(b)) {
        let answer = below(blocks, at + 1, |block| {
            is_question(block) || block.kind.is_heading()
        });
        if !block.split && !answer.is_empty() {
            pairs.push(Pair::new(mark_off(&block.text, "Q"), answer));
        }
    }
    pairs
}

/// The text of blocks up to one that ends it; links to places on the page are left out.
fn below(blocks: &[Block], from: usize, ends: impl Fn(&Block) -> bool) -> String {
    let texts: Vec<&str> = blocks[from..]
        .iter()
        .take_while(|block| !ends(block))
        .filter(|block| !block.link.as_deref().is_some_and(|to| to.starts_with('#')))
        .map(|block| block.text.as_str())
        .collect();
    mark_off(texts.join("\n").trim(), "A").to_owned()
}

/// Without `Q:` or `A:` in front.
fn mark_off<'a>(text: &'a str, mark: &str) -> &'a str {
    let rest = text.strip_prefix(mark);
    let rest = rest.and_then(|rest| rest.strip_prefix([':', '.']));
    rest.map_or(text, str::trim_start)
}

/// Questions that are links: to a place on the page, and to another page of the same host.
fn links(url: &Url, blocks: &[Block]) -> (Vec<(String, String)>, Links) {
    let (mut anchors, mut pages) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let plain = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    for block in blocks.iter().filter(|block| asks(block) && !block.split) {
        let Some(target) = block.link.as_deref().and_then(|to| url.join(to).ok()) else {
            continue;
        };
        if !seen.insert(block.text.to_lowercase()) {
            continue;
        }
        match (plain(&target) == plain(url), target.fragment()) {
            (true, Some(place)) if !place.is_empty() => {
                anchors.push((block.text.clone(), place.to_owned()));
            }
            (false, _) if target.host_str() == url.host_str() => {
                pages.push((block.text.clone(), target));
            }
            _ => {}
        }
    }
    (anchors, pages)
}

/// Answers at the places that questions link to.
fn anchored(blocks: &[Block], anchors: &[(String, String)]) -> Vec<Pair> {
    let places: HashSet<&str> = anchors.iter().map(|(_, place)| place.as_str()).collect();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for (n, block) in blocks.iter().enumerate() {
        for id in block.ids.iter().filter(|id| places.contains(id.as_str())) {
            at.entry(id).or_insert(n);
        }
    }
    let mut pairs = Vec::new();
    for (question, place) in anchors {
        let Some(start) = at.get(place.as_str()) else {
            continue;
        };
        let repeats = blocks[*start].text.eq_ignore_ascii_case(question);
        let from = if repeats || blocks[*start].kind.is_heading() {
            start + 1
        } else {
            *start
        };
        // the place itself begins the answer, another place ends it
        let ends = |block: &Block| {
            let other = |id: &String| id != place && places.contains(id.as_str());
            block.kind.is_heading() || block.ids.iter().any(other)
        };
        let answer = below(blocks, from, ends);
        if !answer.is_empty() {
            pairs.push(Pair::new(question.clone(), answer));
        }
    }
    pairs
}

/// Elements whose text is no content.
const SKIPPED: &[&str] = &[
    "nav", "header", "footer", "aside", "noscript", "template", "select", "svg", "head",
];
/// Elements that stand in a line of text.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Open elements that are remembered at most; what is deeper counts as plain text.
const OPEN_MAX: usize = 256;

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// Block elements that are open.
    open: Vec<String>,
    /// Elements without content that are open.
    skipped: Vec<String>,
    text: String,
    /// An inline element began or ended since the last text.
    boundary: bool,
    split: bool,
    ids: Vec<String>,
    link: Option<String>,
    /// Target of the first link of the block, and whether all text stands in it.
    linked: Option<(String, bool)>,
}

impl Reader {
    fn kind(&self) -> Part {
        for name in self.open.iter().rev() {
            match name.as_str() {
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => return Part::Heading,
                "dt" | "summary" => return Part::Term,
                "dd" | "details" => return Part::Plain,
                _ => {}
            }
        }
        Part::Plain
    }

    /// Ends the block of text that is being gathered.
    fn flush(&mut self) {
        let text = squeezed(&std::mem::take(&mut self.text));
        let (split, linked) = (std::mem::take(&mut self.split), self.linked.take());
        self.boundary = false;
        if text.is_empty() || self.blocks.len() >= BLOCKS_MAX {
            return;
        }
        self.blocks.push(Block {
            kind: self.kind(),
            text,
            split,
            ids: std::mem::take(&mut self.ids),
            link: linked.filter(|(_, whole)| *whole).map(|(to, _)| to),
        });
    }

    fn say(&mut self, text: &str) {
        if !self.skipped.is_empty() {
            return;
        }
        if !text.trim().is_empty() {
            let begun = !self.text.trim().is_empty();
            self.split |= begun && self.boundary;
            self.boundary = false;
            match (&self.link, &mut self.linked) {
                (Some(to), None) if !begun => self.linked = Some((to.clone(), true)),
                (Some(to), Some((first, whole))) => *whole &= to == first,
                (None, Some((_, whole))) => *whole = false,
                _ => {}
            }
        }
        self.text.push_str(text);
    }

    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if SKIPPED.contains(&name) && !tag.self_closing && self.skipped.len() < OPEN_MAX {
            self.flush();
            self.skipped.push(name.to_owned());
            return;
        }
        let attribute = |wanted: &str| {
            let found = tag.attrs.iter().find(|a| &*a.name.local == wanted);
            found
                .map(|a| a.value.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        if !INLINE.contains(&name) && name != "br" {
            self.flush();
            if !VOID.contains(&name) && self.open.len() < OPEN_MAX {
                self.open.push(name.to_owned());
            }
        }
        for id in [attribute("id"), attribute("name").filter(|_| name == "a")] {
            self.ids.extend(id.filter(|_| self.ids.len() < 16));
        }
        match name {
            "br" => {
                self.text.push(' ');
                self.boundary = true;
            }
            "a" => {
                self.link = attribute("href");
                self.boundary = true;
            }
            _ => self.boundary |= INLINE.contains(&name),
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(at) = self.skipped.iter().rposition(|open| open == name) {
            self.skipped.truncate(at);
            return;
        }
        if name == "a" {
            self.link = None;
        }
        if INLINE.contains(&name) {
            self.boundary = true;
            return;
        }
        self.flush();
        if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(at);
        }
    }
}

/// The tokenizer hands its tokens over by a shared reference.
#[derive(Default)]
struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            CharacterTokens(text) => reader.say(&text),
            TagToken(tag) if tag.kind == EndTag => reader.end(&tag.name),
            TagToken(tag) if tag.kind == StartTag => match &*tag.name {
                "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                    reader.skipped.push(tag.name.to_string());
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
                "title" | "textarea" => {
                    reader.skipped.push(tag.name.to_string());
                    return TokenSinkResult::RawData(RawKind::Rcdata);
                }
                "body" => {
                    reader.skipped.clear();
                    reader.start(&tag);
                }
                _ => reader.start(&tag),
            },
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut reader = tokenizer.sink.0.into_inner();
    reader.flush();
    reader.blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Result<Scan> {
        scan(
            &Url::parse("https://help.example.com/faq").expect("address"),
            html.as_bytes(),
        )
    }

    fn pairs(html: &str) -> Vec<(String, String)> {
        match page(html).expect("reads") {
            Scan::Pairs(pairs) => pairs.into_iter().map(|p| (p.question, p.answer)).collect(),
            Scan::Linked(links) => panic!("{links:?}"),
        }
    }

    fn own(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter()
            .map(|(q, a)| ((*q).to_owned(), (*a).to_owned()))
            .collect()
    }

    #[test]
    fn answers_below_their_questions_are_read() {
        let html = r#"<html><head><title>Why?</title><style>a{}</style></head><body><nav><a href="/x">Need help?</a></nav>
            <h1>Questions</h1><script>if (a < b) { "<p>no?</p>" }</script>
            <h2>How do I <!-- here -->pay?</h2><p>By card &amp; cash.</p><p>Is that all? Yes.</p><ul><li>Visa</li><li>Master</li></ul>
            <h2>What is <b>split</b>?</h2><p>Skipped.</p>
            <h2>Is there an answer?</h2><h2>Prices</h2><p>No question.</p></body></html>"#;
        assert_eq!(
            pairs(html),
            own(&[(
                "How do I pay?",
                "By card & cash.
Is that all? Yes.
Visa
Master"
            )])
        );
        let list = "<dl><dt>Opening hours</dt><dd>Nine to five</dd><dt><a name=x>Address</a></dt><dd><p>Here</p></dd></dl>";
        assert_eq!(
            pairs(list),
            own(&[("Opening hours", "Nine to five"), ("Address", "Here")])
        );
        let plain = "<p>Q: Where?</p><p>A: There.</p><p><strong>When?</strong></p><div>Now.</div>";
        assert_eq!(
            pairs(plain),
            own(&[("Where?", "There."), ("When?", "Now.")])
        );
        let details = "<details><summary>Delivery</summary>Two days<br>or three</details>";
        assert_eq!(pairs(details), own(&[("Delivery", "Two days or three")]));
    }

    #[test]
    fn questions_that_link_to_places_on_the_page_find_their_answers_there() {
        let html = r##"<ul><li><a href="#one">What is one?</a></li><li><a href="/faq#two">What is two?</a></li></ul>
            <h3 id="one">What is one?</h3><p>First.</p><p><a href="#top">Top</a></p><div id="two"><p>Second.</p></div>"##;
        assert_eq!(
            pairs(html),
            own(&[("What is one?", "First."), ("What is two?", "Second.")])
        );
    }

    #[test]
    fn questions_that_link_to_other_pages_are_looked_up_there() {
        let html = r#"<p><a href="/a/1">Why one?</a></p><p><a href="https://elsewhere.example/x">Why two?</a></p>"#;
        let Scan::Linked(links) = page(html).expect("reads") else {
            panic!("linked")
        };
        assert_eq!(links.len(), 1, "other hosts are not visited");
        assert_eq!(links[0].1.as_str(), "https://help.example.com/a/1");
        let other = b"<p>Why one?</p><h1>Why one?</h1><p>Because.</p><h2>More</h2><p>x</p>";
        let found = answer_on(other, "Why one?").expect("reads");
        assert_eq!(found, Some(Pair::new("Why one?", "Because.")));
        assert_eq!(answer_on(other, "Why three?").expect("reads"), None);
    }

    #[test]
    fn a_page_that_mixes_layouts_or_has_none_is_refused() {
        let mixed = r#"<p><a href="/a/1">Why one?</a></p><h2>Why two?</h2><p>Because.</p>"#;
        let told = page(mixed).expect_err("mixed").fields.remove(0).message;
        assert!(told.contains("mixes layouts"), "{told}");
        let told = page("<p>Hello</p>")
            .expect_err("none")
            .fields
            .remove(0)
            .message;
        assert!(told.contains("no questions"), "{told}");
        let many: String = (0..=LINKED_MAX)
            .map(|n| format!("<p><a href=/a/{n}>Why {n}?</a></p>"))
            .collect();
        let told = page(&many).expect_err("many").fields.remove(0).message;
        assert!(told.contains("50 are read"), "{told}");
    }

    #[test]
    fn depth_and_encodings_do_no_harm() {
        let deep = format!("{}<h2>Why?</h2><p>So.</p>", "<div><b>".repeat(200_000));
        assert_eq!(pairs(&deep), own(&[("Why?", "So.")]));
        let url = Url::parse("https://x.example/").expect("address");
        let latin = b"<meta charset=iso-8859-1><h2>Gr\xf6\xdfe?</h2><p>L</p>";
        let Scan::Pairs(found) = scan(&url, latin).expect("reads") else {
            panic!("pairs")
        };
        assert_eq!(found[0].question, "Größe?");
        assert!(scan(&url, b"<h2>Gr\xf6?</h2><p>x</p>").is_err());
    }
}
