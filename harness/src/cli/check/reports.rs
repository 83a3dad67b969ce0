//! Where a check is reported to, and how.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use super::suite_ending;
use crate::check::{Check, Checked, Ending, Suite};
use crate::report;
use crate::rules::Level;

/// How a check is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Terminal,
    Json,
    Markdown,
    Junit,
}

/// A file that a report goes to, as `junit=PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outlet {
    format: Format,
    path: PathBuf,
}

/// A text that names no report.
#[derive(Debug, thiserror::Error)]
#[error("a report is junit=PATH, markdown=PATH or json=PATH, and not {0:?}")]
pub(super) struct OutletError(String);

impl FromStr for Outlet {
    type Err = OutletError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || OutletError(text.to_owned());
        let (format, path) = text.split_once('=').ok_or_else(bad)?;
        let format = match format {
            "json" => Format::Json,
            "markdown" => Format::Markdown,
            "junit" => Format::Junit,
            _ => return Err(bad()),
        };
        let path = Some(path).filter(|path| !path.is_empty());
        Ok(Self {
            format,
            path: path.ok_or_else(bad)?.into(),
        })
    }
}

/// What came of a check.
pub(super) enum Came {
    Checked(Box<Checked>),
    Suite(Suite),
}

/// What is to be told, of what, where findings of this level count.
pub(super) struct Report<'a> {
    pub(super) check: &'a Check,
    pub(super) came: Came,
    pub(super) fail_on: Level,
}

impl Report<'_> {
    pub(super) fn ending(&self) -> Ending {
        match &self.came {
            Came::Checked(checked) => checked.ending(self.fail_on),
            Came::Suite(suite) => suite_ending(&suite.tests),
        }
    }

    /// Tells it everywhere: on standard output, in the files that were asked for, and to GitHub,
    /// where that runs it. What was judged is told even where a file cannot be written.
    /// What could not be told comes back.
    pub(super) fn tell(&self, format: Format, outlets: &[Outlet]) -> Vec<io::Error> {
        let said = self.page(format).map(|page| {
            // A reader that closes the pipe has read enough.
            let _ = anstream::stdout().write_all(page.as_bytes());
        });
        let files = outlets.iter().map(|outlet| {
            let page = self.page(outlet.format)?;
            write(&outlet.path, &page).map_err(|error| about(&outlet.path, &error))
        });
        let all = [said].into_iter().chain(files).chain(self.tell_github());
        all.filter_map(Result::err).collect()
    }

    fn page(&self, format: Format) -> io::Result<String> {
        let (check, fail_on) = (self.check, self.fail_on);
        Ok(match (&self.came, format) {
            (Came::Checked(checked), Format::Terminal) => report::checked(check, checked),
            (Came::Checked(checked), Format::Json) => {
                report::checked_json(check, checked, self.ending())
            }
            (Came::Checked(checked), Format::Markdown) => {
                report::checked_markdown(check, checked, self.ending())
            }
            (Came::Checked(checked), Format::Junit) => {
                report::checked_junit(check, checked, fail_on).map_err(io::Error::other)?
            }
            (Came::Suite(suite), Format::Terminal) => report::suite(check, suite),
            (Came::Suite(suite), Format::Json) => report::suite_json(check, suite),
            (Came::Suite(suite), Format::Markdown) => report::suite_markdown(check, suite),
            (Came::Suite(suite), Format::Junit) => {
                report::suite_junit(check, suite).map_err(io::Error::other)?
            }
        })
    }

    /// Annotations go to standard error, where GitHub reads them as well: standard output may be
    /// somebody's JSON.
    fn tell_github(&self) -> Option<io::Result<()>> {
        std::env::var_os("GITHUB_ACTIONS").filter(|set| !set.is_empty())?;
        let annotations = match &self.came {
            Came::Checked(checked) => {
                report::checked_annotations(self.check, checked, self.fail_on)
            }
            Came::Suite(suite) => report::suite_annotations(self.check, suite),
        };
        eprint!("{annotations}");
        let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())?;
        let append = || {
            let page = self.page(Format::Markdown)?;
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.append(true).create(true).open(&summary)?;
            file.write_all(page.as_bytes())
        };
        Some(append().map_err(|error| about(Path::new(&summary), &error)))
    }
}

/// Folders that are not there are made.
fn write(path: &Path, page: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, page)
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    let message = format!("{} cannot be written: {error}", path.display());
    io::Error::new(error.kind(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlet_names_a_format_and_a_path() {
        let outlet: Outlet = "junit=a/b=c.xml".parse().expect("an outlet");
        assert_eq!(outlet.format, Format::Junit);
        assert_eq!(outlet.path, Path::new("a/b=c.xml"));
        for bad in ["", "junit", "junit=", "html=x", "terminal=x", "x.xml"] {
            assert!(bad.parse::<Outlet>().is_err(), "{bad:?}");
        }
    }
}
