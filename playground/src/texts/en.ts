import { duration } from '../page/values.js'

/** What the page says, in English. `zh.ts` has the same keys. */
export const en = {
  title: 'r3session playground',
  tagline: 'A mini program logs in. See every step.',
  sandboxNote: 'Sandbox: WeChat is imitated on this machine, and nothing leaves it.',
  docs: 'Docs',
  otherLanguage: '中文',
  theme: 'Dark or light',
  startOver: 'Start over',

  phone: 'Phone',
  phoneTitle: 'Sign-in demo',
  anonymous: 'Not logged in',
  holder: 'Who holds the phone',
  secondDevice: 'Second device logs in',
  pageOpened: 'When the page was opened',
  secondDeviceHint: 'The same user on another phone',
  pressThis: 'press this',
  askTitle: 'Your phone number',
  askText: 'The mini program asks for the number bound to your WeChat account.',
  allow: 'Allow',
  deny: 'Deny',
  payTitle: '¥0.10',
  payText: 'Sign-in demo: a book. No money moves here.',
  payAllow: 'Pay',
  payDeny: 'Cancel',

  whatIf: 'What if…',
  whatIfThat: (story: string) => `What if… ${story}`,
  steps: 'What happens',
  nextHint: (button: string) => `Press “${button}” on the phone.`,
  stepsHint: 'Every call draws an arrow here; click one to look inside.',
  inspect: 'Developer tools',
  console: 'Console',
  consoleHint: 'The code behind each button, and what it gives.',
  network: 'Network',
  networkHint: 'No request yet.',
  storage: 'Storage',
  storageHint: 'Nothing stored yet.',
  server: 'Server',
  serverHint:
    'No session. Where there is one, this is what the service has on record: never a session_key, never the token itself.',

  nameColumn: 'Path',
  methodColumn: 'Method',
  statusColumn: 'Status',
  timeColumn: 'Time',
  requestHeaders: 'Request headers',
  requestBody: 'Request body',
  responseHeaders: 'Response headers',
  responseBody: 'Response body',
  copyCurl: 'Copy as curl',
  copied: 'Copied',
  pending: 'pending',
  keyColumn: 'Key',
  valueColumn: 'Value',
  typeColumn: 'Type',
  currentSize: 'Current size',
  limitSize: 'Limit size',

  thisSession: 'This session',
  allSessions: 'Sessions of this user',
  thisOne: 'this phone',
  otherOne: 'another login',
  noSession: 'The service knows no session for the token on this phone.',
  ring: 'session_key ring',
  ringNote: 'Eight hex digits stand for each key; the keys themselves never leave the service.',
  current: 'current',
  replaced: (minutes: number) => `replaced, opens data for ${minutes} more min`,
  honours: (key: string) => `WeChat now honours ${key}.`,
  honoursNone: 'WeChat honours no key of this user now.',
  match: 'The service has it: sealed data will open.',
  mismatch: 'The service does not have it: sealed data will not open until somebody logs in.',

  places: { phone2: 'Phone 2', phone: 'Phone', shop: 'Shop', service: 'Service', weixin: 'WeChat' },
  actions: {
    login: 'Log in',
    userInfo: 'Get user info',
    phoneNumber: 'Phone number',
    api: 'Call API',
    pay: 'Buy a book',
    storage: 'Read storage',
    logout: 'Log out',
    forget: 'Delete account',
  },

  results: {
    welcome: 'Log in, then get the user info. Two clicks.',
    loggedIn: (seconds: number) =>
      `Logged in. The session ends in ${duration(seconds, 'en')}, or later if it is used.`,
    stillThere: 'Logged in, as far as the phone knows: it has a token.',
    userNote: 'Since 2021 WeChat gives everybody this name and picture. openId and unionId are real.',
    phoneNote: 'From WeChat’s server, for this user only.',
    apiNote: 'The API behind forward auth got these headers:',
    storageNote: (current: number, limit: number) => `${current} KB of ${limit} KB, in the keys`,
    storageEmpty: 'nothing',
    loggedOut: 'Logged out. The token is worth nothing now.',
    paid: 'Paid at WeChat, looked up by the shop, delivered.',
    forgotten: 'Forgotten. This is what the service still has of you:',
    relogin: 'The client has logged in again. Ask the user once more.',
    errors: {
      relogin: 'That did not work. Please tap once more.',
      retry: 'Too busy just now. Please try again in a moment.',
      fix_request: 'Something is wrong with this app. Please tell us.',
      contact_operator: 'Login is out of order. We have been told.',
      none: 'You cannot use this app with this account.',
      network: 'No connection. Please try again.',
    },
    code: 'What the program sees:',
    denied: 'You said no. The mini program is told so, and gets nothing.',
    secondDone: 'The second device is logged in. Both sessions live; see “Server”.',
  },

  stories: {
    none: { name: 'all is well', stages: ['Nothing goes wrong. Choose what should.'] },
    used: {
      name: 'the code was used',
      stages: [
        'Logged out, and WeChat will call the next code used. Press “Log in”.',
        'WeChat said 40163, the service code_used. The client took a fresh code and logged in.',
      ],
    },
    expired: {
      name: 'the session expired',
      stages: [
        'The service has forgotten the session; the phone does not know. Press “Call API”.',
        'The request met a 401. The client logged in once and repeated it: nobody noticed.',
      ],
    },
    rotated: {
      name: 'the session_key changed',
      stages: [
        'WeChat has a new session_key that the service never got. Press “Get user info”.',
        'The data did not open. The client has logged in and asks for fresh data: press “Get user info” again.',
        'Sealed with the key that the service has now, the data opens.',
      ],
    },
    busy: {
      name: 'WeChat is busy',
      stages: [
        'Logged out, and WeChat will answer -1 twice. Press “Log in”.',
        'The service answered 503 with Retry-After. The client waited and came back with the same code.',
      ],
    },
    payment: {
      name: 'a user pays',
      stages: [
        'WeChat wants an order signed with the session_key, which the service alone has. Press “Buy a book”.',
        'The shop had the service sign it, the user paid, and WeChat told the shop so. The key stayed where it was.',
      ],
    },
    forgotten: {
      name: 'a user leaves',
      stages: [
        'The user leaves the shop, which tells the service to forget them. Press “Delete account”.',
        'Sessions and session_keys are gone, on every phone; this one does not know. Press “Call API”.',
        'The token met a 401, and the client logged in: a new session and one key, nothing of before.',
      ],
    },
  },

  events: {
    used: 'the next code will be “used”',
    forgets: 'forgets the session',
    rotates: 'replaces the session_key',
    busy: 'will be busy twice',
    recovers: 'is well again',
  },

  topics: {
    wxLogin:
      'WeChat gives the mini program a code. It is good for five minutes, once, and worth nothing without the AppSecret.',
    wxCheckSession: 'WeChat tells whether the session_key of the latest code still lives.',
    wxUserInfo:
      'WeChat seals the user’s data with the session_key. The phone cannot open it; only a server that has the key can.',
    wxStorage: 'The storage of this mini program on this phone: 10 MB, 1 MB per key.',
    login:
      'The code goes to the service, which answers with a random token, the r3session. The Idempotency-Key makes a retry safe.',
    exchange:
      'The service trades the code for openid and session_key. The key stays here: neither phone nor log ever sees it.',
    decrypt:
      'The sealed data goes to the service, which opens it with the user’s key and checks whose it is.',
    phoneNumber: 'The code of the phone button goes to the service, which asks WeChat for the number.',
    accessToken:
      'Calls to WeChat about a user need an access_token. The service fetches one and shares it until it ends.',
    getPhoneNumber: 'WeChat gives the number for the code, to this user’s openid only.',
    order: 'A shop of yours, behind the same gateway. It has the order signed before the phone gets it.',
    sign: 'Your back end has the very text of the order signed, with its service key. It never sees the session_key.',
    wxPay:
      'The phone gives WeChat the order and both signatures. WeChat checks them and asks the user to pay.',
    delivery: 'Is it paid? The shop does not believe the phone: it looks the order up at WeChat.',
    queryOrder: 'The shop asks WeChat what became of the order, signed with the AppKey.',
    provideGoods: 'The shop tells WeChat that the goods are delivered.',
    account: 'The user closes their account with the shop.',
    forget:
      'Your back end has the user forgotten, with its service key: sessions, session_keys and everything else kept by their openid.',
    session: 'What the session says about its user.',
    logout: 'The session ends. From here on its token is like any unknown one.',
    api: 'An API of yours. The gateway in front of it asks GET /v1/auth who is calling and passes the answer on as headers.',
    problem: 'An error of a closed list: code says what it is, action what the client should do.',
    lost: 'No answer came.',
    button: 'The phone button: WeChat gives a code for the number once the user has agreed.',
    behind: 'Done by this page, behind the client’s back.',
  },
}

/** All texts of the page, except code. */
export type Texts = typeof en
