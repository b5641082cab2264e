//! Filters with optional parts. The texts of the parts are fixed; values always travel as parameters.

use crate::db::Arg;
use sqlx::AssertSqlSafe;

/// A statement under construction.
pub(crate) struct Filter {
    text: String,
    args: Vec<Arg>,
    joined: bool,
}

impl Filter {
    /// Begins with a fixed text whose `?` stand for `args`.
    pub fn new(head: &'static str, args: Vec<Arg>) -> Self {
        let mut filter = Self {
            text: String::new(),
            args: Vec::new(),
            joined: false,
        };
        filter.push(head, args);
        filter
    }

    /// Adds a text whose `?` stand for `args`.
    pub fn push(&mut self, text: &'static str, args: Vec<Arg>) {
        let mut args = args.into_iter();
        for (i, part) in text.split('?').enumerate() {
            if i > 0 {
                self.args
                    .push(args.next().expect("as many values as question marks"));
                self.text.push_str(&format!("${}", self.args.len()));
            }
            self.text.push_str(part);
        }
        assert!(args.next().is_none(), "as many question marks as values");
    }

    /// Adds a condition.
    pub fn and(&mut self, text: &'static str, args: Vec<Arg>) {
        self.text
            .push_str(if self.joined { " AND " } else { " WHERE " });
        self.joined = true;
        self.push(text, args);
    }

    /// Adds a condition if there is a value.
    pub fn and_if<T: Into<Arg>>(&mut self, text: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.and(text, vec![value.into()]);
        }
    }

    /// Adds `column IN (…)`; no values, no condition.
    pub fn and_in<T: Into<Arg>>(
        &mut self,
        column: &'static str,
        values: impl IntoIterator<Item = T>,
    ) {
        let mut values = values.into_iter().map(Into::into).peekable();
        if values.peek().is_some() {
            self.and(column, vec![]);
            self.list(values);
        }
    }

    /// Adds ` IN (…)` for at least one value.
    pub fn list(&mut self, values: impl Iterator<Item = Arg>) {
        self.text.push_str(" IN (");
        for (i, value) in values.enumerate() {
            self.push(if i > 0 { ", ?" } else { "?" }, vec![value]);
        }
        self.text.push(')');
    }

    /// The statement and its values.
    pub fn done(self) -> (AssertSqlSafe<String>, Vec<Arg>) {
        (AssertSqlSafe(self.text), self.args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::args;

    #[test]
    fn parts_are_joined_and_values_numbered() {
        let mut filter = Filter::new("SELECT a FROM t", vec![]);
        filter.and("b = ?", args!["x"]);
        filter.and_if("c < ?", None::<i64>);
        filter.and_in("d", Vec::<String>::new());
        filter.and_in("e", [1i64, 2]);
        filter.push(" LIMIT ?", args![5i64]);
        let (text, args) = filter.done();
        assert_eq!(
            text.0,
            "SELECT a FROM t WHERE b = $1 AND e IN ($2, $3) LIMIT $4"
        );
        assert_eq!(args.len(), 4);
    }
}
