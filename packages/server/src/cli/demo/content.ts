/** Who talks, where, and what they say in a demo. */

export const PASSWORD = 'lounge-demo';

/** Everybody by the name the lines below know them by. */
export const people = {
  alex: { email: 'test@example.com', username: 'alex.morgan', name: 'Alex Morgan' },
  sam: { email: 'user2@example.com', username: 'sam.okafor', name: 'Sam Okafor' },
  mei: { email: 'mei@example.com', username: 'mei.tanaka', name: 'Mei Tanaka' },
  lucia: { email: 'lucia@example.com', username: 'lucia.fernandez', name: 'Lucía Fernández' },
  jonas: { email: 'jonas@example.com', username: 'jonas.weber', name: 'Jonas Weber' },
  amira: { email: 'amira@example.com', username: 'amira.haddad', name: 'Amira Haddad' },
  olena: { email: 'olena@example.com', username: 'olena.kovalenko', name: 'Olena Kovalenko' },
  theo: { email: 'theo@example.com', username: 'theo.lambert', name: 'Théo Lambert' },
  // Runs the place.
  noor: { email: 'admin@example.com', username: 'noor.said', name: 'Noor Said' },
} as const;

export type PersonKey = keyof typeof people;

export interface DemoLine {
  by: PersonKey;
  body: string;
  /** The number of an earlier line of the room, counted from 1. */
  replyTo?: number;
  /** What it was changed to. */
  edited?: string;
  deleted?: true;
}

export interface DemoRoom {
  /** Tells it from the others for good: the ids of its messages are made of it. */
  key: string;
  /** A direct room has none, and two members. */
  group?: { name: string; topic: string };
  /** The first is the owner. */
  members: readonly [PersonKey, ...PersonKey[]];
  /** Who read further than their own last line: up to that line. */
  read: Partial<Record<PersonKey, number>>;
  lines: readonly DemoLine[];
}

function say(by: PersonKey, body: string, more: Omit<DemoLine, 'by' | 'body'> = {}): DemoLine {
  return { by, body, ...more };
}

/** In the order in which they are filled: the last is the newest. */
export const rooms: readonly DemoRoom[] = [
  {
    key: 'book-club',
    group: { name: 'Book club', topic: 'March: The Left Hand of Darkness' },
    members: ['lucia', 'alex', 'olena', 'theo'],
    read: { lucia: 6, olena: 6, theo: 6, alex: 6 },
    lines: [
      say('lucia', 'We meet on **Thursday at 19:00**, upstairs in the library. Please be through chapter 12 by then!'),
      say('olena', 'I finished it in one night and I am not sorry.'),
      say('theo', 'No spoilers! I am on page 80 and it is still snowing.'),
      say('alex', 'It does not stop snowing, Théo.', { replyTo: 3 }),
      say('lucia', '> Light is the left hand of darkness\n\nI keep coming back to that line.'),
      say('theo', 'Can I bring my sister? She reads faster than all of us.'),
    ],
  },
  {
    key: 'wandern',
    group: { name: 'Wanderfreunde', topic: 'Touren rund um den See, bei jedem Wetter' },
    members: ['jonas', 'alex', 'sam', 'mei'],
    read: { jonas: 7, alex: 7, mei: 7 },
    lines: [
      say('jonas', 'Sonntag um 8:15 Uhr am Bahnhof, Gleis 3? Die Hütte macht ab 11 Uhr Kaffee.'),
      say('mei', 'Bin dabei! Wie lang ist die Tour?'),
      say('jonas', 'Etwa 14 km und 600 Höhenmeter, also gemütlich.', {
        edited: 'Etwa 14 km und 650 Höhenmeter, also *fast* gemütlich.',
      }),
      say('alex', 'Ich bringe Kuchen mit. Apfel oder Zwetschge?'),
      say('mei', 'Zwetschge 🥧', { replyTo: 4 }),
      say('sam', 'My German is just good enough to understand “Kuchen”. I am in.'),
      say('jonas', 'Mehr Deutsch braucht man auf dem Berg nicht 😄', { replyTo: 6 }),
    ],
  },
  {
    key: 'cafe-ja',
    group: { name: '日本語カフェ', topic: 'ゆっくり話しましょう' },
    members: ['mei', 'alex', 'theo'],
    read: { mei: 6, theo: 6, alex: 3 },
    lines: [
      say('mei', 'ようこそ!ここでは日本語だけで話しましょう。まちがえても大丈夫です。'),
      say('theo', 'はじめまして。テオです。フランスから来ました。'),
      say('alex', 'はじめまして、アレックスです。漢字はまだ少ししか読めません。'),
      say('mei', '少しずつで大丈夫!今日の漢字は「庭」(にわ)です。'),
      say('theo', '庭に花があります。合っていますか?'),
      say('mei', '完璧です 🌸', { replyTo: 5 }),
    ],
  },
  {
    key: 'cafe-ar',
    group: { name: 'مقهى الحي', topic: 'أخبار الحي والمواعيد' },
    members: ['amira', 'alex', 'sam'],
    read: { amira: 5, sam: 5, alex: 5 },
    lines: [
      say('amira', 'صباح الخير جميعاً! المقهى مفتوح اليوم حتى الساعة التاسعة مساءً.'),
      say('sam', 'صباح النور! هل يوجد كعك التمر؟'),
      say('amira', 'نعم، لكن بسرعة: بقيت ست قطع فقط.', { replyTo: 2 }),
      say('alex', 'احجزي لي قطعتين من فضلك 🙏'),
      say('amira', 'محجوزتان. أهلاً وسهلاً!'),
    ],
  },
  {
    key: 'release',
    group: { name: 'Release crew', topic: 'Getting 0.1 out of the door' },
    members: ['sam', 'alex', 'jonas', 'olena'],
    read: { sam: 11, jonas: 11, olena: 11, alex: 8 },
    lines: [
      say('sam', 'Checklist for today:\n\n1. restore a backup on the spare machine\n2. upgrade it\n3. write the notes'),
      say('olena', 'Backup is restored. 41,382 messages before, 41,382 after.'),
      say('jonas', 'I pulled the plug halfway through the upgrade, on purpose this time.'),
      say('sam', 'And?', { replyTo: 3 }),
      say(
        'jonas',
        'It came back in two seconds and carried on. I checked with\n\n```sh\ncurl -s localhost:3000/health\n```',
      ),
      say('olena', 'wrong room, sorry', { deleted: true }),
      say(
        'alex',
        'Notes are in the shared folder. Could someone who writes better English than me look at the second half?',
      ),
      say('olena', 'On it.', { replyTo: 7 }),
      say('jonas', 'Is anybody against tagging at 16:00?'),
      say('sam', 'Not me. If `npm ci && npm start` works on a machine that has never seen it, we ship.'),
      say('olena', 'Tried on my old laptop: **works**. Tea first, then the tag.'),
    ],
  },
  {
    key: 'languages',
    group: { name: 'Language exchange', topic: 'A question a day, in whichever language you are learning' },
    members: ['mei', 'alex', 'sam', 'lucia', 'jonas', 'amira', 'olena', 'theo'],
    read: { mei: 13, lucia: 13, theo: 13, olena: 12, alex: 13 },
    lines: [
      say('mei', 'Question of the day: *what did you have for breakfast?* Answer in the language you are learning.'),
      say('jonas', 'Esta mañana he comido pan con tomate y he bebido dos cafés.'),
      say('lucia', '¡Muy bien! Muy español, Jonas. Ich habe heute leider gar nichts gegessen.', { replyTo: 2 }),
      say('theo', 'Сьогодні я їв вареники. Я правильно написав?'),
      say('olena', 'Так, усе правильно! А де ти знайшов вареники на сніданок? 😄', { replyTo: 4 }),
      say('alex', 'Ce matin j’ai mangé un croissant, mais il était d’hier.'),
      say('theo', 'Un croissant d’hier, c’est presque un crime, Alex.', { replyTo: 6 }),
      say('sam', '今朝はご飯とみそ汁を食べました。'),
      say('mei', 'すごい!助詞も完璧です 👏', { replyTo: 8 }),
      say('amira', 'I had tea with mint, and I am writing in English because that is the one I am learning.'),
      say('alex', 'أنا أحب الشاي بالنعناع أيضاً!', { replyTo: 10 }),
      say('amira', 'أحسنت يا أليكس! 🍃', { replyTo: 11 }),
      say('mei', 'Tomorrow’s question comes from Olena. Bis morgen, à demain, до завтра!'),
    ],
  },
  {
    key: 'sam-jonas',
    members: ['sam', 'jonas'],
    read: { sam: 3, jonas: 3 },
    lines: [
      say('sam', 'Did you get the router back up?'),
      say('jonas', 'Yes. It was the cable. It is always the cable.'),
      say('sam', 'I will have that printed on a mug.'),
    ],
  },
  {
    key: 'alex-lucia',
    members: ['lucia', 'alex'],
    read: { lucia: 5, alex: 3 },
    lines: [
      say('lucia', '¿Vienes el jueves al club de lectura?'),
      say('alex', 'Sí, pero llego a las 19:15. ¿Me guardas un sitio?'),
      say('lucia', 'Claro que sí. Junto a la ventana, como siempre.'),
      say('lucia', 'Y trae tu ejemplar, que el mío lo tiene Théo desde febrero 🙄'),
      say('lucia', '¡Hasta el jueves!'),
    ],
  },
  {
    key: 'alex-mei',
    members: ['mei', 'alex'],
    read: { mei: 4, alex: 4 },
    lines: [
      say('mei', 'I fixed the sign for the greenhouse. Photo follows tomorrow, it is already dark here.'),
      say('alex', 'You are the best. Did the paint hold?'),
      say('mei', 'Two coats, so it had better.'),
      say('alex', 'ありがとう!'),
    ],
  },
  {
    key: 'garden',
    group: { name: 'Riverside garden', topic: 'Plots, tools and the Saturday rota' },
    members: ['alex', 'sam', 'mei', 'lucia', 'jonas', 'amira', 'olena', 'theo'],
    read: { sam: 22, mei: 22, lucia: 22, jonas: 20, amira: 18, olena: 22 },
    lines: [
      say('alex', 'Good morning, everyone! The seedlings arrived, and they are bigger than the crate they came in 🌱'),
      say('lucia', '¡Por fin! How many tomatoes did we get in the end?'),
      say('alex', 'Forty-eight tomatoes, thirty peppers, and one thing without a label.'),
      say('theo', 'The thing without a label is mine. Please do not eat it.'),
      say('olena', 'What is it, Théo?', { replyTo: 4 }),
      say('theo', 'If I knew, it would have a label.', { replyTo: 5 }),
      say(
        'sam',
        'Rota for **Saturday**:\n\n- 09:00 watering: Mei, Jonas\n- 10:00 compost: Sam\n- 11:00 planting: everybody',
        {
          edited:
            'Rota for **Saturday**:\n\n- 09:00 watering: Mei, Jonas\n- 10:00 compost: Sam, Amira\n- 11:00 planting: everybody',
        },
      ),
      say('mei', 'Fine with me. Is the tap by the gate working again?'),
      say('jonas', 'It drips, but it works. I ordered a new washer.'),
      say('amira', 'I can help with the compost, I have gloves for two.', { replyTo: 7 }),
      say('sam', 'You are on the list 💪', { replyTo: 10 }),
      say('lucia', 'Should we write a sign for the herb bed? People keep walking through the mint.'),
      say('mei', 'I will paint one. In how many languages?'),
      say('alex', 'All of ours: English, español, Deutsch, français, українська, العربية and 日本語.', { replyTo: 13 }),
      say('mei', 'That will be a *large* sign.'),
      say('jonas', 'I have a door we could use.'),
      say('olena', 'A door! Jonas, you are a treasure.', { replyTo: 16 }),
      say('amira', 'Rain is forecast for Saturday afternoon, so let us plant before lunch.'),
      say('sam', 'Then I will bring the big tarpaulin, just in case.'),
      say('jonas', 'And I will bring the soup.'),
      say('lucia', 'Soup, rain and forty-eight tomatoes. See you on Saturday! 🍅'),
      say('olena', 'До суботи!'),
      say('theo', 'The thing without a label has a flower now. It is orange.'),
      say('theo', 'I think it is a pumpkin 🎃'),
    ],
  },
  {
    key: 'alex-sam',
    members: ['alex', 'sam'],
    read: { sam: 6, alex: 5 },
    lines: [
      say('alex', 'Are you still up for Saturday? I could pick you up on the way.'),
      say('sam', 'Yes please. 08:40 at mine?'),
      say('alex', 'Make it 08:30, the tarpaulin needs a while to fold.'),
      say('sam', 'It has never once been folded properly.', { replyTo: 3 }),
      say('alex', 'There is a first time for everything.'),
      say('sam', 'Bring coffee and I will believe anything ☕'),
    ],
  },
];
