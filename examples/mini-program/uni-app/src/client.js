import { createClient } from '@r3session/client'

/** One for the whole mini program. WeChat's own `wx`, not `uni`: the client needs its tasks and its callbacks. */
export const client = createClient({ baseUrl: 'https://login.example.com', wx })

/** Your own back end. It learns from r3session whose token it gets: see examples/README.md. */
export const API = 'https://api.example.com'
