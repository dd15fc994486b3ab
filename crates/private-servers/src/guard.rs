//! The guard: no started program outlives this process, however it ends.
//!
//! Drop handlers do not run if a test binary is killed, calls `exit`, or keeps its servers in a static. So the first
//! program started here also starts a small shell in a process group of its own that reads from a pipe whose only
//! writer is this process. When the pipe closes, the shell stops and then kills every program on its list and removes
//! the private folders. A program that was stopped in the ordinary way has been taken off the list before.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::error::{Doing as _, Result};
use crate::signal::Signal;

/// Reads `watch PID SIGNAL`, `forget PID` and `folder PATH` until the writer is gone.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
cd /
watched=
while read -r word rest; do
  case $word in
    watch) watched="$watched ${rest% *}:${rest#* }" ;;
    forget)
      kept=
      for entry in $watched; do [ "${entry%:*}" = "$rest" ] || kept="$kept $entry"; done
      watched=$kept ;;
    folder) set -- "$@" "$rest" ;;
  esac
done
for entry in $watched; do kill -s "${entry#*:}" -- "-${entry%:*}" 2>/dev/null; done
rounds=0
while [ "$rounds" -lt 50 ]; do
  alive=
  for entry in $watched; do kill -s 0 -- "-${entry%:*}" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || break
  rounds=$((rounds + 1)); sleep 0.1
done
for entry in $watched; do kill -s KILL -- "-${entry%:*}" 2>/dev/null; done
rm -rf -- "$@" || { sleep 2; rm -rf -- "$@"; }
"#;

static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Puts a process group on the list, with the signal that asks it to end.
pub(crate) fn watch(group: u32, stop: Signal) -> Result<()> {
    send(&format!("watch {group} {stop}"))
}

/// Takes a process group off the list: it has ended.
pub(crate) fn forget(group: u32) -> Result<()> {
    send(&format!("forget {group}"))
}

/// Removes a private folder when this process ends, if it still exists.
pub(crate) fn remove_at_end(folder: &Path) -> Result<()> {
    send(&format!("folder {}", folder.display()))
}

fn send(line: &str) -> Result<()> {
    let mut pipe = PIPE.lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = start()?;
    }
    match pipe.as_mut() {
        Some(pipe) => writeln!(pipe, "{line}").doing(|| "reach the guard of private servers".to_owned()),
        None => Ok(()),
    }
}

fn start() -> Result<Option<ChildStdin>> {
    let child = Command::new("sh")
        .args(["-c", SCRIPT, "hubnet-guard"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .doing(|| "start a shell to guard private servers".to_owned())?;
    Ok(child.stdin)
}
