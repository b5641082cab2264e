//! RSA keys that are breakable whatever their size.

use crate::KeyError;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};

/// Fewest and most bits of a modulus.
pub const BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// Checks size and exponent; cheap.
pub fn sizes(n: &BigNumRef, e: &BigNumRef) -> Result<(), KeyError> {
    let bits = u32::try_from(n.num_bits()).unwrap_or(0);
    if bits < *BITS.start() {
        return Err(KeyError::Short(bits));
    }
    if bits > *BITS.end() {
        return Err(KeyError::Long(bits));
    }
    if !e.is_odd() || e.num_bits() < 2 || e.num_bits() > 64 {
        return Err(KeyError::Unsafe(
            "its public exponent is not an odd number from 3 to 64 bits",
        ));
    }
    if !n.is_odd() {
        return Err(KeyError::Unsafe("its modulus is even"));
    }
    Ok(())
}

/// Looks for a modulus that is no product of two good primes: a small factor, a prime, a square, or the mark of CVE-2017-15361 (ROCA).
/// Costs some milliseconds.
pub fn arithmetic(n: &BigNumRef) -> Result<(), KeyError> {
    for prime in primes(2, 2000) {
        if n.mod_word(prime)? == 0 {
            return Err(KeyError::Unsafe("its modulus has a small factor"));
        }
    }
    if roca(n)? {
        return Err(KeyError::Unsafe(
            "it was made by a chip whose keys can be broken (CVE-2017-15361)",
        ));
    }
    let mut ctx = BigNumContext::new()?;
    if n.is_prime_fasttest(1, &mut ctx, true)? {
        return Err(KeyError::Unsafe("its modulus is a prime"));
    }
    if square(n, &mut ctx)? {
        return Err(KeyError::Unsafe("its modulus is a square"));
    }
    Ok(())
}

/// Primes of a range, both ends included.
fn primes(from: u32, to: u32) -> impl Iterator<Item = u32> {
    (from.max(2)..=to).filter(|n| (2..).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

/// The affected chips take primes from the powers of 65537 modulo a product of small primes, so the modulus is such a power
/// modulo each of them. Another modulus passes for one with odds of one to some hundred million.
fn roca(n: &BigNumRef) -> Result<bool, KeyError> {
    for prime in primes(3, 167) {
        let rest = n.mod_word(prime)?;
        let mut power = 1;
        let reached = (0..prime).any(|_| {
            power = power * 65537 % u64::from(prime);
            power == rest
        });
        if !reached {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Newton's method from above; a modulus of 8192 bits takes some twenty steps.
fn square(n: &BigNumRef, ctx: &mut BigNumContext) -> Result<bool, KeyError> {
    let mut root = BigNum::new()?;
    root.set_bit(n.num_bits() / 2 + 1)?;
    loop {
        let (mut quotient, mut sum, mut next) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        quotient.checked_div(n, &root, ctx)?;
        sum.checked_add(&root, &quotient)?;
        next.rshift1(&sum)?;
        if next >= root {
            break;
        }
        root = next;
    }
    let mut again = BigNum::new()?;
    again.sqr(&root, ctx)?;
    Ok(&*again == n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prime(bits: i32) -> BigNum {
        let mut number = BigNum::new().expect("number");
        number
            .generate_prime(bits, false, None, None)
            .expect("prime");
        number
    }

    #[test]
    fn bad_products_are_told_from_good_ones() {
        let mut ctx = BigNumContext::new().expect("context");
        let (p, q) = (prime(512), prime(512));
        let mut times = |a: &BigNumRef, b: &BigNumRef| {
            let mut n = BigNum::new().expect("number");
            n.checked_mul(a, b, &mut ctx).expect("product");
            n
        };
        let small = BigNum::from_u32(1999).expect("number");
        let (good, little, square) = (times(&p, &q), times(&p, &small), times(&p, &p));
        assert_eq!(arithmetic(&good), Ok(()));
        for (n, word) in [(&little, "small"), (&square, "square"), (&p, "prime")] {
            let error = arithmetic(n).expect_err("must be refused").to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn powers_of_65537_bear_the_mark_of_roca() {
        let mut ctx = BigNumContext::new().expect("context");
        let mut product = BigNum::from_u32(1).expect("number");
        for prime in primes(3, 167) {
            product.mul_word(prime).expect("product");
        }
        let (base, power) = (
            BigNum::from_u32(65537).expect("n"),
            BigNum::from_u32(77_777).expect("n"),
        );
        let mut marked = BigNum::new().expect("number");
        marked
            .mod_exp(&base, &power, &product, &mut ctx)
            .expect("power");
        assert_eq!(roca(&marked), Ok(true));
        marked.add_word(2).expect("sum");
        assert_eq!(roca(&marked), Ok(false));
    }
}
