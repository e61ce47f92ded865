export default defineAppConfig({
  pages: ['pages/orders/orders'],
  window: { navigationBarTitleText: 'Orders' },
})
