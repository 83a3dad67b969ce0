//! Reading feature files, and mounting scenarios over every boundary there is.
//!
//! A route whose column `over` says `any` is one scenario for each boundary; `any queue` means
//! those that carry messages, `any broker` those of them that need one, `any call` those that
//! carry requests. So a new boundary runs every such scenario without a line of Gherkin.
//!
//! A scenario is mounted only where it can be performed: a hop whose column `how` says what a
//! boundary cannot do, or that suffers a mistake which cannot be made there, is left out. The page
//! of the faults says where, and why.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cucumber::feature::Ext as _;
use cucumber::gherkin::{
    Background, Examples, Feature, GherkinEnv, LineCol, ParseFileError, Scenario,
};
use cucumber::parser::Error;
use cucumber::{Parser, cli};
use futures::stream;
use unbroken_adapters::{Boundaries, Descriptor, Fault, Medium};

use crate::route::how::How;

/// A parser that mounts.
pub(super) struct Mount {
    boundaries: Vec<&'static Descriptor>,
}

impl Mount {
    pub(super) fn over(boundaries: &Boundaries) -> Self {
        Self {
            boundaries: boundaries.iter().map(|b| b.descriptor()).collect(),
        }
    }

    /// Reads one file.
    pub(super) fn read(&self, path: &Path) -> Result<Feature, Error> {
        let feature = Feature::parse_path(path, GherkinEnv::default())?;
        if let Some((at, why)) = vain(&feature) {
            let why = format!("Error at {}:{}: {why}", at.line, at.col);
            return Err(nothing(path, &why));
        }
        let mut feature = feature.expand_examples()?;
        self.mount_feature(&mut feature);
        Ok(feature)
    }

    /// What stands in a background is said by each of its scenarios: a route in it may be mounted
    /// as well.
    fn mount_feature(&self, feature: &mut Feature) {
        let background = feature.background.take();
        begin(&mut feature.scenarios, background.as_ref());
        self.mount_all(&mut feature.scenarios);
        for rule in &mut feature.rules {
            begin(&mut rule.scenarios, rule.background.take().as_ref());
            begin(&mut rule.scenarios, background.as_ref());
            self.mount_all(&mut rule.scenarios);
        }
    }

    fn mount_all(&self, scenarios: &mut Vec<Scenario>) {
        let mounted = scenarios
            .drain(..)
            .flat_map(|scenario| self.mount(scenario));
        *scenarios = mounted.collect();
    }

    fn mount(&self, scenario: Scenario) -> Vec<Scenario> {
        let hops: Vec<_> = hops(&scenario).collect();
        let asked = scenario.steps.iter();
        let asked: Vec<_> = asked.filter_map(|step| asked_over(&step.value)).collect();
        if asked.is_empty() && !hops.iter().any(|hop| Kind::of(hop.over).is_some()) {
            return vec![scenario];
        }
        let faults = faults(&scenario, &hops);
        let boundaries = self.boundaries.iter().filter(|boundary| {
            let mut open = hops
                .iter()
                .filter_map(|hop| Some((hop, Kind::of(hop.over)?)));
            open.all(|(hop, kind)| kind.fits(boundary) && hop.can_be_made(boundary))
                && asked.iter().all(|(_, kind)| kind.fits(boundary))
                && faults
                    .iter()
                    .all(|fault| fault.objection(boundary, false).is_none())
        });
        let mounted = boundaries.map(|boundary| over_this(&scenario, boundary));
        let mounted: Vec<_> = mounted.collect();
        // What can be performed nowhere is left as it stands, for the route to say so.
        match mounted.is_empty() {
            true => vec![scenario],
            false => mounted,
        }
    }
}

impl Parser<Vec<PathBuf>> for Mount {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<Result<Feature, Error>>>;

    fn parse(self, paths: Vec<PathBuf>, _: cli::Empty) -> Self::Output {
        let mut files = Vec::new();
        let mut features = Vec::new();
        for path in &paths {
            let before = files.len();
            match collect(path, &mut files) {
                Ok(()) if files.len() == before => {
                    features.push(Err(nothing(path, "no .feature file is in it")));
                }
                Ok(()) => {}
                Err(source) => features.push(Err(cannot_be_read(path, source))),
            }
        }
        // A file that is named twice, or reached by two ways, is run once.
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
        features.extend(files.iter().map(|file| self.read(file)));
        // What takes longest begins first, and the others are done meanwhile.
        features.sort_by_key(|feature| !feature.as_ref().is_ok_and(starts_images));
        stream::iter(features)
    }
}

/// What of a feature would be run by nobody, and be missed by nobody: where it stands, and why.
fn vain(feature: &Feature) -> Option<(LineCol, &'static str)> {
    if feature.scenarios.is_empty() && feature.rules.is_empty() {
        return Some((feature.position, "no scenario is in this feature"));
    }
    let mut rules = feature.rules.iter();
    if let Some(rule) = rules.find(|rule| rule.scenarios.is_empty()) {
        return Some((rule.position, "no scenario is in this rule"));
    }
    let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
    let scenarios = feature.scenarios.iter().chain(of_rules);
    let mut examples = scenarios.flat_map(|scenario| &scenario.examples);
    let rows = |examples: &Examples| examples.table.as_ref().map_or(0, |table| table.rows.len());
    // The first row is the names.
    let empty = examples.find(|examples| rows(examples) < 2)?;
    Some((
        empty.position,
        "these examples have no row, so that no scenario is made of them",
    ))
}

/// That nothing stands where something should.
fn nothing(path: &Path, why: &str) -> Error {
    cannot_be_read(path, io::Error::other(why))
}

fn cannot_be_read(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::Parsing(Arc::new(ParseFileError::Reading { path, source }))
}

/// Lets every scenario begin with the steps of a background.
fn begin(scenarios: &mut [Scenario], background: Option<&Background>) {
    let Some(background) = background else {
        return;
    };
    for scenario in scenarios {
        let steps = background.steps.iter().cloned();
        scenario.steps.splice(0..0, steps);
    }
}

/// Which boundaries a scenario is mounted over.
#[derive(Clone, Copy)]
enum Kind {
    Any,
    Queue,
    Broker,
    Call,
}

impl Kind {
    fn of(cell: &str) -> Option<Self> {
        match cell.trim().to_ascii_lowercase().as_str() {
            "any" => Some(Self::Any),
            "any queue" => Some(Self::Queue),
            "any broker" => Some(Self::Broker),
            "any call" => Some(Self::Call),
            _ => None,
        }
    }

    fn fits(self, boundary: &Descriptor) -> bool {
        match self {
            Self::Any => true,
            Self::Queue => boundary.is_messaging(),
            Self::Broker => matches!(boundary.medium, Medium::Broker(_)),
            Self::Call => !boundary.is_messaging(),
        }
    }
}

/// A row of a table that is a route.
pub(super) struct Row<'a> {
    pub(super) from: &'a str,
    pub(super) over: &'a str,
    pub(super) to: &'a str,
    how: Option<&'a str>,
}

impl Row<'_> {
    /// A cell that means nothing is mounted everywhere: the route then says what is wrong with it.
    fn can_be_made(&self, over: &Descriptor) -> bool {
        let how = self.how.and_then(|how| how.parse::<How>().ok());
        how.is_none_or(|how| how.objection(over).is_none())
    }
}

/// The rows of the routes of a scenario.
pub(super) fn hops(scenario: &Scenario) -> impl Iterator<Item = Row<'_>> {
    let tables = scenario.steps.iter().filter_map(|step| step.table.as_ref());
    tables.flat_map(|table| {
        let head = table.rows.first();
        let column = move |name: &str| head?.iter().position(|cell| cell.trim() == name);
        table.rows.iter().skip(1).filter_map(move |row| {
            let cell = |name| Some(row.get(column(name)?)?.trim());
            Some(Row {
                from: cell("from").unwrap_or_default(),
                over: cell("over")?,
                to: cell("to").unwrap_or_default(),
                how: cell("how").filter(|how| !how.is_empty()),
            })
        })
    })
}

/// The mistakes that a scenario makes on hops over any boundary.
fn faults(scenario: &Scenario, hops: &[Row]) -> Vec<Fault> {
    let mut suffering = vec![false; hops.len()];
    let made = suffered(scenario).filter_map(|(from, to, fault)| {
        // As the plan does: each hop suffers one, in the order of the rows.
        let here = |at: &usize| !suffering[*at] && hops[*at].from == from && hops[*at].to == to;
        let hop = (0..hops.len()).find(here)?;
        suffering[hop] = true;
        Kind::of(hops[hop].over).map(|_| fault)
    });
    made.collect()
}

/// The faults of a scenario, each with the two ends of the hop that suffers it.
pub(super) fn suffered(scenario: &Scenario) -> impl Iterator<Item = (&str, &str, Fault)> {
    scenario.steps.iter().filter_map(|step| {
        let [from, to, fault] = quoted(&step.value, " suffers ")?;
        Some((from, to, fault.parse().ok()?))
    })
}

/// The three texts in quotation marks of a step that says these words.
pub(super) fn quoted<'a>(step: &'a str, words: &str) -> Option<[&'a str; 3]> {
    let texts: Vec<_> = step.split('"').skip(1).step_by(2).collect();
    step.contains(words).then(|| texts.try_into().ok())?
}

/// Over what a step asks a service, if that is any of several: the words, and which.
fn asked_over(step: &str) -> Option<(&'static str, Kind)> {
    const KINDS: [(&str, Kind); 4] = [
        ("any boundary", Kind::Any),
        ("any queue", Kind::Queue),
        ("any broker", Kind::Broker),
        ("any call", Kind::Call),
    ];
    let (_, over) = step.split_once(" honours W3C Trace Context over ")?;
    let mut kinds = KINDS.into_iter();
    kinds.find(|(words, _)| over.starts_with(words))
}

/// Whether a feature has services that are images: they take their time to start, and export when
/// they like.
fn starts_images(feature: &Feature) -> bool {
    let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
    let scenarios = feature.scenarios.iter().chain(of_rules);
    let mut steps = scenarios.flat_map(|scenario| &scenario.steps);
    steps.any(|step| step.value.contains(" runs the image "))
}

fn over_this(scenario: &Scenario, boundary: &Descriptor) -> Scenario {
    let mut mounted = scenario.clone();
    mounted.name = format!("{} [{}]", scenario.name, boundary.name);
    mounted.tags.push(boundary.scheme.to_owned());
    for step in &mut mounted.steps {
        if let Some((words, _)) = asked_over(&step.value) {
            step.value = step.value.replacen(words, boundary.name, 1);
        }
    }
    for table in mounted
        .steps
        .iter_mut()
        .filter_map(|step| step.table.as_mut())
    {
        let Some(column) = table.rows.first().and_then(|head| column_over(head)) else {
            continue;
        };
        for cell in table
            .rows
            .iter_mut()
            .skip(1)
            .filter_map(|row| row.get_mut(column))
        {
            if Kind::of(cell).is_some() {
                boundary.name.clone_into(cell);
            }
        }
    }
    mounted
}

fn column_over(head: &[String]) -> Option<usize> {
    head.iter().position(|cell| cell.trim() == "over")
}

/// Feature files below a folder, by name; a file is taken whatever it is called.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        std::fs::metadata(path)?;
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_feature = path
            .extension()
            .is_some_and(|extension| extension == "feature");
        // A folder that is a link may lead back to where we come from.
        if is_feature || (path.is_dir() && !path.is_symlink()) {
            collect(&path, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted(over: &str) -> Vec<String> {
        let text = format!(
            "Feature: f\n Scenario: s\n  When a request takes this route\n   | from | over | to |\n   \
             | a | HTTP | b |\n   | b | {over} | c |\n"
        );
        let feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        let mut scenarios = feature.scenarios;
        Mount::over(&Boundaries::all()).mount_all(&mut scenarios);
        scenarios
            .iter()
            .map(|scenario| scenario.name.clone())
            .collect()
    }

    #[test]
    fn any_is_one_scenario_for_each_boundary() {
        assert_eq!(
            mounted("any"),
            [
                "s [AMQP]",
                "s [gRPC]",
                "s [HTTP]",
                "s [Kafka]",
                "s [memory]",
                "s [SQS]"
            ]
        );
        assert_eq!(mounted("any call"), ["s [gRPC]", "s [HTTP]"]);
        assert_eq!(
            mounted("any queue"),
            ["s [AMQP]", "s [Kafka]", "s [memory]", "s [SQS]"]
        );
        assert_eq!(mounted("any broker"), ["s [AMQP]", "s [Kafka]", "s [SQS]"]);
        assert_eq!(mounted("Kafka"), ["s"]);
    }

    #[test]
    fn a_service_is_asked_over_any_boundary_that_the_step_says() {
        let asked = |over: &str| {
            let text = format!(
                "Feature: f\n Scenario: s\n  Then \"a b\" honours W3C Trace Context over {over} as a child\n"
            );
            let mut feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
            Mount::over(&Boundaries::all()).mount_all(&mut feature.scenarios);
            let scenarios = feature.scenarios.into_iter();
            let said = scenarios.map(|scenario| (scenario.name, scenario.steps[0].value.clone()));
            said.collect::<Vec<_>>()
        };
        let step = |over: &str| format!("\"a b\" honours W3C Trace Context over {over} as a child");
        let mounted = |over: &str| (format!("s [{over}]"), step(over));
        assert_eq!(asked("any call"), ["gRPC", "HTTP"].map(mounted));
        assert_eq!(asked("any broker"), ["AMQP", "Kafka", "SQS"].map(mounted));
        assert_eq!(asked("any boundary").len(), 6);
        assert_eq!(asked("Kafka"), [("s".to_owned(), step("Kafka"))]);
    }

    #[test]
    fn what_stands_in_a_background_is_mounted_with_its_scenarios() {
        let text = "Feature: f\n Background:\n  Given x\n  When r\n   | from | over | to |\n   \
                    | a | any call | b |\n Scenario: s\n  Then y\n Rule: r\n  Background:\n   Given z\n  \
                    Scenario: t\n   Then y\n";
        let mut feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        Mount::over(&Boundaries::all()).mount_feature(&mut feature);
        let said = |scenario: &Scenario| {
            let steps = scenario.steps.iter().map(|step| step.value.as_str());
            (scenario.name.clone(), steps.collect::<String>())
        };
        let both = |name: &str, steps: &str| {
            ["gRPC", "HTTP"].map(|over| (format!("{name} [{over}]"), steps.to_owned()))
        };
        let mounted: Vec<_> = feature.scenarios.iter().map(said).collect();
        assert_eq!(mounted, both("s", "xry"));
        let mounted: Vec<_> = feature.rules[0].scenarios.iter().map(said).collect();
        assert_eq!(mounted, both("t", "xrzy"));
        let cells: Vec<_> = hops(&feature.scenarios[1]).map(|hop| hop.over).collect();
        assert_eq!(cells, ["HTTP"]);
    }

    #[test]
    fn a_scenario_is_mounted_where_it_can_be_performed() {
        let names = |step: &str, how: &str| {
            let text = format!(
                "Feature: f\n Scenario: s\n  Given {step}\n  When a request takes this route\n   \
                 | from | over | to | how |\n   | a | any | b | {how} |\n"
            );
            let mut feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
            Mount::over(&Boundaries::all()).mount_all(&mut feature.scenarios);
            feature
                .scenarios
                .into_iter()
                .map(|s| s.name)
                .collect::<Vec<_>>()
        };
        let all = names("nothing", "");
        assert_eq!(names("nothing", "dead letter"), ["s [AMQP]", "s [SQS]"]);
        assert_eq!(names("nothing", "no such way"), all);
        assert_eq!(names("nothing", "in the background, dead letter"), ["s"]);
        let repeated = "the hop from \"a\" to \"b\" suffers \"F-05\"";
        assert_eq!(
            names(repeated, ""),
            ["s [gRPC]", "s [HTTP]", "s [Kafka]", "s [memory]"]
        );
        assert_eq!(
            names("the hop from \"x\" to \"b\" suffers \"F-05\"", ""),
            all
        );
    }

    #[test]
    fn what_nobody_would_run_is_refused_by_its_line() {
        let vain = |text: &str| {
            let feature = Feature::parse(format!("Feature: f\n{text}"), GherkinEnv::default());
            let feature = feature.expect("a feature");
            vain(&feature).map(|(at, why)| (at.line, why))
        };
        let scenario = " Scenario: s\n  Then y\n";
        let outline = " Scenario Outline: s\n  Then <y>\n  Examples:\n";
        let row = "   | y |\n   | 1 |\n";
        let none = "these examples have no row, so that no scenario is made of them";
        let rule = |text: &str| format!(" Rule: r\n{text}");
        for (text, said) in [
            (String::new(), Some((1, "no scenario is in this feature"))),
            (
                " Background:\n  Given x\n".to_owned(),
                Some((1, "no scenario is in this feature")),
            ),
            (scenario.to_owned(), None),
            (format!("{outline}{row}"), None),
            (format!("{scenario}{outline}   | y |\n"), Some((6, none))),
            (format!("{outline}{row}  Examples:\n"), Some((7, none))),
            (rule(scenario), None),
            (rule(&format!("{outline}   | y |\n")), Some((5, none))),
            (
                format!("{scenario}{}", rule("")),
                Some((4, "no scenario is in this rule")),
            ),
        ] {
            assert_eq!(vain(&text), said, "{text}");
        }
    }

    #[test]
    fn rows_that_cannot_go_over_one_boundary_are_left_for_the_route_to_refuse() {
        let text = "Feature: f\n Scenario: s\n  When r\n   | from | over | to |\n   \
                    | a | any call | b |\n   | b | any queue | c |\n";
        let mut feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        Mount::over(&Boundaries::all()).mount_all(&mut feature.scenarios);
        let names: Vec<_> = feature.scenarios.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["s"]);
    }

    #[test]
    fn only_the_cells_that_say_any_are_replaced() {
        let text = "Feature: f\n Scenario: s\n  When r\n   | from | over | to |\n   | a | any | b |\n   \
                    | b | HTTP | c |\n";
        let mut feature = Feature::parse(text, GherkinEnv::default()).expect("a feature");
        Mount::over(&Boundaries::all()).mount_all(&mut feature.scenarios);
        let cells: Vec<_> = hops(&feature.scenarios[3])
            .map(|hop| hop.over.to_owned())
            .collect();
        assert_eq!(cells, ["Kafka", "HTTP"]);
        assert!(feature.scenarios[3].tags.contains(&"kafka".to_owned()));
    }
}
