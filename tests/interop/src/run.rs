//! Plays all cases at all servers, some side by side.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use end_to_end::{Browser, Options};
use time::OffsetDateTime;

use crate::app::{App, Kind};
use crate::cases::{CASES, Case};
use crate::manifest::{Manifest, Variant};
use crate::matrix::Row;
use crate::plan::{Plan, Wanted};
use crate::seen::Outcome;
use crate::server::Server;
use crate::trial::Trial;
use crate::verdict::Verdict;

/// How many servers run side by side. Most of the time is waiting, so on two cores six are not too many.
const SIDE_BY_SIDE: usize = 6;

/// One server in one variant. Nothing of it is shared with another, so each may be switched off and on.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    wanted: &'a Wanted,
    manifest: &'a Manifest,
    variant: &'a Variant,
}

/// Plays what the plan says, with these apps, and returns the rows in the order of servers and variants.
pub fn run(plan: &Plan, manifests: &[Manifest], apps: &[Kind]) -> Vec<Row> {
    let jobs = plan.servers.iter().zip(manifests).flat_map(|(wanted, manifest)| {
        manifest.variants.iter().map(move |variant| Job { wanted, manifest, variant })
    });
    let jobs: Vec<Job<'_>> = jobs.collect();
    let queue: Mutex<VecDeque<(usize, Job<'_>)>> =
        Mutex::new(jobs.into_iter().enumerate().collect());
    let done: Mutex<Vec<(usize, Vec<Row>)>> = Mutex::default();
    let date = OffsetDateTime::now_utc().date().to_string();
    let runner = Runner { plan, apps, began: Instant::now(), date };
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((number, job)) = next(&queue) {
                    let rows = runner.play(&job);
                    lock(&done).push((number, rows));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, rows)| rows).collect()
}

fn next<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    lock(queue).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Runner<'a> {
    plan: &'a Plan,
    apps: &'a [Kind],
    began: Instant,
    /// Today, as year, month and day.
    date: String,
}

impl Runner<'_> {
    /// Plays all cases of a job; a server that is not there is a row without fields.
    fn play(&self, job: &Job<'_>) -> Vec<Row> {
        let apps: Vec<App> = self.apps.iter().cloned().map(App::start).collect();
        let server = self.start(job, &apps);
        let row = |app: &App| {
            let mut row = self.row(job, app);
            match &server {
                Ok(server) => row.fields = self.fields(job, server, app),
                Err(problem) => row.problem = Some(problem.clone()),
            }
            row
        };
        apps.iter().map(row).collect()
    }

    fn start(&self, job: &Job<'_>, apps: &[App]) -> Result<Server, String> {
        let name = format!("{} {}", job.wanted.name, job.variant.name);
        let home = job.wanted.home.as_ref().map_err(|problem| {
            self.say(&format!("{name}: not run. {problem}"));
            problem.clone()
        })?;
        let folder = self.plan.root.join("tests/interop").join(&job.wanted.name);
        let work = self.plan.work.join(format!("{}-{}", job.wanted.name, job.variant.name));
        let server = Server::start(&folder, home, &work, &job.variant.name, apps);
        match &server {
            Ok(_) => self.say(&format!("{name}: started")),
            Err(problem) => self.say(&format!("{name}: not started: {problem}")),
        }
        server
    }

    fn row(&self, job: &Job<'_>, app: &App) -> Row {
        Row {
            server: job.wanted.name.clone(),
            variant: job.variant.name.clone(),
            app: app.name().to_owned(),
            date: self.date.clone(),
            problem: None,
            fields: Vec::new(),
        }
    }

    fn fields(&self, job: &Job<'_>, server: &Server, app: &App) -> Vec<(String, Verdict)> {
        let wanted = |case: &&Case| {
            self.plan.cases.is_empty() || self.plan.cases.iter().any(|name| name == case.name)
        };
        let mut browser = Kept::default();
        let field = |case: &Case| {
            let begin = Instant::now();
            let verdict = verdict(job, server, app, case, &mut browser);
            if !matches!(verdict, Verdict::LeftOut { .. }) {
                let place = format!("{} {} {}", job.wanted.name, job.variant.name, app.name());
                let took = begin.elapsed().as_secs();
                self.say(&format!("{place}, {}: {} ({took} s)", case.name, verdict.text()));
            }
            (case.name.to_owned(), verdict)
        };
        CASES.iter().filter(wanted).map(field).collect()
    }

    /// Prints a line of progress.
    fn say(&self, line: &str) {
        println!("{:>5} s  {line}", self.began.elapsed().as_secs());
    }
}

/// A browser that is used for one case after the other, as long as it can forget what was.
#[derive(Debug, Default)]
struct Kept(Option<Browser>);

impl Kept {
    /// A browser that remembers nothing of these origins.
    fn anew(&mut self, origins: &[&str]) -> &Browser {
        let forgets = |browser: &Browser| browser.begin_anew(&Options::default(), origins);
        let kept = self.0.take().filter(forgets);
        self.0.insert(kept.unwrap_or_else(Browser::start))
    }
}

fn verdict(job: &Job<'_>, server: &Server, app: &App, case: &Case, browser: &mut Kept) -> Verdict {
    let line = job.manifest.line(&job.variant.name, app.name(), case.name);
    let left_out = line.and_then(|line| line.left_out.clone()).or_else(|| case.limit_of(app));
    if let Some(because) = left_out {
        return Verdict::LeftOut { because };
    }
    let outcome = play(job, server, app, case, browser);
    match app.is_ours() {
        true => Verdict::of(case, line, &outcome),
        false => Verdict::of_peer(case, line, &outcome),
    }
}

/// What comes out of a case. Where the harness gives up, that is what comes out.
fn play(job: &Job<'_>, server: &Server, app: &App, case: &Case, browser: &mut Kept) -> Outcome {
    let lifetime = case.lifetime_with(app);
    let client = server.client(lifetime).map(|client| client.settings.clone()).unwrap_or_default();
    let mut settings = job.manifest.settings(job.variant);
    settings.extend(client);
    let settings = case.settings(settings);
    let played = panic::catch_unwind(AssertUnwindSafe(|| {
        let issuer =
            server.client(lifetime).map(|client| client.issuer.clone()).unwrap_or_default();
        let browser = browser.anew(&[&app.origin(), &issuer]);
        let trial = Trial::new(job.manifest, server, app, lifetime, &settings, browser)?;
        case.run(&trial)
    }));
    if played.is_err() {
        // Nobody knows in what state it was left.
        browser.0 = None;
    }
    match played {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(problem)) => Outcome::new(format!("not played: {problem}")),
        Err(panic) => Outcome::new(format!("not played: {}", first_line(&*panic))),
    }
}

fn first_line(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text =
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the harness gave up");
    text.lines().next().unwrap_or_default().to_owned()
}
