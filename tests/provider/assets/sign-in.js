// Fills in a test account at a click. Without this script the pages work as well.
for (const button of document.querySelectorAll('.fill')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    document.querySelector('#login').value = button.dataset.login;
    document.querySelector('#password').value = button.dataset.password;
    document.querySelector('#sign-in').focus();
  });
}
