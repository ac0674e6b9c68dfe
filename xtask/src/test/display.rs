//! A display that nobody looks at, for a browser that has no headless mode.

use crate::environment::Environment;
use crate::error::Result;
use crate::servers::{self, Server};

/// Starts one and gives it to children. Dropped, it ends.
pub fn start(environment: &mut Environment) -> Result<Server> {
    let mut command = environment.command("Xvfb");
    // It chooses a free number and prints it when it is ready.
    command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
    let display = servers::start(command, "Xvfb")?;
    environment.set("DISPLAY", format!(":{}", display.ready));
    // A desktop of its own would be asked before the display.
    environment.set("GDK_BACKEND", "x11");
    Ok(display)
}
