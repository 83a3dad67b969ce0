use std::time::Duration;

use tokio::task::JoinError;
use unbroken_adapters::{AddressError, BoundaryError};

/// Why a run could not be judged, split by who has to act.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The environment: Docker, an image, a port, a broker.
    #[error("environment: {0}")]
    Environment(String),
    /// The scenario asks for what cannot be.
    #[error("scenario: {0}")]
    Scenario(String),
    /// A service under test did not do its part before anything could be judged.
    #[error("subject: {0}")]
    Subject(String),
    /// Unbroken itself: please report it.
    #[error("unbroken itself: {0}")]
    Harness(String),
}

impl StageError {
    pub(super) fn docker(doing: &str, error: &impl std::fmt::Display) -> Self {
        Self::Environment(format!(
            "Docker could not {doing}: {error}. `containers/setup --check` says what is missing"
        ))
    }

    /// What a broker refuses before any service takes part is nobody's fault but its own.
    pub(super) fn setting_the_scene(error: BoundaryError) -> Self {
        match Self::from(error) {
            Self::Subject(why) => Self::Environment(why),
            other => other,
        }
    }

    pub(super) fn late(what: &str, deadline: Duration) -> Self {
        Self::Environment(format!("{what} was not ready within {deadline:?}"))
    }
}

impl From<BoundaryError> for StageError {
    fn from(error: BoundaryError) -> Self {
        match error {
            BoundaryError::Unreachable { .. } => Self::Environment(error.to_string()),
            BoundaryError::Refused { .. }
            | BoundaryError::Again { .. }
            | BoundaryError::Late { .. } => Self::Subject(error.to_string()),
            BoundaryError::Address { .. }
            | BoundaryError::Malformed(_)
            | BoundaryError::UnknownScheme(_) => Self::Scenario(error.to_string()),
            other => Self::Harness(other.to_string()),
        }
    }
}

/// A task of ours that panicked.
impl From<JoinError> for StageError {
    fn from(error: JoinError) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<AddressError> for StageError {
    fn from(error: AddressError) -> Self {
        Self::Scenario(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_before_anybody_takes_part_is_no_fault_of_a_subject() {
        let refused = || BoundaryError::Refused {
            boundary: "AMQP",
            address: unbroken_adapters::Address::parse("amqp://127.0.0.1:1/q").expect("valid"),
            reason: "no room".to_owned(),
        };
        assert!(matches!(
            StageError::setting_the_scene(refused()),
            StageError::Environment(_)
        ));
        assert!(matches!(
            StageError::from(refused()),
            StageError::Subject(_)
        ));
    }
}
