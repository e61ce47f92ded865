import { client } from './utils/client.js'

App({
  onLaunch() {
    // Pages that need the login join it. A failure is told by the page that needs it.
    client.login().catch(() => {})
  },
})
