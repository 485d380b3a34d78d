/** Words for people. The Chinese text is the key, as in gettext; the page brings the other language as JSON. */

/** @returns {(text: string, values?: Record<string, string|number>) => string} fills `{name}` */
export function translator(page = document) {
  const words = {};
  for (const script of page.querySelectorAll('script.ui-strings')) {
    try {
      Object.assign(words, JSON.parse(script.textContent));
    } catch {
      // A damaged list leaves the Chinese text, which is always there.
    }
  }
  return (text, values = {}) => (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** 751.3 → "12:31"; hours only when there are any. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Bytes → "1.2 MB", in steps that can be compared: 0.1 below ten, whole above. */
export function megabytes(bytes) {
  const amount = bytes / 1_000_000;
  return `${amount >= 10 ? Math.round(amount) : Math.max(0.1, amount).toFixed(1)} MB`;
}
