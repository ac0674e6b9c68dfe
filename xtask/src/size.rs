//! The size table.

/// What a file is to its bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The program.
    Wasm,
    /// The JavaScript that loads the program and gives it the browser.
    Glue,
    /// Style sheets.
    Css,
    /// The page.
    Html,
    /// Pictures and the like.
    Other,
}

impl Kind {
    /// What a file is, by the ending of its name.
    pub fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("wasm") => Self::Wasm,
            Some("js") => Self::Glue,
            Some("css") => Self::Css,
            Some("html") => Self::Html,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Glue => "glue",
            Self::Css => "CSS",
            Self::Html => "HTML",
            Self::Other => "other",
        }
    }
}

/// Bytes as they are and as they travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Uncompressed.
    pub raw: u64,
    /// With gzip.
    pub gzip: u64,
    /// With brotli.
    pub brotli: u64,
}

impl Sizes {
    fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }
}

/// A bundle and the files that a visit loads.
#[derive(Debug)]
pub struct Bundle {
    /// Its name.
    pub name: &'static str,
    /// Its files.
    pub files: Vec<(Kind, Sizes)>,
}

impl Bundle {
    /// What all its files weigh with brotli.
    pub fn brotli(&self) -> u64 {
        self.files.iter().map(|(_, sizes)| sizes.brotli).sum()
    }
}

/// The table of all bundles, a line for each kind of file and one for the sum.
pub fn table(bundles: &[Bundle]) -> String {
    let mut text = row(["bundle", "file", "raw", "gzip", "brotli"].map(str::to_owned));
    for bundle in bundles {
        for kind in [Kind::Wasm, Kind::Glue, Kind::Css, Kind::Html, Kind::Other] {
            let files: Vec<Sizes> = sizes_of(bundle, |own| own == kind);
            if !files.is_empty() {
                text.push_str(&sizes_row(bundle.name, kind.name(), &files));
            }
        }
        text.push_str(&sizes_row(bundle.name, "all", &sizes_of(bundle, |_| true)));
    }
    text
}

fn sizes_of(bundle: &Bundle, matches: impl Fn(Kind) -> bool) -> Vec<Sizes> {
    let files = bundle.files.iter().filter(|(kind, _)| matches(*kind));
    files.map(|(_, sizes)| *sizes).collect()
}

fn sizes_row(bundle: &str, file: &str, files: &[Sizes]) -> String {
    let sum = files.iter().fold(Sizes::default(), |sum, file| sum.plus(*file));
    row([
        bundle.to_owned(),
        file.to_owned(),
        grouped(sum.raw),
        grouped(sum.gzip),
        grouped(sum.brotli),
    ])
}

fn row([bundle, file, raw, gzip, brotli]: [String; 5]) -> String {
    format!("{bundle:<8} {file:<6} {raw:>10} {gzip:>10} {brotli:>10}\n")
}

/// A number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(raw: u64, gzip: u64, brotli: u64) -> Sizes {
        Sizes { raw, gzip, brotli }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn kinds_follow_the_ending() {
        assert_eq!(Kind::of("pixy-login-0a1b.wasm"), Kind::Wasm);
        assert_eq!(Kind::of("index.html"), Kind::Html);
        assert_eq!(Kind::of("icon.svg"), Kind::Other);
        assert_eq!(Kind::of("LICENSE"), Kind::Other);
    }

    #[test]
    fn the_table_adds_up() {
        let bundle = Bundle {
            name: "demo",
            files: vec![
                (Kind::Wasm, sizes(200_000, 80_000, 60_000)),
                (Kind::Css, sizes(2_000, 900, 800)),
                (Kind::Css, sizes(1_000, 500, 400)),
            ],
        };
        let text = table(&[bundle]);
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["demo", "wasm", "200,000", "80,000", "60,000"]);
        assert_eq!(lines[2], ["demo", "CSS", "3,000", "1,400", "1,200"]);
        assert_eq!(lines[3], ["demo", "all", "203,000", "81,400", "61,200"]);
    }
}
