//! Child processes that never outlive this one.
//!
//! Each child leads a process group of its own, so that its own children end with it. Dropping a
//! [`Running`] ends the group; so does an interrupt (Ctrl-C, SIGTERM, a closed terminal), which
//! ends every group and then this process.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context, Failure, Result, create_folder, read_text};

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How often a child's state is asked for.
const PAUSE: Duration = Duration::from_millis(50);

/// The exit code of a process that an interrupt ended.
const INTERRUPTED_EXIT: i32 = 130;

static LEADERS: Mutex<Vec<Leader>> = Mutex::new(Vec::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The first process of a group. Its id is the group's.
#[derive(Clone, Debug)]
struct Leader {
    group: u32,
    child: Arc<Mutex<Child>>,
}

impl Leader {
    fn child(&self) -> MutexGuard<'_, Child> {
        lock(&self.child)
    }

    /// Whether the leader or a member of its group still runs. Asking also reaps the leader, which
    /// would count as alive otherwise.
    fn is_alive(&self) -> bool {
        matches!(self.child().try_wait(), Ok(None)) || is_alive(self.group)
    }
}

/// Nothing here is left half done by a panic, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt ends every child, then this process.
pub fn end_everything_on_interrupt() {
    let handler = || {
        INTERRUPTED.store(true, Ordering::SeqCst);
        let all = lock(&LEADERS).clone();
        end_groups(&all);
        std::process::exit(INTERRUPTED_EXIT);
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("note: Ctrl-C may leave programs running: {error}");
    }
}

/// After an interrupt the handler has the last word, whatever the ended children seem to say.
fn stay_out_of_the_way_of_an_interrupt() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park_timeout(GRACE);
    }
}

/// A child and all that it started; dropped, it ends.
#[derive(Debug)]
pub struct Running {
    leader: Leader,
    name: String,
}

impl Running {
    /// Starts a program, in a process group of its own.
    pub fn start(mut command: Command, name: &str) -> Result<Self> {
        lead_a_group(&mut command);
        // The handler reads the list after it set the flag: under the lock, no child slips through.
        let mut leaders = lock(&LEADERS);
        if INTERRUPTED.load(Ordering::SeqCst) {
            drop(leaders);
            stay_out_of_the_way_of_an_interrupt();
            return Err(Failure::AlreadyTold);
        }
        let child = command.spawn().context(format!("{name} could not be started"))?;
        let leader = Leader { group: child.id(), child: Arc::new(Mutex::new(child)) };
        leaders.push(leader.clone());
        drop(leaders);
        Ok(Self { leader, name: name.to_owned() })
    }

    /// The program's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The input, where it was piped.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.leader.child().stdin.take()
    }

    /// The output, where it was piped.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.leader.child().stdout.take()
    }

    /// How the program ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.leader.child().try_wait().context(&self.name)?;
        if status.is_some() {
            stay_out_of_the_way_of_an_interrupt();
        }
        Ok(status)
    }

    /// Waits for the end, at most until the deadline.
    pub fn wait_until(&mut self, deadline: Option<Instant>) -> Result<ExitStatus> {
        self.wait_showing(deadline, || {})
    }

    /// The same, calling `show` again and again.
    fn wait_showing(
        &mut self,
        deadline: Option<Instant>,
        mut show: impl FnMut(),
    ) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Err(Failure::message(format!("{} took too long and was ended", self.name)));
            }
            show();
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.leader.group;
        if self.leader.is_alive() {
            end_groups(std::slice::from_ref(&self.leader));
        }
        // Reaps the leader; there is nothing to do about a failure.
        let _ = self.leader.child().wait();
        lock(&LEADERS).retain(|other| other.group != group);
    }
}

/// Runs a program to its end, its output on the terminal.
pub fn run(command: Command, name: &str) -> Result<()> {
    let mut command = command;
    command.stdin(Stdio::null());
    let status = Running::start(command, name)?.wait_until(None)?;
    success(status, name)
}

/// Runs a program to its end and hands over each line of its output.
pub fn run_reading(
    mut command: Command,
    name: &str,
    limit: Duration,
    mut read_line: impl FnMut(&str) + Send,
) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start(command, name)?;
    let output = running.take_stdout();
    let status = thread::scope(|scope| {
        scope.spawn(move || {
            for line in output.into_iter().flat_map(lines) {
                read_line(&line);
            }
        });
        let status = running.wait_until(Some(Instant::now() + limit));
        // Ends what still holds the pipe, so that the reader ends too.
        drop(running);
        status
    })?;
    success(status, name)
}

/// The lines of a stream; bytes that are not text are replaced.
pub fn lines(stream: impl std::io::Read) -> impl Iterator<Item = String> {
    BufReader::new(stream)
        .split(b'\n')
        .map_while(std::result::Result::ok)
        .map(|line| String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}

/// Runs a program to its end with its output in a log file, and returns that.
pub fn run_collected(
    command: Command,
    name: &str,
    log: &Path,
    limit: Duration,
) -> (String, Result<()>) {
    let deadline = Some(Instant::now() + limit);
    let ended = start_logged(command, name, log)
        .and_then(|mut running| running.wait_until(deadline))
        .and_then(|status| success(status, name));
    (read_text(log).unwrap_or_default(), ended)
}

fn start_logged(mut command: Command, name: &str, log: &Path) -> Result<Running> {
    create_folder(log.parent().unwrap_or(Path::new(".")))?;
    let file = File::create(log).context(log.display())?;
    let copy = file.try_clone().context(log.display())?;
    command.stdin(Stdio::null()).stdout(file).stderr(copy);
    Running::start(command, name)
}

/// Runs a long step with its output in a log file: signs of life while it runs, the log's end when
/// it fails.
pub fn run_logged(command: Command, name: &str, log: &Path) -> Result<()> {
    run_logged_until(command, name, log, None)
}

/// The same, ended at a deadline.
pub fn run_logged_until(
    command: Command,
    name: &str,
    log: &Path,
    deadline: Option<Instant>,
) -> Result<()> {
    let mut running = start_logged(command, name, log)?;
    let begin = Instant::now();
    let mut signs = SignsOfLife::new();
    let ended = running.wait_showing(deadline, || signs.show(begin.elapsed(), log));
    signs.clear();
    let status = ended?;
    if status.success() {
        return Ok(());
    }
    Err(with_end_of(log, &Failure::message(format!("{name} failed ({status})"))))
}

/// A failure with the end of the log that was written until then.
pub fn with_end_of(log: &Path, failure: &Failure) -> Failure {
    let text = read_text(log).unwrap_or_default();
    let end = last_lines(&text, 20);
    Failure::message(format!("{}. The end of {}:\n{end}", failure.text(), log.display()))
}

/// Shows that what writes a log is alive, until it has ended.
pub fn show_signs_of_life(log: &Path, has_ended: impl Fn() -> bool) {
    let begin = Instant::now();
    let mut signs = SignsOfLife::new();
    while !has_ended() {
        signs.show(begin.elapsed(), log);
        thread::sleep(PAUSE);
    }
    signs.clear();
}

/// Shows that a long step is alive: in place on a terminal, now and then elsewhere.
struct SignsOfLife {
    terminal: bool,
    next: Duration,
}

impl SignsOfLife {
    fn new() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let mut signs = Self { terminal, next: Duration::ZERO };
        signs.next = signs.interval();
        signs
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(if self.terminal { 1 } else { 60 })
    }

    fn show(&mut self, elapsed: Duration, log: &Path) {
        if elapsed < self.next {
            return;
        }
        self.next += self.interval();
        let seconds = elapsed.as_secs();
        if self.terminal {
            let text = read_text(log).unwrap_or_default();
            let last: String = last_lines(&text, 1).trim().chars().take(60).collect();
            print!("\r\x1b[K    {seconds} s  {last}");
            // A terminal that is gone need not see it.
            let _ = std::io::stdout().flush();
        } else {
            println!("    … still at it after {} min", seconds / 60);
        }
    }

    fn clear(&self) {
        if self.terminal {
            print!("\r\x1b[K");
        }
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// What a short program prints, or nothing when it is missing or fails.
pub fn output(mut command: Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

/// Runs a short program; its complaints come back as the error.
pub fn run_short(mut command: Command, name: &str) -> Result<()> {
    let output =
        command.stdin(Stdio::null()).output().context(format!("{name} could not be started"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    Err(Failure::message(format!(
        "{name} failed ({}):\n{}",
        output.status,
        last_lines(&complaints, 20)
    )))
}

fn success(status: ExitStatus, name: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Failure::message(format!("{name} failed ({status})")))
}

#[derive(Clone, Copy)]
enum Signal {
    Terminate,
    Kill,
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn lead_a_group(_command: &mut Command) {}

/// The standard library sends no signals, so the shell does.
#[cfg(unix)]
fn send(group: u32, signal: Signal) -> bool {
    let name = match signal {
        Signal::Terminate => "TERM",
        Signal::Kill => "KILL",
    };
    shell_kill(group, name)
}

#[cfg(unix)]
fn is_alive(group: u32) -> bool {
    shell_kill(group, "0")
}

#[cfg(unix)]
fn shell_kill(group: u32, signal: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("kill -s {signal} -- -{group} 2>/dev/null")]);
    // Not to be hit by a signal for the terminal's own group.
    lead_a_group(&mut shell);
    shell.status().is_ok_and(|status| status.success())
}

#[cfg(not(unix))]
fn send(process: u32, _signal: Signal) -> bool {
    Command::new("taskkill")
        .args(["/T", "/F", "/PID", &process.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(not(unix))]
fn is_alive(_process: u32) -> bool {
    false
}

fn end_groups(all: &[Leader]) {
    for leader in all {
        send(leader.group, Signal::Terminate);
    }
    let deadline = Instant::now() + GRACE;
    while all.iter().any(Leader::is_alive) && Instant::now() < deadline {
        thread::sleep(PAUSE);
    }
    for leader in all.iter().filter(|leader| leader.is_alive()) {
        send(leader.group, Signal::Kill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_with_text() {
        assert_eq!(last_lines("a\nb\n\nc\n\n", 2), "b\nc");
        assert_eq!(last_lines("a", 5), "a");
    }

    #[cfg(unix)]
    #[test]
    fn a_dropped_child_takes_its_own_children_with_it() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo ready; wait"]).stdout(Stdio::piped());
        let mut running = Running::start(command, "sh").unwrap();
        let group = running.leader.group;
        let ready = lines(running.take_stdout().unwrap()).next();
        assert_eq!(ready.as_deref(), Some("ready"));
        assert!(is_alive(group));
        drop(running);
        // The grandchild is reaped by init, which may take a moment.
        let deadline = Instant::now() + GRACE;
        while is_alive(group) && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        assert!(!is_alive(group));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; sleep 1000"]);
        let mut seen = Vec::new();
        let limit = Duration::from_millis(500);
        let result = run_reading(command, "sleeper", limit, |line| seen.push(line.to_owned()));
        assert!(result.unwrap_err().text().contains("too long"));
        assert_eq!(seen, ["one"]);
    }
}
