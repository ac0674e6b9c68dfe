//! Changes to the built page, as text in and text out.

use serde_json::{Map, Value};

use crate::error::{Context, Failure, Result};

/// The id of the block with the demo's settings.
const SETTINGS: &str = "id=\"pixy-settings\"";

/// A file of the page.
#[derive(Clone, Copy, Debug)]
pub struct Renamed<'a> {
    /// The name in index.html.
    pub old: &'a str,
    /// The name that follows the content.
    pub new: &'a str,
    /// Its hash.
    pub integrity: &'a str,
}

/// Points the page to a file by its final name, where it refers to it. Scripts and style sheets are checked
/// against the hash.
pub fn rename(html: &str, renamed: &Renamed<'_>) -> String {
    let Renamed { old, new, integrity } = renamed;
    let is_checked = new.ends_with(".js") || new.ends_with(".css");
    let integrity = if is_checked { format!(" integrity=\"{integrity}\"") } else { String::new() };
    html.replace(&format!("=\"./{old}\""), &format!("=\"./{new}\"{integrity}"))
}

/// What the page refers to beside it, but for other pages.
pub fn files(html: &str) -> impl Iterator<Item = &str> {
    let names = html.split("=\"./").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0));
    names.filter(|name| {
        let page = name.split(['?', '#']).next().unwrap_or_default();
        !(page.is_empty() || page.ends_with(".html"))
    })
}

/// The page with more at the end of its body.
pub fn append(html: &str, more: &str) -> Result<String> {
    let end = html.rfind("</body>").ok_or_else(|| Failure::message("the page has no end"))?;
    Ok(format!("{}{more}{}", &html[..end], &html[end..]))
}

/// What is in the body of the page.
pub fn body(html: &str) -> &str {
    let after = html.split_once("<body>").map_or("", |(_, after)| after);
    after.rsplit_once("</body>").map_or("", |(body, _)| body)
}

/// Puts other values into the block of settings; `null` takes one away.
pub fn change_settings(html: &str, changes: &Map<String, Value>) -> Result<String> {
    let (start, end) = settings_block(html)
        .ok_or_else(|| Failure::message("index.html has no block of settings"))?;
    let mut settings: Map<String, Value> =
        serde_json::from_str(&html[start..end]).context("the settings in index.html")?;
    for (name, value) in changes {
        if value.is_null() {
            settings.remove(name);
        } else {
            settings.insert(name.clone(), value.clone());
        }
    }
    // No value may end the script element.
    let text = Value::Object(settings).to_string().replace('<', "\\u003c");
    Ok(format!("{}{text}{}", &html[..start], &html[end..]))
}

/// Where the JSON text of the settings begins and ends.
fn settings_block(html: &str) -> Option<(usize, usize)> {
    let element = html.find(SETTINGS)?;
    let start = element + html[element..].find('>')? + 1;
    let end = start + html[start..].find("</script>")?;
    Some((start, end))
}

/// Takes comments and indentation out. That is all a page this small gains from; what is between
/// the lines stays as it is.
pub fn minify(html: &str) -> String {
    let lines = without_comments(html);
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut short = lines.collect::<Vec<_>>().join("\n");
    short.push('\n');
    short
}

fn without_comments(html: &str) -> String {
    let mut parts = html.split("<!--");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A comment that does not end takes the rest of the page with it, as in a browser.
        text.push_str(part.split_once("-->").map_or("", |(_, after)| after));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<link rel="preload" href="./app_bg.wasm">
<script type="module" src="./app.js"></script>
<script type="application/json" id="pixy-settings">
{"issuer":"http://localhost:9400","scope":"openid"}
</script>"#;

    fn changes(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn files_get_their_final_names_and_their_integrity() {
        let script = Renamed { old: "app.js", new: "app-1.js", integrity: "sha384-x" };
        let program = Renamed { old: "app_bg.wasm", new: "app-2.wasm", integrity: "sha384-y" };
        let page = rename(&rename(PAGE, &script), &program);
        assert!(page.contains(r#"src="./app-1.js" integrity="sha384-x">"#));
        assert!(page.contains(r#"href="./app-2.wasm">"#), "{page}");
        let other = Renamed { old: "other.js", new: "x.js", integrity: "sha384-x" };
        assert_eq!(rename(PAGE, &other), PAGE);
    }

    #[test]
    fn files_are_found_and_pages_are_none() {
        assert_eq!(files(PAGE).collect::<Vec<_>>(), ["app_bg.wasm", "app.js"]);
        let links = r##"<a href="./"><a href="./a.html"><a href="./b.html#c"><img src="./c.svg">"##;
        assert_eq!(files(links).collect::<Vec<_>>(), ["c.svg"]);
    }

    #[test]
    fn more_comes_before_the_end_of_the_body() {
        assert_eq!(append("<p></body></html>", "more").unwrap(), "<p>more</body></html>");
        assert!(append("<p>", "more").is_err());
    }

    #[test]
    fn settings_are_changed_added_and_taken_away() {
        let new = changes(
            serde_json::json!({"issuer": "https://a.example", "client_id": "c", "scope": null}),
        );
        let page = change_settings(PAGE, &new).unwrap();
        let (start, end) = settings_block(&page).unwrap();
        let settings: Value = serde_json::from_str(&page[start..end]).unwrap();
        assert_eq!(settings, serde_json::json!({"issuer": "https://a.example", "client_id": "c"}));
        assert!(page.starts_with("<link") && page.ends_with("</script>"));
    }

    #[test]
    fn a_setting_can_not_end_its_block() {
        let evil = changes(serde_json::json!({"issuer": "</script><script>alert(1)</script>"}));
        let page = change_settings(PAGE, &evil).unwrap();
        assert_eq!(page.matches("</script>").count(), 2);
    }

    #[test]
    fn a_page_without_settings_is_an_error() {
        assert!(change_settings("<p>", &Map::new()).is_err());
    }

    #[test]
    fn comments_and_indentation_go() {
        let page = "<p>\n    a <!-- no\n -->b\n\n  </p>\n<!-- open";
        assert_eq!(minify(page), "<p>\na b\n</p>\n");
    }
}
