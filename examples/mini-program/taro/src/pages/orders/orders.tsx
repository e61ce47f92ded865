import { Button, Text, View } from '@tarojs/components'
import { useLoad } from '@tarojs/taro'
import { useState } from 'react'
import { API, client } from '../../client'

export default function Orders() {
  const [ordersOf, setOrdersOf] = useState('')
  const [phone, setPhone] = useState('')
  const [avatar, setAvatar] = useState('')
  const [failed, setFailed] = useState('')

  // Runs after the login, or tells why there is none.
  const load = client.guard(
    async () => {
      setFailed('')
      const { data } = await client.request<{ ordersOf: string }>({ url: `${API}/api/orders` })
      setOrdersOf(data.ordersOf)
    },
    (error) => setFailed(error.action),
  )
  useLoad(() => void load())

  // Without a code the user has said no.
  const showPhone = async (code: string | undefined) => {
    const { phone } = await client.login({ phoneCode: code })
    setPhone(phone && 'phoneNumber' in phone ? phone.phoneNumber : '')
  }

  // The picture is a temporary file, which only an upload keeps.
  const keepAvatar = async (filePath: string) => {
    await client.uploadFile({ url: `${API}/api/avatar`, filePath, name: 'avatar' })
    setAvatar(filePath)
  }

  if (failed) {
    return (
      <View>
        <Text>Logging in failed: {failed}</Text>
        <Button onClick={() => void load()}>Try again</Button>
      </View>
    )
  }
  return (
    <View>
      <Text>Orders of {ordersOf}</Text>
      <Button openType="getPhoneNumber" onGetPhoneNumber={({ detail }) => void showPhone(detail.code)}>
        {phone || 'My phone number'}
      </Button>
      <Button openType="chooseAvatar" onChooseAvatar={({ detail }) => void keepAvatar(detail.avatarUrl)}>
        {avatar ? 'Another picture' : 'My picture'}
      </Button>
      <Button onClick={() => void client.logout()}>Log out</Button>
    </View>
  )
}
