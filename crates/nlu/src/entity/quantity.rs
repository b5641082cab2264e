//! Quantities: a number with a unit of one of twelve families.

use super::lang::{self, phrase};
use super::number::{Amount, amounts, units};
use super::{EntityContext, Found};
use crate::text::{Word, words};
use serde_json::json;

/// Family, canonical unit, words and signs for it.
const UNITS: &[(&str, &str, &str)] = &[
    (
        "length",
        "millimeter",
        "mm|millimeter|millimeters|millimetre|millimetres|milímetros|millimètres",
    ),
    (
        "length",
        "centimeter",
        "cm|centimeter|centimeters|centimetre|centimetres|zentimeter|centímetro|centímetros|centimètre|centimètres",
    ),
    (
        "length",
        "meter",
        "m|meter|meters|metre|metres|metern|metro|metros|mètre|mètres|मीटर",
    ),
    (
        "length",
        "kilometer",
        "km|kms|kilometer|kilometers|kilometre|kilometres|kilometern|kilómetro|kilómetros|kilomètre|kilomètres|quilômetro|quilômetros|किलोमीटर",
    ),
    (
        "length",
        "inch",
        "in|inch|inches|zoll|pulgada|pulgadas|pouce|pouces|polegada|polegadas",
    ),
    (
        "length",
        "foot",
        "ft|foot|feet|fuß|pie|pies|pied|pieds|pé|pés",
    ),
    ("length", "yard", "yd|yard|yards"),
    (
        "length",
        "mile",
        "mi|mile|miles|meile|meilen|milla|millas|milha|milhas",
    ),
    (
        "area",
        "square meter",
        "sqm|sq m|m2|m²|square meter|square meters|square metre|square metres|quadratmeter|metros cuadrados|mètres carrés|metros quadrados",
    ),
    (
        "area",
        "square kilometer",
        "sq km|km2|km²|square kilometer|square kilometers|square kilometre|square kilometres",
    ),
    (
        "area",
        "square foot",
        "sqft|sq ft|ft2|square foot|square feet",
    ),
    ("area", "square mile", "sq mi|square mile|square miles"),
    ("area", "acre", "acre|acres"),
    (
        "area",
        "hectare",
        "ha|hectare|hectares|hektar|hectárea|hectáreas",
    ),
    (
        "volume",
        "milliliter",
        "ml|milliliter|milliliters|millilitre|millilitres|mililitros",
    ),
    (
        "volume",
        "liter",
        "l|liter|liters|litre|litres|litern|litro|litros|लीटर",
    ),
    (
        "volume",
        "cubic meter",
        "m3|m³|cubic meter|cubic meters|cubic metre|cubic metres|kubikmeter",
    ),
    ("volume", "gallon", "gal|gallon|gallons"),
    ("volume", "pint", "pt|pint|pints"),
    ("volume", "quart", "qt|quart|quarts"),
    ("volume", "fluid ounce", "fl oz|fluid ounce|fluid ounces"),
    ("volume", "cup", "cup|cups"),
    ("volume", "tablespoon", "tbsp|tablespoon|tablespoons"),
    ("volume", "teaspoon", "tsp|teaspoon|teaspoons"),
    ("weight", "milligram", "mg|milligram|milligrams|milligramm"),
    (
        "weight",
        "gram",
        "g|gm|gms|gram|grams|gramm|gramo|gramos|gramme|grammes|grama|gramas|ग्राम",
    ),
    (
        "weight",
        "kilogram",
        "kg|kgs|kilo|kilos|kilogram|kilograms|kilogramm|kilogramo|kilogramos|kilogramme|kilogrammes|quilo|quilos|किलो|किलोग्राम",
    ),
    (
        "weight",
        "tonne",
        "t|ton|tons|tonne|tonnes|tonnen|tonelada|toneladas",
    ),
    ("weight", "ounce", "oz|ounce|ounces"),
    ("weight", "pound", "lb|lbs|pound|pounds"),
    ("weight", "stone", "stone|stones"),
    (
        "temperature",
        "celsius",
        "c|°c|celsius|degree celsius|degrees celsius|centigrade|grad celsius|grad|grados|degrés|graus|degrees c",
    ),
    (
        "temperature",
        "fahrenheit",
        "f|°f|fahrenheit|degree fahrenheit|degrees fahrenheit|degrees f",
    ),
    ("temperature", "kelvin", "kelvin|kelvins"),
    ("temperature", "degree", "degree|degrees"),
    ("time", "millisecond", "ms|millisecond|milliseconds"),
    (
        "time",
        "second",
        "s|sec|secs|second|seconds|sekunde|sekunden|segundo|segundos|seconde|secondes|सेकंड",
    ),
    (
        "time",
        "minute",
        "min|mins|minute|minutes|minuten|minuto|minutos|मिनट",
    ),
    (
        "time",
        "hour",
        "h|hr|hrs|hour|hours|stunde|stunden|hora|horas|heure|heures|घंटे|घंटा",
    ),
    (
        "time",
        "day",
        "day|days|tag|tage|tagen|día|días|dia|dias|jour|jours|दिन",
    ),
    (
        "time",
        "week",
        "week|weeks|woche|wochen|semana|semanas|semaine|semaines|हफ्ते",
    ),
    (
        "time",
        "month",
        "month|months|monat|monate|monaten|mes|meses|mois|mês|महीने",
    ),
    (
        "time",
        "year",
        "year|years|yr|yrs|jahr|jahre|jahren|año|años|an|ans|année|années|ano|anos|साल",
    ),
    (
        "speed",
        "kilometer per hour",
        "kmh|km h|kph|kmph|kilometers per hour|kilometres per hour|stundenkilometer",
    ),
    ("speed", "mile per hour", "mph|miles per hour|mile per hour"),
    (
        "speed",
        "meter per second",
        "mps|m s|meters per second|metres per second",
    ),
    ("speed", "knot", "knot|knots"),
    ("pressure", "pascal", "pa|pascal|pascals"),
    ("pressure", "bar", "bar|bars"),
    ("pressure", "psi", "psi"),
    ("pressure", "atmosphere", "atm|atmosphere|atmospheres"),
    ("energy", "joule", "j|joule|joules"),
    ("energy", "kilojoule", "kj|kilojoule|kilojoules"),
    ("energy", "calorie", "cal|calorie|calories"),
    ("energy", "kilocalorie", "kcal|kilocalorie|kilocalories"),
    (
        "energy",
        "kilowatt hour",
        "kwh|kilowatt hour|kilowatt hours",
    ),
    ("power", "watt", "w|watt|watts"),
    ("power", "kilowatt", "kw|kilowatt|kilowatts"),
    ("power", "horsepower", "hp|ps|horsepower"),
    ("data", "byte", "b|byte|bytes"),
    ("data", "kilobyte", "kb|kilobyte|kilobytes"),
    ("data", "megabyte", "mb|megabyte|megabytes"),
    ("data", "gigabyte", "gb|gig|gigs|gigabyte|gigabytes"),
    ("data", "terabyte", "tb|terabyte|terabytes"),
    ("angle", "radian", "rad|radian|radians"),
    ("angle", "degree of arc", "degree of arc|degrees of arc"),
];

/// All quantities of a text as `{unit, amount, type, source}`. A bare number takes the default unit when it answers the prompt.
pub(super) fn quantities(text: &str, context: &EntityContext) -> Vec<Found> {
    let lang = lang::of(&context.language);
    let numbers = amounts(text, lang);
    let said = units(text);
    let mut out: Vec<Found> = Vec::new();
    for number in &numbers {
        let Some((family, unit, end)) = behind(text, number, &said) else {
            continue;
        };
        out.push(found(text, number, family, unit, end));
    }
    if out.is_empty()
        && context.prompted
        && let [number] = numbers.as_slice()
        && let Some((family, unit)) = context.rules.default_unit.as_deref().and_then(unit_named)
    {
        out.push(found(text, number, family, unit, number.end));
    }
    out
}

fn found(text: &str, number: &Amount, family: &str, unit: &str, end: usize) -> Found {
    let source = text[number.start..end].trim();
    Found {
        value: json!({"unit": unit, "amount": number.json(), "type": family, "source": source}),
        start: number.start,
        end,
    }
}

/// The unit of a name, such as a default may give.
fn unit_named(name: &str) -> Option<(&'static str, &'static str)> {
    let said = words(name);
    let listed = UNITS.iter().filter_map(|(family, unit, list)| {
        let own = said.iter().map(|w| w.text.as_str()).eq(unit.split(' '));
        (own || phrase(list, &said, 0) == Some(said.len())).then_some((*family, *unit))
    });
    listed.take(1).next()
}

/// The longest unit right behind a number: family, unit, the byte behind it.
fn behind(
    text: &str,
    number: &Amount,
    said: &[Word],
) -> Option<(&'static str, &'static str, usize)> {
    let place = said.partition_point(|w| w.start < number.end);
    let gap = |to: usize| {
        text.get(number.end..to)
            .is_some_and(|g| g.chars().all(|c| " \u{a0}-°/".contains(c)))
    };
    let listed = UNITS.iter().filter_map(|(family, unit, list)| {
        let next = phrase(list, said, place)?;
        gap(said.get(place)?.start).then(|| (*family, *unit, said[next - 1].end))
    });
    listed.max_by_key(|(_, _, end)| *end)
}
