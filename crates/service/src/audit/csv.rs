//! Audit rows as CSV (RFC 4180) that a spreadsheet does not run.

use store::AuditRow;

/// The first line.
pub const HEADER: &str =
    "number,time,actor,actorName,action,target,botId,address,before,after,details\r\n";

/// One row as a line. `time` is the row's time as text, `name` the actor's.
pub fn line(row: &AuditRow, time: &str, name: Option<&str>) -> String {
    let new = &row.new;
    let number = row.number.to_string();
    let details = new.details.to_string();
    let cells = [
        number.as_str(),
        time,
        &new.actor,
        name.unwrap_or_default(),
        &new.action,
        &new.target,
        new.bot.as_ref().map_or("", |bot| bot.as_str()),
        new.address.as_deref().unwrap_or_default(),
        new.before.as_deref().unwrap_or_default(),
        new.after.as_deref().unwrap_or_default(),
        &details,
    ];
    let mut line = String::new();
    for (i, text) in cells.into_iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        cell(&mut line, text);
    }
    line.push_str("\r\n");
    line
}

/// A cell in quotation marks. One that a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(line: &mut String, text: &str) {
    line.push('"');
    let first = text.trim_start_matches([' ', '\u{feff}']).chars().next();
    if matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    ) {
        line.push('\'');
    }
    for c in text.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        for (text, wanted) in [
            ("a", "\"a\""),
            ("a,\"b\"\n", "\"a,\"\"b\"\"\n\""),
            ("=1+1", "\"'=1+1\""),
            (" =1", "\"' =1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("", "\"\""),
            ("1=1", "\"1=1\""),
        ] {
            let mut line = String::new();
            super::cell(&mut line, text);
            assert_eq!(line, wanted);
        }
    }
}
