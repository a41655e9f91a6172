/** PostgreSQL's error codes that the program acts on (Appendix A of its manual). */

function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The violated constraint's name, or true when the driver did not tell. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

export function isDeadlock(error: unknown): boolean {
  return sqlState(error) === '40P01';
}

/** The values themselves were refused (classes 22 and 54), as they would be every time. */
export function isRefusedData(error: unknown): boolean {
  return /^(22|54)/.test(sqlState(error) ?? '');
}
