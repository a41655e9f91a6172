/** What was asked for before signing in leads elsewhere, and perhaps back to a page that asks for more. Of this tab. */
const KEY = 'confab.return-to';

export function keepReturnTo(path: string): void {
  try {
    sessionStorage.setItem(KEY, path);
  } catch {
    // Storage is blocked: one ends at the home page.
  }
}

export function keptReturnTo(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '/';
  } catch {
    return '/';
  }
}
