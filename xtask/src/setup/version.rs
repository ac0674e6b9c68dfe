//! Versions: in the output of programs and in the lock file.

/// Major, minor, patch.
pub type Version = (u32, u32, u32);

/// The first thing in a text that looks like a version.
pub fn find(text: &str) -> Option<Version> {
    text.split_whitespace().find_map(parse)
}

/// Reads `1.2.3`, also with a `v` before it or more behind it.
pub fn parse(text: &str) -> Option<Version> {
    let mut numbers = text.trim_start_matches('v').split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    let digits = |part: &str| {
        let end = part.find(|character: char| !character.is_ascii_digit());
        part[..end.unwrap_or(part.len())].parse().ok()
    };
    let patch = numbers.next().map_or(Some(0), digits)?;
    Some((major, minor, patch))
}

/// The version of a package in Cargo.lock.
pub fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_versions_in_what_programs_print() {
        assert_eq!(find("trunk 0.21.14"), Some((0, 21, 14)));
        assert_eq!(find("v20.20.2\n"), Some((20, 20, 2)));
        assert_eq!(find("Chromium 156.0.7777.1 built on Debian"), Some((156, 0, 7777)));
        assert_eq!(find("wasm-bindgen 0.2.130"), Some((0, 2, 130)));
        assert_eq!(find("trunk 0.22.0-beta.1"), Some((0, 22, 0)));
        assert_eq!(find("no version"), None);
        assert_eq!(find("1.x.3"), None);
    }

    #[test]
    fn finds_a_locked_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }
}
