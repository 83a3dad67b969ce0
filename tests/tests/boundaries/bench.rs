//! The stage that all trials share: each broker is started by the first that needs it.

use std::future::Future;
use std::io;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use tokio::runtime::Runtime;
use unbroken::stage::{Options, Stage};
use unbroken_adapters::conformance::Ground;
use unbroken_adapters::{Address, Boundaries, Boundary, Medium};

pub(crate) struct Bench {
    runtime: Runtime,
    stage: Stage,
}

impl Bench {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            runtime: Runtime::new()?,
            stage: Stage::new(Options::default()),
        })
    }

    /// Where a boundary is tried, with a parameter in its addresses if there is one.
    pub(crate) async fn ground(
        &self,
        name: &str,
        param: Option<(&'static str, &'static str)>,
    ) -> Result<Ground, Failed> {
        let (boundary, endpoint) = self.boundary(name).await?;
        let ground = Ground::new(boundary, endpoint);
        Ok(match param {
            Some((name, value)) => ground.with_param(name, value),
            None => ground,
        })
    }

    /// A boundary, and where its broker is if it has one.
    pub(crate) async fn boundary(&self, name: &str) -> Result<(Arc<dyn Boundary>, String), Failed> {
        let boundary = self.stage.boundaries().named(name);
        let boundary = boundary.ok_or_else(|| format!("there is no {name}"))?;
        let endpoint = match boundary.descriptor().medium {
            Medium::Broker(broker) => self.stage.broker(broker).await?,
            Medium::Direct | Medium::Process => String::new(),
        };
        Ok((Arc::clone(boundary), endpoint))
    }

    /// The clients that all trials share.
    pub(crate) fn boundaries(&self) -> &Boundaries {
        self.stage.boundaries()
    }

    /// A test that only one boundary can pass.
    pub(crate) fn trial<F>(
        self: &Arc<Self>,
        title: &str,
        run: impl FnOnce(Arc<dyn Boundary>, String) -> F + Send + 'static,
    ) -> Trial
    where
        F: Future<Output = Result<(), Failed>>,
    {
        let bench = Arc::clone(self);
        let name = title.split("::").next().unwrap_or_default().to_owned();
        Trial::test(title, move || {
            bench.wait(async {
                let (boundary, endpoint) = bench.boundary(&name).await?;
                run(boundary, endpoint).await
            })
        })
    }

    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    pub(crate) fn close(&self) {
        self.runtime.block_on(self.stage.close());
    }
}

/// An address that nobody else has, declared.
pub(crate) async fn declared(
    boundary: &dyn Boundary,
    endpoint: &str,
    hop: &str,
) -> Result<Address, Failed> {
    let address = boundary.descriptor().address_of(endpoint, hop)?;
    boundary.declare(&address).await?;
    Ok(address)
}
