//! Why nothing was checked.

use unbroken_adapters::BoundaryError;

use super::probe::ProbeError;

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// What is to be checked makes no sense.
    #[error("{0}")]
    Mistaken(String),
    /// It does, and cannot be had here and now.
    #[error("{0}")]
    Environment(String),
}

impl From<BoundaryError> for CheckError {
    fn from(error: BoundaryError) -> Self {
        match error {
            BoundaryError::Address { .. }
            | BoundaryError::Malformed(_)
            | BoundaryError::UnknownScheme(_) => Self::Mistaken(error.to_string()),
            _ => Self::Environment(error.to_string()),
        }
    }
}

impl From<ProbeError> for CheckError {
    fn from(error: ProbeError) -> Self {
        let said = error.to_string();
        match error {
            ProbeError::Listening(_) => Self::Mistaken(said),
            ProbeError::Io(_) => Self::Environment(said),
            ProbeError::Boundary(error) => match error.into() {
                Self::Mistaken(_) => Self::Mistaken(said),
                Self::Environment(_) => Self::Environment(said),
            },
        }
    }
}
