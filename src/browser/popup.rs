//! Windows beside the page, which a click opens.

use wasm_bindgen::JsValue;
use web_sys::Window;

use super::navigation::NavigationRefused;
use super::{method, window};

/// The window's size, in CSS pixels. Small screens have it fill them.
const WIDTH: i32 = 480;
const HEIGHT: i32 = 680;

/// Opens windows.
pub trait Popups {
    /// Opens an empty window. To be called in the click's own listener: at other times, where the person wants no such
    /// windows, or where the browser has no channel through which they could say anything, none is opened.
    fn open(&self) -> Option<Box<dyn Popup>>;

    /// Whether the person is at this page, and not at another window.
    fn is_page_focused(&self) -> bool;

    /// Closes the page, where script may do that: it is in a window that script has opened.
    fn close_page(&self);
}

/// An open window. Dropped, it is closed, unless a page of another origin is in it.
pub trait Popup {
    /// Loads `url` in it, and leaves it no way back to this page.
    ///
    /// # Errors
    ///
    /// [`NavigationRefused`], also when the person has closed it.
    fn go(&self, url: &str) -> Result<(), NavigationRefused>;

    /// Whether it is closed, or out of reach: a page with a `Cross-Origin-Opener-Policy` looks the same.
    fn is_closed(&self) -> bool;

    /// Brings it to the front.
    fn focus(&self);
}

/// The browser's own windows.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Windows;

impl Popups for Windows {
    fn open(&self) -> Option<Box<dyn Popup>> {
        let window = window()?;
        method(&window, "BroadcastChannel")?;
        let features = features(&window);
        // "noopener" would hide whether a window was opened.
        let opened =
            window.open_with_url_and_target_and_features("", "_blank", &features).ok()??;
        let opened = Opened(opened);
        // Some browsers and extensions block it like this.
        if opened.is_closed() { None } else { Some(Box::new(opened)) }
    }

    fn is_page_focused(&self) -> bool {
        let document = window().and_then(|window| window.document());
        document.is_some_and(|document| document.has_focus().unwrap_or_default())
    }

    fn close_page(&self) {
        if let Some(window) = window() {
            // Where it is refused, the page says that the person may close it.
            let _ = window.close();
        }
    }
}

/// In the middle of the page's own window.
fn features(window: &Window) -> String {
    let middle = |start: Result<JsValue, JsValue>, size: Result<JsValue, JsValue>, own: i32| {
        (pixels(start) + (pixels(size) - own) / 2).to_string()
    };
    let left = middle(window.screen_x(), window.outer_width(), WIDTH);
    let top = middle(window.screen_y(), window.outer_height(), HEIGHT);
    let (width, height) = (WIDTH.to_string(), HEIGHT.to_string());
    ["popup,width=", &width, ",height=", &height, ",left=", &left, ",top=", &top].concat()
}

/// What is no number counts as none.
#[allow(clippy::cast_possible_truncation)]
fn pixels(number: Result<JsValue, JsValue>) -> i32 {
    number.ok().and_then(|number| number.as_f64()).unwrap_or_default() as i32
}

struct Opened(Window);

impl Popup for Opened {
    fn go(&self, url: &str) -> Result<(), NavigationRefused> {
        if self.is_closed() {
            return Err(NavigationRefused);
        }
        // What is loaded there could send this page elsewhere (reverse tabnabbing).
        self.0.set_opener(&JsValue::NULL).map_err(|_| NavigationRefused)?;
        self.0.location().replace(url).map_err(|_| NavigationRefused)
    }

    fn is_closed(&self) -> bool {
        self.0.closed().unwrap_or(true)
    }

    fn focus(&self) {
        // Where it is refused, the window stays where it is.
        let _ = self.0.focus();
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // With another's page in it, only its opener may do that, which this page is no more.
        let _ = self.0.close();
    }
}
