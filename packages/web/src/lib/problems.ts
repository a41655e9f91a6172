/** What went wrong, in words for the person in front of the screen. */
import { ConfabError } from '@confab/sdk';
import { type SubmitEvent, useState } from 'react';
import { exactTime } from './time.ts';
import { count } from './words.ts';

interface Problem {
  /** About the whole; null when each field says it all. */
  message: string | null;
  fields: Readonly<Record<string, string>>;
  /** Of whoever is banned: what an appeal is sent with. */
  appeal?: string | undefined;
}

const NO_PROBLEM: Problem = { message: null, fields: {} };

/** What someone typed as a command cannot be carried out; the message says why. */
export class CommandError extends Error {}

export function messageOf(thrown: unknown): string {
  if (thrown instanceof CommandError) return thrown.message;
  if (!(thrown instanceof ConfabError)) return 'Something went wrong.';
  switch (thrown.code) {
    case 'network':
      return 'The server can’t be reached. Check your connection and try again.';
    case 'too_many_requests':
      return thrown.retryAfter === undefined
        ? 'That was too often. Try again in a while.'
        : `That was too often. Try again in ${waitWords(thrown.retryAfter)}.`;
    case 'account_banned':
      return banWords(thrown.ban);
    case 'slow_mode':
      return `Slow mode: write again in ${waitWords(thrown.retryAfter ?? 1)}.`;
    case 'internal':
      return `Something went wrong on the server. If you report it, mention ${thrown.requestId}.`;
    default:
      return whyWords(thrown.message, thrown);
  }
}

/** What the server says, until when it holds, and why. */
export function whyWords(
  message: string,
  { until, reason }: { until?: number | null | undefined; reason?: string | undefined },
): string {
  const words = [message];
  if (until === null) words.push('Until it is lifted.');
  else if (until !== undefined) words.push(`Until ${exactTime(until)}.`);
  if (reason !== undefined && reason !== '') words.push(`Reason: ${reason}`);
  return words.join(' ');
}

function waitWords(seconds: number): string {
  if (seconds < 120) return count(seconds, 'second');
  return seconds < 7200 ? count(Math.ceil(seconds / 60), 'minute') : count(Math.ceil(seconds / 3600), 'hour');
}

function banWords(ban: ConfabError['ban']): string {
  const until = ban?.until ? ` until ${exactTime(ban.until)}` : '';
  return `This account is banned${until}.${ban?.reason ? ` Reason: ${ban.reason}` : ''}`;
}

/** `advice` replaces the server's terse note on a field. */
function problemOf(thrown: unknown, advice: Readonly<Record<string, string>>): Problem {
  if (!(thrown instanceof ConfabError)) return { message: messageOf(thrown), fields: {} };
  if (thrown.code === 'username_taken') return { message: null, fields: { username: thrown.message } };
  const fields: Record<string, string> = {};
  for (const { field, problem } of thrown.fields) fields[field] ??= advice[field] ?? problem;
  const told = Object.keys(fields).length > 0 && !('' in fields);
  return { message: told ? null : messageOf(thrown), fields, appeal: thrown.ban?.appeal };
}

/** For what a form has to say of one of its fields itself. */
export function fieldProblem(field: string, problem: string): ConfabError {
  const details = { fields: [{ field, problem }] };
  return new ConfabError('bad_input', problem, { code: 'bad_input', message: problem, requestId: '', details });
}

/** Runs `action` on submit; one at a time. The first field with a problem gets the focus. */
export function useSubmit(action: (form: FormData) => Promise<void>, advice: Readonly<Record<string, string>> = {}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(NO_PROBLEM);

  async function run(form: HTMLFormElement) {
    setBusy(true);
    try {
      await action(new FormData(form));
      setProblem(NO_PROBLEM);
    } catch (thrown) {
      const found = problemOf(thrown, advice);
      setProblem(found);
      for (const control of form.elements) {
        const named =
          control instanceof HTMLInputElement ||
          control instanceof HTMLTextAreaElement ||
          control instanceof HTMLSelectElement;
        if (named && control.name in found.fields) {
          control.focus();
          break;
        }
      }
    } finally {
      setBusy(false);
    }
  }

  function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!busy) void run(event.currentTarget);
  }
  return { busy, problem, onSubmit };
}

/** The text of a form's field. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
