//! Lines over time, as a picture (SVG): a panel below the other, requests per second on a logarithmic scale.

use std::fmt::Write as _;

use crate::words::grouped;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 60.0;
const PANEL: f64 = 190.0;
const GAP: f64 = 70.0;
const COLORS: [&str; 2] = ["#1f6feb", "#c2410c"];
/// A line has a point for each of so many parts of its time, which is the highest of that part.
const POINTS: usize = 400;
/// Labels below the axis are so many at most.
const LABELS: u64 = 9;

/// A diagram.
#[derive(Debug)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Seconds at which something happens, and what.
    pub marks: Vec<(u64, String)>,
    /// What the clock shows at the beginning, in minutes; 0 for minutes from the beginning on.
    pub first_minute: u64,
}

/// A value for each second.
#[derive(Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<u64>,
}

/// The picture of all panels.
pub fn draw(panels: &[Panel]) -> String {
    let height = TOP + panels.len() as f64 * (PANEL + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2328\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-weight=\"bold\">Requests per second at the token endpoint</text>\n"
    );
    let names = panels.first().map_or(&[][..], |panel| &panel.lines);
    for (index, line) in names.iter().enumerate() {
        let x = LEFT + 400.0 + 160.0 * index as f64;
        let color = COLORS[index % COLORS.len()];
        // Writing to a string can't fail.
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 20h24\" stroke=\"{color}\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"24\">{}</text>",
            x + 30.0,
            line.name
        );
    }
    for (index, panel) in panels.iter().enumerate() {
        svg.push_str(&panel.draw(TOP + index as f64 * (PANEL + GAP)));
    }
    svg.push_str("</svg>\n");
    svg
}

impl Panel {
    fn draw(&self, top: f64) -> String {
        let mut svg = format!(
            "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{}</text>\n",
            top + 8.0,
            self.title
        );
        let scale = self.scale(top + 18.0);
        svg.push_str(&scale.horizontal());
        svg.push_str(&self.vertical(&scale));
        for (line, color) in self.lines.iter().zip(COLORS.iter().cycle()) {
            let points: Vec<String> = line
                .highest()
                .map(|(second, value)| format!("{:.1},{:.1}", scale.x(second), scale.y(value)))
                .collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>",
                points.join(" ")
            );
        }
        svg
    }

    fn scale(&self, top: f64) -> Scale {
        let values = || self.lines.iter().flat_map(Line::highest).map(|(_, value)| value);
        let highest = values().max().unwrap_or(1).max(10);
        let lowest = values().min().unwrap_or(1).max(1);
        Scale {
            top,
            seconds: self.lines.iter().map(|line| line.values.len()).max().unwrap_or(1),
            // Whole powers of ten around what there is.
            low: (lowest as f64).log10().floor(),
            high: (highest as f64).log10().ceil(),
        }
    }

    /// The times below the axis, and what happens then.
    fn vertical(&self, scale: &Scale) -> String {
        let minutes = scale.seconds as u64 / 60;
        let step = [5, 10, 15, 30, 60].into_iter().find(|step| minutes / step < LABELS);
        let step = step.unwrap_or(120);
        let mut svg = String::new();
        for minute in (0..=minutes).step_by(usize::try_from(step).unwrap_or(60)) {
            let label = match self.first_minute {
                0 => format!("{minute} min"),
                first => format!("{}:{:02}", (first + minute) / 60, (first + minute) % 60),
            };
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                scale.x(minute * 60),
                scale.top + PANEL + 18.0
            );
        }
        for (second, name) in &self.marks {
            let x = scale.x(*second);
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {:.1}v{PANEL}\" stroke=\"#57606a\" stroke-dasharray=\"4 3\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#57606a\">{name}</text>",
                scale.top,
                x + 4.0,
                scale.top + 13.0
            );
        }
        svg
    }
}

impl Line {
    /// The highest value of each part of the time, with the part's first second.
    fn highest(&self) -> impl Iterator<Item = (u64, u64)> {
        let part = self.values.len().div_ceil(POINTS).max(1);
        let parts = self.values.chunks(part).enumerate();
        parts.map(move |(index, values)| {
            ((index * part) as u64, values.iter().copied().max().unwrap_or_default())
        })
    }
}

/// Where times and values are in the picture.
struct Scale {
    top: f64,
    seconds: usize,
    low: f64,
    high: f64,
}

impl Scale {
    fn x(&self, second: u64) -> f64 {
        LEFT + second as f64 / self.seconds as f64 * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: u64) -> f64 {
        // Nothing is below the lowest power of ten, as far as one can see.
        let part = ((value.max(1) as f64).log10() - self.low) / (self.high - self.low);
        self.top + PANEL * (1.0 - part.clamp(0.0, 1.0))
    }

    fn horizontal(&self) -> String {
        let mut svg = String::new();
        for power in self.low as i32..=self.high as i32 {
            let value = 10_f64.powi(power);
            let y = self.y(value as u64);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#d0d7de\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                grouped(value)
            );
        }
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_peaks() {
        let mut values = vec![1; 10_000];
        values[5_003] = 900;
        let line = Line { name: "a".to_owned(), values };
        let points: Vec<_> = line.highest().collect();
        assert!(points.len() <= POINTS);
        assert_eq!(points.iter().map(|(_, value)| value).max(), Some(&900));
    }

    #[test]
    fn a_tenth_is_one_line_lower() {
        let line = Line { name: "a".to_owned(), values: vec![10, 100, 1000] };
        let panel =
            Panel { title: "t".to_owned(), lines: vec![line], marks: vec![], first_minute: 0 };
        let scale = panel.scale(0.0);
        assert_eq!(scale.y(1000), 0.0);
        assert_eq!(scale.y(10), PANEL);
        assert_eq!(scale.y(100), PANEL / 2.0);
        assert!(draw(&[panel]).contains("1,000</text>"));
    }
}
