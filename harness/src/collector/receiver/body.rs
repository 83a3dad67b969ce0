//! Bodies, none of which may take more memory than the limit.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt as _;

use crate::collector::receiver::LIMIT;

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(in crate::collector) enum BodyError {
    #[error("more than {LIMIT} bytes, unpacked")]
    TooLarge,
    #[error("not gzip: {0}")]
    Gzip(std::io::Error),
    #[error("the body ended early: {0}")]
    Ended(axum::Error),
}

/// The whole body, unless it is longer than `limit`.
///
/// Of one that is too long, a good deal is read on and thrown away: many clients look for an
/// answer only when they have sent everything, and never see one that comes before.
pub(super) async fn read(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(BodyError::Ended)?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= limit {
            whole.extend_from_slice(&data);
        } else {
            whole = Vec::new();
        }
        if length > 4 * limit {
            break;
        }
    }
    if length > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(whole.into())
}

/// Reads a body to its end without keeping any of it.
pub(super) async fn discard(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// What was packed, unless it is longer than the limit: then no more than that was unpacked.
pub(in crate::collector) fn gunzip(packed: &[u8]) -> Result<Bytes, BodyError> {
    let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(packed).take(most);
    let length = decoder.read_to_end(&mut unpacked);
    if length.map_err(BodyError::Gzip)? > LIMIT {
        return Err(BodyError::TooLarge);
    }
    Ok(unpacked.into())
}
