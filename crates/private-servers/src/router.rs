//! The federation router: an off-the-shelf program, built once per machine, in front of the services.
//!
//! It runs with the configuration that the project ships (`deploy/router/router.yaml`), so the tests cover what a
//! region deploys. Only the addresses of the services differ.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cache;
use crate::error::{Doing as _, Error, Result};
use crate::folder::PrivateFolder;
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

/// Names a router binary, instead of the one in the cache.
pub const ROUTER_VARIABLE: &str = "HUBNET_TEST_ROUTER";

/// The newest version that builds with the Rust version of this workspace.
const VERSION: &str = "0.2.19";
const CONFIGURATION: &str = include_str!("../../../deploy/router/router.yaml");
const READY_LIMIT: Duration = Duration::from_mins(1);

/// Returns the router's binary: the given one, else the one in the cache, which is built the first time (some fifteen
/// minutes of processor time, 3 GB of disk during the build).
pub fn ensure_built() -> Result<PathBuf> {
    if let Some(given) = env::var_os(ROUTER_VARIABLE) {
        return Ok(PathBuf::from(given));
    }
    let root = cache::folder(&format!("hive-router-{VERSION}"))?;
    let binary = root.join("bin/hive_router");
    if !binary.is_file() {
        build(&root)?;
    }
    Ok(binary)
}

fn build(root: &Path) -> Result<()> {
    eprintln!("building hive-router {VERSION} into {} (once; about 15 processor minutes)", root.display());
    let target = cache::folder("hive-router-build")?;
    let status = Command::new("cargo")
        .args(["install", "hive-router", "--version", VERSION, "--locked", "--debug", "--bin", "hive_router"])
        // The default build fetches a web page with npm; this feature bundles one.
        .args(["--features", "graphiql"])
        .arg("--root")
        .arg(root)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "none")
        .stdin(Stdio::null())
        .status()
        .doing(|| "run cargo install hive-router".to_owned())?;
    if !status.success() {
        return Err(Error::Failed {
            command: "cargo install hive-router".to_owned(),
            status: status.to_string(),
            output: "(see above)".to_owned(),
        });
    }
    fs::remove_dir_all(&target).doing(|| format!("remove {}", target.display()))
}

/// A running router; dropping it stops it.
pub struct Router {
    port: u16,
    program: Program,
    _home: PrivateFolder,
}

impl Router {
    /// Starts the router on `port` with the supergraph of this file and waits until it is ready.
    ///
    /// `subgraph_urls` pairs a service's name with the URL of its GraphQL endpoint, which replaces the one in the
    /// supergraph.
    pub fn start(
        binary: &Path,
        supergraph: &Path,
        subgraph_urls: &[(&str, String)],
        port: u16,
    ) -> Result<Self> {
        let home = PrivateFolder::new("router")?;
        let supergraph_text =
            fs::read_to_string(supergraph).doing(|| format!("read {}", supergraph.display()))?;
        let supergraph = write(&home, "supergraph.graphql", &with_urls(&supergraph_text, subgraph_urls))?;
        let configuration = write(&home, "router.yaml", CONFIGURATION)?;
        let binary = binary.to_owned();
        let program = Program::start(Recipe {
            name: "the federation router".to_owned(),
            folder: home.path().to_owned(),
            command: Box::new(move || command(&binary, &configuration, &supergraph, port)),
            is_ready: Box::new(move || probe::http_status(port, "/readiness") == Some(200)),
            ready_limit: READY_LIMIT,
            stop: Signal::Terminate,
            output: Output::Logged(home.path().join("log")),
        })?;
        Ok(Self { port, program, _home: home })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it listens on, also after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it with SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.program.kill()
    }

    /// Starts it again on the same port and waits until it is ready.
    pub fn restart(&self) -> Result<()> {
        self.program.restart()
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Router").field("port", &self.port).finish_non_exhaustive()
    }
}

fn command(binary: &Path, configuration: &Path, supergraph: &Path, port: u16) -> Command {
    let mut command = Command::new(binary);
    command
        .env("ROUTER_CONFIG_FILE_PATH", configuration)
        .env("SUPERGRAPH_FILE_PATH", supergraph)
        .env("HOST", "127.0.0.1")
        .env("PORT", port.to_string());
    command
}

fn write(home: &PrivateFolder, name: &str, content: &str) -> Result<PathBuf> {
    let file = home.path().join(name);
    fs::write(&file, content).doing(|| format!("write {}", file.display()))?;
    Ok(file)
}

/// Replaces the URL in each `@join__graph(name: "…", url: "…")` whose name is in the list.
fn with_urls(supergraph: &str, subgraph_urls: &[(&str, String)]) -> String {
    subgraph_urls.iter().fold(supergraph.to_owned(), |text, (name, url)| {
        let before = format!("@join__graph(name: \"{name}\", url: \"");
        let Some((head, tail)) = text.split_once(&before) else { return text };
        let Some((_, rest)) = tail.split_once('"') else { return text };
        format!("{head}{before}{url}\"{rest}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_subgraph_gets_another_url() {
        let supergraph = r#"enum join__Graph {
  EVENTS @join__graph(name: "events", url: "http://127.0.0.1:4103/graphql")
  ROAMING @join__graph(name: "roaming", url: "http://127.0.0.1:4102/graphql")
}"#;
        let changed = with_urls(supergraph, &[("roaming", "http://127.0.0.1:9/graphql".to_owned())]);
        assert!(changed.contains(r#"name: "events", url: "http://127.0.0.1:4103/graphql")"#));
        assert!(changed.contains(r#"name: "roaming", url: "http://127.0.0.1:9/graphql")"#));
        assert!(!changed.contains("4102"));
    }
}
