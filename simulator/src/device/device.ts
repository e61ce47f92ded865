import { callApi } from '../calls/api.js'
import { createListeners } from '../calls/listeners.js'
import type {
  AppAuthorizeSetting,
  AppBaseInfo,
  DeviceInfo,
  DeviceOptions,
  SystemSetting,
  Theme,
  WindowInfo,
  WxDevice,
} from '../types/device.js'

/** A phone of the developer tools: they name themselves as the platform, and so does this one. */
const PHONE = {
  abi: '',
  benchmarkLevel: 1,
  brand: 'devtools',
  cpuType: '',
  deviceAbi: '',
  memorySize: '2048',
  model: 'iPhone 12/13 (Pro)',
  platform: 'devtools',
  system: 'iOS 10.0.1',
} as const satisfies DeviceInfo

const WINDOW = {
  pixelRatio: 3,
  screenHeight: 844,
  screenTop: 0,
  screenWidth: 390,
  statusBarHeight: 47,
  windowHeight: 753,
  windowWidth: 390,
} as const satisfies Omit<WindowInfo, 'safeArea'>

/** Height in pixels of the bar at the lower edge of a phone without a button. */
const HOME_BAR = 34

/** The base library whose typings the simulator is held to, and a WeChat that has it. */
const SDK_VERSION = '3.17.0'
const WECHAT_VERSION = '8.0.66'

const SYSTEM_SETTING: SystemSetting = {
  bluetoothEnabled: true,
  deviceOrientation: 'portrait',
  locationEnabled: true,
  wifiEnabled: true,
}

const ALLOWED: AppAuthorizeSetting = {
  albumAuthorized: 'authorized',
  bluetoothAuthorized: 'authorized',
  cameraAuthorized: 'authorized',
  locationAuthorized: 'authorized',
  locationReducedAccuracy: false,
  microphoneAuthorized: 'authorized',
  notificationAlertAuthorized: 'authorized',
  notificationAuthorized: 'authorized',
  notificationBadgeAuthorized: 'authorized',
  notificationSoundAuthorized: 'authorized',
  phoneCalendarAuthorized: 'authorized',
}

export interface DeviceDeps {
  readonly appid: string
  readonly device: DeviceOptions
  readonly extConfig: Readonly<Record<string, unknown>>
  /** Whether the simulator has this function of `wx`. */
  has(name: string): boolean
}

/** What `wx` tells of the phone, and how the user changes the theme. */
export function createDevice({ appid, device, extConfig, has }: DeviceDeps): {
  wx: WxDevice
  setTheme(theme: Theme): void
} {
  const { theme = 'light', language = 'zh_CN', SDKVersion = SDK_VERSION, version = WECHAT_VERSION } = device
  const listeners = createListeners<{ theme: Theme }>()
  const hasTheme = { theme }
  const given = <T extends object>(defaults: T): T => {
    const own = Object.entries(device).filter(([name, value]) => name in defaults && value !== undefined)
    return { ...defaults, ...Object.fromEntries(own) }
  }

  const windowInfo = (): WindowInfo => {
    const { screenWidth: width, screenHeight, statusBarHeight: top, ...rest } = given<typeof WINDOW>(WINDOW)
    const bottom = screenHeight - HOME_BAR
    const safeArea = { left: 0, right: width, top, bottom, width, height: bottom - top }
    return { ...rest, screenWidth: width, screenHeight, statusBarHeight: top, safeArea }
  }

  const deviceInfo = (): DeviceInfo => given<DeviceInfo>(PHONE)

  const appBaseInfo = (): AppBaseInfo => ({
    PCKernelVersion: '',
    SDKVersion,
    enableDebug: false,
    fontSizeScaleFactor: 1,
    fontSizeSetting: 16,
    host: { appId: '' },
    language,
    version,
    theme: hasTheme.theme,
  })

  const systemInfo = () => {
    const { screenTop, ...window } = windowInfo()
    const { benchmarkLevel, brand, model, platform, system } = deviceInfo()
    const { PCKernelVersion, fontSizeScaleFactor, ...base } = appBaseInfo()
    const { bluetoothAuthorized, locationReducedAccuracy, ...allowed } = ALLOWED
    const flags = Object.fromEntries(
      Object.entries(allowed).map(([name, permission]) => [name, permission === 'authorized']),
    ) as Record<keyof typeof allowed, boolean>
    return {
      ...window,
      ...base,
      ...SYSTEM_SETTING,
      ...flags,
      locationReducedAccuracy,
      ...{ benchmarkLevel, brand, model, platform, system },
    }
  }

  const wx: WxDevice = {
    getAccountInfoSync: () => {
      const envVersion = device.envVersion ?? 'develop'
      // Only plugins have the part `plugin`.
      return { miniProgram: { appId: appid, envVersion, version: '' } } as ReturnType<
        WxDevice['getAccountInfoSync']
      >
    },
    getSystemInfoSync: systemInfo,
    getSystemInfo: (options) => callApi('getSystemInfo', options, systemInfo),
    getWindowInfo: windowInfo,
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: appBaseInfo,
    getSystemSetting: () => ({ ...SYSTEM_SETTING }),
    getAppAuthorizeSetting: () => ({ ...ALLOWED }),
    canIUse(schema) {
      if (typeof schema !== 'string') return false
      const [name = ''] = schema.split('.')
      return schema === 'button.open-type.getPhoneNumber' || schema === 'button' || has(name)
    },
    getExtConfigSync: () => structuredClone(extConfig),
    getExtConfig: (options) =>
      callApi('getExtConfig', options, () => ({ extConfig: structuredClone(extConfig) })),
    onThemeChange: listeners.on,
    offThemeChange: listeners.off,
  }

  return {
    wx,
    setTheme(theme) {
      if (theme === hasTheme.theme) return
      hasTheme.theme = theme
      listeners.tell({ theme })
    },
  }
}
