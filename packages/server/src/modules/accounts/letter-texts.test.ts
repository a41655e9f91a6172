import { describe, expect, test } from 'vitest';
import { type Letter, renderLetter } from './letter-texts.ts';

const BASE = 'https://chat.example';
const LETTERS: Letter[] = [
  { about: 'email_code', code: '123456' },
  { about: 'no_account' },
  { about: 'verify_email', token: 'SeCrEt-TokEn', username: 'ada', name: 'Ada' },
  { about: 'signed_up_again' },
  { about: 'reset_password', token: 'SeCrEt-TokEn' },
  { about: 'step_up_code', code: '123456' },
  { about: 'email_changed', to: 'new@example.com' },
  { about: 'password_changed' },
  { about: 'second_factor', on: true },
  { about: 'second_factor', on: false },
  { about: 'passkey_added', name: '<img src=x onerror=alert(1)>' },
  { about: 'identity_linked', provider: 'Google' },
  { about: 'account_deleted' },
];

describe.each(LETTERS)('the letter about $about', (letter) => {
  const { subject, text, html } = renderLetter(letter, BASE);

  test('has a subject of one line without secrets', () => {
    expect(subject).toMatch(/^[\w’ -]{5,60}$/);
    expect(subject).not.toMatch(/\d|SeCrEt/);
  });

  test('leads to this place alone, with tokens in fragments only, and loads nothing from anywhere', () => {
    const links = [...`${text} ${html}`.matchAll(/https?:[^\s"<]*/g)].map(([link]) => link);
    for (const link of links) expect(link.startsWith(BASE), link).toBe(true);
    expect(`${text}${html}`).not.toMatch(/\?[\w-]*=/);
    expect(html).not.toMatch(/<img|<link|<script|<style|@import|url\(|<[^>]* (?:src|background|on\w+)=/i);
  });

  test('says the same as text and as HTML', () => {
    for (const secret of ['123456', 'SeCrEt-TokEn', 'new@example.com', 'Google', 'Ada']) {
      expect(html.includes(secret), secret).toBe(text.includes(secret));
    }
  });
});

test('what people chose is escaped in HTML', () => {
  const { html } = renderLetter({ about: 'passkey_added', name: '"><b>x</b>&\'' }, BASE);
  expect(html).toContain('&#34;&#62;&#60;b&#62;x&#60;/b&#62;&#38;&#39;');
});

test.each(['Visit evil.example', 'http://evil.example', 'You won! Call 0800 123', 'a'.repeat(31), 'Ada\u2028x'])(
  'a name like %j is not repeated to whoever has the address',
  (name) => {
    const { text, html } = renderLetter({ about: 'verify_email', token: 'x', username: 'ada', name }, BASE);
    expect(text).not.toContain('Hello');
    expect(text).not.toContain(name);
    expect(html).not.toContain(name);
  },
);

test.each(['Ada', 'Lucía Fernández', "Conan O'Brien", 'Олена', 'Jean-Luc Picard'])('%s is greeted by name', (name) => {
  expect(renderLetter({ about: 'verify_email', token: 'x', username: 'ada', name }, BASE).text).toContain(
    `Hello ${name},`,
  );
});
