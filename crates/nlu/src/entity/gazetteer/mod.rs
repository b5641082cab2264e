//! Countries, and big cities with their airports: facts, kept short.

use crate::text::{Word, words};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A country of ISO 3166.
pub(super) struct Country {
    pub alpha2: &'static str,
    pub alpha3: &'static str,
    pub number: u16,
    pub name: &'static str,
    /// Its name in its own language; the English name where none is listed.
    pub local: &'static str,
}

/// A city.
pub(super) struct City {
    pub name: &'static str,
    /// Place of its country in the list of countries.
    pub country: usize,
    pub latitude: f64,
    pub longitude: f64,
    /// Places of its airports.
    pub airports: Vec<usize>,
}

/// An airport.
pub(super) struct Airport {
    pub iata: &'static str,
    pub icao: &'static str,
    pub name: &'static str,
    pub city: usize,
}

/// Names by their first word: all words of the name, and what it names.
type Names = HashMap<String, Vec<(Vec<String>, usize)>>;

/// All of it, with indexes.
pub(super) struct Gazetteer {
    pub countries: Vec<Country>,
    pub cities: Vec<City>,
    pub airports: Vec<Airport>,
    country_names: Names,
    city_names: Names,
    airport_names: Names,
}

/// Built when first used.
pub(super) static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::new);

fn learn(names: &mut Names, name: &str, place: usize) {
    let all: Vec<String> = words(name).into_iter().map(|w| w.text).collect();
    let Some(first) = all.first().cloned() else {
        return;
    };
    let same = names.entry(first).or_default();
    if !same.iter().any(|(known, at)| *known == all && *at == place) {
        same.push((all, place));
    }
}

impl Gazetteer {
    fn new() -> Self {
        let mut this = Self {
            countries: Vec::new(),
            cities: Vec::new(),
            airports: Vec::new(),
            country_names: Names::new(),
            city_names: Names::new(),
            airport_names: Names::new(),
        };
        for line in include_str!("countries.txt").lines() {
            this.add_country(line);
        }
        for line in include_str!("cities.txt").lines() {
            this.add_city(line);
        }
        this
    }

    fn add_country(&mut self, line: &'static str) {
        let mut parts = line.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (alpha2, alpha3, number, name, local) = (part(), part(), part(), part(), part());
        let (local, others) = match local.split_once('|') {
            Some(both) => both,
            None => (local, part()),
        };
        let place = self.countries.len();
        for name in [name, local].into_iter().chain(others.split(';')) {
            learn(&mut self.country_names, name, place);
        }
        self.countries.push(Country {
            alpha2,
            alpha3,
            number: number.parse().unwrap_or_default(),
            name,
            local: if local.is_empty() { name } else { local },
        });
    }

    fn add_city(&mut self, line: &'static str) {
        let mut parts = line.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (name, code, latitude, longitude, airports, others) =
            (part(), part(), part(), part(), part(), part());
        let place = self.cities.len();
        for name in [name].into_iter().chain(others.split(';')) {
            learn(&mut self.city_names, name, place);
        }
        let mut own = Vec::new();
        for airport in airports.split(';').filter(|a| !a.is_empty()) {
            let mut parts = airport.split('=');
            let mut part = || parts.next().unwrap_or_default();
            let (iata, icao, airport_name) = (part(), part(), part());
            let number = self.airports.len();
            learn(&mut self.airport_names, airport_name, number);
            learn(&mut self.airport_names, iata, number);
            learn(&mut self.airport_names, icao, number);
            own.push(number);
            self.airports.push(Airport {
                iata,
                icao,
                name: airport_name,
                city: place,
            });
        }
        let country = self.countries.iter().position(|c| c.alpha2 == code);
        self.cities.push(City {
            name,
            country: country.unwrap_or_default(),
            latitude: latitude.parse().unwrap_or_default(),
            longitude: longitude.parse().unwrap_or_default(),
            airports: own,
        });
    }

    /// The country whose name stands at a word, and the place behind it.
    pub fn country_at(&self, said: &[Word], at: usize) -> Option<(usize, usize)> {
        find(&self.country_names, said, at)
    }

    /// The city whose name stands at a word.
    pub fn city_at(&self, said: &[Word], at: usize) -> Option<(usize, usize)> {
        find(&self.city_names, said, at)
    }

    /// The airport whose name or code stands at a word.
    pub fn airport_at(&self, said: &[Word], at: usize) -> Option<(usize, usize)> {
        find(&self.airport_names, said, at)
    }

    /// Names of cities or countries a few letters away from the whole of a short text.
    pub fn nearly(&self, cities: bool, text: &str) -> Option<usize> {
        const SHORTEST: usize = 5;
        let said: Vec<String> = words(text).into_iter().map(|w| w.text).collect();
        let said = said.join(" ");
        let length = said.chars().count();
        if !(SHORTEST..=40).contains(&length) {
            return None;
        }
        let names = if cities {
            &self.city_names
        } else {
            &self.country_names
        };
        let allowed = (length / SHORTEST).min(2);
        let mut best: Option<(usize, usize)> = None;
        for (all, place) in names.values().flatten() {
            let name = all.join(" ");
            if name.chars().count().abs_diff(length) > allowed || name.chars().count() < SHORTEST {
                continue;
            }
            let distance = super::list::edits(&name, &said);
            if distance <= allowed && best.is_none_or(|b| (distance, *place) < b) {
                best = Some((distance, *place));
            }
        }
        best.map(|(_, place)| place)
    }
}

/// The longest name that stands at a word.
fn find(names: &Names, said: &[Word], at: usize) -> Option<(usize, usize)> {
    let same = names.get(&said.get(at)?.text)?;
    let fits = same.iter().filter(|(all, _)| {
        all.len() <= said.len() - at && all.iter().zip(&said[at..]).all(|(a, b)| *a == b.text)
    });
    let best = fits.max_by_key(|(all, place)| (all.len(), std::cmp::Reverse(*place)))?;
    Some((best.1, at + best.0.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_whole_and_codes_are_distinct() {
        let all = &*GAZETTEER;
        let distinct = |codes: Vec<&str>| {
            let mut sorted = codes.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), codes.len());
        };
        assert_eq!(all.countries.len(), 249);
        distinct(all.countries.iter().map(|c| c.alpha2).collect());
        distinct(all.countries.iter().map(|c| c.alpha3).collect());
        distinct(all.airports.iter().map(|a| a.iata).collect());
        distinct(all.airports.iter().map(|a| a.icao).collect());
        for country in &all.countries {
            assert!(
                country.number > 0 && !country.name.is_empty(),
                "{}",
                country.alpha2
            );
        }
        for line in include_str!("cities.txt").lines() {
            assert_eq!(line.split('|').count(), 6, "{line}");
        }
        for city in &all.cities {
            assert!(
                (-90.0..=90.0).contains(&city.latitude) && city.latitude != 0.0,
                "{}",
                city.name
            );
            assert!((-180.0..=180.0).contains(&city.longitude), "{}", city.name);
        }
        for airport in &all.airports {
            assert!(
                airport.iata.len() == 3 && airport.icao.len() == 4,
                "{}",
                airport.iata
            );
        }
    }
}
