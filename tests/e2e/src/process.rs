//! Child processes that end with their owner, whatever way that ends.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running program and all it started.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program and waits until a line of its output is what `ready` looks for.
    pub fn start<T: Send + 'static>(
        program: &str,
        arguments: &[String],
        ready: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> Result<(Self, T), String> {
        let (tell, told) = mpsc::channel();
        let process = Self::spawn(guarded(program, arguments), move |line| {
            if let Some(found) = ready(line) {
                // Nobody listens any more once the first line was found.
                let _ignored = tell.send(found);
            }
        })?;
        let found = told
            .recv_timeout(START_TIMEOUT)
            .map_err(|_| format!("{program} {} did not get ready", arguments.join(" ")))?;
        Ok((process, found))
    }

    /// Starts a [`guarded`] program and hands over each line of its output, so that the pipe never
    /// fills.
    pub fn spawn(
        mut command: Command,
        read_line: impl Fn(&str) + Send + 'static,
    ) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let output = child.stdout.take();
        let process = Self { child };
        let output = output.ok_or_else(|| format!("{command:?}: no output"))?;
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).for_each(|line| read_line(&line));
        });
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if cfg!(not(unix)) {
            // It may have ended by itself when its input closed.
            let _ended: io::Result<()> = self.child.kill();
        }
        let _ended = self.child.wait();
    }
}

/// The program in a process group of its own. A shell waits on a pipe from here and kills the whole
/// group when the pipe closes, which happens even if this process is killed. The program reads the
/// same pipe; a shell would give it an empty one otherwise.
#[cfg(unix)]
pub fn guarded(program: &str, arguments: &[String]) -> Command {
    use std::os::unix::process::CommandExt;

    const GUARD: &str = r#"exec 3<&0; "$@" <&3 3<&- & exec 3<&- >&-; read -r _; kill -KILL 0"#;
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh", program]).args(arguments);
    command.process_group(0);
    command
}

#[cfg(not(unix))]
pub fn guarded(program: &str, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> Result<(Process, String), String> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        Process::start("sh", &arguments, |line| line.strip_prefix("ready ").map(str::to_owned))
    }

    #[test]
    fn the_ready_line_is_found() {
        let (_process, found) = start("echo noise; echo ready 42; sleep 60").unwrap();
        assert_eq!(found, "42");
    }

    #[test]
    fn a_program_that_ends_before_it_is_ready_is_an_error() {
        assert!(start("echo noise").unwrap_err().contains("did not get ready"));
    }

    #[cfg(unix)]
    #[test]
    fn what_the_program_started_ends_as_well() {
        let (process, grandchild) = start("sleep 60 & echo ready $!; wait").unwrap();
        let alive = || {
            let status = Command::new("kill").args(["-0", &grandchild]).output();
            status.unwrap().status.success()
        };
        assert!(alive());
        drop(process);
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while alive() {
            assert!(std::time::Instant::now() < deadline, "{grandchild} lives on");
            thread::yield_now();
        }
    }
}
