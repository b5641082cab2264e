//! A JSON object whose members each occur once, at every depth.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};
use std::fmt;

/// How deep objects and lists may lie in each other, the outermost included.
pub const DEPTH_CAP: usize = 32;

/// The members of a token's payload or header. A member that occurs twice is refused while reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`crate::Error::Claims`] when it is none, repeats a member, holds a number out of range or lies deeper than 32 levels.
    pub fn read(bytes: &[u8]) -> Result<Self, crate::Error> {
        serde_json::from_slice(bytes).map_err(|_| crate::Error::Claims)
    }
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
        match (Strict { left: DEPTH_CAP }).deserialize(input)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(D::Error::custom("not an object")),
        }
    }
}

/// Reads one value with at most `left` levels.
#[derive(Clone, Copy)]
struct Strict {
    left: usize,
}

impl Strict {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        left.map(|left| Self { left })
            .ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut items = Vec::new();
        while let Some(item) = input.next_element_seed(below)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut members = Map::new();
        while let Some(name) = input.next_key::<String>()? {
            let value = input.next_value_seed(below)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member occurs twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_twice_is_refused_at_every_depth() {
        for (text, good) in [
            (r#"{"a":1,"b":1}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"a":1,"\u0061":1}"#, false),
            (r#"{"a":{"b":1,"b":2}}"#, false),
            (r#"{"a":[{"b":1,"b":2}]}"#, false),
            (r#"{"a":{"b":1},"b":{"b":2}}"#, true),
            ("[1]", false),
            ("1", false),
            ("", false),
            ("{} {}", false),
            (r#"{"a":1e400}"#, false),
            (r#"{"a":NaN}"#, false),
        ] {
            assert_eq!(Claims::read(text.as_bytes()).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn values_are_read_as_serde_json_reads_them() {
        let text =
            r#"{"a":[1,-2,2.5,1e3,true,false,null,"x\n",{"b":{}}],"c":18446744073709551615}"#;
        let want: Map<String, Value> = serde_json::from_str(text).expect("json");
        assert_eq!(Claims::read(text.as_bytes()), Ok(Claims(want)));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested =
            |levels: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(Claims::read(nested(31).as_bytes()).is_ok());
        assert!(Claims::read(nested(32).as_bytes()).is_err());
        assert!(Claims::read(nested(100_000).as_bytes()).is_err());
    }
}
