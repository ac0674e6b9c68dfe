//! How things are said in tables and messages.

use std::any::Any;

/// What somebody panicked with.
pub fn problem_text(problem: &(dyn Any + Send)) -> String {
    let text = problem.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| problem.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave up without a word").to_owned()
}

/// A whole number with a comma between thousands.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A figure with one digit behind the point: more would come back from a file otherwise than it went.
pub fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(1_234_567.0), "1,234,567");
    }

    #[test]
    fn a_panic_has_words() {
        assert_eq!(problem_text(&"so"), "so");
        assert_eq!(problem_text(&"so".to_owned()), "so");
        assert_eq!(problem_text(&1), "it gave up without a word");
    }
}
