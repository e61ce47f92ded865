import { useLaunch } from '@tarojs/taro'
import type { PropsWithChildren } from 'react'
import { client } from './client'

export default function App({ children }: PropsWithChildren) {
  useLaunch(() => {
    // Pages that need the login join it. A failure is told by the page that needs it.
    client.login().catch(() => {})
  })
  return children
}
