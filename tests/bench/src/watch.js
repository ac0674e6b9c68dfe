// Runs before each page of the apps, and tells on the console when what a person waits for is there. Times are
// in milliseconds since 1970, so that those of several pages, and of the browser's own log, can be compared.
if (location.origin === '{origin}') {
  const tell = (name, ...values) => console.info('pixy-bench', name, ...values);
  const now = () => performance.timeOrigin + performance.now();

  /** The first element of a selector that is shown, in the page or in the widget. */
  const shown = (selector) => {
    for (const root of [document, document.querySelector('pixy-login')?.shadowRoot]) {
      const element = root?.querySelector(selector);
      if (element?.checkVisibility() && element.textContent.trim()) return element;
    }
  };

  tell('begin', performance.timeOrigin);
  const memories = [];
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...parameters) => {
      const result = await original.apply(WebAssembly, parameters);
      const { memory } = (result.instance ?? result).exports;
      if (memory) memories.push(memory);
      return result;
    };
  }

  // Who listens to clicks: a button that the page shows before its script is there does not.
  const listeners = new WeakSet();
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (type === 'click') listeners.add(this ?? window);
    return addEventListener.call(this ?? window, type, ...rest);
  };

  /** Whether a click on an element would be heard: by a link, by itself, or by what is around it. */
  const hears = (element) => {
    if (element.closest('a[href]') || listeners.has(window)) return true;
    for (let node = element; node; node = node.parentNode ?? node.host) {
      if (listeners.has(node) || node.onclick) return true;
    }
    return false;
  };

  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) tell('task', performance.timeOrigin + task.startTime, task.duration);
  }).observe({ type: 'longtask', buffered: true });

  const waitFor = (selector, found) => {
    const look = () => {
      const element = shown(selector);
      if (element) found(element);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };

  waitFor('[data-pixy="profile-name"]', (name) => tell('name', now(), name.textContent));
  window.pixyBench = { memories, waitFor, hears, tell, now };
}
