//! The times of a token (DECISIONS section 2 item 4).

use serde_json::Value;

/// How far clocks may differ, milliseconds.
pub const LEEWAY_MS: i64 = 60_000;

/// Longest life of a token that carries a jti, milliseconds, leeway aside.
pub const JTI_LIFE_MS: i64 = 3_600_000;

/// `exp`, `nbf` and `iat` in milliseconds UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// End.
    pub exp: Option<i64>,
    /// Not before.
    pub nbf: Option<i64>,
    /// Issued at.
    pub iat: Option<i64>,
}

/// How the times of a token lie to the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Now.
    Valid,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` lies ahead.
    Early,
}

impl Times {
    /// Reads the three claims; none when one of them is there and no time.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a Value>) -> Option<Self> {
        let one = |name| get(name).map_or(Some(None), |value| milliseconds(value).map(Some));
        Some(Self {
            exp: one("exp")?,
            nbf: one("nbf")?,
            iat: one("iat")?,
        })
    }

    /// Compares with the present, `now` in milliseconds UTC.
    pub fn verdict(&self, now: i64) -> Verdict {
        if self
            .exp
            .is_some_and(|exp| now >= exp.saturating_add(LEEWAY_MS))
        {
            return Verdict::Expired;
        }
        let ahead = |time: Option<i64>| time.is_some_and(|t| t > now.saturating_add(LEEWAY_MS));
        if ahead(self.nbf) || ahead(self.iat) {
            return Verdict::Early;
        }
        Verdict::Valid
    }

    /// Whether a token with a jti ends soon enough.
    pub fn jti_life_fits(&self, now: i64) -> bool {
        self.exp
            .is_some_and(|exp| exp <= now.saturating_add(JTI_LIFE_MS + LEEWAY_MS))
    }
}

/// Reads a time: values above 10^11 are milliseconds, others seconds; fractions are allowed, negative ones are not.
fn milliseconds(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else {
        return None;
    };
    let number = number.as_f64()?;
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let ms = if number > 1e11 {
        number
    } else {
        number * 1000.0
    };
    Some(ms.min(i64::MAX as f64 / 4.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000_000;

    fn times(claims: &Value) -> Option<Times> {
        Times::read(|name| claims.get(name))
    }

    #[test]
    fn seconds_milliseconds_and_fractions_are_read() {
        for (value, ms) in [
            (json!(1_800_000_000), NOW),
            (json!(1_800_000_000.5), NOW + 500),
            (json!(1_800_000_000_000_i64), NOW),
            (json!(0), 0),
        ] {
            assert_eq!(times(&json!({"exp": value})).and_then(|t| t.exp), Some(ms));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for value in [
            json!("1800000000"),
            json!(-1),
            json!(null),
            json!([1]),
            json!(true),
        ] {
            for name in ["exp", "nbf", "iat"] {
                assert_eq!(times(&json!({name: value})), None, "{name} {value}");
            }
        }
    }

    #[test]
    fn a_time_beyond_all_calendars_does_not_overflow() {
        let far = times(&json!({"exp": 1e300})).expect("a time");
        assert_eq!(far.verdict(NOW), Verdict::Valid);
        assert!(!far.jti_life_fits(NOW));
    }

    #[test]
    fn the_leeway_is_sixty_seconds_each_way() {
        let s = NOW / 1000;
        for (claims, verdict) in [
            (json!({}), Verdict::Valid),
            (json!({"exp": s - 59}), Verdict::Valid),
            (json!({"exp": s - 60}), Verdict::Expired),
            (json!({"nbf": s + 60}), Verdict::Valid),
            (json!({"nbf": s + 61}), Verdict::Early),
            (json!({"iat": s + 61}), Verdict::Early),
            (json!({"exp": s - 100, "nbf": s + 100}), Verdict::Expired),
        ] {
            assert_eq!(
                times(&claims).expect("times").verdict(NOW),
                verdict,
                "{claims}"
            );
        }
    }

    #[test]
    fn a_jti_lives_an_hour_plus_leeway() {
        let s = NOW / 1000;
        for (claims, fits) in [
            (json!({"exp": s + 3660}), true),
            (json!({"exp": s + 3661}), false),
            (json!({}), false),
        ] {
            assert_eq!(
                times(&claims).expect("times").jti_life_fits(NOW),
                fits,
                "{claims}"
            );
        }
    }
}
