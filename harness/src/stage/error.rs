use std::time::Duration;

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

impl From<AddressError> for StageError {
    fn from(error: AddressError) -> Self {
        Self::Scenario(error.to_string())
    }
}
