/** Sets up the page. Everything that happens is added to the journal, and the panels show what is in it. */
import type { WebStorage } from '@r3session/wx-simulator'
import { createJournal, type Place } from './journal/journal.js'
import { browserStorage, save } from './page/browser-storage.js'
import { find } from './page/dom.js'
import { createTabs } from './page/tabs.js'
import { createTheme } from './page/theme.js'
import { isRecord } from './page/values.js'
import { createConsolePanel } from './panels/console.js'
import { createNetworkPanel } from './panels/network.js'
import { createSequence } from './panels/sequence.js'
import { createServerPanel } from './panels/server.js'
import { createStoragePanel } from './panels/storage.js'
import { createDevice } from './phone/device.js'
import { type ActionName, createMiniProgram } from './phone/mini-program.js'
import { oneAtATime } from './phone/one-at-a-time.js'
import { isRefusal, payFor, tapPhoneButton } from './phone/phone-button.js'
import { createScreen } from './phone/screen.js'
import { prepareStory } from './sandbox/faults.js'
import { createSandbox, type ServerView } from './sandbox/sandbox.js'
import { createStories, linkedStory, type StoryName } from './sandbox/stories.js'
import { createLanguage } from './texts/language.js'

const USER_KEY = 'playground.user'
const DEFAULT_USER = 'demo'
const TOUR_KEY = 'playground.tour'

const clock = Date.now
const journal = createJournal(clock)
const siteStorage = browserStorage('localStorage')
const tabStorage = browserStorage('sessionStorage')
const language = createLanguage(siteStorage, navigator.languages)
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
let isTour = tabStorage.getItem(TOUR_KEY) !== 'over'

const actionsOf = () =>
  createMiniProgram(
    phone.client,
    phone.wx,
    async () => tapPhoneButton(phone, journal, await screen.ask('phone')),
    async (order) => payFor(order, phone, await screen.ask('pay')),
  )
let actions = actionsOf()

const holder = find('holder', HTMLInputElement)
const screen = createScreen(language, actions, act)
const stories = createStories(language, startStory, tabStorage)
const storagePanel = createStoragePanel()
const serverPanel = createServerPanel(language, clock)
createSequence(journal, language)
createConsolePanel(journal, language)
createNetworkPanel(journal, language)
createTabs(find('tabs'))
createTheme(find('theme'), siteStorage)
journal.onChange(() => storagePanel.show(phone.devtools.storage()))
const runAlone = oneAtATime({
  setBusy: screen.setBusy,
  failed(error, place) {
    journal.line('error', place, error)
    screen.show({ kind: 'error', value: error })
  },
  afterwards: refresh,
})

/** The phone of its last user, or of the default user if the saved name is invalid. */
function firstPhone() {
  try {
    return deviceFor('phone', siteStorage.getItem(USER_KEY) ?? DEFAULT_USER, siteStorage)
  } catch {
    return deviceFor('phone', DEFAULT_USER, siteStorage)
  }
}

/** Updates everything that shows the current state. */
async function refresh(): Promise<void> {
  holder.value = phone.user
  storagePanel.show(phone.devtools.storage())
  const view = await serverView()
  serverPanel.show(view)
  screen.suggest(stories.next ?? (isTour ? tour(view) : undefined), view?.session ? undefined : 'login')
}

async function serverView(): Promise<ServerView | undefined> {
  const token = await phone.token()
  return token === undefined ? undefined : sandbox.view(token)
}

/** The next of the two clicks that a first visit suggests. */
function tour(view: ServerView | undefined): ActionName {
  return view?.session ? 'userInfo' : 'login'
}

/** Starts or ends the tour of two clicks. It is saved, so that a reload does not start it again. */
function setTour(isOn: boolean): void {
  isTour = isOn
  save(tabStorage, TOUR_KEY, isOn ? 'on' : 'over')
}

/**
 * Shows the first result on the phone. There may be a session from an earlier visit, or a story in which the phone has
 * a token and does not know that its session has ended.
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
  void runAlone(async () => {
    journal.begin({ action: name })
    const earlier = new Set(journal.exchanges)
    let isGood = false
    journal.line('code', 'phone', action.code)
    try {
      const value = await phone.devtools.tap(action.run)
      journal.line('value', 'phone', value)
      screen.show({ kind: name, value })
      if (name === 'userInfo') setTour(false)
      isGood = true
    } catch (error) {
      journal.line('error', 'phone', error)
      screen.show(isRefusal(error) ? { kind: 'denied' } : { kind: 'error', value: error })
    }
    const bodies = journal.exchanges.filter((one) => !earlier.has(one)).map(({ answer }) => answer?.body)
    stories.pressed(name, { isGood, problems: bodies.map((body) => isRecord(body) && body['code']) })
  })
}

async function tell(name: StoryName): Promise<void> {
  setTour(false)
  journal.begin({ story: name })
  const shown = await prepareStory(name, { phone, sandbox, journal })
  stories.begin(name)
  if (shown !== undefined) screen.show(shown)
}

function startStory(name: StoryName): void {
  // On a phone the button that is to be pressed is far from the one that was.
  void runAlone(() => tell(name)).then(() => screen.goTo(stories.next))
}

/** Tells the story of the link, unless it goes on after a reload. */
async function tellLinked(): Promise<void> {
  const name = linkedStory(location.hash)
  if (name === undefined || name === stories.current) return
  await tell(name)
  screen.goTo(stories.next)
}

/** Logs in on another phone of the same user. It has its own `wx` and client, and an empty storage. */
function logInOnSecondPhone(): void {
  void runAlone(async () => {
    journal.begin({ text: 'secondDevice' })
    const second = deviceFor('phone2', phone.user)
    journal.line('code', 'phone2', 'await client.login()')
    journal.line('value', 'phone2', await second.client.login())
    screen.show({ kind: 'second' })
  }, 'phone2')
}

/** Gives the phone to another user, or restarts it for the same one. Each user's stored data stays their own. */
async function changeUser(user: string): Promise<void> {
  phone = deviceFor('phone', user, siteStorage)
  actions = actionsOf()
  save(siteStorage, USER_KEY, user)
  stories.begin('none')
  await greet()
}

/** Resets everything to a first visit, for the current user. */
function startOver(): void {
  void runAlone(async () => {
    const token = await phone.token()
    if (token !== undefined) await sandbox.endSession(token)
    await sandbox.recover()
    phone.wx.clearStorageSync()
    journal.clear()
    setTour(true)
    await changeUser(phone.user)
  })
}

holder.addEventListener('change', () => {
  const user = holder.value.trim() || DEFAULT_USER
  void runAlone(() => changeUser(user))
})
find('second-device').addEventListener('click', logInOnSecondPhone)
find('start-over').addEventListener('click', startOver)
find('language').addEventListener('click', language.toggle)

addEventListener('hashchange', () => void runAlone(tellLinked))

void runAlone(async () => {
  await greet()
  await tellLinked()
})
