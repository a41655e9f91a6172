/** A small choice of emoji with the words they are found by. Anything else can be pasted or typed by the keyboard. */
export const EMOJI: readonly (readonly [emoji: string, words: string])[] =
  `👍 thumbs up yes like|👎 thumbs down no dislike|👏 clap applause bravo|🙌 raised hands hooray|🙏 thanks please pray|🤝 handshake deal
💪 strong muscle|👋 wave hello bye|🤞 fingers crossed luck|✌️ victory peace|👌 ok perfect|🤙 call me|👀 eyes look seen|🧠 brain|🫡 salute
❤️ heart love red|🧡 heart orange|💛 heart yellow|💚 heart green|💙 heart blue|💜 heart purple|🖤 heart black|💔 broken heart|💯 hundred
😀 grin happy|😂 laugh tears joy|🤣 rolling laugh|😅 sweat relief|😊 smile blush|😍 heart eyes love|😘 kiss|😎 cool sunglasses|🤩 star struck
🥳 party celebrate|😉 wink|🙂 smile|🙃 upside down|😇 angel|🤔 think hmm|🤨 eyebrow doubt|😐 neutral|😏 smirk|🙄 eye roll|😬 grimace
😮 wow surprised open mouth|😱 scream fear|😳 flushed|🥺 plead|😢 cry sad|😭 sob cry|😤 huff|😡 angry|🤯 mind blown|🥶 cold|🥵 hot
😴 sleep|🤒 ill sick|🤕 hurt|🤢 nausea|🤮 vomit|🤧 sneeze|😷 mask|🫠 melt|🫣 peek|🤗 hug|🤭 giggle oops|🤫 quiet|🤐 zip|🤦 facepalm|🤷 shrug
🎉 party tada|🎊 confetti|🎂 cake birthday|🎁 gift|🏆 trophy win|🥇 gold medal|🔥 fire hot|✨ sparkles|⭐ star|🌟 glowing star|💫 dizzy|⚡ zap fast
✅ check done yes|❌ cross no|❗ exclamation|❓ question|➕ plus|⚠️ warning|🚫 forbidden|🔴 red|🟢 green|🟡 yellow|🆗 ok|🔔 bell|📌 pin|🔒 lock
🚀 rocket ship launch|🐛 bug|🛠️ tools fix|🔧 wrench|💡 idea light bulb|📈 chart up|📉 chart down|📅 calendar|⏰ alarm clock|⏳ hourglass wait|📝 memo note|📎 paperclip
💻 laptop computer|📱 phone|☎️ telephone|📷 camera|🎧 headphones music|🎵 music note|🎮 game|📚 books read|✉️ mail letter|💰 money|🧪 test tube|🗑️ bin
☕ coffee|🍵 tea|🍺 beer|🍷 wine|🥂 cheers|🍕 pizza|🍔 burger|🍎 apple|🥐 croissant|🍪 cookie|🍰 cake|🍜 noodles|🥗 salad|🌮 taco
🐶 dog|🐱 cat|🦊 fox|🐻 bear|🐼 panda|🦁 lion|🐸 frog|🐵 monkey|🦄 unicorn|🐝 bee|🦉 owl|🐢 turtle|🐙 octopus|🐳 whale
☀️ sun|🌤️ cloud sun|🌧️ rain|❄️ snow|🌈 rainbow|🌊 wave sea|🌍 earth world|🌙 moon|🌸 blossom flower|🌻 sunflower|🌲 tree|🍀 clover luck
⚽ football|🏀 basketball|🚲 bicycle|🏃 run|🏖️ beach holiday|✈️ plane travel|🚗 car|🚆 train|🏠 home|🏢 office|🏥 hospital|👻 ghost|🤖 robot|💀 skull dead|💩 poo|👽 alien`
    .split(/[|\n]/)
    .map((entry) => {
      const space = entry.indexOf(' ');
      return [entry.slice(0, space), entry.slice(space + 1)] as const;
    });
