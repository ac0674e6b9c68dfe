// The words of the pages, in the languages that the provider speaks.

export const ENGLISH = {
  code: 'en',
  clientName: ({ name, withoutPkce }) => (withoutPkce ? `${name} (UNSAFE: without PKCE)` : name),
  provider: 'Pixy test provider',
  testNote: 'A provider for demos and tests. The people are made up; use no real password here.',
  signIn: {
    title: 'Sign in',
    lead: (client) => `to continue to ${client}`,
    login: 'User name',
    password: 'Password',
    submit: 'Sign in',
    cancel: 'Cancel',
    wrong: 'This user name and password do not fit together. Take a pair from the list below.',
    hint: 'Try it with a test account',
    steps: [
      'Choose a person from the list.',
      'Enter their user name and password above.',
      'Press “Sign in”; then decide what the app may see.',
    ],
    fill: (name) => `Fill in for ${name}`,
    fillShort: 'Fill in',
  },
  secondFactor: {
    title: 'Confirm that it’s you',
    lead: (client) => `${client} asks for a second step.`,
    code: 'One-time code',
    submit: 'Confirm',
    cancel: 'Cancel',
    wrong: 'This code is not right. Take the one below.',
    hint: 'The code for tests',
    fill: 'Fill in the code',
  },
  consent: {
    title: (client) => `May ${client} go ahead?`,
    lead: 'Signed in as',
    at: (origin) => `The app at ${origin} asks to:`,
    known: 'Already allowed:',
    resource: (resource) => `This is for the API at ${resource}.`,
    allow: 'Allow',
    cancel: 'Cancel',
    note: 'Cancel takes you back, and the app receives nothing.',
    scopes: {
      openid: ['Recognise you', 'An ID that stands for you, and nothing else about you.'],
      profile: ['See your profile', 'Name, nickname, picture, language, time zone and website.'],
      email: ['See your email address', 'And whether it has been confirmed.'],
      mail: ['Read your mail', 'Sender, subject and the first lines. It can’t send or delete.'],
      offline_access: ['Stay connected', 'Until you sign out, also while you are away.'],
    },
  },
  standIn: {
    provider: (label) => `A stand-in for ${label}`,
    note: (label) => `This page has nothing to do with ${label}. The people are made up.`,
    title: 'Choose an account',
    lead: (client) => `to continue to ${client}`,
    warning: (label) => `This is not ${label}. A program on this computer stands in for it, because the demo was started without a client ID and secret from ${label}.`,
    choose: (name) => `Choose ${name}`,
    chooseShort: 'Choose',
    cancel: 'Cancel',
  },
  signOut: {
    title: 'Sign out?',
    lead: (client) => (client ? `${client} has signed you out. End your session here as well?` : 'End your session with this provider?'),
    submit: 'Sign out',
    stay: 'Stay signed in',
  },
  signedOut: {
    title: 'Signed out',
    lead: 'Your session with this provider has ended. You can close this page.',
  },
  error: {
    title: 'This can’t go on',
    lead: 'The app sent a request that this provider does not accept. Go back to the app and try again.',
    expired: 'This sign-in has already ended or took too long. Go back to the app and start again.',
    code: 'Error code',
  },
};

const JAPANESE = {
  code: 'ja',
  clientName: ({ name, withoutPkce }) => (withoutPkce ? `${name}（危険：PKCE なし）` : name),
  provider: 'Pixy テストプロバイダー',
  testNote: 'デモとテスト専用です。登場する人物は架空です。本物のパスワードは入力しないでください。',
  signIn: {
    title: 'サインイン',
    lead: (client) => `${client} に進むには、サインインしてください。`,
    login: 'ユーザー名',
    password: 'パスワード',
    submit: 'サインイン',
    cancel: 'キャンセル',
    wrong: 'ユーザー名とパスワードの組み合わせが違います。下の一覧の組を使ってください。',
    hint: 'テストアカウントで試す',
    steps: [
      '一覧から人を選びます。',
      'その人のユーザー名とパスワードを上に入力します。',
      '「サインイン」を押し、アプリに許可する内容を決めます。',
    ],
    fill: (name) => `${name} の情報を入力`,
    fillShort: '入力',
  },
  secondFactor: {
    title: '本人確認',
    lead: (client) => `${client} が、もう一段階の確認を求めています。`,
    code: 'ワンタイムコード',
    submit: '確認する',
    cancel: 'キャンセル',
    wrong: 'コードが違います。下のコードを使ってください。',
    hint: 'テスト用のコード',
    fill: 'コードを入力',
  },
  consent: {
    title: (client) => `${client} に許可しますか`,
    lead: 'サインイン中',
    at: (origin) => `${origin} のアプリが求めていること：`,
    known: 'すでに許可済み：',
    resource: (resource) => `対象の API は ${resource} です。`,
    allow: '許可する',
    cancel: 'キャンセル',
    note: 'キャンセルするとアプリに戻り、何も渡されません。',
    scopes: {
      openid: ['あなたを見分ける', 'あなたを表す ID だけです。ほかの情報は含みません。'],
      profile: ['プロフィールを見る', '名前、ニックネーム、写真、言語、タイムゾーン、ウェブサイト。'],
      email: ['メールアドレスを見る', '確認済みかどうかも含みます。'],
      mail: ['メールを読む', '差出人、件名、冒頭の数行。送信や削除はできません。'],
      offline_access: ['接続を保つ', 'サインアウトするまで、離れている間も続きます。'],
    },
  },
  standIn: {
    provider: (label) => `${label} の代役`,
    note: (label) => `このページは ${label} とは関係ありません。登場する人物は架空です。`,
    title: 'アカウントの選択',
    lead: (client) => `${client} に進みます。`,
    warning: (label) => `これは ${label} ではありません。デモが ${label} のクライアント ID とシークレットなしで起動されたため、このコンピューター上のプログラムが代役をしています。`,
    choose: (name) => `${name} を選択`,
    chooseShort: '選択',
    cancel: 'キャンセル',
  },
  signOut: {
    title: 'サインアウトしますか',
    lead: (client) => (client ? `${client} からサインアウトしました。ここのセッションも終了しますか。` : 'このプロバイダーのセッションを終了しますか。'),
    submit: 'サインアウト',
    stay: 'サインインしたままにする',
  },
  signedOut: {
    title: 'サインアウトしました',
    lead: 'このプロバイダーのセッションは終了しました。このページを閉じてかまいません。',
  },
  error: {
    title: '続けられません',
    lead: 'アプリからの要求をこのプロバイダーは受け付けられません。アプリに戻って、もう一度お試しください。',
    expired: 'このサインインはすでに終了したか、時間切れです。アプリに戻って、最初からやり直してください。',
    code: 'エラーコード',
  },
};

/** The texts for a request: the app's wish (`ui_locales`, OIDC Core §3.1.2.1), else the browser's. */
export function languageOf(context, wished = '') {
  for (const tag of wished.split(' ').filter(Boolean)) {
    if (/^ja\b/i.test(tag)) return JAPANESE;
    if (/^en\b/i.test(tag)) return ENGLISH;
  }
  return context.acceptsLanguages('en', 'ja') === 'ja' ? JAPANESE : ENGLISH;
}
