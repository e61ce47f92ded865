/** Puts the page together. Everything that happens goes into the journal, and all that is shown comes out of it. */
import type { WebStorage } from '@r3session/wx-simulator'
import { browserStorage, keep } from './browser-storage.js'
import { createConsolePanel } from './console-panel.js'
import { createDevice } from './device.js'
import { find } from './dom.js'
import { createJournal, type Place } from './journal.js'
import { createLanguage } from './language.js'
import { type ActionName, createMiniProgram } from './mini-program.js'
import { prepare } from './mischief.js'
import { createNetworkPanel } from './network-panel.js'
import { oneAtATime } from './one-at-a-time.js'
import { createPhone } from './phone.js'
import { isRefusal, tapPhoneButton } from './phone-button.js'
import { createSandbox, type ServerView } from './sandbox.js'
import { createSequence } from './sequence.js'
import { createServerPanel } from './server-panel.js'
import { createStoragePanel } from './storage-panel.js'
import { createStories, type StoryName } from './stories.js'
import { createTabs } from './tabs.js'
import { createTheme } from './theme.js'
import { isRecord } from './values.js'

const KEPT_USER = 'playground.user'
const DEFAULT_USER = 'demo'
const KEPT_TOUR = 'playground.tour'

const clock = Date.now
const journal = createJournal(clock)
const kept = browserStorage('localStorage')
const keptInTab = browserStorage('sessionStorage')
const language = createLanguage(kept, navigator.languages)
const sandbox = createSandbox(journal)

const deviceFor = (place: Place, user: string, storage?: WebStorage) =>
  createDevice({
    place,
    user,
    journal,
    clock,
    baseUrl: location.origin,
    catchUp: sandbox.catchUp,
    ...(storage && { storage }),
  })
let phone = firstPhone()
let isNew = keptInTab.getItem(KEPT_TOUR) !== 'over'

const actionsOf = () =>
  createMiniProgram(phone.client, phone.wx, async () => tapPhoneButton(phone, journal, await screen.ask()))
let actions = actionsOf()

const holder = find('holder', HTMLInputElement)
const screen = createPhone(language, actions, act)
const stories = createStories(language, tell, keptInTab)
const storagePanel = createStoragePanel()
const serverPanel = createServerPanel(language, clock)
createSequence(journal, language)
createConsolePanel(journal, language)
createNetworkPanel(journal, language)
createTabs(find('tabs'))
createTheme(find('theme'), kept)
journal.onChange(() => storagePanel.show(phone.devtools.storage()))
const exclusively = oneAtATime({
  setBusy: screen.setBusy,
  failed(error, place) {
    journal.line('error', place, error)
    screen.show({ kind: 'error', value: error })
  },
  afterwards: showPresent,
})

/** The phone of whoever held it last, or of the default user where what is kept is no name. */
function firstPhone() {
  try {
    return deviceFor('phone', kept.getItem(KEPT_USER) ?? DEFAULT_USER, kept)
  } catch {
    return deviceFor('phone', DEFAULT_USER, kept)
  }
}

/** Brings everything that shows the present up to date. */
async function showPresent(): Promise<void> {
  holder.value = phone.user
  storagePanel.show(phone.devtools.storage())
  const view = await serverView()
  serverPanel.show(view)
  screen.suggest(stories.next ?? (isNew ? tour(view) : undefined))
}

async function serverView(): Promise<ServerView | undefined> {
  const token = await phone.token()
  return token === undefined ? undefined : sandbox.view(token)
}

/** The two clicks of a first visit. */
function tour(view: ServerView | undefined): ActionName {
  return view?.session ? 'userInfo' : 'login'
}

/** The two clicks are begun anew, or done. A reload begins nothing anew. */
function setNew(isNow: boolean): void {
  isNew = isNow
  keep(keptInTab, KEPT_TOUR, isNow ? 'on' : 'over')
}

/**
 * What the phone shows before anything is pressed. There may be a session of an earlier visit, or a story in which the
 * phone holds a token and does not know that its session has ended.
 */
async function greet(): Promise<void> {
  const view = await serverView()
  const session = view?.session
  if (!session) return screen.show({ kind: view && stories.next ? 'stillThere' : 'welcome' })
  const expiresIn = (Date.parse(session.expiresAt) - clock()) / 1000
  screen.show({ kind: 'login', value: { expiresIn } })
}

function act(name: ActionName): void {
  const action = actions.find((one) => one.name === name)
  if (action === undefined) return
  void exclusively(async () => {
    const earlier = new Set(journal.exchanges)
    let isGood = false
    journal.line('code', 'phone', action.code)
    try {
      const value = await phone.devtools.tap(action.run)
      journal.line('value', 'phone', value)
      screen.show({ kind: name, value })
      if (name === 'userInfo') setNew(false)
      isGood = true
    } catch (error) {
      journal.line('error', 'phone', error)
      screen.show(isRefusal(error) ? { kind: 'denied' } : { kind: 'error', value: error })
    }
    const bodies = journal.exchanges.filter((one) => !earlier.has(one)).map(({ answer }) => answer?.body)
    stories.pressed(name, { isGood, problems: bodies.map((body) => isRecord(body) && body['code']) })
  })
}

function tell(name: StoryName): void {
  void exclusively(async () => {
    setNew(false)
    const shown = await prepare(name, { phone, sandbox, journal })
    stories.begin(name)
    if (shown !== undefined) screen.show(shown)
  })
}

/** Another phone of the same user: a `wx` and a client of its own, with nothing in its storage. */
function logInElsewhere(): void {
  void exclusively(async () => {
    const second = deviceFor('phone2', phone.user)
    journal.line('code', 'phone2', 'await client.login()')
    journal.line('value', 'phone2', await second.client.login())
    screen.show({ kind: 'second' })
  }, 'phone2')
}

/** Another user's phone, or the same one fresh. What the first user has stored stays theirs. */
async function handTo(user: string): Promise<void> {
  phone = deviceFor('phone', user, kept)
  actions = actionsOf()
  keep(kept, KEPT_USER, user)
  stories.begin('none')
  await greet()
}

/** Everything as on the first visit, for whoever holds the phone. */
function startOver(): void {
  void exclusively(async () => {
    const token = await phone.token()
    if (token !== undefined) await sandbox.endSession(token)
    await sandbox.recover()
    phone.wx.clearStorageSync()
    journal.clear()
    setNew(true)
    await handTo(phone.user)
  })
}

holder.addEventListener('change', () => {
  const user = holder.value.trim() || DEFAULT_USER
  void exclusively(() => handTo(user))
})
find('second-device').addEventListener('click', logInElsewhere)
find('start-over').addEventListener('click', startOver)
find('language').addEventListener('click', language.toggle)

void exclusively(greet)
