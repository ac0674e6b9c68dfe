//! The demo on a static host, below a path that it was not built for.

use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Options, SiteOptions, Stage, checks};

#[test]
fn the_demo_works_below_a_path() {
    let options = SiteOptions { prefix: "/sub/path".to_owned(), ..SiteOptions::default() };
    let stage = Stage::with(options, &Options::default());
    stage.sign_in();
    assert_eq!(stage.browser.url(), stage.site.url(""));
    stage.browser.click(part::PROFILE_LINK);
    let profile = stage.site.url("profile.html");
    stage.browser.wait_for_url("the profile page", |url| url == profile);
    stage.wait_for_profile();

    stage.browser.reload();
    stage.wait_for_profile();
    stage.browser.click(part::SIGN_OUT);
    wait_for_state(&stage.browser, "signed-out");
    stage.browser.click(part::SIGN_IN);
    stage.wait_for_profile();
    assert_eq!(stage.browser.url(), profile);
    checks::nothing_is_left(&stage.browser, &stage.site, &[]);
    let strays: Vec<String> = stage
        .site
        .requests()
        .into_iter()
        .map(|request| request.path)
        .filter(|path| !path.starts_with("/sub/path/"))
        .collect();
    assert_eq!(strays, Vec::<String>::new(), "nothing is asked for outside of the path");
}
