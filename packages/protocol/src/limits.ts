/** How much of everything there may be. */
export const LIMITS = {
  /** Characters (UTF-16 code units) of a message's body. */
  body: 8000,
  roomName: 80,
  /** Bytes of a picture as it is sent. */
  picture: 2 * 1024 * 1024,
  topic: 250,
  personName: 60,
  /** Times one message may be edited: every earlier body is kept. */
  edits: 100,
  /** Unread is counted up to this; clients show "99+". */
  unreadCap: 100,
  /** Rows of one page of history or members. */
  page: 100,
  /** Changes per room in one answer to `sync` or `changes`. */
  changesPage: 200,
  /** Members up to which read marks are shown to the others; in larger rooms they are private. */
  readReceiptMembers: 100,
  /** People named in one reaction's list; `count` goes on beyond. */
  reactionNames: 100,
  /** Different emoji on one message. */
  reactionKinds: 20,
  /** Messages one person may star in one room. */
  starsPerRoom: 200,
  pollOptions: 20,
  pins: 100,
  /** Messages one person may have waiting for approval in one room and its threads. */
  heldPerMember: 20,
  /** Seconds between two messages that slow mode may ask for. */
  slowMode: 21_600,
  /** Messages one person may have waiting to be sent. */
  scheduled: 100,
  /** People one connection may watch the presence of. */
  watched: 500,
  blocked: 1000,
  /** Automod rules of one room, and of the instance. */
  automodRules: 100,
  /** Reports of one person that wait for a decision. */
  openReports: 50,
  /** Appeals of one person, against what was done in rooms, that wait for a decision. */
  openAppeals: 5,
  invitesPerRoom: 50,
  bio: 500,
  /** Of one person each. */
  passkeys: 20,
  apiTokens: 50,
  devices: 20,
  /** Rooms one `sync` may name: they fit into one frame of 64 KB. */
  syncRooms: 500,
} as const;
