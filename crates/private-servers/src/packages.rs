//! Finds the servers on this machine, and installs them if it may.
//!
//! On Debian and its derivatives, as root, missing packages are installed and nothing is started system-wide.
//! Elsewhere the error names what to install. Nothing is skipped or faked.

use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::account::{SEARCH_PATH, we_are_root};
use crate::cache;
use crate::error::{Doing as _, Error, Result};
use crate::{AMQP_URL_VARIABLE, DATABASE_URL_VARIABLE, REDIS_URL_VARIABLE};

/// Debian runs this file to decide whether an installed service may start; 101 means no.
const POLICY_FILE: &str = "/usr/sbin/policy-rc.d";
const POLICY: &str = "#!/bin/sh\nexit 101\n";

/// Locations of the programs of the private servers.
#[derive(Debug, Clone)]
pub struct Packages {
    /// The folder with `initdb`, `postgres` and `psql`.
    pub(crate) postgres: PathBuf,
    /// `redis-server`.
    pub(crate) redis: PathBuf,
    /// `rabbitmq-server`, not the packaged wrapper of that name.
    pub(crate) rabbitmq: PathBuf,
    /// `epmd`, Erlang's port mapper.
    pub(crate) epmd: PathBuf,
}

/// A program and its Debian package.
struct Wanted {
    program: &'static str,
    package: &'static str,
    found: Option<PathBuf>,
}

/// Finds PostgreSQL, Redis and RabbitMQ; installs what is missing if this is Debian and the caller is root.
pub fn ensure() -> Result<Packages> {
    ensure_all(look_for_servers, &advice_to_give_servers())?;
    let [postgres, redis, rabbitmq, epmd, ..] =
        look_for_servers().map(|wanted| wanted.found.unwrap_or_default());
    Ok(Packages { postgres, redis, rabbitmq, epmd })
}

/// Finds Node.js and npm, which compose the supergraph; installs them likewise.
pub fn ensure_node() -> Result<()> {
    ensure_all(look_for_node, "Any Node.js from 18 on will do.")
}

/// Installs npm packages into a cache folder of this name, once for each content of `package.json`; returns the
/// folder. Node finds packages beside a script, so the script belongs there, too. Concurrent callers, also of several
/// processes, wait for the one that installs.
pub fn ensure_npm(name: &str, package_json: &str) -> Result<PathBuf> {
    ensure_node()?;
    let place = cache::folder(name)?;
    let _turn = take_turn(&place)?;
    let installed = place.join("installed.json");
    if fs::read_to_string(&installed).ok().as_deref() == Some(package_json) {
        return Ok(place);
    }
    eprintln!("installing npm packages for {name} into the cache (once)");
    let write = |file: &Path| fs::write(file, package_json).doing(|| format!("write {}", file.display()));
    write(&place.join("package.json"))?;
    let quiet = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel", "error"];
    run_quietly(Command::new("npm").args(quiet).current_dir(&place))?;
    write(&installed)?;
    Ok(place)
}

/// Installs PyPI packages into a virtual environment in the cache folder of this name, once for each content of
/// `requirements.txt`; returns the environment, whose `bin` has the programs. Concurrent callers wait as for
/// [`ensure_npm`].
pub fn ensure_pip(name: &str, requirements: &str) -> Result<PathBuf> {
    ensure_all(look_for_python, "Any Python from 3.10 on will do, with venv and pip.")?;
    let place = cache::folder(name)?;
    let _turn = take_turn(&place)?;
    let installed = place.join("installed.txt");
    if fs::read_to_string(&installed).ok().as_deref() == Some(requirements) {
        return Ok(place.join("environment"));
    }
    eprintln!("installing Python packages for {name} into the cache (once)");
    let wanted = place.join("requirements.txt");
    let write = |file: &Path| fs::write(file, requirements).doing(|| format!("write {}", file.display()));
    write(&wanted)?;
    run_quietly(Command::new("python3").args(["-m", "venv", "--clear", "environment"]).current_dir(&place))?;
    let mut pip = Command::new(place.join("environment/bin/pip"));
    run_quietly(pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted))?;
    write(&installed)?;
    Ok(place.join("environment"))
}

/// Waits until no other thread or process installs into this folder. Dropping the file releases the lock.
fn take_turn(place: &Path) -> Result<File> {
    let file = place.join("installing.lock");
    let turn = File::create(&file).doing(|| format!("create {}", file.display()))?;
    turn.lock().doing(|| format!("lock {}", file.display()))?;
    Ok(turn)
}

/// Runs a program to its end; its output is shown only if it fails.
fn run_quietly(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().doing(|| format!("run {shown}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        command: shown,
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn look_for_python() -> [Wanted; 1] {
    [Wanted { program: "python3", package: "python3-venv", found: find_on_path("python3") }]
}

/// Finds the mail server of the tests, which runs on Debian's own Python; installs it likewise.
pub fn ensure_smtp() -> Result<()> {
    // Tests of one process call this concurrently; the first one installs, the others find the result.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ensure_all(look_for_smtp, "It has to be there for /usr/bin/python3.")
}

fn look_for_smtp() -> [Wanted; 1] {
    let module = PathBuf::from("/usr/lib/python3/dist-packages/aiosmtpd");
    let found = module.is_dir().then_some(module);
    [Wanted { program: "aiosmtpd", package: "python3-aiosmtpd", found }]
}

fn look_for_servers() -> [Wanted; 5] {
    [
        Wanted { program: "PostgreSQL (initdb)", package: "postgresql", found: find_postgres() },
        Wanted { program: "redis-server", package: "redis-server", found: find_on_path("redis-server") },
        Wanted { program: "rabbitmq-server", package: "rabbitmq-server", found: find_rabbitmq() },
        Wanted { program: "epmd", package: "erlang-base", found: find_on_path("epmd") },
        Wanted { program: "setpriv", package: "util-linux", found: find_on_path("setpriv") },
    ]
}

fn look_for_node() -> [Wanted; 2] {
    [
        Wanted { program: "node", package: "nodejs", found: find_on_path("node") },
        Wanted { program: "npm", package: "npm", found: find_on_path("npm") },
    ]
}

fn ensure_all<const N: usize>(look: fn() -> [Wanted; N], advice: &str) -> Result<()> {
    let packages: Vec<_> = missing(&look()).iter().map(|wanted| wanted.package).collect();
    if !packages.is_empty() && we_are_root() && find_on_path("apt-get").is_some() {
        install(&packages)?;
    }
    let wanted = look();
    let missing = missing(&wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let join = |name: fn(&Wanted) -> &str, by| missing.iter().map(|it| name(it)).collect::<Vec<_>>().join(by);
    Err(Error::Missing {
        programs: join(|it| it.program, ", "),
        remedy: format!(
            "On Debian or Ubuntu, as root: apt-get install {}\n{advice}",
            join(|it| it.package, " ")
        ),
    })
}

fn missing(wanted: &[Wanted]) -> Vec<&Wanted> {
    wanted.iter().filter(|wanted| wanted.found.is_none()).collect()
}

fn advice_to_give_servers() -> String {
    format!(
        "Or name running servers in {DATABASE_URL_VARIABLE} (an owner's URL), {REDIS_URL_VARIABLE} \
         and {AMQP_URL_VARIABLE}."
    )
}

/// Finds the newest major version; Debian keeps each in a folder of its own.
fn find_postgres() -> Option<PathBuf> {
    let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let mut folders: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| folder.join("bin/initdb").is_file())
        .collect();
    folders.sort_by_key(|folder| version(folder));
    match folders.pop() {
        Some(newest) => Some(newest.join("bin")),
        None => find_on_path("initdb")?.canonicalize().ok()?.parent().map(Path::to_path_buf),
    }
}

fn find_rabbitmq() -> Option<PathBuf> {
    let places = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server"];
    places
        .into_iter()
        .map(PathBuf::from)
        .find(|place| place.is_file())
        .or_else(|| find_on_path("rabbitmq-server"))
}

fn find_on_path(program: &str) -> Option<PathBuf> {
    let ours = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&ours)
        .chain(env::split_paths(SEARCH_PATH))
        .map(|folder| folder.join(program))
        .find(|place| place.is_file())
}

fn install(packages: &[&str]) -> Result<()> {
    eprintln!("installing Debian packages: {} (their services are not started)", packages.join(" "));
    let _policy = NoServiceStarts::begin()?;
    apt_get(&["update", "--quiet"])?;
    apt_get(&[&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let shown = format!("apt-get {}", arguments.join(" "));
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .doing(|| format!("run {shown}"))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: shown, status: status.to_string(), output: "(see above)".to_owned() })
}

/// While this exists, Debian starts no service it installs. An existing policy of the machine is left alone.
struct NoServiceStarts {
    written: bool,
}

impl NoServiceStarts {
    fn begin() -> Result<Self> {
        let written = !Path::new(POLICY_FILE).exists();
        if written {
            fs::write(POLICY_FILE, POLICY)
                .and_then(|()| fs::set_permissions(POLICY_FILE, Permissions::from_mode(0o755)))
                .doing(|| format!("write {POLICY_FILE}"))?;
        }
        Ok(Self { written })
    }
}

impl Drop for NoServiceStarts {
    fn drop(&mut self) {
        if self.written
            && let Err(error) = fs::remove_file(POLICY_FILE)
        {
            eprintln!("please remove {POLICY_FILE}: {error}");
        }
    }
}
