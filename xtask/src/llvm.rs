//! What LLVM is told, so that release builds are small: what makes code longer so that it may be faster is left out.

use crate::environment::Environment;
use crate::process;

const OPTIONS: [&str; 4] = [
    // A value that was read on one of several ways is read again, and not kept on all of them.
    "-enable-load-pre=false",
    // Loops count as they are written, and write to memory each time: what would spare that is set up before them.
    "-disable-lsr",
    "-disable-licm-promotion",
    // A function that calls others is called, and not written out where it is wanted.
    "-inline-call-penalty=40",
];

/// The flags for rustc: of those that its LLVM knows, for any may be gone in the next one.
pub fn flags(environment: &Environment) -> impl Iterator<Item = String> {
    let flags = OPTIONS.map(|option| format!("-Cllvm-args={option}"));
    flags.into_iter().filter(|flag| is_known(environment, flag))
}

fn is_known(environment: &Environment, flag: &str) -> bool {
    let mut rustc = environment.command("rustc");
    rustc.args(["--print", "cfg", flag]);
    process::output(rustc).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_llvm_does_not_know_is_left_out() {
        let environment = Environment::new();
        assert!(is_known(&environment, "-Cllvm-args=-inline-threshold=5"));
        assert!(!is_known(&environment, "-Cllvm-args=-no-such-option"));
    }
}
