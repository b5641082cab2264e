//! Opaque page cursors: the sort values of the last row, as hex of a JSON array.

use serde::{Serialize, de::DeserializeOwned};
use types::{Error, Result, page::Page};

/// Reads a cursor.
pub(crate) fn read<T: DeserializeOwned>(cursor: Option<&String>) -> Result<Option<T>> {
    let Some(text) = cursor else { return Ok(None) };
    let bad = || {
        Error::field(
            "cursor",
            "not a cursor of this list; leave it out to start at the beginning",
        )
    };
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .filter(|p| p.len() == 2)
                .and_then(|p| u8::from_str_radix(p, 16).ok())
        })
        .collect();
    let value = serde_json::from_slice(&bytes.ok_or_else(bad)?).map_err(|_| bad())?;
    Ok(Some(value))
}

/// Makes a page of up to `limit` rows of one row more than that, with the cursor of the last row kept.
pub(crate) fn page<T, K: Serialize>(
    mut items: Vec<T>,
    limit: u32,
    key: impl Fn(&T) -> K,
) -> Page<T> {
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|last| {
        let text = serde_json::to_string(&key(last)).expect("sort values are texts and numbers");
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    });
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_the_last_page_has_none() {
        let page = page(vec![1i64, 2, 3], 2, |n| (*n, "é"));
        assert_eq!(page.items, [1, 2]);
        assert_eq!(
            read::<(i64, String)>(page.next.as_ref()).expect("ours"),
            Some((2, "é".to_owned()))
        );
        assert_eq!(super::page(vec![1i64, 2], 2, |n| *n).next, None);
    }

    #[test]
    fn foreign_cursors_are_bad_input() {
        for text in ["x", "zz", "é0", "7b", ""] {
            let error = read::<(i64, String)>(Some(&text.to_owned())).expect_err(text);
            assert_eq!(error.fields[0].field, "cursor");
        }
    }
}
