//! Which formats go out, and which of two wins. Nobody says how it is to be: these are facts of a
//! service, and no findings.

use unbroken_adapters::Format;

use super::case::{Beside, What};
use super::judge::Trial;
use super::judge::beside::{carrier, winner};
use super::judge::reading::first_calls;

/// What was seen of the formats that a service speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How many calls came.
    pub calls: usize,
    /// On how many of them each format stands, if it does on any.
    pub sent: Vec<(Format, usize)>,
    /// What came of two contexts in two formats.
    pub wins: Vec<Win>,
}

/// Two contexts came in, and one trace went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Win {
    /// The id of the case.
    pub case: &'static str,
    /// The formats of the two.
    pub of: [Format; 2],
    /// The format of the one whose trace went on, if either did.
    pub winner: Option<Format>,
}

impl Facts {
    /// What these trials show.
    pub(super) fn of(trials: &[Trial]) -> Self {
        let calls = trials.iter().flat_map(first_calls);
        let calls: Vec<_> = calls.map(|call| carrier(&call.headers)).collect();
        let sent = Format::ALL.into_iter().map(|format| {
            let with = calls.iter().filter(|call| format.stands_on(call));
            (format, with.count())
        });
        Self {
            calls: calls.len(),
            sent: sent.filter(|(_, calls)| *calls > 0).collect(),
            wins: trials.iter().filter_map(Win::of).collect(),
        }
    }
}

impl Win {
    fn of(trial: &Trial) -> Option<Self> {
        let demands = trial.case.demands.iter();
        let mut pairs = demands.filter_map(|demand| match demand.what {
            What::Beside(Beside::OneOf(one, other)) => Some([one, other]),
            _ => None,
        });
        let [one, other] = pairs.next()?;
        let (exchange, _) = trial.tried.as_ref()?;
        let got = carrier(&first_calls(trial).next()?.headers);
        Some(Self {
            case: trial.case.id,
            of: [one, other],
            winner: winner(one, other, &carrier(&exchange.headers), &got),
        })
    }
}
