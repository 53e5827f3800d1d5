// A classic script in the head, so that the chosen theme applies before the first paint.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

  /** Access to localStorage can be blocked; the page works without it. */
  const storedTheme = {
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
        // The choice then lasts until the page is closed.
      }
    },
  };

  const chosen = storedTheme.read();
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const show = () => {
      button.setAttribute('aria-pressed', String(isDark()));
      dispatchEvent(new Event('themechange'));
    };
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      storedTheme.write(root.dataset.theme);
      show();
    });
    system.addEventListener('change', show);
    show();
  });
})();
