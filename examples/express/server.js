import { createVerifier, expressAuth } from '@r3session/verify'
import express from 'express'

const { PORT = '8080', R3SESSION_URL = 'http://localhost:3000', R3SESSION_KEY = '' } = process.env

const app = express()
const loggedIn = expressAuth(createVerifier({ url: R3SESSION_URL, key: R3SESSION_KEY }))

app.get('/api/menu', (_req, res) => {
  res.json({ menu: ['tea'] })
})

app.get('/api/orders', loggedIn, (req, res) => {
  res.json({ ordersOf: req.caller?.openid })
})

app.listen(Number(PORT), 'localhost')
