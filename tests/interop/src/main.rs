//! Plays the cases of the interop matrix with the built demo and widget, or with apps of peers, at real
//! servers: the part of `cargo xtask interop` that drives browsers. The harness is that of the end-to-end
//! tests.

mod app;
mod cases;
mod client;
mod manifest;
mod matrix;
mod plan;
mod report;
mod run;
mod seen;
mod server;
mod trial;
mod verdict;

use std::path::Path;
use std::process::ExitCode;
use std::{env, panic};

use app::{Kind, Peer};
use cases::CASES;
use manifest::Manifest;
use plan::Plan;

fn main() -> ExitCode {
    // What the harness gives up on is an outcome, which is printed as one.
    panic::set_hook(Box::new(|_| {}));
    let plan = env::args().nth(1).unwrap_or_default();
    match run(&plan) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing came out that is not listed.
fn run(plan: &str) -> Result<bool, String> {
    let plan: Plan = serde_json::from_str(plan)
        .map_err(|error| format!("this is started by `cargo xtask interop`: {error}"))?;
    check_cases(&plan.cases)?;
    let folder = plan.root.join("tests/interop");
    let read = |name: &String| Manifest::read(&folder.join(name));
    let names: Vec<String> = plan.servers.iter().map(|server| server.name.clone()).collect();
    let manifests: Vec<Manifest> = names.iter().map(read).collect::<Result<_, _>>()?;
    let apps = apps(&plan, &folder)?;
    let rows = run::run(&plan, &manifests, &apps);
    println!("\n{}", matrix::text(&rows));
    for row in &rows {
        let failing = row.fields.iter().filter(|(_, verdict)| verdict.fails());
        for (case, verdict) in failing {
            println!("{}, {case}: {}", row.name(), verdict.text());
        }
    }
    if plan.write {
        report::write(&plan.root, &rows)?;
    }
    Ok(!rows.iter().any(matrix::Row::fails))
}

fn check_cases(named: &[String]) -> Result<(), String> {
    let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    match named.iter().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => {
            Err(format!("there is no case '{unknown}'; there are {}", names.join(", ")))
        }
        None => Ok(()),
    }
}

fn apps(plan: &Plan, folder: &Path) -> Result<Vec<Kind>, String> {
    if plan.peers.is_empty() {
        return Ok(vec![Kind::Demo, Kind::Widget]);
    }
    plan.peers.iter().map(|peer| Peer::read(folder, peer).map(Kind::Peer)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_case_is_named_beside_those_that_there_are() {
        assert!(check_cases(&[]).is_ok());
        assert!(check_cases(&["reload".to_owned()]).is_ok());
        let problem = check_cases(&["relaod".to_owned()]).unwrap_err();
        assert!(problem.contains("relaod") && problem.contains("reload,"), "{problem}");
    }

    #[test]
    fn every_servers_folder_can_be_read_and_names_cases_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = server::folders(root);
        assert!(!folders.is_empty());
        for (name, folder) in folders {
            let manifest = Manifest::read(&folder).unwrap();
            assert!(folder.join("start.js").is_file(), "{name}");
            for line in &manifest.outcomes {
                for name_of_case in &line.cases {
                    let is_known = CASES.iter().any(|case| case.name == name_of_case);
                    assert!(is_known, "{name}: {name_of_case}");
                }
            }
        }
    }
}
