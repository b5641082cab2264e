//! Colours and companies: names of a list, in their usual writing.

use super::name::answer;
use super::{EntityContext, Found};
use crate::text::{Word, words};
use regex::Regex;
use serde_json::json;
use std::sync::LazyLock;

/// Colours; those of two words first where they begin alike.
const COLOURS: &[&str] = &[
    "red",
    "green",
    "blue",
    "yellow",
    "orange",
    "purple",
    "pink",
    "brown",
    "black",
    "white",
    "gray",
    "grey",
    "silver",
    "gold",
    "golden",
    "beige",
    "ivory",
    "cream",
    "khaki",
    "tan",
    "olive",
    "lime",
    "teal",
    "cyan",
    "turquoise",
    "aqua",
    "aquamarine",
    "azure",
    "navy",
    "navy blue",
    "sky blue",
    "royal blue",
    "midnight blue",
    "steel blue",
    "indigo",
    "violet",
    "lavender",
    "lilac",
    "mauve",
    "magenta",
    "fuchsia",
    "crimson",
    "scarlet",
    "maroon",
    "burgundy",
    "ruby",
    "coral",
    "salmon",
    "peach",
    "apricot",
    "amber",
    "mustard",
    "bronze",
    "copper",
    "rust",
    "chocolate",
    "coffee",
    "chestnut",
    "mahogany",
    "mint",
    "mint green",
    "emerald",
    "jade",
    "forest green",
    "sea green",
    "charcoal",
    "slate",
    "rose",
    "plum",
    "orchid",
    "tomato",
    "wheat",
    "multicolor",
    "multicoloured",
];
/// Words for colours in other languages and other writings, with the colour.
const OTHER_COLOURS: &[(&str, &str)] = &[
    ("rot", "red"),
    ("grün", "green"),
    ("blau", "blue"),
    ("gelb", "yellow"),
    ("schwarz", "black"),
    ("weiß", "white"),
    ("grau", "gray"),
    ("braun", "brown"),
    ("lila", "purple"),
    ("rosa", "pink"),
    ("rojo", "red"),
    ("verde", "green"),
    ("azul", "blue"),
    ("amarillo", "yellow"),
    ("negro", "black"),
    ("blanco", "white"),
    ("gris", "gray"),
    ("marrón", "brown"),
    ("morado", "purple"),
    ("rouge", "red"),
    ("vert", "green"),
    ("bleu", "blue"),
    ("jaune", "yellow"),
    ("noir", "black"),
    ("blanc", "white"),
    ("vermelho", "red"),
    ("amarelo", "yellow"),
    ("preto", "black"),
    ("branco", "white"),
    ("cinza", "gray"),
    ("लाल", "red"),
    ("हरा", "green"),
    ("नीला", "blue"),
    ("पीला", "yellow"),
    ("काला", "black"),
    ("सफेद", "white"),
    ("grey", "gray"),
    ("golden", "gold"),
];
const SHADES: &[&str] = &[
    "light", "dark", "deep", "pale", "bright", "hot", "neon", "pastel",
];

/// Companies that are often named, in their usual writing; other names behind `=`.
const COMPANIES: &str = "Apple|Microsoft|Google=Alphabet|Amazon|Meta=Facebook|Netflix|Tesla|Nvidia|Intel|AMD|IBM|Oracle|SAP|Salesforce|Adobe|Cisco|Dell|HP=Hewlett Packard|Samsung|Sony|LG|Panasonic|Toshiba|Hitachi|Huawei|Xiaomi|Lenovo|Nokia|Ericsson|Siemens|Bosch|Philips|BMW|Mercedes-Benz=Mercedes|Volkswagen=VW|Audi|Porsche|Toyota|Honda|Nissan|Hyundai|Kia|Ford|General Motors=GM|Volvo|Renault|Peugeot|Fiat|Ferrari|Airbus|Boeing|Lufthansa|British Airways|Air France|Emirates|Delta Air Lines|United Airlines|American Airlines|Qatar Airways|Air India|IndiGo|Ryanair|easyJet|Walmart|Target|Costco|Tesco|Carrefour|Aldi|Lidl|IKEA|Nike|Adidas|Puma|Zara|H&M|Coca-Cola=Coke|Pepsi=PepsiCo|Nestlé=Nestle|Unilever|Danone|Starbucks|McDonald's=McDonalds|KFC|Subway|Pfizer|Moderna|Novartis|Roche|Bayer|AstraZeneca|GSK|Johnson & Johnson|Merck|Shell|BP|ExxonMobil=Exxon|Chevron|TotalEnergies|Citibank=Citi|JPMorgan Chase=JPMorgan|Goldman Sachs|Morgan Stanley|Bank of America|Wells Fargo|HSBC|Barclays|Deutsche Bank|UBS|Credit Suisse|BNP Paribas|Santander|ICICI Bank|HDFC Bank|State Bank of India=SBI|Visa|Mastercard|American Express=Amex|PayPal|Accenture|Deloitte|KPMG|PwC|Infosys|Tata Consultancy Services=TCS|Wipro|Cognizant|Capgemini|Reliance|Tata|Vodafone|Verizon|AT&T|T-Mobile|Telefónica|Orange|Uber|Lyft|Airbnb|Booking.com|Expedia|Spotify|Twitter|LinkedIn|TikTok|Zoom|Slack|Dropbox|DHL|FedEx|UPS|Maersk";

static SUFFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b\p{Lu}[\p{L}\d&.'-]*(?:\s+(?:&|and|of|\p{Lu}[\p{L}\d&.'-]*)){0,4}?,?\s+(?:Inc|Ltd|LLC|LLP|Corp|Corporation|Company|Co|GmbH|AG|SE|KG|plc|PLC|S\.A|SA|BV|NV|Pvt Ltd|Limited|Group|Holdings)\b\.?")
        .expect("the pattern is fixed and tested")
});

fn phrase_at(said: &[Word], at: usize, phrase: &str) -> Option<usize> {
    let wanted = words(phrase);
    let fits = !wanted.is_empty()
        && wanted.len() <= said.len() - at
        && wanted
            .iter()
            .zip(&said[at..])
            .all(|(a, b)| a.text == b.text);
    fits.then_some(at + wanted.len())
}

/// Colours with their shade, as one text: `dark green`.
pub(super) fn colours(text: &str) -> Vec<Found> {
    let said = words(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let shade = SHADES.contains(&said[at].text.as_str());
        let from = at + usize::from(shade && at + 1 < said.len());
        let listed = COLOURS
            .iter()
            .filter_map(|colour| Some((phrase_at(&said, from, colour)?, *colour)))
            .max_by_key(|(next, _)| *next);
        let other = |word: &str| {
            OTHER_COLOURS
                .iter()
                .find(|(w, _)| *w == word)
                .map(|(_, c)| *c)
        };
        let found = match listed {
            Some((next, colour)) => Some((next, other(colour).unwrap_or(colour))),
            None => other(&said[from].text).map(|colour| (from + 1, colour)),
        };
        let Some((next, colour)) = found else {
            at += 1;
            continue;
        };
        let name = match from > at {
            true => format!("{} {colour}", said[at].text),
            false => colour.to_owned(),
        };
        out.push(Found {
            value: json!(name),
            start: said[at].start,
            end: said[next - 1].end,
        });
        at = next;
    }
    out
}

/// Companies of the list, names that end in a legal form, and in an answer any short name.
pub(super) fn companies(text: &str, context: &EntityContext) -> Vec<Found> {
    const LEADS: &[&str] = &[
        "at", "for", "with", "from", "by", "bei", "chez", "en", "na", "no",
    ];
    let said = words(text);
    let mut out: Vec<Found> = SUFFIX
        .find_iter(text)
        .map(|m| Found {
            value: json!(m.as_str().trim_end_matches('.')),
            start: m.start(),
            end: m.end(),
        })
        .collect();
    let mut at = 0;
    while at < said.len() {
        let listed = COMPANIES.split('|').filter_map(|entry| {
            let mut names = entry.split('=');
            let name = names.next()?;
            let next = [name]
                .into_iter()
                .chain(names)
                .filter_map(|n| phrase_at(&said, at, n))
                .max()?;
            Some((next, name))
        });
        let best = listed.max_by_key(|(next, _)| *next);
        // Many of these are everyday words: outside an answer a capital must say that it is a name.
        let capital = text[said[at].start..].starts_with(char::is_uppercase);
        let Some((next, name)) = best.filter(|_| capital || context.prompted) else {
            at += 1;
            continue;
        };
        let found = Found {
            value: json!(name),
            start: said[at].start,
            end: said[next - 1].end,
        };
        if !out
            .iter()
            .any(|f| f.start < found.end && found.start < f.end)
        {
            out.push(found);
        }
        at = next;
    }
    if out.is_empty()
        && let Some((start, end)) = answer(text, LEADS, 5, context)
    {
        out.push(Found {
            value: json!(&text[start..end]),
            start,
            end,
        });
    }
    out.sort_by_key(|f| f.start);
    out
}
