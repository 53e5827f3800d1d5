// This script is no module, so that it sets the theme before the page is painted for the first time.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

  /** If the browser blocks localStorage, the page works without storing the theme. */
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
        // Without storage, the chosen theme applies until the page is closed.
      }
    },
  };

  const chosen = storedTheme.read();
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const show = () => {
      // The text of the button says what a click does.
      button.textContent = isDark() ? 'Light theme' : 'Dark theme';
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
