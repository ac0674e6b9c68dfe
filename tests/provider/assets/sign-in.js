// Fills in a test account or a test code at a click. Without this script the pages work as well.
for (const button of document.querySelectorAll('.fill')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    for (const [id, value] of Object.entries(button.dataset)) document.getElementById(id).value = value;
    document.querySelector('.actions button').focus();
  });
}
