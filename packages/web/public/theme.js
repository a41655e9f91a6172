// Applies the stored choice of src/lib/theme.ts before the first paint.
try {
  const theme = localStorage.getItem('confab.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's colour scheme applies.
}
