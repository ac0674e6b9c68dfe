//! docs/conformance.md.

use std::fmt::Write as _;

use crate::plans::{Plan, known};
use crate::verdict::{Judgement, Outcome, Verdict};

/// A plan, and what became of its modules.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) plan: &'static Plan,
    pub(crate) rows: Vec<Row>,
}

/// A module, and what became of it.
#[derive(Debug)]
pub(crate) enum Row {
    Run {
        module: String,
        expected: Verdict,
        outcome: Outcome,
    },
    LeftOut {
        module: String,
        reason: &'static str,
    },
    /// A module that this command has no way for.
    Unknown {
        module: String,
    },
}

impl Row {
    /// What follows from it, if it was to be run.
    pub(crate) fn judgement(&self) -> Option<Judgement> {
        match self {
            Self::Run { module, expected, outcome } => {
                Some(outcome.judge(*expected, known(module).is_some()))
            }
            Self::LeftOut { .. } => None,
            Self::Unknown { .. } => Some(Judgement::Fault),
        }
    }
}

/// How many modules ended in which way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) expected: usize,
    pub(crate) known: usize,
    pub(crate) faults: usize,
    pub(crate) mended: usize,
    pub(crate) left_out: usize,
}

impl Count {
    pub(crate) fn of(sections: &[Section]) -> Self {
        let mut count = Self::default();
        for row in sections.iter().flat_map(|section| &section.rows) {
            let kind = match row.judgement() {
                Some(Judgement::AsExpected) => &mut count.expected,
                Some(Judgement::KnownFault) => &mut count.known,
                Some(Judgement::Mended) => &mut count.mended,
                Some(Judgement::Fault) => &mut count.faults,
                None => &mut count.left_out,
            };
            *kind += 1;
        }
        count
    }

    /// Whether nothing is left to be mended or to be listed.
    pub(crate) fn is_good(&self) -> bool {
        self.faults == 0 && self.mended == 0
    }

    /// A sentence.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![format!("{} as expected", self.expected)];
        if self.faults > 0 {
            parts.push(format!("**{} failed**", self.faults));
        }
        if self.mended > 0 {
            parts.push(format!("**{} mended and still listed as a known fault**", self.mended));
        }
        parts.push(format!("{} with a known fault", self.known));
        parts.push(format!("{} left out", self.left_out));
        format!("Modules: {}.", parts.join(", "))
    }
}

const INTRODUCTION: &str = "\
# The OpenID Foundation's conformance suite

The suite plays the provider, a good one or one that cheats. The client is the demo as `cargo xtask dist` builds it, used in Chromium as a person uses it: a public client with the code flow. This page is written by

```
cargo xtask conformance --suite https://localhost:8443/
```

while the suite runs on the same machine. How to start it is told by [its own documents](https://gitlab.com/openid/conformance-suite/-/wikis/Developers/Build-&-Run); its compose files start it in the mode for developers, which is needed here, for it asks nobody to sign in.
";

const LEGEND: &str = "\
“The suite” is its verdict, “the demo” what the demo showed at the end. Both are compared with what is expected, and the command fails where they differ. *Skipped* is an ID token without a signature: a client need not take it, and one that refuses it has nothing more to show. *Review* means that the suite can't see the rest, and leaves it to a person.
";

const NOTES: &str = "\
## How it is run

- Each module begins with a fresh browser. The issuer is the one that the suite gives the module.
- The suite's documents don't speak of PKCE, so the demo has the setting `\"pkce\": \"documented\"`. The suite checks the challenge and the verifier that it is sent.
- The suite's certificate is signed by itself. The browser takes this one key, and no other.
- `discovery-openid-config` and `discovery-jwks-uri-keys` end with the document and with the keys, and count whatever comes after as a fault. So in the first the demo is only opened, which is when it gets the document; in the second the request for tokens is stopped on its way, which the demo tells as an error of the network.
- Where the client signs out, the suite wants an address for front-channel logout. It gets one of a page that does nothing: the library has no front-channel logout (126 in [rules.md](rules.md) says why). The suite, too, looks only whether a page is loaded in its frame.
- A login that begins elsewhere needs an address with https, which is opened with http, for the demo is served on this machine.

The suite itself leaves out what a public client with the code flow has no use for: other response types and modes, authentication of clients, request objects, dynamic registration. Plans for session management and back-channel logout are not run (127 and 128 in [rules.md](rules.md)).
";

/// The whole page.
pub(crate) fn text(version: &str, sections: &[Section]) -> String {
    let mut text = String::from(INTRODUCTION);
    let count = Count::of(sections).text();
    let _ = write!(text, "\nVersion of the suite: {version}. {count}\n\n{LEGEND}");
    for section in sections {
        let Plan { title, name, .. } = section.plan;
        let _ = write!(text, "\n## {title}\n\n`{name}`\n");
        let run: Vec<String> = section.rows.iter().filter_map(run_row).collect();
        table(&mut text, "| module | the suite | the demo |\n| --- | --- | --- |\n", &run);
        let left_out: Vec<String> = section.rows.iter().filter_map(left_out_row).collect();
        table(&mut text, "| does not apply | because |\n| --- | --- |\n", &left_out);
    }
    text + "\n" + NOTES
}

fn table(text: &mut String, head: &str, rows: &[String]) {
    if !rows.is_empty() {
        let _ = write!(text, "\n{head}{}", rows.concat());
    }
}

fn run_row(row: &Row) -> Option<String> {
    let (module, suite, demo) = match row {
        Row::LeftOut { .. } => return None,
        Row::Unknown { module } => {
            (module, "**not run**".to_owned(), "This command has no way for it.".to_owned())
        }
        Row::Run { module, outcome, .. } => {
            let (suite, demo) = cells(module, outcome, row.judgement());
            (module, suite, demo)
        }
    };
    Some(format!("| `{}` | {} | {} |\n", short(module), cell(&suite), cell(&demo)))
}

fn cells(module: &str, outcome: &Outcome, judgement: Option<Judgement>) -> (String, String) {
    let word = outcome.state.word();
    match (judgement, known(module)) {
        (Some(Judgement::KnownFault), Some(known)) => {
            let demo = format!("{}. Known fault {}: {}", outcome.shown(), known.fault, known.what);
            (word, demo)
        }
        (Some(Judgement::AsExpected), _) => (word, outcome.shown().to_owned()),
        (Some(Judgement::Mended), _) => (word, format!("{}; **mended**", outcome.shown())),
        _ => (format!("**{word}**"), outcome.problem()),
    }
}

fn left_out_row(row: &Row) -> Option<String> {
    match row {
        Row::LeftOut { module, reason } => Some(format!("| `{}` | {reason} |\n", short(module))),
        _ => None,
    }
}

/// A module's name without what all of them begin with.
pub(crate) fn short(module: &str) -> &str {
    module.strip_prefix("oidcc-client-test-").unwrap_or(module)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans::PLANS;
    use crate::verdict::{Remark, State};
    use serde_json::json;

    fn run(module: &str, result: &str, demo: Result<&str, &str>) -> Row {
        Row::Run {
            module: module.to_owned(),
            expected: Verdict::Passed,
            outcome: Outcome {
                state: State::read(&json!({"status": "FINISHED", "result": result})),
                remarks: Remark::read_all(
                    &json!([{"src": "A", "msg": "a|b", "result": "FAILURE"}]),
                ),
                demo: demo.map(str::to_owned).map_err(str::to_owned),
            },
        }
    }

    fn sections() -> Vec<Section> {
        let rows = vec![
            run("oidcc-client-test", "PASSED", Ok("signed in as Ada")),
            run("oidcc-client-test-missing-aud", "FAILED", Err("nothing\nmore")),
            run("oidcc-client-test-refresh-token", "FAILED", Err("no profile")),
            Row::LeftOut { module: "oidcc-client-test-x".to_owned(), reason: "It can't." },
            Row::Unknown { module: "oidcc-client-test-new".to_owned() },
        ];
        vec![Section { plan: &PLANS[0], rows }]
    }

    #[test]
    fn modules_are_counted_by_what_follows() {
        let count = Count::of(&sections());
        assert_eq!(count, Count { expected: 1, known: 1, faults: 2, mended: 0, left_out: 1 });
        assert!(!count.is_good());
        assert!(count.text().contains("**2 failed**"));
        let good = Count { expected: 3, known: 1, ..Count::default() };
        assert!(good.is_good());
        assert_eq!(good.text(), "Modules: 3 as expected, 1 with a known fault, 0 left out.");
    }

    #[test]
    fn a_mended_fault_is_not_good() {
        let row = run("oidcc-client-test-refresh-token", "PASSED", Ok("asked again"));
        let count = Count::of(&[Section { plan: &PLANS[0], rows: vec![row] }]);
        assert_eq!((count.mended, count.is_good()), (1, false));
    }

    #[test]
    fn the_page_has_a_row_for_each_module() {
        let text = text("1.2.3", &sections());
        for line in [
            "Version of the suite: 1.2.3. Modules: 1 as expected, ",
            "## Comprehensive\n\n`oidcc-client-test-plan`\n",
            "| `oidcc-client-test` | passed | signed in as Ada |",
            "| `missing-aud` | **failed** | nothing; A: a\\|b |",
            "| `refresh-token` | failed | no profile. Known fault F52: ",
            "| `x` | It can't. |",
            "| `new` | **not run** | This command has no way for it. |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
