// The people who can sign in. None of them exists; the passwords are for tests and are printed.
import { createHash } from 'node:crypto';

const PEOPLE = [
  {
    login: 'hanako',
    password: 'pixy-hanako',
    sub: 'a7f31c02-hanako',
    portrait: { background: '#f6d6c9', hair: '#2b2430', skin: '#f2c9a8', clothes: '#3f6f8f' },
    claims: {
      name: '佐藤 花子',
      given_name: '花子',
      family_name: '佐藤',
      nickname: 'はなちゃん',
      preferred_username: 'hanako',
      locale: 'ja-JP',
      zoneinfo: 'Asia/Tokyo',
      website: 'https://hanako.example/',
      updated_at: 1767225600,
      email: 'hanako@example.com',
      email_verified: true,
    },
    mails: [
      { id: 'm1', from: '図書館 <library@example.com>', subject: 'ご予約の本が届きました', date: '2026-11-20T09:15:00+09:00', preview: 'ご予約いただいた『星の王子さま』を受付でお預かりしています。' },
      { id: 'm2', from: 'Ada Byron <ada@example.com>', subject: 'Tea on Thursday?', date: '2026-11-19T16:40:00Z', preview: 'I will be in Tokyo this week. Shall we meet near the station at four?' },
      { id: 'm3', from: '山田 太郎 <taro@example.com>', subject: 'Re: 写真ありがとう', date: '2026-11-17T20:03:00+09:00', preview: '紅葉、とてもきれいでした。また行きましょう。' },
    ],
  },
  {
    login: 'ada',
    password: 'pixy-ada',
    sub: '5be0940d-ada',
    portrait: { background: '#d7e3f4', hair: '#6b3f2a', skin: '#f4d3bd', clothes: '#7a4b78' },
    claims: {
      name: 'Ada Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      nickname: 'Countess',
      preferred_username: 'ada',
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
      website: 'https://ada.example/',
      updated_at: 1764547200,
      email: 'ada@example.com',
      email_verified: true,
    },
    mails: [
      { id: 'm1', from: '佐藤 花子 <hanako@example.com>', subject: '木曜日のお茶', date: '2026-11-19T18:02:00Z', preview: '四時に駅前で待っています。楽しみです。' },
      { id: 'm2', from: 'Engine Works <works@example.com>', subject: 'Your cards are punched', date: '2026-11-18T08:30:00Z', preview: 'All 24 cards are ready to be collected at the workshop.' },
    ],
  },
  {
    login: 'maria',
    password: 'pixy-maria',
    sub: 'c1880e66-maria',
    portrait: { background: '#dcefdc', hair: '#1f1a17', skin: '#c98f6b', clothes: '#b8503c' },
    claims: {
      name: 'María de los Ángeles Fernández-Villaverde y Gutiérrez de la Concepción Wolfeschlegelsteinhausenbergerdorff',
      given_name: 'María de los Ángeles',
      family_name: 'Fernández-Villaverde y Gutiérrez de la Concepción Wolfeschlegelsteinhausenbergerdorff',
      nickname: 'Mari',
      preferred_username: 'maria.de.los.angeles.fernandez-villaverde',
      locale: 'es-ES',
      zoneinfo: 'Europe/Madrid',
      website: 'https://maria.example/una/direccion/bastante/larga/para/probar/el/ajuste/de/linea',
      updated_at: 1761955200,
      email: 'maria.de.los.angeles.fernandez-villaverde.y.gutierrez@correo.example.com',
      email_verified: true,
    },
    mails: [
      { id: 'm1', from: '旅館 山の湯 <yado@example.com>', subject: 'ご予約の確認', date: '2026-11-12T11:00:00+09:00', preview: '十二月三日から二泊でご予約を承りました。' },
    ],
  },
  {
    login: 'layla',
    password: 'pixy-layla',
    sub: '90d2b7fa-layla',
    portrait: { background: '#efe3f7', hair: '#3a2a4d', skin: '#e0b08c', clothes: '#2f7f73' },
    claims: {
      name: 'ليلى حداد',
      given_name: 'ليلى',
      family_name: 'حداد',
      preferred_username: 'layla',
      locale: 'ar-LB',
      zoneinfo: 'Asia/Beirut',
      updated_at: 1759276800,
      email: 'layla@example.com',
      email_verified: true,
    },
    mails: [
      { id: 'm1', from: '佐藤 花子 <hanako@example.com>', subject: '絵はがきが届きました', date: '2026-11-10T07:20:00+09:00', preview: 'ベイルートの海、きれいですね。ありがとう。' },
    ],
  },
  {
    login: 'sam',
    password: 'pixy-sam',
    sub: '3e5c7719-sam',
    claims: {
      name: 'Sam',
      email: 'sam@example.com',
      email_verified: false,
    },
    mails: [],
  },
];

// Of somebody who comes from elsewhere the oldest is forgotten, with nothing but a new sign-in lost.
const MOST_VISITORS = 500;
const CLAIMS_FROM_UPSTREAM = [
  'name', 'given_name', 'family_name', 'preferred_username', 'picture', 'locale', 'email', 'email_verified',
];

/** The accounts of a provider at `issuer`, which serves their pictures itself. Disabled ones are in `all` only. */
export function createAccounts(issuer) {
  const people = PEOPLE.map((person) => withPicture(person, issuer));
  const visitors = new Map();
  const disabled = new Set();
  const find = (matches) => people.find((person) => !disabled.has(person) && matches(person));
  return {
    all: people,
    bySubject: (sub) => visitors.get(sub) ?? find((person) => person.sub === sub),
    byPassword: (login, password) => find((person) => person.login === login && person.password === password),
    disable: (person) => disabled.add(person),
    enableAll: () => disabled.clear(),
    /** Somebody who signed in at the upstream: the same person each time, and never one of those here. */
    welcome(visitor) {
      const person = asPerson(visitor);
      visitors.set(person.sub, person);
      if (visitors.size > MOST_VISITORS) visitors.delete(visitors.keys().next().value);
      return person;
    },
    portraitOf: (login) => portrait(PEOPLE.find((person) => person.login === login)?.portrait),
  };
}

function asPerson({ upstream, issuer, claims }) {
  const hash = createHash('sha256').update(JSON.stringify([issuer, claims.sub])).digest();
  return {
    upstream,
    sub: `${upstream}-${hash.subarray(0, 16).toString('base64url')}`,
    claims: Object.fromEntries(CLAIMS_FROM_UPSTREAM.filter((name) => name in claims).map((name) => [name, claims[name]])),
    mails: [],
  };
}

function withPicture(person, issuer) {
  if (!person.portrait) return person;
  const picture = `${issuer}/pictures/${person.login}.svg`;
  return { ...person, claims: { ...person.claims, picture } };
}

/** A small picture of nobody. */
export function portrait(colours) {
  if (!colours) return undefined;
  const { background, hair, skin, clothes } = colours;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">
<rect width="96" height="96" fill="${background}"/>
<path d="M26 44c0-17 9-27 22-27s22 10 22 27c0 12 3 20 5 26H21c2-6 5-14 5-26z" fill="${hair}"/>
<path d="M12 96c1-18 15-27 36-27s35 9 36 27z" fill="${clothes}"/>
<path d="M40 58h16v12c0 5-16 5-16 0z" fill="${skin}"/>
<ellipse cx="48" cy="46" rx="15" ry="18" fill="${skin}"/>
<path d="M32 43c0-13 7-19 16-19s16 6 16 19c-6-2-10-6-12-11-4 6-11 10-20 11z" fill="${hair}"/>
</svg>
`;
}
