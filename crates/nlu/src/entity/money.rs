//! Amounts of money.

use super::lang::{self, has};
use super::number::{Amount, amounts, units};
use super::{EntityContext, Found};
use crate::text::Word;
use serde_json::{Value, json};

/// Code, signs, words for the unit, words for its hundredth. Signs that several currencies share stand at the most used one.
const NAMED: &[(&str, &str, &str, &str)] = &[
    (
        "USD",
        "us$|$",
        "dollar|dollars|buck|bucks|dólar|dólares|dolar|dolares|us dollar|us dollars|डॉलर",
        "cent|cents|centavo|centavos",
    ),
    ("EUR", "€", "euro|euros|यूरो", "eurocent|eurocents"),
    (
        "GBP",
        "£",
        "pound|pounds|quid|pound sterling|pounds sterling|pfund|libra|libras|livre sterling|पाउंड",
        "pence|penny",
    ),
    (
        "INR",
        "₹|rs.|rs",
        "rupee|rupees|rs|rupien|rupia|rupias|roupie|roupies|rúpia|rúpias|रुपये|रुपए|रुपया|रुपयों",
        "paisa|paise|पैसे",
    ),
    ("JPY", "¥|jp¥", "yen|yens|येन", ""),
    ("CNY", "cn¥|元", "yuan|renminbi|rmb", ""),
    ("KRW", "₩", "won", ""),
    (
        "CHF",
        "",
        "swiss franc|swiss francs|franken|schweizer franken|franc suisse|francs suisses",
        "rappen",
    ),
    ("CAD", "c$|ca$", "canadian dollar|canadian dollars", ""),
    ("AUD", "a$|au$", "australian dollar|australian dollars", ""),
    ("NZD", "nz$", "new zealand dollar|new zealand dollars", ""),
    ("SGD", "s$|sg$", "singapore dollar|singapore dollars", ""),
    ("HKD", "hk$", "hong kong dollar|hong kong dollars", ""),
    ("MXN", "mx$", "mexican peso|mexican pesos|peso|pesos", ""),
    ("BRL", "r$", "real|reais", ""),
    ("ZAR", "", "rand", ""),
    ("SEK", "", "krona|kronor|swedish krona|swedish kronor", ""),
    ("NOK", "", "norwegian krone|norwegian kroner", ""),
    ("DKK", "", "danish krone|danish kroner", ""),
    ("PLN", "zł", "zloty|zlotys|złoty", ""),
    ("CZK", "kč", "koruna|korunas", ""),
    ("HUF", "", "forint|forints", ""),
    ("RUB", "₽", "ruble|rubles|rouble|roubles", "kopek|kopeks"),
    ("UAH", "₴", "hryvnia|hryvnias", ""),
    ("TRY", "₺", "turkish lira|lira|liras", ""),
    ("ILS", "₪", "shekel|shekels", ""),
    ("AED", "", "dirham|dirhams", ""),
    ("SAR", "", "riyal|riyals", ""),
    ("THB", "฿", "baht", ""),
    ("MYR", "", "ringgit", ""),
    ("IDR", "", "rupiah", ""),
    ("PHP", "₱", "philippine peso|philippine pesos", ""),
    ("VND", "₫", "dong", ""),
    ("PKR", "", "pakistani rupee|pakistani rupees", ""),
    ("BDT", "৳", "taka", ""),
    ("LKR", "", "sri lankan rupee|sri lankan rupees", ""),
    ("NGN", "₦", "naira", ""),
    ("KES", "", "kenyan shilling|kenyan shillings", ""),
    ("EGP", "", "egyptian pound|egyptian pounds", ""),
    ("KWD", "", "kuwaiti dinar|kuwaiti dinars|dinar|dinars", ""),
];
/// Codes that count in any case; others in capitals only, since many are words ("all", "try", "top").
const COMMON: &str = "usd|eur|gbp|inr|jpy|cny|chf|cad|aud|nzd|sgd|hkd|mxn|brl|zar|sek|nok|dkk|pln|czk|huf|rub|ils|aed|sar|thb|myr|idr|php|vnd|krw";
/// Codes of ISO 4217.
const CODES: &str = "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWL";

/// A name of a currency: code, whether the hundredth, first byte, the byte behind.
struct Name {
    code: &'static str,
    hundredth: bool,
    start: usize,
    end: usize,
}

/// All amounts of money of a text as `{code, amount}`.
pub(super) fn sums(text: &str, context: &EntityContext) -> Vec<Found> {
    let lang = lang::of(&context.language);
    let rules = &context.rules;
    let names = names(text);
    let numbers = amounts(text, lang);
    let mut out: Vec<(Found, &str, f64)> = Vec::new();
    let mut taken = vec![false; names.len()];
    for number in &numbers {
        let Some(at) = beside(text, number, &names, &taken) else {
            continue;
        };
        taken[at] = true;
        let name = &names[at];
        let amount = if name.hundredth {
            number.value / 100.0
        } else {
            number.value
        };
        if let (true, Some((last, code, sum))) = (name.hundredth, out.last_mut())
            && text[last.end..number.start].trim().len() <= 3
        {
            // "5 dollars and 50 cents" is one sum, in the currency said first.
            *sum += amount;
            last.end = name.end;
            last.value = value(code, *sum);
            continue;
        }
        let found = Found {
            value: value(name.code, amount),
            start: number.start.min(name.start),
            end: number.end.max(name.end),
        };
        out.push((found, name.code, amount));
    }
    if out.is_empty()
        && names.is_empty()
        && let (Some(code), [number]) = (&rules.default_code, numbers.as_slice())
        && context.prompted
    {
        let code = CODES
            .split('|')
            .find(|c| c.eq_ignore_ascii_case(code))
            .unwrap_or("USD");
        let found = Found {
            value: value(code, number.value),
            start: number.start,
            end: number.end,
        };
        out.push((found, code, number.value));
    }
    let digits = |amount: f64| format!("{:.0}", amount.abs().trunc()).len();
    out.retain(|(_, code, amount)| {
        let listed = rules.currency_codes.is_empty()
            || rules
                .currency_codes
                .iter()
                .any(|c| c.eq_ignore_ascii_case(code));
        listed && rules.max_digits.is_none_or(|most| digits(*amount) <= most)
    });
    out.into_iter().map(|(found, ..)| found).collect()
}

fn value(code: &str, amount: f64) -> Value {
    let amount = (amount * 1e6).round() / 1e6;
    let whole = Amount {
        value: amount,
        start: 0,
        end: 0,
    }
    .json();
    json!({"code": code, "amount": whole})
}

/// The name right beside a number: behind it first, else before it.
fn beside(text: &str, number: &Amount, names: &[Name], taken: &[bool]) -> Option<usize> {
    let close = |between: &str| {
        between.trim_matches([' ', '.', '\u{a0}', '-']).is_empty() && between.len() <= 3
    };
    let before = names
        .iter()
        .rposition(|n| n.end <= number.start && close(&text[n.end..number.start]));
    let behind = names
        .iter()
        .position(|n| n.start >= number.end && close(&text[number.end..n.start]));
    // A sign or a code clings to the number behind it: "$20", "USD 20".
    let free = |at: &usize| !taken[*at];
    let sign = |at: &usize| text[names[*at].start..names[*at].end].chars().count() <= 3;
    before
        .filter(|at| free(at) && sign(at))
        .or(behind.filter(free))
}

fn names(text: &str) -> Vec<Name> {
    let said = units(text);
    let mut out: Vec<Name> = Vec::new();
    let mut at = 0;
    while at < said.len() {
        match named(text, &said, at) {
            Some((code, hundredth, next)) => {
                out.push(Name {
                    code,
                    hundredth,
                    start: said[at].start,
                    end: said[next - 1].end,
                });
                at = next;
            }
            None => at += 1,
        }
    }
    for (start, _) in text
        .char_indices()
        .filter(|(_, c)| "$€£₹¥₩₽₴₺₪฿₱₫৳₦元".contains(*c))
    {
        let sign = text[start..].chars().next().map_or(0, char::len_utf8);
        let lead = text[..start]
            .chars()
            .rev()
            .take_while(char::is_ascii_alphabetic)
            .count();
        let whole = text[start - lead..start + sign].to_lowercase();
        let found = NAMED.iter().find(|n| has(n.1, &whole)).map(|n| (n.0, lead));
        let plain = || {
            NAMED
                .iter()
                .find(|n| has(n.1, &whole[lead..]))
                .map(|n| (n.0, 0))
        };
        if let Some((code, lead)) = found.or_else(plain) {
            out.retain(|n| n.end <= start - lead || n.start >= start + sign);
            out.push(Name {
                code,
                hundredth: false,
                start: start - lead,
                end: start + sign,
            });
        }
    }
    out.sort_by_key(|n| n.start);
    out
}

fn named(text: &str, said: &[Word], at: usize) -> Option<(&'static str, bool, usize)> {
    let longest = NAMED
        .iter()
        .filter_map(|(code, _, unit, hundredth)| {
            let unit = lang::phrase(unit, said, at).map(|next| (*code, false, next));
            unit.or_else(|| lang::phrase(hundredth, said, at).map(|next| (*code, true, next)))
        })
        .max_by_key(|(_, _, next)| *next);
    if longest.is_some() {
        return longest;
    }
    let word = &said[at];
    let written = &text[word.start..word.end];
    let code = CODES
        .split('|')
        .find(|code| code.eq_ignore_ascii_case(written))?;
    (has(COMMON, &word.text) || written == code).then_some((code, false, at + 1))
}
