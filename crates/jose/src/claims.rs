//! A JSON object whose members each occur once.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of a token's payload or header. A member that occurs twice is refused while reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// A member, whatever its type.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
    /// A member that must be a text when it is there.
    ///
    /// # Errors
    /// [`crate::Error::Claims`] when it is there and no text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, crate::Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(crate::Error::Claims),
        }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Claims;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Claims, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = input.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member occurs twice"));
                    }
                }
                Ok(Claims(members))
            }
        }
        input.deserialize_map(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_twice_is_refused() {
        assert!(serde_json::from_str::<Claims>(r#"{"a":1,"a":1}"#).is_err());
        assert!(serde_json::from_str::<Claims>(r#"{"a":1,"b":1}"#).is_ok());
        assert!(serde_json::from_str::<Claims>("[1]").is_err());
    }
}
