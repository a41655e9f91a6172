/** What PostgreSQL did for a request: the plans that its auto_explain logs, as they were executed for the server. */

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Rows Removed by Join Filter'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Node[];
}

export interface Plan {
  text: string;
  /** Rows that scans of tables and indexes came upon, used or not. */
  rows: number;
  /** Pages of 8 KB. */
  pages: number;
  /** Tables that were read from end to end. */
  seqScans: string[];
}

/** Settings that make every new connection log its plans. */
export const EXPLAIN_ALL = [
  `session_preload_libraries = 'auto_explain'`,
  'auto_explain.log_min_duration = 0',
  'auto_explain.log_analyze = on',
  'auto_explain.log_timing = off',
  'auto_explain.log_buffers = on',
  'auto_explain.log_format = json',
].map((setting) => `ALTER ROLE CURRENT_USER SET ${setting}`);

/** Reads the log of a PostgreSQL server, line by line. */
export class PlanReader {
  readonly #plans: Plan[] = [];
  #open: string[] | null = null;
  #waiting: { text: string; found: () => void } | null = null;

  line(line: string): void {
    if (this.#open !== null && line.startsWith('\t')) {
      this.#open.push(line);
      if (line === '\t}') this.#close(this.#open);
    } else this.#open = /^LOG: {2}duration: .* plan:$/.test(line) ? [] : null;
  }

  /** Resolves with the plans since the last call, once that of `marker` was logged: a statement run after all others. */
  async until(marker: string, run: () => Promise<unknown>): Promise<Plan[]> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { text: marker, found: resolve };
    await run();
    await promise;
    return this.#plans.splice(0).filter((plan) => plan.text !== marker);
  }

  #close(lines: readonly string[]): void {
    this.#open = null;
    const { 'Query Text': text, Plan: root } = JSON.parse(lines.join('\n')) as { 'Query Text': string; Plan: Node };
    const nodes = [...flatten(root)];
    this.#plans.push({
      text,
      rows: Math.round(nodes.reduce((sum, node) => sum + touched(node), 0)),
      pages: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
      seqScans: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : [])),
    });
    if (this.#waiting?.text === text) this.#waiting.found();
  }
}

function* flatten(node: Node): Generator<Node> {
  yield node;
  for (const child of node.Plans ?? []) yield* flatten(child);
}

function touched(node: Node): number {
  if (node['Relation Name'] === undefined) return 0;
  const { 'Actual Rows': rows = 0, 'Actual Loops': loops = 0 } = node;
  return (rows + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) * loops;
}
