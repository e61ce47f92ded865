import { createSSRApp } from 'vue'
import App from './App.vue'

// uni-app calls this by its name.
export function createApp() {
  return { app: createSSRApp(App) }
}
