use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use cucumber::gherkin::{Scenario, Step, Table};
use unbroken_adapters::{Fault, Relation};

use crate::check::Ending;
use crate::report;
use crate::request::Request;
use crate::route::{Route, RouteError, Row};
use crate::rules::{self, Family, Level};
use crate::stage::{Middle, Options, Participant, Plan, Question, Stage, StageError};
use crate::story::OwnAccord;
use crate::verdict::{Judgement, Known, Verdict};

/// What one scenario has said and seen so far.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    pub(super) stage: Stage,
    pub(super) fail_on: Level,
    pub(super) name: String,
    tags: Vec<String>,
    /// Where it stands in its file.
    line: usize,
    given: Given,
    /// What was given, and that nothing has made use of yet.
    idle: Vec<Idle>,
    pub(super) judgement: Option<Judgement>,
    pub(super) verdict: Verdict,
    /// The families that steps asked for; `None` for a single finding.
    pub(super) asked: Vec<Option<Family>>,
    /// The losses that steps asked for and found: the service that the hop leads to, and who is
    /// to blame.
    pub(super) found: Vec<(String, String)>,
    own: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    /// Whether a step of somebody's own looked at the judgement.
    looked: AtomicBool,
}

/// What a scenario says before its request takes a route, or a service is asked.
#[derive(Default)]
pub(super) struct Given {
    pub(super) cast: BTreeMap<String, Participant>,
    pub(super) silent: BTreeSet<String>,
    pub(super) own_accord: OwnAccord,
    pub(super) request: Request,
    pub(super) faults: Vec<(String, String, Fault)>,
    pub(super) middles: Vec<(String, String, Middle)>,
    pub(super) known: Vec<Known>,
}

/// Whom a line is about that says what is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The request and its route.
    Route,
    /// A service, wherever it stands, and also where it is asked by itself.
    Service(String),
}

/// A line that says what is given.
struct Idle {
    about: About,
    line: usize,
    step: String,
}

/// Why a scenario that came to its end well makes no sense all the same, and on which line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unasked {
    pub(crate) line: usize,
    pub(crate) why: String,
}

impl World {
    fn new() -> Self {
        Self {
            stage: Stage::new(Options::default()),
            fail_on: Level::Must,
            name: String::new(),
            tags: Vec::new(),
            line: 0,
            given: Given::default(),
            idle: Vec::new(),
            judgement: None,
            verdict: Verdict::Passed,
            asked: Vec::new(),
            found: Vec::new(),
            own: HashMap::new(),
            looked: AtomicBool::new(false),
        }
    }

    /// Puts the scenario of this name on a stage.
    pub(crate) fn enter(
        &mut self,
        stage: Stage,
        fail_on: Level,
        scenario: &Scenario,
        tags: Vec<String>,
    ) {
        self.stage = stage;
        self.fail_on = fail_on;
        self.name.clone_from(&scenario.name);
        self.line = scenario.position.line;
        self.tags = tags;
    }

    /// What is to be reported of the scenario, once it went to its end or was stopped before. A step of
    /// somebody's own says nothing of the verdict.
    pub(crate) fn leave(
        &mut self,
        went_to_its_end: bool,
    ) -> (Verdict, Option<Judgement>, Vec<Known>, Vec<Unasked>) {
        let unasked = match self.verdict {
            Verdict::Passed | Verdict::ExpectedFailure if went_to_its_end => self.unasked(),
            _ => Vec::new(),
        };
        let verdict = match unasked.is_empty() {
            true => self.verdict,
            false => Verdict::Mistaken,
        };
        let known = std::mem::take(&mut self.given.known);
        (verdict, self.judgement.take(), known, unasked)
    }

    /// What makes a scenario green without having looked. Steps of one's own may look by
    /// themselves.
    fn unasked(&self) -> Vec<Unasked> {
        let mut unasked = Vec::new();
        let mut object = |line, why| unasked.push(Unasked { line, why });
        let looked = self.looked.load(Ordering::Relaxed) || !self.own.is_empty();
        if self.asked.is_empty() && !looked {
            let why = "it asks nothing: add a step such as `Then the story is one connected tree`";
            object(self.line, why.to_owned());
        }
        for known in &self.given.known {
            let family = rules::rule(known.rule).map(rules::Rule::family);
            if !family.is_some_and(|family| self.asked.contains(&Some(family))) {
                let rule = known.rule;
                let why = format!("{rule} is said to be known, and no step asks for it");
                object(self.line, why);
            }
        }
        for idle in &self.idle {
            object(idle.line, idle.why());
        }
        unasked
    }

    /// The stage that the scenario is on.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// What was seen and judged, once a request took its route. A scenario that looks at it asks something.
    pub fn judgement(&self) -> Option<&Judgement> {
        self.looked.store(true, Ordering::Relaxed);
        self.judgement.as_ref()
    }

    /// What steps of one's own remember, one value of each type.
    pub fn own<T: Any + Default + Send + Sync>(&mut self) -> &mut T {
        let value = self.own.entry(TypeId::of::<T>());
        let value = value.or_insert_with(|| Box::new(T::default()));
        match value.downcast_mut() {
            Some(value) => value,
            None => unreachable!("the value under the id of a type is of that type"),
        }
    }

    /// Where a step puts what it says is given: the only way, so that no line of it is silently of no
    /// effect.
    pub(super) fn given(&mut self, step: &Step, about: About) -> Result<&mut Given, Failure> {
        if self.judgement.is_some() {
            return self.fail(
                Verdict::Mistaken,
                "it comes too late to have an effect: the request has taken its route; put the line \
                 before the route",
            );
        }
        self.idle.push(Idle {
            about,
            line: step.position.line,
            step: step.value.clone(),
        });
        Ok(&mut self.given)
    }

    /// What is given of this service has an effect: it is asked by itself.
    fn is_made_use_of_by(&mut self, service: &str) {
        let about = About::Service(service.to_owned());
        self.idle.retain(|idle| idle.about != about);
    }

    /// The findings that the scenario says are known.
    pub(super) fn known(&self) -> &[Known] {
        &self.given.known
    }

    /// Fails the step, and says what kind of end that is.
    pub(super) fn fail<T>(
        &mut self,
        verdict: Verdict,
        why: impl Into<String>,
    ) -> Result<T, Failure> {
        self.verdict = verdict;
        Err(Failure::new(why))
    }

    /// The plan that the scenario has made, with a route from its table.
    pub(super) fn plan(&self, table: &Table) -> Result<Plan, String> {
        let unknown = |tag: &&String| names_a_rule(tag) && rules::rule(tag).is_none();
        if let Some(tag) = self.tags.iter().find(unknown) {
            return Err(format!(
                "the tag @{tag} names no rule; `unbroken rules` lists them"
            ));
        }
        let rows = rows(table).map_err(|error| error.to_string())?;
        let route = Route::of(&rows, self.stage.boundaries()).map_err(|error| error.to_string())?;
        let mut middles = BTreeMap::new();
        for (from, to, middle) in &self.given.middles {
            let hops = route.hops().iter().enumerate();
            let mut free = hops.filter(|(at, hop)| {
                (&hop.from, &hop.to) == (from, to) && !middles.contains_key(at)
            });
            let Some((at, _)) = free.next() else {
                return Err(format!(
                    "no hop goes from {from:?} to {to:?} that passes through nothing yet; the hops go \
                     from {}",
                    route.pairs()
                ));
            };
            middles.insert(at, middle.clone());
        }
        for known in &self.given.known {
            if route.reaching(&known.to).next().is_none() {
                return Err(format!(
                    "no hop goes to {:?}, where {} is known to break; the hops go from {}",
                    known.to,
                    known.rule,
                    route.pairs()
                ));
            }
        }
        let mut plan = Plan {
            name: self.name.clone(),
            route,
            cast: self.given.cast.clone(),
            middles,
            silent: self.given.silent.clone(),
            own_accord: self.given.own_accord.clone(),
            faults: BTreeMap::new(),
            request: self.given.request.clone(),
        };
        for (from, to, fault) in &self.given.faults {
            if !plan.suffer(from, to, *fault) {
                return Err(format!(
                    "no hop goes from {from:?} to {to:?} that suffers nothing yet, so none can suffer {fault}; \
                     the hops go from {}",
                    plan.route.pairs()
                ));
            }
        }
        Ok(plan)
    }

    pub(super) async fn perform(&mut self, table: &Table) -> Result<(), Failure> {
        if self.judgement.is_some() {
            return self.fail(
                Verdict::Mistaken,
                format!(
                    "line {}: one scenario, one route: a second would hide the first",
                    table.position.line
                ),
            );
        }
        let plan = match self.plan(table) {
            Ok(plan) => plan,
            Err(why) => return self.fail(Verdict::Mistaken, why),
        };
        self.idle.clear();
        match self.stage.clone().perform(&plan).await {
            Ok(evidence) => {
                self.judgement = Some(Judgement::of(evidence));
                Ok(())
            }
            Err(error) => self.stopped(table.position.line, &error),
        }
    }
}

impl World {
    /// Asks a service whether it honours W3C Trace Context.
    pub(super) async fn ask(
        &mut self,
        service: String,
        over: String,
        relation: Option<Relation>,
        step: &Step,
    ) -> Result<(), Failure> {
        self.asked.push(None);
        self.is_made_use_of_by(&service);
        let given = &self.given;
        let line = step.position.line;
        let question = Question {
            player: given.cast.get(&service).cloned(),
            formats: given.request.formats.get(&service).cloned(),
            exports: !given.silent.contains(&service),
            service,
            over,
            relation,
            line,
        };
        let (check, checked) = match self.stage.clone().ask(&question).await {
            Ok(asked) => asked,
            Err(error) => return self.stopped(line, &error),
        };
        let verdict = match checked.ending(self.fail_on) {
            Ending::Conforms => return Ok(()),
            Ending::CouldNotRun if !checked.is_reached() => Verdict::CouldNotRun,
            Ending::CouldNotRun | Ending::Findings => Verdict::Failed,
        };
        self.fail(verdict, report::objections(&check, &checked))
    }

    /// Fails the step of this line, because the stage could not go on. What it says of that may be
    /// the log of somebody's service.
    fn stopped<T>(&mut self, line: usize, error: &StageError) -> Result<T, Failure> {
        let why = report::visible_lines(&error.to_string());
        match error {
            StageError::Scenario(_) => self.fail(Verdict::Mistaken, format!("line {line}: {why}")),
            _ => self.fail(Verdict::CouldNotRun, why),
        }
    }
}

impl Idle {
    fn why(&self) -> String {
        let step = &self.step;
        let nobody = match &self.about {
            About::Route => String::new(),
            About::Service(service) => {
                format!(", and none asks whether {service:?} honours W3C Trace Context")
            }
        };
        format!(
            "`{step}` has no effect: no step after it lets a request take a route{nobody}; take the \
             line out, or put such a step after it"
        )
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a failed step says.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a tag has the form of a rule's id: `TREE-001`.
fn names_a_rule(tag: &str) -> bool {
    let upper = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let number = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    tag.split_once('-')
        .is_some_and(|(family, id)| upper(family) && number(id))
}

/// Reads a route table: the columns stand in any order.
fn rows(table: &Table) -> Result<Vec<Row>, RouteError> {
    let line = table.position.line;
    let columns = |reason: String| RouteError::Columns { line, reason };
    let (head, body) = table.rows.split_first().ok_or(RouteError::Empty { line })?;
    let place = |name: &str| head.iter().position(|column| column.trim() == name);
    let needed = |name: &str| place(name).ok_or_else(|| columns(format!("{name} is missing")));
    let (from, over, to) = (needed("from")?, needed("over")?, needed("to")?);
    let (relation, how) = (place("as"), place("how"));
    let known = [Some(from), Some(over), Some(to), relation, how];
    if let Some(surplus) = (0..head.len()).find(|column| !known.contains(&Some(*column))) {
        return Err(columns(format!("{:?} is none of them", head[surplus])));
    }
    if body.is_empty() {
        return Err(RouteError::Empty { line });
    }
    let optional = |row: &[String], column: Option<usize>| {
        let word = column.map(|at| row[at].trim().to_owned());
        word.filter(|word| !word.is_empty())
    };
    let rows = body.iter().enumerate().map(|(index, row)| Row {
        line: line + 1 + index,
        from: row[from].trim().to_owned(),
        over: row[over].trim().to_owned(),
        to: row[to].trim().to_owned(),
        relation: optional(row, relation),
        how: optional(row, how),
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cucumber::gherkin::{GherkinEnv, LineCol};

    fn table(rows: &[&[&str]]) -> Table {
        Table {
            rows: rows
                .iter()
                .map(|row| row.iter().map(|&cell| cell.to_owned()).collect())
                .collect(),
            span: cucumber::gherkin::Span { start: 0, end: 0 },
            position: LineCol { line: 7, col: 1 },
        }
    }

    #[test]
    fn columns_stand_in_any_order_and_the_relation_may_be_left_out() {
        let rows = rows(&table(&[&["to", "from", "over"], &["b", "a", "HTTP"]])).expect("rows");
        assert_eq!((rows[0].line, &*rows[0].from, &*rows[0].to), (8, "a", "b"));
        assert_eq!(rows[0].relation, None);
    }

    #[test]
    fn a_table_with_other_columns_is_refused_by_its_line() {
        let missing = rows(&table(&[&["from", "to"], &["a", "b"]])).expect_err("no rows");
        assert!(missing.to_string().starts_with("line 7:"), "{missing}");
        let surplus = rows(&table(&[&["from", "to", "over", "via"]])).expect_err("no rows");
        assert!(
            surplus.to_string().contains("\"via\" is none of them"),
            "{surplus}"
        );
    }

    /// What a scenario of these lines says of them in the end, where nothing is looked at.
    fn idle(lines: &str, service: &str) -> Vec<(usize, String)> {
        let text = format!("Feature: f\n Scenario: s\n{lines}");
        let feature = cucumber::gherkin::Feature::parse(text, GherkinEnv::default());
        let mut world = World::new();
        for step in &feature.expect("a feature").scenarios[0].steps {
            let about = match step.value.as_str() {
                "the route" => About::Route,
                service => About::Service(service.to_owned()),
            };
            world.given(step, about).expect("nothing was seen");
        }
        world.asked.push(None);
        world.is_made_use_of_by(service);
        let (verdict, .., unasked) = world.leave(true);
        assert_eq!(verdict == Verdict::Passed, unasked.is_empty());
        let unasked = unasked.into_iter();
        unasked.map(|unasked| (unasked.line, unasked.why)).collect()
    }

    #[test]
    fn what_is_given_and_of_no_effect_is_said_by_its_line() {
        let lines = "  Given the route\n  And orders\n  And billing\n";
        let said = idle(lines, "orders");
        let [(3, route), (5, billing)] = said.as_slice() else {
            panic!("{said:?}");
        };
        assert!(route.starts_with("`the route` has no effect: "), "{route}");
        assert!(!route.contains("honours"), "{route}");
        assert!(
            billing.contains("none asks whether \"billing\" honours"),
            "{billing}"
        );
        assert_eq!(idle("  Given orders\n", "orders"), []);
    }

    #[test]
    fn the_log_of_a_service_is_seen_and_not_obeyed() {
        let mut world = World::new();
        let error = StageError::Subject("its last words:\n\u{1b}[2K\n ::error::x".to_owned());
        let why = world.stopped::<()>(7, &error).expect_err("it stopped");
        let shown = "subject: its last words:\n\\u{1b}[2K\n \\u{3a}:error::x";
        assert_eq!(why.to_string(), shown);
        assert_eq!(world.verdict, Verdict::CouldNotRun);
        let error = StageError::Scenario("no".to_owned());
        let why = world.stopped::<()>(7, &error).expect_err("it stopped");
        assert_eq!(why.to_string(), "line 7: scenario: no");
        assert_eq!(world.verdict, Verdict::Mistaken);
    }

    #[test]
    fn steps_of_ones_own_remember_one_value_of_each_type() {
        let mut world = World::new();
        *world.own::<u8>() += 7;
        assert_eq!(*world.own::<u8>(), 7);
        assert_eq!(world.own::<String>(), "");
    }
}
