//! What runs in a container, in the form that testcontainers takes.

use std::borrow::Cow;
use std::path::PathBuf;

use testcontainers::core::{ContainerPort, ContainerState, ExecCommand, WaitFor};
use testcontainers::{CopyTargetOptions, CopyToContainer, Image, TestcontainersError};

use super::images::ImageName;

/// Who is to be told when it fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// A broker, a part, or the reference service.
    Ours,
    /// What is under test, or stands in its place.
    Theirs,
}

/// What to run.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) image: ImageName,
    pub(super) whose: Whose,
    /// Unique on the stage.
    pub(super) name: String,
    /// Ports to be reached from outside.
    pub(super) ports: Vec<u16>,
    pub(super) environment: Vec<(String, String)>,
    /// Instead of the image's own, if not empty.
    pub(super) command: Vec<String>,
    /// What the log says when it is ready; if nothing, it is ready once it runs.
    pub(super) ready: String,
    /// Run inside once the mapped ports are known; `{port}` is the first of them.
    pub(super) after_start: Vec<String>,
    /// An executable of ours to put in, and where to.
    pub(super) executable: Option<(PathBuf, &'static str)>,
}

/// A [`Spec`] with what testcontainers wants to borrow.
pub(super) struct Prepared {
    spec: Spec,
    ports: Vec<ContainerPort>,
    copies: Vec<CopyToContainer>,
}

impl Prepared {
    pub(super) fn of(spec: Spec) -> Self {
        let executable = spec.executable.iter().map(|(from, to)| {
            CopyToContainer::new(from.clone(), CopyTargetOptions::new(*to).with_mode(0o755))
        });
        Self {
            ports: spec
                .ports
                .iter()
                .map(|&port| ContainerPort::Tcp(port))
                .collect(),
            copies: executable.collect(),
            spec,
        }
    }
}

impl Image for Prepared {
    fn name(&self) -> &str {
        &self.spec.image.repository
    }

    fn tag(&self) -> &str {
        &self.spec.image.tag
    }

    /// Whoever started it reads its log, and can say what stood there instead.
    fn ready_conditions(&self) -> Vec<WaitFor> {
        Vec::new()
    }

    fn env_vars(
        &self,
    ) -> impl IntoIterator<Item = (impl Into<Cow<'_, str>>, impl Into<Cow<'_, str>>)> {
        let environment = self.spec.environment.iter();
        environment.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn copy_to_sources(&self) -> impl IntoIterator<Item = &CopyToContainer> {
        &self.copies
    }

    fn cmd(&self) -> impl IntoIterator<Item = impl Into<Cow<'_, str>>> {
        self.spec.command.iter().map(String::as_str)
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &self.ports
    }

    fn exec_after_start(
        &self,
        state: ContainerState,
    ) -> Result<Vec<ExecCommand>, TestcontainersError> {
        let (Some(&port), false) = (self.ports.first(), self.spec.after_start.is_empty()) else {
            return Ok(Vec::new());
        };
        let port = state.host_port_ipv4(port)?.to_string();
        let command = self.spec.after_start.iter();
        let command = command.map(|word| word.replace("{port}", &port));
        Ok(vec![ExecCommand::new(command)])
    }
}
