// Runs before the first page, behind watch.js: the person clicks when the button is there, or a while later.
if (location.origin === '{origin}') {
  const { waitFor, hears, tell, now } = window.pixyBench;
  const BUTTON = '[data-pixy="sign-in"]';

  /** What the page's own files weighed on their way. */
  const loaded = () => performance.getEntries()
    .filter(({ name, transferSize }) => transferSize > 0 && new URL(name).origin === location.origin)
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);

  /** Whoever is not heard tries again. */
  const press = (button) => {
    const target = button.querySelector('a') ?? button;
    if (!hears(target)) return waitFor(BUTTON, press);
    tell('heard', now());
    target.click();
  };

  const click = (button) => {
    tell('loaded', loaded());
    tell('click', now());
    press(button);
  };

  waitFor(BUTTON, (button) => {
    tell('button', now());
    // An app may have put another button in its place by then.
    if ({delay}) setTimeout(() => waitFor(BUTTON, click), {delay});
    else click(button);
  });
}
