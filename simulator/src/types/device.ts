/** What `wx` tells of the phone and of the mini program, with the names of WeChat's typings. */
import type { Callbacks, Ok, Promised } from './wx.js'

export interface AccountInfo {
  miniProgram: {
    appId: string
    envVersion: 'develop' | 'trial' | 'release'
    /** Empty but in a released version. */
    version: string
  }
}

export interface SafeArea {
  bottom: number
  height: number
  left: number
  right: number
  top: number
  width: number
}

/** In CSS pixels. */
export interface WindowInfo {
  pixelRatio: number
  safeArea: SafeArea
  screenHeight: number
  screenTop: number
  screenWidth: number
  statusBarHeight: number
  windowHeight: number
  windowWidth: number
}

export interface DeviceInfo {
  abi: string
  benchmarkLevel: number
  brand: string
  cpuType: string
  deviceAbi: string
  memorySize: string
  model: string
  platform: 'ios' | 'android' | 'ohos' | 'ohos_pc' | 'windows' | 'mac' | 'devtools'
  system: string
}

export type Theme = 'dark' | 'light'

export interface AppBaseInfo {
  PCKernelVersion: string
  /** The version of the base library. */
  SDKVersion: string
  enableDebug: boolean
  fontSizeScaleFactor: number
  fontSizeSetting: number
  host: { appId: string }
  language: string
  /** The version of WeChat. */
  version: string
  theme: Theme
}

export interface SystemSetting {
  bluetoothEnabled: boolean
  deviceOrientation: 'portrait' | 'landscape'
  locationEnabled: boolean
  wifiEnabled: boolean
}

export type Permission = 'authorized' | 'denied' | 'not determined'

/** What the phone's system allows WeChat. */
export interface AppAuthorizeSetting {
  albumAuthorized: Permission
  bluetoothAuthorized: Permission
  cameraAuthorized: Permission
  locationAuthorized: Permission
  locationReducedAccuracy: boolean
  microphoneAuthorized: Permission
  notificationAlertAuthorized: Permission
  notificationAuthorized: Permission
  notificationBadgeAuthorized: Permission
  notificationSoundAuthorized: Permission
  phoneCalendarAuthorized: Permission
}

/** All in one, as older mini programs ask for it. */
export interface SystemInfo extends Omit<WindowInfo, 'screenTop'>, SystemSetting {
  SDKVersion: string
  albumAuthorized: boolean
  benchmarkLevel: number
  brand: string
  cameraAuthorized: boolean
  enableDebug: boolean
  fontSizeSetting: number
  host: { appId: string }
  language: string
  locationAuthorized: boolean
  locationReducedAccuracy: boolean
  microphoneAuthorized: boolean
  model: string
  notificationAlertAuthorized: boolean
  notificationAuthorized: boolean
  notificationBadgeAuthorized: boolean
  notificationSoundAuthorized: boolean
  phoneCalendarAuthorized: boolean
  platform: DeviceInfo['platform']
  system: string
  version: string
  theme: Theme
}

/** What differs from the phone that is simulated otherwise. */
export interface DeviceOptions extends Partial<Omit<WindowInfo, 'safeArea'>>, Partial<DeviceInfo> {
  readonly envVersion?: AccountInfo['miniProgram']['envVersion']
  readonly language?: string
  readonly theme?: Theme
  readonly SDKVersion?: string
  readonly version?: string
}

export type ThemeListener = (result: { theme: Theme }) => void

export interface WxDevice {
  getAccountInfoSync(): AccountInfo & { plugin: never }
  getSystemInfoSync(): SystemInfo
  getSystemInfo<O extends Callbacks<Ok<SystemInfo>> = Callbacks<Ok<SystemInfo>>>(
    options?: O,
  ): Promised<O, Ok<SystemInfo>>
  getWindowInfo(): WindowInfo
  getDeviceInfo(): DeviceInfo
  getAppBaseInfo(): AppBaseInfo
  getSystemSetting(): SystemSetting
  getAppAuthorizeSetting(): AppAuthorizeSetting
  /** True for functions of the simulator, whatever follows their name, and for its button. False for everything else. */
  canIUse(schema: string): boolean
  /** The option `extConfig`; `{}` without one, as in a mini program that no third party made. */
  getExtConfigSync(): Record<string, unknown>
  getExtConfig<O extends Callbacks<Ok<ExtConfig>> = Callbacks<Ok<ExtConfig>>>(
    options?: O,
  ): Promised<O, Ok<ExtConfig>>
  onThemeChange(listener: ThemeListener): void
  /** Removes the listener, or all of them if none is given. */
  offThemeChange(listener?: ThemeListener): void
}

export interface ExtConfig {
  extConfig: Record<string, unknown>
}
