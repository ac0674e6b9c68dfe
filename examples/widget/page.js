// What a page does with <pixy-login>: it listens.

const greeting = document.getElementById("greeting");
const events = document.getElementById("events");

document.addEventListener("pixy-signed-in", (event) => {
  greeting.textContent = `Welcome, ${event.detail.name ?? event.detail.subject ?? "stranger"}.`;
});
document.addEventListener("pixy-signed-out", () => {
  greeting.textContent = "Nobody is signed in.";
});
for (const name of ["pixy-signed-in", "pixy-signed-out", "pixy-error"]) {
  document.addEventListener(name, (event) => {
    const line = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = JSON.stringify(event.detail);
    line.append(`${name} `, code);
    line.dataset.event = name;
    events.append(line);
  });
}
