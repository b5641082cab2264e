//! Times on the wire: ISO-8601 in UTC with milliseconds and `Z`.

pub(crate) use types::clock::iso;

#[cfg(test)]
mod tests {
    use super::iso;

    #[test]
    fn known_times_are_printed_in_utc() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (1_770_076_800_000 + 33_300_500, "2026-02-03T09:15:00.500Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(ms), text);
        }
    }
}
