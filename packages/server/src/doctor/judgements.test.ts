import { describe, expect, test } from 'vitest';
import {
  type Finding,
  judgeClock,
  judgeDataDirectory,
  judgeDisk,
  judgeDurability,
  judgeNode,
  judgeOpenFiles,
  judgeProxy,
  judgeRedis,
  judgeTasks,
} from './judgements.ts';

const GB = 1024 ** 3;
const MINUTE = 60_000;
const TASK = { name: 'a.task', everyMs: MINUTE, ranAt: 0, succeeded: true, nextAt: MINUTE };
const ON = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };

describe('what the doctor thinks of what it measured', () => {
  test.each<[Finding, Finding['level']]>([
    [judgeNode('24.0.0'), 'ok'],
    [judgeNode('23.11.1'), 'problem'],
    [judgeDisk('/data', 5 * GB), 'ok'],
    [judgeDisk('/data', 1.9 * GB), 'warning'],
    [judgeDisk('/data', 0.1 * GB), 'problem'],
    [judgeDataDirectory('/data', 0o40700), 'ok'],
    [judgeDataDirectory('/data', 0o40750), 'problem'],
    [judgeDataDirectory('/data', 0o40701), 'problem'],
    [judgeOpenFiles(null, 20_000), 'ok'],
    [judgeOpenFiles(65_536, 20_000), 'ok'],
    [judgeOpenFiles(20_000, 20_000), 'warning'],
    [judgeOpenFiles(256, 100), 'problem'],
    [judgeClock(0), 'ok'],
    [judgeClock(-999), 'ok'],
    [judgeClock(1000), 'warning'],
    [judgeClock(-9999), 'warning'],
    [judgeClock(10_000), 'problem'],
    [judgeProxy(undefined, false, '0.0.0.0'), 'ok'],
    [judgeProxy('https://chat.example', false, '127.0.0.1'), 'warning'],
    [judgeProxy('https://chat.example', ['10.0.0.1'], '0.0.0.0'), 'ok'],
    [judgeProxy('https://chat.example', true, '127.0.0.1'), 'ok'],
    [judgeProxy('https://chat.example', true, '0.0.0.0'), 'warning'],
    [judgeProxy(undefined, 1, '127.0.0.1'), 'warning'],
    [judgeDurability(ON), 'ok'],
    [judgeDurability({ ...ON, synchronous_commit: 'remote_apply' }), 'ok'],
    [judgeDurability({ ...ON, synchronous_commit: 'off' }), 'problem'],
    [judgeDurability({ ...ON, full_page_writes: 'off' }), 'problem'],
    [judgeRedis('# Server\r\nredis_version:7.2.4\r\n'), 'ok'],
    [judgeRedis('# Server\r\nredis_version:6.2.1\r\n'), 'problem'],
    [judgeRedis(''), 'problem'],
    [judgeTasks([], 0, true), 'ok'],
    [judgeTasks([TASK], TASK.nextAt + 2 * MINUTE, true), 'ok'],
    [judgeTasks([TASK], TASK.nextAt + 2 * MINUTE + 1, true), 'warning'],
    [judgeTasks([{ ...TASK, ranAt: null, succeeded: null }], TASK.nextAt + 3 * MINUTE, true), 'warning'],
    // Nothing is late while nothing runs.
    [judgeTasks([TASK], TASK.nextAt + 1000 * MINUTE, false), 'ok'],
    [judgeTasks([TASK, { ...TASK, succeeded: false }], 0, false), 'warning'],
  ])('%j', (finding, level) => {
    expect(finding.level).toBe(level);
    // Whatever is wrong comes with what to do about it.
    expect('mend' in finding).toBe(level !== 'ok');
  });
});
