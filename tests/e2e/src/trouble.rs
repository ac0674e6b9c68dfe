//! What browsers and networks do to a tab.

use serde_json::json;

use crate::browser::Browser;

/// Cuts this tab's network, or joins it again. What is on its way is lost.
pub fn set_offline(browser: &Browser, offline: bool) {
    let unlimited = -1;
    let conditions = json!({
        "offline": offline, "latency": 0,
        "downloadThroughput": unlimited, "uploadThroughput": unlimited,
    });
    browser.devtools("Network.emulateNetworkConditions", &conditions);
}

/// Lets no request of this tab arrive whose address is of such a pattern.
pub fn block(browser: &Browser, patterns: &[&str]) {
    browser.devtools("Network.enable", &json!({}));
    browser.devtools("Network.setBlockedURLs", &json!({"urls": patterns}));
}

/// Stops the page from running, as browsers do with tabs that nobody looks at, and lets it go on.
pub fn while_frozen(browser: &Browser, work: impl FnOnce()) {
    browser.devtools("Page.setWebLifecycleState", &json!({"state": "frozen"}));
    work();
    browser.devtools("Page.setWebLifecycleState", &json!({"state": "active"}));
}
