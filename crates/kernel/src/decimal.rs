//! Decimals as people write them: the only parser of prices, fees, rates, positions and shares that arrive as text.
//!
//! Always true: an accepted text is a JSON number without an exponent (`0`, `12`, `12.50`, `-3.5`): ASCII digits, no
//! blank, no plus, no separator, a digit on either side of the point, no leading zero. Nothing is rounded: a number
//! that does not fit is refused.

use rust_decimal::Decimal;

/// The text is not a decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal number, such as 12.50: digits, with a point if need be, and nothing else")]
pub struct NotADecimal;

/// Parses a decimal.
///
/// # Errors
/// Fails if the text has another form, or more digits than fit.
pub fn parse_decimal(text: &str) -> Result<Decimal, NotADecimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let is_whole = is_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    if !is_whole || !fraction.is_none_or(is_digits) {
        return Err(NotADecimal);
    }
    let mut value = Decimal::from_str_exact(text).map_err(|_too_long| NotADecimal)?;
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    Ok(value)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_decimal_is_written_as_a_json_number_without_an_exponent() {
        for (text, value) in [
            ("0", "0"),
            ("-0", "0"),
            ("12", "12"),
            ("12.50", "12.50"),
            ("-3.5", "-3.5"),
            ("0.000001", "0.000001"),
        ] {
            assert_eq!(parse_decimal(text).map(|it| it.to_string()), Ok(value.into()), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_no_decimal() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "-.5",
            "+1",
            "1_000",
            "1,5",
            "1 000",
            " 1",
            "1 ",
            "1\n",
            "1e3",
            "1E3",
            "0x10",
            "00",
            "01",
            "1.2.3",
            "--1",
            "NaN",
            "inf",
            "١٢",
            "１２",
            "½",
            "1\u{a0}000",
            "1.٥",
        ] {
            assert_eq!(parse_decimal(text), Err(NotADecimal), "{text:?}");
        }
        assert_eq!(parse_decimal(&"9".repeat(40)), Err(NotADecimal));
        assert_eq!(
            parse_decimal(&format!("0.{}1", "0".repeat(40))),
            Err(NotADecimal),
            "nothing is rounded away"
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(text in "(-?[1-9][0-9]{0,9}|0)(\\.[0-9]{1,9})?") {
            prop_assert_eq!(parse_decimal(&text).map(|it| it.to_string()), Ok(text));
        }

        #[test]
        fn no_text_is_a_decimal_that_json_would_not_take(text in "\\PC{0,12}") {
            if parse_decimal(&text).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Number>(&text).is_ok(), "{text:?}");
            }
        }
    }
}
