//! PDF files: headings become questions, `heading | subheading | …`, and what stands under one is its answer. Headings are those of the
//! outline where the file has one, else lines in a larger or bolder font than the rest.

use super::{Pair, squeezed};
use lopdf::{Document, Encoding, LoadOptions, Object, ObjectId, content::Content};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use types::{Error, Result};

/// Pages that are read at most (ours).
const PAGES_MAX: usize = 2_000;
/// Bytes that one stream may unpack to.
const STREAM_MAX: usize = 32 * 1024 * 1024;
/// Bytes of text of a whole file at most (ours).
const TEXT_MAX: usize = 20 * 1024 * 1024;
/// A heading is this much larger than the text.
const LARGER: f64 = 1.08;
/// Longest heading, characters.
const HEADING_MAX: usize = 200;
/// A gap of this many thousandths of the font's size is a space.
const GAP: f64 = 180.0;

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    text: String,
    /// Of its font, as seen on the page.
    size: f64,
    bold: bool,
    page: usize,
}

/// A heading: its place among the lines, how many lines it takes, its level (0 is the top).
#[derive(Debug, Clone, PartialEq)]
struct Heading {
    at: usize,
    lines: usize,
    level: usize,
    text: String,
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Pair>> {
    let wrong = |text: &str| Error::field("file", text);
    let options = LoadOptions {
        max_decompressed_size: Some(STREAM_MAX),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options)
        .map_err(|error| wrong("cannot be read as PDF").because(error))?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(wrong("is protected by a password; save it without one"));
    }
    let pages = document.get_pages();
    if pages.len() > PAGES_MAX {
        let text = format!("has {} pages; {PAGES_MAX} are read at most", pages.len());
        return Err(Error::field("file", text));
    }
    let mut lines = Vec::new();
    let mut length = 0;
    for (number, page) in &pages {
        let more = page_lines(&document, *page, *number as usize)?;
        length += more.iter().map(|line| line.text.len()).sum::<usize>();
        if length > TEXT_MAX {
            return Err(wrong("holds too much text"));
        }
        lines.extend(more);
    }
    if lines.is_empty() {
        return Err(wrong(
            "holds no text; scanned pages have to be recognised first",
        ));
    }
    let mut headings = outlined(&document, &lines);
    if headings.is_empty() {
        headings = by_font(&lines);
    }
    if headings.is_empty() {
        return Err(wrong(
            "has no headings, neither in its outline nor by its fonts",
        ));
    }
    Ok(pairs(&lines, &headings))
}

/// Where text goes on the page.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
    /// How much larger the text is than its font says.
    scale: f64,
}

struct Pen<'a> {
    fonts: &'a BTreeMap<Vec<u8>, (Option<Encoding<'a>>, bool)>,
    font: Option<&'a (Option<Encoding<'a>>, bool)>,
    size: f64,
    leading: f64,
    line: Place,
    /// Scale of the page's coordinates.
    zoom: f64,
    zooms: Vec<f64>,
    page: usize,
    lines: Vec<Line>,
    last_y: f64,
}

fn page_lines(document: &Document, page: ObjectId, number: usize) -> Result<Vec<Line>> {
    let failed = |error: lopdf::Error| {
        let text = format!("cannot be read on page {number}");
        Error::field("file", text).because(error)
    };
    let mut fonts = BTreeMap::new();
    for (name, font) in document.get_page_fonts(page).map_err(failed)? {
        let base = font.get(b"BaseFont").and_then(Object::as_name);
        let base = String::from_utf8_lossy(base.unwrap_or_default()).to_lowercase();
        let bold = ["bold", "black", "heavy"]
            .iter()
            .any(|word| base.contains(word));
        let encoding = font.get_font_encoding_with_limit(document, STREAM_MAX);
        fonts.insert(name, (encoding.ok(), bold));
    }
    let content = document.get_page_content_with_limit(page, STREAM_MAX);
    let content = Content::decode(&content.map_err(failed)?).map_err(failed)?;
    let mut pen = Pen {
        fonts: &fonts,
        font: None,
        size: 0.0,
        leading: 0.0,
        line: Place {
            x: 0.0,
            y: 0.0,
            scale: 1.0,
        },
        zoom: 1.0,
        zooms: Vec::new(),
        page: number,
        lines: Vec::new(),
        last_y: f64::NAN,
    };
    for operation in &content.operations {
        pen.run(&operation.operator, &operation.operands);
    }
    let mut lines = pen.lines;
    lines.retain_mut(|line| {
        line.text = squeezed(&line.text);
        !line.text.is_empty() && !line.text.bytes().all(|b| b.is_ascii_digit())
    });
    Ok(lines)
}

impl Pen<'_> {
    fn run(&mut self, operator: &str, operands: &[Object]) {
        let number = |n: usize| operands.get(n).map_or(0.0, float);
        match operator {
            "q" if self.zooms.len() < 1_000 => self.zooms.push(self.zoom),
            "Q" => self.zoom = self.zooms.pop().unwrap_or(1.0),
            "cm" => self.zoom *= number(2).hypot(number(3)).max(f64::MIN_POSITIVE),
            "BT" => {
                self.line = Place {
                    x: 0.0,
                    y: 0.0,
                    scale: 1.0,
                }
            }
            "Tf" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                self.font = name.and_then(|name| self.fonts.get(name));
                self.size = number(1);
            }
            "TL" => self.leading = number(0),
            "Tm" => {
                self.line = Place {
                    x: number(4),
                    y: number(5),
                    scale: number(2).hypot(number(3)),
                };
            }
            "Td" | "TD" => {
                if operator == "TD" {
                    self.leading = -number(1);
                }
                self.step(number(0), number(1));
            }
            "T*" => self.step(0.0, -self.leading),
            "Tj" => self.show(operands),
            "TJ" => {
                if let Some(Ok(parts)) = operands.first().map(Object::as_array) {
                    self.show(parts);
                }
            }
            "'" => {
                self.step(0.0, -self.leading);
                self.show(operands);
            }
            "\"" => {
                self.step(0.0, -self.leading);
                self.show(operands.get(2..).unwrap_or_default());
            }
            _ => {}
        }
    }

    fn step(&mut self, x: f64, y: f64) {
        self.line.x += x * self.line.scale;
        self.line.y += y * self.line.scale;
        if let Some(line) = self.lines.last_mut() {
            line.text.push(' ');
        }
    }

    fn show(&mut self, parts: &[Object]) {
        let Some((encoding, bold)) = self.font else {
            return;
        };
        let size = (self.size * self.line.scale * self.zoom * 2.0).round() / 2.0;
        let same = (self.line.y - self.last_y).abs() < 0.3 * (self.size * self.line.scale).abs();
        let fits = |line: &Line| same && line.bold == *bold && (line.size - size).abs() < 0.6;
        if !self.lines.last().is_some_and(fits) {
            self.lines.push(Line {
                text: String::new(),
                size,
                bold: *bold,
                page: self.page,
            });
        }
        self.last_y = self.line.y;
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        for part in parts {
            match part {
                Object::String(bytes, _) => {
                    let decoded = encoding.as_ref().map(|e| Document::decode_text(e, bytes));
                    let text = match decoded {
                        Some(Ok(text)) => text,
                        _ => bytes
                            .iter()
                            .filter(|b| b.is_ascii())
                            .map(|b| char::from(*b))
                            .collect(),
                    };
                    line.text.push_str(&text);
                }
                other if float(other) < -GAP => line.text.push(' '),
                _ => {}
            }
        }
    }
}

fn float(object: &Object) -> f64 {
    match object {
        Object::Integer(number) => *number as f64,
        Object::Real(number) => f64::from(*number),
        _ => 0.0,
    }
}

/// Headings of the outline that stand on their pages.
fn outlined(document: &Document, lines: &[Line]) -> Vec<Heading> {
    let Ok(toc) = document.get_toc() else {
        return Vec::new();
    };
    let mut headings: Vec<Heading> = Vec::new();
    let mut from = 0;
    for entry in toc.toc {
        let wanted = bare(&entry.title);
        if wanted.is_empty() {
            continue;
        }
        let found = (from..lines.len()).find_map(|at| {
            if lines[at].page < entry.page {
                return None;
            }
            let mut text = String::new();
            let mut taken = lines[at..].iter().take(3).enumerate();
            taken.find_map(|(n, line)| {
                text.push_str(&bare(&line.text));
                (text == wanted).then_some((at, n + 1))
            })
        });
        if let Some((at, count)) = found {
            headings.push(Heading {
                at,
                lines: count,
                level: entry.level.saturating_sub(1),
                text: squeezed(&entry.title),
            });
            from = at + count;
        }
    }
    headings
}

/// Letters and digits only, in lower case, without a number in front.
fn bare(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || ". )".contains(c));
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Lines in a larger font than most of the text, and short ones in a bold font of the same size.
fn by_font(lines: &[Line]) -> Vec<Heading> {
    let key = |line: &Line| ((line.size * 2.0) as i64, line.bold);
    let mut used: HashMap<(i64, bool), usize> = HashMap::new();
    for line in lines {
        *used.entry(key(line)).or_default() += line.text.len();
    }
    let most = used.iter().max_by_key(|(key, count)| (**count, **key));
    let Some((&(size, bold), _)) = most else {
        return Vec::new();
    };
    let size = size as f64 / 2.0;
    let is_heading = |line: &Line| {
        let larger = line.size >= size * LARGER;
        let bolder = line.bold && !bold && line.size >= size * 0.98;
        (larger || bolder) && line.text.chars().count() <= HEADING_MAX
    };
    let looks: BTreeSet<_> = lines.iter().filter(|l| is_heading(l)).map(key).collect();
    let level = |line: &Line| looks.iter().rev().position(|look| *look == key(line));
    let mut headings: Vec<Heading> = Vec::new();
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| is_heading(line))
    {
        let level = level(line).unwrap_or(0);
        match headings.last_mut() {
            // a heading that goes on in the next line
            Some(last) if last.at + last.lines == at && last.level == level => {
                last.lines += 1;
                last.text = format!("{} {}", last.text, line.text);
            }
            _ => headings.push(Heading {
                at,
                lines: 1,
                level,
                text: line.text.clone(),
            }),
        }
    }
    headings
}

/// Each heading that has text under it, with the headings over it.
fn pairs(lines: &[Line], headings: &[Heading]) -> Vec<Pair> {
    let mut way: Vec<(usize, &str)> = Vec::new();
    let mut pairs = Vec::new();
    for (n, heading) in headings.iter().enumerate() {
        way.retain(|(level, _)| *level < heading.level);
        way.push((heading.level, &heading.text));
        let to = headings.get(n + 1).map_or(lines.len(), |next| next.at);
        let answer = joined(&lines[heading.at + heading.lines..to]);
        if !answer.is_empty() {
            let names: Vec<&str> = way.iter().map(|(_, text)| *text).collect();
            pairs.push(Pair::new(names.join(" | "), answer));
        }
    }
    pairs
}

/// Lines of a paragraph in one line; a sentence that ends a line ends the paragraph.
fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push(if text.ends_with(['.', '!', '?', ':']) {
                '\n'
            } else {
                ' '
            });
        }
        text.push_str(&line.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::{Bookmark, Stream, content::Operation, dictionary};

    /// Pages of lines: font (`F1` plain, `F2` bold), size, text; with an outline of title, level, page.
    fn file(pages: &[&[(&str, i64, &str)]], outline: &[(&str, usize, usize)]) -> Vec<u8> {
        let mut doc = Document::with_version("1.5");
        let tree = doc.new_object_id();
        let mut font = |base: &str| {
            doc.add_object(dictionary! {"Type" => "Font", "Subtype" => "Type1", "BaseFont" => base, "Encoding" => "WinAnsiEncoding"})
        };
        let (plain, bold) = (font("Helvetica"), font("Helvetica-Bold"));
        let resources =
            doc.add_object(dictionary! {"Font" => dictionary! {"F1" => plain, "F2" => bold}});
        let mut kids = Vec::new();
        for page in pages {
            let mut operations = vec![Operation::new("BT", vec![])];
            for (n, (font, size, text)) in page.iter().enumerate() {
                operations.push(Operation::new("Tf", vec![(*font).into(), (*size).into()]));
                let y = 780 - 30 * n as i64;
                operations.push(Operation::new(
                    "Tm",
                    vec![1.into(), 0.into(), 0.into(), 1.into(), 50.into(), y.into()],
                ));
                let (a, b) = text.split_at(text.len() / 2);
                let parts = vec![
                    Object::string_literal(a),
                    (-20).into(),
                    Object::string_literal(b),
                ];
                operations.push(Operation::new("TJ", vec![parts.into()]));
            }
            operations.push(Operation::new("ET", vec![]));
            let content = Content { operations }.encode().expect("encodes");
            let content = doc.add_object(Stream::new(dictionary! {}, content));
            kids.push(doc.add_object(dictionary! {"Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources}));
        }
        let count = kids.len() as i64;
        let refs: Vec<Object> = kids.iter().map(|id| (*id).into()).collect();
        doc.objects.insert(
            tree,
            dictionary! {"Type" => "Pages", "Kids" => refs, "Count" => count}.into(),
        );
        let mut parents: Vec<u32> = Vec::new();
        for (title, level, page) in outline {
            parents.truncate(level - 1);
            let bookmark = Bookmark::new((*title).to_owned(), [0.0; 3], 0, kids[page - 1]);
            parents.push(doc.add_bookmark(bookmark, parents.last().copied()));
        }
        let catalog = doc.add_object(dictionary! {"Type" => "Catalog", "Pages" => tree});
        doc.trailer.set("Root", catalog);
        if !outline.is_empty() {
            let built = doc.build_outline().expect("an outline");
            let Ok(Object::Dictionary(root)) = doc.get_object_mut(catalog) else {
                panic!("root")
            };
            root.set("Outlines", built);
        }
        doc.compress();
        let mut bytes = Vec::new();
        doc.save_to(&mut bytes).expect("writes");
        bytes
    }

    fn found(bytes: &[u8]) -> Vec<(String, String)> {
        let pairs = read(bytes).expect("reads");
        pairs.into_iter().map(|p| (p.question, p.answer)).collect()
    }

    fn own(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter()
            .map(|(q, a)| ((*q).to_owned(), (*a).to_owned()))
            .collect()
    }

    #[test]
    fn headings_of_the_outline_become_questions_with_the_headings_over_them() {
        let pages: [&[(&str, i64, &str)]; 2] = [
            &[
                ("F1", 10, "Returns"),
                ("F1", 10, "Within days"),
                ("F1", 10, "Send it back in 14 days."),
                ("F1", 10, "We pay."),
                ("F1", 10, "1"),
            ],
            &[
                ("F1", 10, "Damaged goods"),
                ("F1", 10, "Take a picture and"),
                ("F1", 10, "write to us"),
                ("F1", 10, "Prices"),
                ("F1", 10, "See the list."),
            ],
        ];
        let outline = [
            ("Returns", 1, 1),
            ("1.1 Within days", 2, 1),
            ("Damaged goods", 2, 2),
            ("Prices", 1, 2),
        ];
        assert_eq!(
            found(&file(&pages, &outline)),
            own(&[
                (
                    "Returns | 1.1 Within days",
                    "Send it back in 14 days.\nWe pay."
                ),
                ("Returns | Damaged goods", "Take a picture and write to us"),
                ("Prices", "See the list."),
            ])
        );
    }

    #[test]
    fn without_an_outline_headings_are_found_by_their_font() {
        let pages: [&[(&str, i64, &str)]; 1] = [&[
            ("F1", 20, "Handbook"),
            ("F2", 14, "How do I send"),
            ("F2", 14, "a parcel?"),
            ("F1", 10, "Bring it to the counter, we weigh it there."),
            ("F2", 10, "Weight"),
            ("F1", 10, "Up to 30 kilograms in all cases."),
            ("F2", 14, "Empty"),
        ]];
        assert_eq!(
            found(&file(&pages, &[])),
            own(&[
                (
                    "Handbook | How do I send a parcel?",
                    "Bring it to the counter, we weigh it there."
                ),
                (
                    "Handbook | How do I send a parcel? | Weight",
                    "Up to 30 kilograms in all cases."
                ),
            ])
        );
    }

    #[test]
    fn files_that_cannot_be_used_say_why() {
        let told = |bytes: &[u8]| read(bytes).expect_err("wrong").fields.remove(0).message;
        assert!(told(b"%PDF-1.5 nothing").contains("cannot be read"));
        let good = file(&[&[("F1", 10, "one line"), ("F1", 10, "and more")]], &[]);
        assert!(told(&good).contains("no headings"));
        assert!(told(&file(&[&[]], &[])).contains("no text"));
        for end in (0..good.len()).step_by(37) {
            let _ = read(&good[..end]);
        }
    }
}
