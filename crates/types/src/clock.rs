//! Time and randomness come in as values, so that tests can hold both still.

use std::sync::atomic::{AtomicI64, Ordering};

/// The time of day.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01 UTC.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_millis() as i64)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock at `ms` milliseconds since the epoch.
    pub fn at(ms: i64) -> Self {
        Self(AtomicI64::new(ms))
    }
    /// Moves the clock by `ms` (may be negative).
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Fresh identifiers and random bytes.
pub trait Ids: Send + Sync + 'static {
    /// A UUID of version-5 shape: the v5 UUID of a fresh v7 UUID in our own namespace (DECISIONS section 9).
    fn uuid(&self) -> uuid::Uuid;
    /// 24 hex digits, millisecond time first, so that they sort by age (DECISIONS section 9).
    fn hex24(&self) -> String;
    /// Fills `out` with bytes fit for keys.
    fn fill(&self, out: &mut [u8]);
}

/// Identifiers from the operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

/// Namespace of the identifiers that this product makes.
const NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x6f6d_6275_6400_5000_8000_0000_0000_0001);

/// The same id for the same name each time, of version-5 shape, after a prefix.
pub fn derived(prefix: &str, name: &str) -> String {
    format!(
        "{prefix}{}",
        uuid::Uuid::new_v5(&NAMESPACE, name.as_bytes())
    )
}

impl Ids for RandomIds {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::new_v5(&NAMESPACE, uuid::Uuid::now_v7().as_bytes())
    }
    fn hex24(&self) -> String {
        let mut tail = [0u8; 6];
        self.fill(&mut tail);
        let ms = SystemClock.now() as u64 & 0xffff_ffff_ffff;
        let mut text = format!("{ms:012x}");
        for byte in tail {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
    fn fill(&self, out: &mut [u8]) {
        use rand::RngCore;
        rand::rng().fill_bytes(out);
    }
}

/// Milliseconds since 1970 as `2026-02-03T09:15:00.000Z`.
pub fn iso(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (second, milli) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Year, month and day of the Gregorian calendar; years are counted from March, so that the leap day comes last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    (era * 400 + year + i64::from(month <= 2), month, day)
}
