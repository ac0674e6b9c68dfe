// Starts the vault inside of its worker. What goes wrong becomes an error of the worker, which the page hears.

import init from "pixy-login-glue";

init().catch((why) =>
  setTimeout(() => {
    throw why;
  }),
);
