/** The public places of a demo: what they are, and what people and guests say in them. */
import type { Input } from './api.ts';
import type { PersonKey } from './content.ts';

/** People without an account, by the name the lines below know them by. Their time is over after a day. */
export const guests = { rafa: 'Rafa', yuki: 'Yuki', tomek: 'Tomek', elif: 'Elif' } as const;
export type GuestKey = keyof typeof guests;

type Line = readonly [by: PersonKey | GuestKey, body: string];

export interface DemoLounge {
  /** Tells it from the others for good: the ids of its messages are made of it. */
  key: string;
  lounge: Input<'createLounge'>['body'];
  /** By language; each has a room of its own. */
  rooms: Readonly<Record<string, readonly Line[]>>;
}

export const lounges: readonly DemoLounge[] = [
  {
    key: 'square',
    lounge: {
      name: 'Town square',
      topic: 'Small talk for everyone who passes by',
      rules:
        '1. **Be kind.** Everyone here is a beginner at something.\n2. One room, one language, as far as you can.\n3. No advertising.',
      position: 1,
    },
    rooms: {
      en: [
        ['alex', 'Good morning! The market is on until noon today, and the strawberries are worth it.'],
        ['rafa', 'Hi, I am new here. Is this the room to practise English?'],
        ['alex', 'It is exactly that room. Welcome, and ask whatever you like!'],
        ['sam', 'And if you are near the fountain: the coffee cart is back.'],
      ],
      de: [
        ['jonas', 'Guten Morgen zusammen! Der Brunnen läuft wieder, gerade daran vorbeigelaufen.'],
        ['mei', 'Endlich! Letztes Jahr war er den ganzen Sommer lang kaputt.'],
        ['tomek', 'Hallo, darf ich hier auch mit Fehlern schreiben?'],
        ['jonas', 'Unbedingt, dafür ist der Raum ja da.'],
        ['sam', 'I hope it is fine to ask in English: when does the library open on Sundays?'],
      ],
      es: [
        ['lucia', '¡Buenos días! ¿Alguien sabe si el mercado abre también el domingo?'],
        ['rafa', 'Sí, pero solo hasta las dos de la tarde.'],
        ['lucia', '¡Gracias! Entonces llego justo después del desayuno.'],
      ],
      fr: [
        ['theo', 'Bonjour à tous ! Qui vient écouter la fanfare sur la place ce soir ?'],
        ['alex', 'Moi, si quelqu’un m’explique où se trouve l’entrée du parking.'],
        ['theo', 'Derrière la mairie, tu ne peux pas la manquer.'],
      ],
      'pt-BR': [
        ['rafa', 'Bom dia, gente! Alguém aqui também está aprendendo alemão?'],
        ['lucia', 'Eu estou tentando, mas a gramática ainda me deixa maluca.'],
      ],
      uk: [
        ['olena', 'Доброго ранку! Хто сьогодні йде на концерт у парку?'],
        ['theo', 'Я теж хочу піти, але ще погано розумію українську.'],
        ['olena', 'Нічого страшного, музику розуміють усі.'],
      ],
      ar: [
        ['amira', 'صباح الخير جميعاً! من يريد أن يتدرب على المحادثة اليوم؟'],
        ['elif', 'أنا أريد، لكنني ما زلت أتعلم الحروف.'],
        ['amira', 'أهلاً وسهلاً بك، نبدأ من البداية.'],
      ],
      ja: [
        ['mei', 'おはようございます!今日は広場で骨董市がありますよ。'],
        ['yuki', '本当ですか?何時までやっていますか。'],
        ['mei', '夕方の五時までです。早めに行くのがおすすめです。'],
      ],
    },
  },
  {
    key: 'kitchen',
    lounge: {
      name: 'Kitchen table',
      topic: 'What is on the stove, and what went wrong with it',
      rules: 'Name your sources, and say so when something has **nuts** in it.',
      position: 2,
    },
    rooms: {
      en: [
        ['amira', 'My sourdough has been sulking for three days. What did I do to it?'],
        ['mei', 'Probably nothing. Put it somewhere warmer and feed it rye flour once.'],
        ['elif', 'Mine only woke up after I moved it on top of the fridge!'],
      ],
      it: [
        ['lucia', 'Chi mi spiega come si fa la vera carbonara senza panna?'],
        ['theo', 'Uova, pecorino, guanciale e pepe: niente altro, per carità.'],
      ],
      fr: [
        ['theo', 'Ma mayonnaise tourne à chaque fois, je ne comprends vraiment pas pourquoi.'],
        ['lucia', 'Tes œufs sortent du frigo ? Il faut que tout soit à la même température.'],
      ],
      es: [
        ['lucia', 'Hoy toca tortilla de patatas. ¿Con cebolla o sin cebolla?'],
        ['rafa', 'Con cebolla, por favor, y bien jugosa por dentro.'],
        ['alex', 'In my house it is always with onions, sorry for the English!'],
      ],
      tr: [
        ['elif', 'Bu akşam mercimek çorbası yapıyorum, gelmek isteyen var mı?'],
        ['amira', 'Ben geliyorum, ekmeği de yanımda getiririm.'],
      ],
      pl: [
        ['tomek', 'Czy ktoś ma sprawdzony przepis na pierogi z kapustą i grzybami?'],
        ['olena', 'Mam po babci, zaraz przepiszę i wrzucę tutaj.'],
      ],
      ja: [
        ['yuki', '今夜は味噌汁と焼き魚にします。皆さんは何を作りますか。'],
        ['mei', '私は冷蔵庫にある野菜でカレーを作ります。'],
      ],
    },
  },
  {
    key: 'workbench',
    lounge: {
      name: 'Workbench',
      topic: 'Bicycles, radios, routers: what can be repaired is repaired',
      rules: 'Guests are welcome to read along. **Unplug it first.**',
      guests: 'read',
      position: 3,
    },
    rooms: {
      en: [
        ['jonas', 'The router dropped its connection again, every night at exactly three.'],
        ['sam', 'Look for a scheduled update, and then look at the cable anyway.'],
        ['jonas', 'It was the cable. I will not talk about it any further.'],
      ],
      de: [
        ['jonas', 'Hat jemand noch eine Ersatzbirne für den alten Diaprojektor im Verein?'],
        ['alex', 'Ich schaue heute Abend im Keller nach, da müsste noch eine liegen.'],
      ],
      fr: [
        ['theo', 'Mon vélo grince dès que je freine, quelqu’un a une idée ?'],
        ['alex', 'Nettoie la jante avec de l’alcool et ponce un peu les patins.'],
      ],
      pl: [['olena', 'Naprawiłam dziś stare radio po dziadku, wystarczył jeden kondensator.']],
      uk: [
        ['olena', 'Хто знає, як відкрити корпус цього ноутбука і не зламати його?'],
        ['jonas', 'I had the same one: there are two more screws under the rubber feet.'],
      ],
      sv: [['sam', 'Har någon en liten momentnyckel att låna ut över helgen?']],
    },
  },
  {
    key: 'owls',
    lounge: {
      name: 'Night owls',
      topic: 'Wine, work and worries, after ten in the evening',
      rules: 'For **adults** with an account. What is said here stays here.',
      minRole: 'user',
      guests: 'none',
      adultsOnly: true,
      position: 4,
    },
    rooms: {
      en: [
        ['sam', 'Anyone else awake who should have been in bed an hour ago?'],
        ['amira', 'Present. I am on my third cup of tea and my first honest thought.'],
      ],
      es: [['lucia', 'Buenas noches a los que todavía no podéis dormir, como yo.']],
      de: [['jonas', 'Wer schaut sich um Mitternacht noch die Sternschnuppen an?']],
      nl: [['theo', 'Is er nog iemand wakker die zin heeft in een goed gesprek?']],
      it: [['lucia', 'Stasera solo un bicchiere di vino rosso e un vecchio film in bianco e nero.']],
      'pt-BR': [['lucia', 'Boa noite! Alguém mais ainda está trabalhando a esta hora?']],
    },
  },
];
