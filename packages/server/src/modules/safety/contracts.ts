/** What other modules ask about blocking. Cached for a few seconds; a change on any node is known at once by a hint. */
export interface Blocks {
  /** Whom each of `userIds` blocks. People who block nobody may be absent. */
  blockedBy(userIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Whom one person blocks. */
  blockedByOne(userId: string): Promise<ReadonlySet<string>>;
  /** Who blocks each of `userIds`. People whom nobody blocks may be absent. */
  blockersOf(userIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Whether either blocks the other. */
  between(a: string, b: string): Promise<boolean>;
}
