//! SafeInt: whole numbers that may grow beyond 32 bits: minor units of money, minutes, seconds, counts, positions.
//!
//! Always true: a returned `SafeInt` is a JSON number that every client holds exactly, from -(2^53 - 1) to 2^53 - 1. A
//! larger number is an error of its field, never another number. GraphQL's own `Int` ends at 2^31 - 1 and is used only
//! for input that is bounded below that.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
};
use kernel::{Coded, ErrorCode};

/// A whole number of the graph that may need more than 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeInt(i64);

impl SafeInt {
    /// The largest value.
    pub const MOST: i64 = kernel::Money::MOST_MINOR;

    /// Returns the number for clients; `None` if they could not hold it exactly.
    fn shown(self) -> Option<i64> {
        (-Self::MOST..=Self::MOST).contains(&self.0).then_some(self.0)
    }
}

impl From<i64> for SafeInt {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

const NAME: &str = "SafeInt";
const DESCRIPTION: &str = "A whole number between -9007199254740991 and 9007199254740991, that is ±(2^53 - 1), as a JSON \
    number: `Int` ends at 2147483647, and sums of money, minutes and positions do not.";
const SPECIFICATION: &str = "https://the-guild.dev/graphql/scalars/docs/scalars/safe-int";

impl OutputType for SafeInt {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let is_whole = |value: &Value| matches!(value, Value::Number(number) if number.is_i64());
        registry.create_output_type::<Self, _>(MetaTypeId::Scalar, |_| MetaType::Scalar {
            name: NAME.to_owned(),
            description: Some(DESCRIPTION.to_owned()),
            is_valid: Some(std::sync::Arc::new(is_whole)),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            specified_by_url: Some(SPECIFICATION.to_owned()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    async fn resolve(
        &self,
        _selection: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(number) = self.shown() {
            return Ok(Value::Number(number.into()));
        }
        Err(crate::coded(TooLarge(self.0)).into_server_error(field.pos))
    }
}

/// A number that clients could not hold exactly.
#[derive(Debug, thiserror::Error)]
#[error("{0} does not fit into a SafeInt")]
struct TooLarge(i64);

impl Coded for TooLarge {
    fn code(&self) -> ErrorCode {
        ErrorCode::Internal
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn number(&self, at: String) -> SafeInt {
            at.parse::<i64>().expect("a number").into()
        }
    }

    async fn shown(number: i64) -> Result<String, String> {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let response = schema.execute(format!("{{ number(at: \"{number}\") }}")).await;
        match response.errors.first() {
            Some(error) => Err(format!("{:?}", error.extensions)),
            None => Ok(response.data.to_string()),
        }
    }

    #[tokio::test]
    async fn a_number_every_client_holds_is_shown_and_any_other_is_an_error_of_its_field() {
        for number in [0, -1, 2_500_000_000, SafeInt::MOST, -SafeInt::MOST] {
            assert_eq!(shown(number).await, Ok(format!("{{number: {number}}}")));
        }
        for number in [SafeInt::MOST + 1, -SafeInt::MOST - 1, i64::MAX, i64::MIN] {
            assert!(shown(number).await.is_err_and(|error| error.contains("INTERNAL")), "{number}");
        }
    }

    #[test]
    fn the_schema_describes_the_scalar() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        assert!(schema.sdl().contains("scalar SafeInt"), "{}", schema.sdl());
    }
}
