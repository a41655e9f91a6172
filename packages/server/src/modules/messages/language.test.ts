import { beforeAll, describe, expect, test } from 'vitest';
import { differingLanguage, loadLanguages } from './language.ts';

beforeAll(loadLanguages);

const SAID = {
  en: 'I will bring the soup and the large tarpaulin on Saturday',
  de: 'Ich bringe am Samstag die Suppe und die große Plane mit',
  fr: 'Ce matin j’ai mangé un croissant, mais il était d’hier',
  es: 'Esta mañana he comido pan con tomate y he bebido dos cafés',
  pt: 'Acho que amanhã vamos de comboio, bem cedo de manhã',
  it: 'Domani mattina prendiamo il treno molto presto, credo',
  pl: 'Myślę, że jutro rano pojedziemy pociągiem do miasta',
  sv: 'Tror du att tåget går i tid i morgon bitti från stationen',
  tr: 'Yarın sabah erkenden trenle şehre gideceğiz sanırım',
  uk: 'Сьогодні я їв вареники, вони були дуже смачні',
  ru: 'Сегодня вечером мы собираемся посмотреть новый фильм',
  ar: 'صباح الخير جميعاً! المقهى مفتوح اليوم حتى الساعة التاسعة',
  hi: 'कल सुबह हम बहुत जल्दी ट्रेन से शहर जाएंगे',
  ja: '今朝はご飯とみそ汁を食べました。',
  ko: '내일 아침에 기차를 타고 시내로 갈 것 같아요',
  zh: '我觉得我们明天早上坐火车去城里',
} as const;

describe('the language of a message', () => {
  test.each(Object.entries(SAID))('%s is told from every other, and not named in its own room', (language, text) => {
    for (const room of Object.keys(SAID)) {
      expect(differingLanguage(text, room), room).toBe(room === language ? undefined : language);
    }
  });

  test('is compared by its base: regions and scripts make no other language', () => {
    expect(differingLanguage(SAID.pt, 'pt-BR')).toBeUndefined();
    expect(differingLanguage(SAID.zh, 'zh-Hant-TW')).toBeUndefined();
    expect(differingLanguage(SAID.de, 'pt-BR')).toBe('de');
  });

  test('is left open between cousins, and in rooms of languages that cannot be told', () => {
    const norwegian = 'Jeg tror at vi skal ta toget i morgen tidlig';
    expect(differingLanguage(norwegian, 'nb')).toBeUndefined();
    expect(differingLanguage(norwegian, 'da')).toBeUndefined();
    expect(differingLanguage('Saya pikir kita naik kereta besok pagi', 'id')).toBeUndefined();
    expect(differingLanguage(SAID.en, 'eo')).toBeUndefined();
  });

  test.each([
    ['few letters', 'Guten Morgen!'],
    ['nothing but signs', '1234567890 🎉🎉🎉 ---- !!!! 1234567890'],
    ['a link', 'https://example.org/die-schoensten-wanderungen-in-den-bergen-am-see'],
    ['code', '```\nwenn das hier deutsch ist, dann ist es trotzdem nur code\n```'],
    ['names', '@alexander.der.grosse @katharina.die.grosse @friedrich.der.zweite'],
  ])('is not guessed from %s', (_, text) => {
    expect(differingLanguage(text, 'en')).toBeUndefined();
  });
});
