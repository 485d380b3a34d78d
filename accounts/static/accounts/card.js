/** The card page's print button: shown only where a script runs, because only a script can print. */
const button = document.querySelector('[data-print]');
button.hidden = false;
button.addEventListener('click', () => print());
