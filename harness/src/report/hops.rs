//! The route, hop by hop, with what the rules say of each.

use super::{BAD, DIM, GOOD, WARN, paint, readable};
use crate::rules::{Level, Outcome};
use crate::verdict::Judgement;

/// A line for each hop: `✔ 1  client ─HTTP→ gateway   child   8 rules hold`.
pub(super) fn table(judgement: &Judgement) -> String {
    let hops = judgement.evidence.route.hops();
    let width = hops.iter().map(|hop| hop.to_string().chars().count()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (index, hop) in hops.iter().enumerate() {
        let said = Said::of(judgement, index);
        let name = hop.to_string();
        let space = " ".repeat(width - name.chars().count());
        let relation = format!("{:<13}", hop.relation.as_str());
        let line = format!(
            "  {} {:>2}  {name}{space}   {} {}\n",
            said.mark(),
            index + 1,
            paint(DIM, &relation),
            said.in_words()
        );
        text.push_str(&line);
    }
    text
}

/// Each rule and hop that could not be judged, with the reason; rules that follow each other and
/// have the same reason stand in one line.
pub(super) fn not_shown(judgement: &Judgement) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for ruling in &judgement.rulings {
        for outcome in &ruling.outcomes {
            let Outcome::NotShown { hop, why } = outcome else {
                continue;
            };
            let id = ruling.rule.id;
            match (hop, lines.last_mut()) {
                (None, Some((ids, reason))) if reason == why => *ids = format!("{ids}, {id}"),
                (None, _) => lines.push((id.to_owned(), why.clone())),
                (Some(hop), _) => lines.push((format!("{id} on hop {}", hop + 1), why.clone())),
            }
        }
    }
    let lines = lines.iter();
    lines
        .map(|(what, why)| format!("  {what}: {}\n", readable(why)))
        .collect()
}

struct Said {
    held: usize,
    broken: Vec<&'static str>,
    advised: Vec<&'static str>,
    not_shown: Vec<&'static str>,
}

impl Said {
    fn of(judgement: &Judgement, index: usize) -> Self {
        let mut said = Self {
            held: 0,
            broken: Vec::new(),
            advised: Vec::new(),
            not_shown: Vec::new(),
        };
        for ruling in &judgement.rulings {
            let id = ruling.rule.id;
            for outcome in &ruling.outcomes {
                let ids = match outcome {
                    Outcome::Held { hop } if *hop == Some(index) => {
                        said.held += 1;
                        continue;
                    }
                    Outcome::Finding(f) if f.hop == Some(index) && f.level == Level::Must => {
                        &mut said.broken
                    }
                    Outcome::Finding(f) if f.hop == Some(index) => &mut said.advised,
                    Outcome::NotShown { hop, .. } if *hop == Some(index) => &mut said.not_shown,
                    _ => continue,
                };
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        said
    }

    fn mark(&self) -> String {
        match (self.broken.is_empty(), self.not_shown.is_empty()) {
            (false, _) => paint(BAD, "✘"),
            (true, false) => paint(WARN, "?"),
            (true, true) => paint(GOOD, "✔"),
        }
    }

    fn in_words(&self) -> String {
        let lists = [
            (BAD, "breaks", &self.broken),
            (WARN, "advice:", &self.advised),
            (WARN, "not shown:", &self.not_shown),
        ];
        let words = lists.into_iter().filter(|(_, _, ids)| !ids.is_empty());
        let words: Vec<_> = words
            .map(|(style, verb, ids)| paint(style, &format!("{verb} {}", ids.join(", "))))
            .collect();
        match words.is_empty() {
            true => paint(DIM, &format!("{} rules hold", self.held)),
            false => words.join("; "),
        }
    }
}
