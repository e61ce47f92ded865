import type { Text } from '../config/language.js'

/** The settings that name a port. */
export type PortSetting = 'PORT' | 'METRICS_PORT'

/** What to do when a port can't be listened on, by the error's code. */
export function listenAdvice(
  code: string | undefined,
  { host, port }: { host: string; port: number },
  setting: PortSetting = 'PORT',
): Text {
  const usual = setting === 'PORT' ? 3000 : 9464
  switch (code) {
    case 'EADDRINUSE': {
      const other = port < 65_535 ? port + 1 : usual
      return {
        en: `another program uses port ${port}: stop it, or try ${setting}=${other}`,
        zh: `端口 ${port} 已被其他程序占用：请先停止它，或改用 ${setting}=${other}`,
      }
    }
    case 'EACCES':
    case 'EPERM':
      return {
        en: `port ${port} is not for ordinary users: try ${setting}=${usual} and let a proxy take the port in front`,
        zh: `普通用户无权使用端口 ${port}：请改用 ${setting}=${usual}，由前面的代理监听该端口`,
      }
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return {
        en: `${host} is no address of this machine: try HOST=0.0.0.0 for all it has, or HOST=127.0.0.1`,
        zh: `${host} 不是本机地址：可用 HOST=0.0.0.0（所有地址）或 HOST=127.0.0.1`,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        en: `${host} is a name that is not known here: set HOST to an address, such as 0.0.0.0 or 127.0.0.1`,
        zh: `此处无法解析 ${host}：请把 HOST 设为地址，如 0.0.0.0 或 127.0.0.1`,
      }
    default:
      return { en: `check HOST and ${setting}`, zh: `请检查 HOST 与 ${setting}` }
  }
}
