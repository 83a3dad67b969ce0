use unbroken_adapters::service::Taking;
use unbroken_adapters::{Boundaries, Descriptor, RelationError};

use super::how::How;
use super::{Hop, Origin};

/// A row of the route table, with the line that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of the feature file, for messages.
    pub line: usize,
    /// The column `from`.
    pub from: String,
    /// The column `over`: a boundary, and after a `?` parameters of its address.
    pub over: String,
    /// The column `to`.
    pub to: String,
    /// The column `as`; where it is empty, the boundary's default holds.
    pub relation: Option<String>,
    /// The column `how`; where it is empty, one message is sent once and taken as it comes.
    pub how: Option<String>,
}

/// Why a table is no route. Every message names the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// The table has no rows.
    #[error("line {line}: the route has no hops")]
    Empty {
        /// Of the table.
        line: usize,
    },
    /// A column is missing, or one is there that means nothing.
    #[error(
        "line {line}: the columns of a route are from, over, to, and optionally as and how; \
         {reason}"
    )]
    Columns {
        /// Of the table's head.
        line: usize,
        /// Which column.
        reason: String,
    },
    /// A cell that must not be empty is.
    #[error("line {line}: the column {column:?} is empty")]
    EmptyCell {
        /// Of the row.
        line: usize,
        /// Which.
        column: &'static str,
    },
    /// The boundary does not exist.
    #[error(
        "line {line}: no boundary is called {name:?}; there are {known}, and in a scenario's own \
         table any, any call, any queue and any broker"
    )]
    UnknownBoundary {
        /// Of the row.
        line: usize,
        /// What was written.
        name: String,
        /// What could have been.
        known: String,
    },
    /// Parameters where none mean anything, or that are none.
    #[error("line {line}: {reason}")]
    Params {
        /// Of the row.
        line: usize,
        /// What is wrong with them.
        reason: String,
    },
    /// The relation does not exist.
    #[error("line {line}: {reason}")]
    UnknownRelation {
        /// Of the row.
        line: usize,
        /// What was written, and what could have been.
        reason: RelationError,
    },
    /// The hop cannot be made so.
    #[error("line {line}: {reason}")]
    How {
        /// Of the row.
        line: usize,
        /// What was written, and what could have been.
        reason: String,
    },
    /// Nobody is never reached: the hops run in a circle.
    #[error("line {line}: the route has no entry: every service is reached by another")]
    NoEntry {
        /// Of the first row.
        line: usize,
    },
    /// Two services are never reached.
    #[error("line {line}: {second:?} is reached by nobody, and {first:?} is the entry already")]
    TwoEntries {
        /// Of the row that begins at the second.
        line: usize,
        /// The entry of the first row.
        first: String,
        /// The other one.
        second: String,
    },
    /// A service that sends on is reached twice: one cannot say what it sends on for.
    #[error(
        "line {line}: {service:?} is reached a second time (first at line {first}) and sends on: \
         the route is no tree"
    )]
    ReachedTwice {
        /// Of the second row to reach it.
        line: usize,
        /// Of the first one.
        first: usize,
        /// Which service.
        service: String,
    },
    /// The hops beyond the entry form a circle of their own.
    #[error("line {line}: {service:?} is not reached from the entry: the route runs in a circle")]
    Circle {
        /// Of a row in the circle.
        line: usize,
        /// Which service.
        service: String,
    },
}

impl Row {
    pub(super) fn hop(
        &self,
        after: Option<usize>,
        boundaries: &Boundaries,
    ) -> Result<Hop, RouteError> {
        let line = self.line;
        for (column, cell) in [("from", &self.from), ("over", &self.over), ("to", &self.to)] {
            if cell.is_empty() {
                return Err(RouteError::EmptyCell { line, column });
            }
        }
        let (name, params) = self.over.split_once('?').unwrap_or((&self.over, ""));
        if name == "any" || name.starts_with("any ") {
            let reason = "no boundary can do what the rows that say \"any\" ask for together";
            let reason = reason.to_owned();
            return Err(RouteError::How { line, reason });
        }
        let over = boundaries
            .named(name)
            .ok_or_else(|| RouteError::UnknownBoundary {
                line,
                name: name.to_owned(),
                known: names(boundaries),
            })?
            .descriptor();
        let relation = match &self.relation {
            Some(word) => word
                .parse()
                .map_err(|reason| RouteError::UnknownRelation { line, reason })?,
            None => over.default_relation,
        };
        Ok(Hop {
            from: self.from.clone(),
            to: self.to.clone(),
            params: params_of(params, over)
                .map_err(|reason| RouteError::Params { line, reason })?,
            over,
            relation,
            after,
            origin: Origin::default(),
            taking: Taking::Each,
            reply: false,
        })
    }

    pub(super) fn how(&self) -> Result<How, RouteError> {
        let how = self.how.as_deref().map(str::parse).transpose();
        let line = self.line;
        how.map(Option::unwrap_or_default)
            .map_err(|reason| RouteError::How { line, reason })
    }
}

/// Reads `key=value&key=value`.
fn params_of(text: &str, over: &Descriptor) -> Result<Vec<(String, String)>, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let params = pairs.map(|pair| match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("{pair:?} is no key=value")),
    });
    let params: Vec<_> = params.collect::<Result<_, _>>()?;
    match params.is_empty() || over.is_messaging() {
        true => Ok(params),
        false => Err(format!("an address over {} takes no parameters", over.name)),
    }
}

pub(super) fn names(boundaries: &Boundaries) -> String {
    let names: Vec<_> = boundaries.iter().map(|b| b.descriptor().name).collect();
    names.join(", ")
}
