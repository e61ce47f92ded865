import { API, client } from '../../utils/client.js'

Page({
  data: { ordersOf: '', phone: '', avatar: '', failed: '' },

  // Runs after the login, or tells why there is none.
  onLoad: client.guard(
    async function () {
      this.setData({ failed: '' })
      const { data } = await client.request({ url: `${API}/api/orders` })
      this.setData({ ordersOf: data.ordersOf })
    },
    function (error) {
      this.setData({ failed: error.action })
    },
  ),

  // <button open-type="getPhoneNumber">; without a code the user has said no.
  async onPhone({ detail }) {
    const { phone } = await client.login({ phoneCode: detail.code })
    this.setData({ phone: phone?.phoneNumber ?? '' })
  },

  // <button open-type="chooseAvatar"> gives a temporary file, which only an upload keeps.
  async onAvatar({ detail }) {
    await client.uploadFile({ url: `${API}/api/avatar`, filePath: detail.avatarUrl, name: 'avatar' })
    this.setData({ avatar: detail.avatarUrl })
  },

  async onLogout() {
    await client.logout()
    this.setData({ ordersOf: '', phone: '', avatar: '' })
  },
})
