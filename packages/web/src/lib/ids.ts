/** The id that comes right before another one, in the order of ids. */
export function idBefore(id: string): string {
  const before = BigInt(`0x${id.replaceAll('-', '')}`) - 1n;
  const digits = before.toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
