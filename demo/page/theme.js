// A classic script in the head: the chosen theme is there before anything is painted.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

  /** What the browser keeps may be forbidden; the page works without. */
  const kept = {
    read() {
      try {
        return localStorage.getItem('theme');
      } catch {
        return null;
      }
    },
    write(theme) {
      try {
        localStorage.setItem('theme', theme);
      } catch {
        // Then it holds for this visit.
      }
    },
  };

  const chosen = kept.read();
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const show = () => {
      button.setAttribute('aria-pressed', String(isDark()));
      dispatchEvent(new Event('themechange'));
    };
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      kept.write(root.dataset.theme);
      show();
    });
    system.addEventListener('change', show);
    show();
  });
})();
