//! RSA signatures with a key of 1024 bits, which no library makes any more. Plain and slow
//! arithmetic, fit for a test key only.

/// A number of 1024 bits, small end first.
type Number = [u128; 8];
const BYTES: usize = 128;
const BITS: usize = 1024;

/// The beginning of a `DigestInfo` of SHA-256 (RFC 8017 section 9.2, note 1).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Signs a SHA-256 digest with RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1).
pub fn sign(modulus: &[u8], exponent: &[u8], digest: &[u8]) -> Vec<u8> {
    let message = number(&padded(digest));
    let (modulus, exponent) = (number(modulus), number(exponent));
    let signature = power(&message, &exponent, &modulus);
    signature.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2).
fn padded(digest: &[u8]) -> Vec<u8> {
    let filler = vec![0xff; BYTES - 3 - SHA256_PREFIX.len() - digest.len()];
    [&[0, 1], filler.as_slice(), &[0], &SHA256_PREFIX, digest].concat()
}

fn number(bytes: &[u8]) -> Number {
    let mut number = [0; 8];
    for (index, byte) in bytes.iter().rev().enumerate() {
        number[index / 16] |= u128::from(*byte) << (8 * (index % 16));
    }
    number
}

fn power(base: &Number, exponent: &Number, modulus: &Number) -> Number {
    let mut result = number(&[1]);
    for position in (0..BITS).rev() {
        result = product(&result, &result, modulus);
        if bit(exponent, position) {
            result = product(&result, base, modulus);
        }
    }
    result
}

fn product(left: &Number, right: &Number, modulus: &Number) -> Number {
    let mut result = [0; 8];
    for position in (0..BITS).rev() {
        result = sum(&result, &result, modulus);
        if bit(right, position) {
            result = sum(&result, left, modulus);
        }
    }
    result
}

fn bit(number: &Number, position: usize) -> bool {
    number[position / 128] >> (position % 128) & 1 == 1
}

fn sum(left: &Number, right: &Number, modulus: &Number) -> Number {
    let mut result = [0; 8];
    let mut carry = false;
    for index in 0..8 {
        let (added, first) = left[index].overflowing_add(right[index]);
        let (added, second) = added.overflowing_add(u128::from(carry));
        (result[index], carry) = (added, first || second);
    }
    let smaller = !carry && result.iter().rev().lt(modulus.iter().rev());
    if smaller { result } else { difference(&result, modulus) }
}

fn difference(left: &Number, right: &Number) -> Number {
    let mut result = [0; 8];
    let mut borrow = false;
    for index in 0..8 {
        let (rest, first) = left[index].overflowing_sub(right[index]);
        let (rest, second) = rest.overflowing_sub(u128::from(borrow));
        (result[index], borrow) = (rest, first || second);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_small_numbers_are_right() {
        let [base, exponent, modulus] = [[7], [13], [101]].map(|bytes| number(&bytes));
        assert_eq!(power(&base, &exponent, &modulus), number(&[75]));
    }

    #[test]
    fn sums_carry_over_the_top() {
        let largest = [u128::MAX; 8];
        let mut before = largest;
        before[0] -= 1;
        // (m - 1) + (m - 1) = m - 2 (mod m)
        let mut expected = largest;
        expected[0] -= 2;
        assert_eq!(sum(&before, &before, &largest), expected);
    }
}
